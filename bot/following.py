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
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.matching.keeper import keeper_of
from storage.matching.revisions import CHANNEL

log = logging.getLogger("twinbot.following")

# Seconds between two looks: where nobody tells of changes, where somebody does, and where there is no index yet.
_UNTOLD, _TOLD, _FEW = 1.0, 10.0, 5.0
# Changes that come in a crowd are taken in together.
_CROWD = 0.05


class Following:
    """Follows the tables until it is cancelled."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._keeper = keeper_of(database.engine)
        self._stopped = threading.Event()

    async def run(self) -> None:
        """Fill the index in the background where there are many teachers, then follow."""
        bell = Bell(self._database)
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


class Bell:
    """Rings when somebody has committed a change, or when it is time to look anyway."""

    def __init__(self, database: Database) -> None:
        self._url = database.engine.url
        self._tells = not database.embedded
        self._rung = asyncio.Event()
        self._connection: Connection | None = None
        self._socket = -1

    async def wait(self, seconds: float) -> None:
        """Wait for a change, so long at most; longer where changes are told."""
        if self._tells and self._connection is None:
            await self._listen()
        try:
            async with asyncio.timeout(seconds if self._connection is None else _TOLD):
                await self._rung.wait()
        except TimeoutError:
            return
        await asyncio.sleep(_CROWD)
        self._rung.clear()

    def close(self) -> None:
        """Stop listening."""
        if self._connection is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._connection.close()
            self._connection = None

    async def _listen(self) -> None:
        """Open a connection that is told of changes; where that fails, looking every second does."""
        try:
            self._connection = await asyncio.to_thread(self._open)
        except DBAPIError:
            return
        self._socket = self._driver.fileno()
        asyncio.get_running_loop().add_reader(self._socket, self._heard)
        # What was committed before this connection listened was told to nobody.
        self._rung.set()

    def _open(self) -> Connection:
        # A connection of its own: one of the pool would go on listening when it is given back.
        alone = create_engine(self._url, hide_parameters=True, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        connection = alone.connect()
        connection.execute(text(f"LISTEN {CHANNEL}"))
        return connection

    @property
    def _driver(self) -> Any:
        assert self._connection is not None
        return self._connection.connection.driver_connection

    def _heard(self) -> None:
        """Something came in: a notice, or the end of the connection."""
        from psycopg import Error

        try:
            for _notice in self._driver.notifies(timeout=0):
                self._rung.set()
        except Error:
            self.close()
            self._rung.set()
