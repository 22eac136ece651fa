"""The index of a process: everybody in memory, filled in chunks and then following the table by its revisions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, select

from storage.matching.population import Population, columns
from storage.matching.revisions import mark
from storage.matching.rules import POOL, Fit, Terms
from storage.models import MatchRow

__all__ = ["CHUNK", "Index"]

CHUNK = 16_384
"""Rows read at once. Between two chunks other threads have their turn."""


class Index:
    """Everybody as this process knows them. Searches and changes take turns; each is a matter of milliseconds."""

    def __init__(self) -> None:
        self._people = Population()
        self._lock = threading.Lock()
        self._mark = 0

    def __len__(self) -> int:
        return len(self._people)

    @property
    def bytes(self) -> int:
        """How much memory it takes."""
        return self._people.bytes

    def fill(self, engine: Engine, going: Callable[[], bool] = lambda: True) -> bool:
        """Read the whole table. False: it was told to stop before the end."""
        with engine.connect() as connection:
            self._mark = mark(connection)
        after: int | None = 0
        while after is not None and going():
            with engine.connect() as connection:
                after = self._read(connection, after)
        return after is None

    def follow(self, engine: Engine) -> int:
        """Take in what has changed since the last look; how many rows it was."""
        with engine.connect() as connection:
            asked, self._mark = self._mark, mark(connection)
            changed = _fetched(connection, _rows().where(MatchRow.revision >= asked))
        self._put(changed)
        return len(changed)

    def search(self, terms: Terms, most: int, pool: int = POOL) -> Fit:
        """Who suits best, out of everybody."""
        with self._lock:
            return self._people.search(terms, most, pool)

    def counts(self, terms: Terms) -> int:
        """How many suit, seen or not."""
        with self._lock:
            return self._people.counts(terms)

    def _read(self, connection: Connection, after: int) -> int | None:
        """Read the next chunk; the last person of it, or None at the end."""
        next_rows = _rows().where(MatchRow.person_id > after).order_by(MatchRow.person_id).limit(CHUNK)
        rows = _fetched(connection, next_rows)
        self._put(rows)
        return rows[-1][0] if rows else None

    def _put(self, rows: Sequence[Any]) -> None:
        for start in range(0, len(rows), CHUNK):
            with self._lock:
                self._people.put(rows[start : start + CHUNK])


def _fetched(connection: Connection, query: Any) -> list[tuple[int, ...]]:
    """The rows as the driver has them, plain tuples of numbers: a third of the time of SQLAlchemy's own rows."""
    result = connection.execute(query)
    assert result.cursor is not None
    rows: list[tuple[int, ...]] = list(result.cursor.fetchall())
    result.close()
    return rows


def _rows() -> Any:
    return select(*(getattr(MatchRow, name) for name in columns()))
