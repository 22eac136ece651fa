"""One running process owns an SQLite file, and a second one stands by; who changes the key is alone on any database."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

# Any fixed numbers; they name this program's locks among PostgreSQL's advisory locks.
OWNER, _PRESENT = 7_239_410_021, 7_239_410_022


class _Lock:
    """A lock on a database that falls with the process: on a file beside SQLite's, an advisory one in PostgreSQL."""

    def __init__(self, engine: Engine, number: int, suffix: str) -> None:
        self._engine, self._number, self._suffix = engine, number, suffix
        self._file: IO[str] | None = None
        self._connection: Connection | None = None

    def _lock(self, *, shared: bool = False) -> bool:
        """Try to take it. False: another process has it, or the database is away."""
        if self._engine.dialect.name == "postgresql":
            return self._take_advisory(shared)
        name = self._engine.url.database
        if not name or name == ":memory:":
            return True
        return self._take_file(Path(f"{name}{self._suffix}"), shared)

    def release(self) -> None:
        """Let go of it."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take_file(self, path: Path, shared: bool) -> bool:
        lock = path.open("w")
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._file = lock
        return True

    def _take_advisory(self, shared: bool) -> bool:
        """Hold PostgreSQL's lock on a connection of its own: one of a pool would go on holding it there."""
        alone = create_engine(self._engine.url, hide_parameters=True, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        function = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
        connection = None
        try:
            connection = alone.connect()
            taken = connection.scalar(text(f"SELECT {function}(:n)"), {"n": self._number})
        except DBAPIError:
            taken = False
        if taken:
            self._connection = connection
        elif connection is not None:
            connection.close()
        return bool(taken)


class Ownership(_Lock):
    """The right to run on a database. It falls by itself when the process dies."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, OWNER, ".lock")

    def take(self) -> bool:
        """Try to become the owner. False: another process is, or the database is away."""
        return self._lock()


class Presence(_Lock):
    """That a process uses a database, with the key of now. Many may be there at once; a change of key is alone."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, _PRESENT, ".users")

    def enter(self) -> bool:
        """Be there among others. False: the key is being changed."""
        return self._lock(shared=True)

    def alone(self) -> bool:
        """Be the only one. False: somebody else is there."""
        return self._lock()
