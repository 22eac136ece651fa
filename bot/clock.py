"""The clock only wakes: APScheduler ticks, storage says what is due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Clock:
    """Wakes what has to look at the time. Nothing is kept here, so a missed tick loses nothing."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def every(self, seconds: int, work: Callable[[], Awaitable[None]]) -> None:
        """Wake ``work`` each so many seconds; one tick after another, late ones run once."""
        self._scheduler.add_job(
            work, "interval", seconds=seconds, coalesce=True, max_instances=1, misfire_grace_time=None
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
