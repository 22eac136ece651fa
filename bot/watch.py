"""How the program is, for those who watch it from outside: its figures, and whether it can work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from time import monotonic

from bot.metrics import Metrics
from storage.database import Database
from storage.measures import measure
from storage.post import save_marks

#: So old, in seconds, the figures of the database may be.
FRESH = 5.0
#: So long the database may take to answer before it counts as away.
PATIENCE = 2.0
#: So old, in seconds, its last answer may be: anybody may ask whether we are ready, and each answer costs a commit.
ASKED_AGAIN = 1.0


class Watch:
    """Answers questions about the program; ``started`` is set once it has taken up its work."""

    def __init__(self, database: Database, metrics: Metrics, now: Callable[[], datetime]) -> None:
        self._database, self.metrics, self._now = database, metrics, now
        self._measured_at = self._asked_at = float("-inf")
        self._trouble: str | None = None
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
        if monotonic() - self._asked_at >= ASKED_AGAIN:
            self._asked_at = monotonic()
            self._trouble = await self._ask()
        return self._trouble

    async def _ask(self) -> str | None:
        """Write something small: a full disk can still be read."""
        mark = {"asked": self._now().isoformat(timespec="seconds")}
        try:
            async with asyncio.timeout(PATIENCE):
                await self._database.write(partial(save_marks, platform="watch", values=mark))
        except Exception as error:
            return f"the database cannot be written ({kind(error)})"
        return None


def kind(error: BaseException) -> str:
    """What is wrong with a database, in a word of its own: SQLITE_FULL, 53100, or the kind of error."""
    original = getattr(error, "orig", None)
    name = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    return str(name or type(error).__name__)
