"""How the program is, for those who watch it from outside: its figures, and whether it can work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from time import monotonic

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.metrics import Metrics
from storage.database import Database
from storage.measures import measure

#: So old, in seconds, the figures of the database may be.
FRESH = 5.0
#: So long the database may take to answer before it counts as away.
PATIENCE = 2.0


class Watch:
    """Answers questions about the program; ``started`` is set once it has taken up its work."""

    def __init__(self, database: Database, metrics: Metrics, now: Callable[[], datetime]) -> None:
        self._database, self.metrics, self._now = database, metrics, now
        self._measured_at = float("-inf")
        self.started = False

    async def figures(self) -> bytes:
        """The page for Prometheus. What the database cannot say now is left out."""
        if monotonic() - self._measured_at >= FRESH:
            self._measured_at = monotonic()
            try:
                async with asyncio.timeout(PATIENCE):
                    self.metrics.measured = await self._database.read(partial(measure, now=self._now()))
            except Exception:
                self.metrics.measured = None
        return self.metrics.page()

    async def ready(self) -> str | None:
        """None if it takes up what it hears, else why not."""
        if not self.started:
            return "standing by or starting"
        try:
            async with asyncio.timeout(PATIENCE):
                await self._database.write(_ask)
        except Exception:
            return "the database is away"
        return None


def _ask(session: Session) -> None:
    session.execute(text("SELECT 1"))
