"""The clock only wakes: APScheduler ticks, storage says what is due."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from storage.database import is_away

log = logging.getLogger("twinbot.clock")


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Clock:
    """Wakes what has to look at the time. Nothing is kept here, so a missed tick loses nothing."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._away = False

    def every(self, seconds: int, work: Callable[[], Awaitable[None]]) -> None:
        """Wake ``work`` each so many seconds; one tick after another, late ones run once."""
        often = {"seconds": seconds, "coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler.add_job(partial(self._tick, work), "interval", name=repr(work), **often)

    async def _tick(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do some work. While the database is away it waits for a later tick; that is said once, not each second."""
        try:
            await work()
        except Exception as error:
            if not is_away(error):
                raise
            if not self._away:
                log.warning("the database is away; what is due waits until it is back")
            self._away = True
        else:
            self._away = False

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
