"""The clock wakes, and nothing more."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta

from bot.clock import Clock, utc_now


async def nothing() -> None:
    return None


def test_the_moment_is_in_utc() -> None:
    assert utc_now().tzinfo is UTC
    assert utc_now().utcoffset() == timedelta(0)


async def test_a_late_tick_runs_once_and_never_beside_itself() -> None:
    clock = Clock()
    clock.every(3600, nothing)
    clock.start()
    (job,) = clock._scheduler.get_jobs()
    assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
    assert job.trigger.interval == timedelta(hours=1)
    clock.stop()
    # It stops at the next turn of the loop.
    await asyncio.sleep(0)
    assert not clock._scheduler.running
