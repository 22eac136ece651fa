"""One running process owns a database; a second one stands by until the first is gone."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, text

# Any fixed number; it names this program's lock among PostgreSQL's advisory locks.
_LOCK = 7_239_410_021


class Ownership:
    """The right to run on a database. It falls by itself when the process dies."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file: IO[str] | None = None
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Try to become the owner."""
        if self._engine.dialect.name == "postgresql":
            return self._take_advisory()
        name = self._engine.url.database
        if not name or name == ":memory:":
            return True
        lock = Path(f"{name}.lock").open("w")  # noqa: SIM115 - it stays open as long as the lock is held
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._file = lock
        return True

    def release(self) -> None:
        """Let another process have it."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take_advisory(self) -> bool:
        connection = self._connection or self._engine.connect()
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        taken = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": _LOCK}))
        if taken:
            self._connection = connection
        else:
            connection.close()
        return taken
