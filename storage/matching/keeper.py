"""What a process keeps for matching beside the tables: the index, and who was shown since the last writing down.

There is one keeper for each engine, as for the vocabularies of schools. Small towns need no index: below ``FEWEST``
teachers a search in the tables takes milliseconds, and numpy is never imported.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, func, select, update
from sqlalchemy.orm import Session

from storage.matching import sql
from storage.matching.revisions import next_revision
from storage.matching.rules import Fit, Terms, lately
from storage.matching.side import day_of, week_of
from storage.models import MatchRow

if TYPE_CHECKING:
    from storage.matching.index import Index

__all__ = ["FEWEST", "Keeper", "keeper_of"]

FEWEST = 3000
"""From so many teachers on, a process keeps the index."""


class Keeper:
    """The index, once it is filled, and the counts of who was shown. Safe for threads."""

    def __init__(self) -> None:
        self.index: Index | None = None
        self._shown: Counter[int] = Counter()
        self._lock = threading.Lock()

    def search(self, session: Session, terms: Terms, most: int) -> Fit:
        """Who suits best: out of memory if it can be, else out of the tables."""
        index = self.index
        return sql.search(session, terms, most) if index is None else index.search(terms, most)

    def counts(self, session: Session, terms: Terms) -> int:
        """How many suit, seen or not."""
        index = self.index
        return sql.counts(session, terms) if index is None else index.counts(terms)

    def refresh(self, engine: Engine, going: Callable[[], bool] = lambda: True) -> None:
        """Take in what has changed; where there are enough teachers and no index yet, fill one."""
        if self.index is not None:
            self.index.follow(engine)
        elif _worth_it(engine):
            from storage.matching.index import Index

            index = Index()
            if index.fill(engine, going):
                index.follow(engine)
                self.index = index

    @property
    def waiting(self) -> bool:
        """Whether there is anything to write down."""
        return bool(self._shown)

    def shown(self, people: Iterable[int]) -> None:
        """Count that these were shown to somebody; `write_down` brings it into the table."""
        with self._lock:
            self._shown.update(people)

    def write_down(self, session: Session, now: datetime) -> int:
        """Bring the counts into the table, all in one statement; how many teachers it was."""
        with self._lock:
            counted, self._shown = self._shown, Counter()
        if not counted:
            return 0
        week = week_of(day_of(now))
        columns = (MatchRow.person_id, MatchRow.shown, MatchRow.shown_week)
        # In one order in every process, so that two of them never wait for each other's rows.
        rows = session.execute(select(*columns).where(MatchRow.person_id.in_(counted)).order_by(MatchRow.person_id))
        changes = [
            {"who": person, "times": lately(shown, since, week) + counted[person]} for person, shown, since in rows
        ]
        if changes:
            revision = next_revision(session)
            session.connection().execute(_COUNTED, [{**c, "now_week": week, "now": revision} for c in changes])
        return len(changes)


_COUNTED: Any = (
    update(MatchRow)
    .where(MatchRow.person_id == bindparam("who"))
    .values(shown=bindparam("times"), shown_week=bindparam("now_week"), revision=bindparam("now"))
    .execution_options(synchronize_session=False)
)

_keepers: WeakKeyDictionary[Engine, Keeper] = WeakKeyDictionary()
_lock = threading.Lock()


def keeper_of(source: Session | Engine) -> Keeper:
    """The keeper of a database in this process."""
    engine = source.get_bind().engine if isinstance(source, Session) else source
    with _lock:
        return _keepers.setdefault(engine, Keeper())


def _worth_it(engine: Engine) -> bool:
    with engine.connect() as connection:
        return (connection.scalar(select(func.count()).select_from(MatchRow)) or 0) >= FEWEST
