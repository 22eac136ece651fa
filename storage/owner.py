"""One running process owns a database; a second one stands by until the first is gone."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

# Any fixed number; it names this program's lock among PostgreSQL's advisory locks.
_LOCK = 7_239_410_021


class Ownership:
    """The right to run on a database. It falls by itself when the process dies."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file: IO[str] | None = None
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Try to become the owner. False: another process is, or the database is away."""
        if self._engine.dialect.name == "postgresql":
            return self._take_advisory()
        name = self._engine.url.database
        if not name or name == ":memory:":
            return True
        return self._take_file(Path(f"{name}.lock"))

    def held(self) -> bool:
        """Whether this process still is the owner; a lock that fell with its connection is taken again.

        While the database is away nobody else can be the owner either, so that counts as held.
        """
        if self._engine.dialect.name != "postgresql" or self._answers():
            return True
        # It may come back between the first try and the look, so once it answers the lock is tried again.
        return self._take_advisory() or not self._reachable() or self._take_advisory()

    def release(self) -> None:
        """Let another process have it."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take_file(self, path: Path) -> bool:
        lock = path.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._file = lock
        return True

    def _take_advisory(self) -> bool:
        """Hold PostgreSQL's lock on a connection of its own: one of a pool would go on holding it there."""
        alone = create_engine(self._engine.url, hide_parameters=True, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        connection = None
        try:
            connection = alone.connect()
            taken = connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": _LOCK})
        except DBAPIError:
            taken = False
        if taken:
            self._connection = connection
        elif connection is not None:
            connection.close()
        return bool(taken)

    def _answers(self) -> bool:
        """Whether the connection with the lock is whole; one that is not is let go."""
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError:
            self._connection.close()
            self._connection = None
            return False
        return True

    def _reachable(self) -> bool:
        try:
            self._engine.connect().close()
        except DBAPIError:
            return False
        return True
