"""Rings when another connection to PostgreSQL says something on a channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from storage.database import Database

# What comes in a crowd is taken in together.
_CROWD = 0.05


class Bell:
    """Rings when somebody has committed a notice on ``channel``, or when it is time to look anyway. ``heard`` is given
    the words of each notice; ``told`` are the seconds between two looks where notices come. On SQLite nobody tells."""

    def __init__(
        self, database: Database, channel: str, heard: Callable[[str], None] = lambda _words: None, *, told: float
    ) -> None:
        self._url, self._channel, self._heard_words, self._told = database.engine.url, channel, heard, told
        self._tells = not database.embedded
        self._rung = asyncio.Event()
        self._connection: Connection | None = None
        self._socket = -1

    def ring(self) -> None:
        """Ring without a notice."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Wait for a change, so long at most; longer where changes are told."""
        if self._tells and self._connection is None:
            await self._listen()
        try:
            async with asyncio.timeout(seconds if self._connection is None else self._told):
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
        """Open a connection that is told of changes; where that fails, looking now and then does."""
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
        connection.execute(text(f"LISTEN {self._channel}"))
        return connection

    @property
    def _driver(self) -> Any:
        assert self._connection is not None
        return self._connection.connection.driver_connection

    def _heard(self) -> None:
        """Something came in: a notice, or the end of the connection."""
        from psycopg import Error

        try:
            for notice in self._driver.notifies(timeout=0):
                self._heard_words(notice.payload)
                self._rung.set()
        except Error:
            self.close()
            self._rung.set()
