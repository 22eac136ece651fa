"""Keeps the index of matching up to date while the bot runs, and writes down who was shown.

PostgreSQL tells of a commit at once, through a connection of its own; an SQLite file is looked at every second.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.exc import DBAPIError

from bot.bell import Bell
from storage.database import Database
from storage.matching.keeper import keeper_of
from storage.matching.revisions import CHANNEL

log = logging.getLogger("twinbot.following")

# Seconds between two looks: where changes are told, where nobody tells of them, and where there is no index yet.
_TOLD, _UNTOLD, _FEW = 10.0, 1.0, 5.0


class Following:
    """Follows the tables until it is cancelled."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._keeper = keeper_of(database.engine)
        self._stopped = threading.Event()

    async def run(self) -> None:
        """Fill the index in the background where there are many teachers, then follow."""
        bell = Bell(self._database, CHANNEL, told=_TOLD)
        try:
            while True:
                await self._look()
                await bell.wait(_FEW if self._keeper.index is None else _UNTOLD)
        finally:
            bell.close()

    async def write_down(self) -> None:
        """Bring the counts of who was shown into the table."""
        if self._keeper.waiting:
            await self._database.write(partial(self._keeper.write_down, now=self._now()))

    async def _look(self) -> None:
        try:
            await self._refresh()
            await self.write_down()
        except DBAPIError:
            log.warning("the index of matching cannot be brought up to date; it will be tried again")

    async def _refresh(self) -> None:
        """Fill or follow in a thread. Whoever is cancelled meanwhile waits until the thread has let go."""
        work = asyncio.ensure_future(
            asyncio.to_thread(self._keeper.refresh, self._database.engine, lambda: not self._stopped.is_set())
        )
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._stopped.set()
            await asyncio.wait([work])
            raise
