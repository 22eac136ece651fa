"""What a process keeps: an index that follows every commit, and counts of who was shown."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import teachers
from storage.database import Database
from storage.matching import keeper as module
from storage.matching import rows, sql
from storage.matching.index import Index
from storage.matching.keeper import Keeper, keeper_of
from storage.matching.revisions import CHANNEL, mark
from storage.matching.rules import Terms
from storage.migrations import upgrade
from storage.models import MatchRow
from storage.partners import Wishes
from storage.populate import populate
from storage.reference.bits import mask
from tests.matching.parts import NOW, TODAY, plain
from tests.matching.test_rows import register
from tests.patience import PATIENCE
from tests.servers.postgres import Postgres
from tests.vault import VAULT

ENGLISH = mask("languages", ["en"])
POLES = Terms(plain(99_999, country=3, wish_countries=mask("countries", ["PL"]), languages=ENGLISH), TODAY)


def test_an_index_follows_what_is_committed(database: Database) -> None:
    first = database.do(register)
    index = Index()
    assert index.fill(database.engine)
    assert index.search(POLES, 9).best == (first,)
    second = database.do(register)
    database.do(partial(teachers.set_looking, person=first, looking=False))
    assert index.follow(database.engine) == 2
    assert index.search(POLES, 9).best == (second,)
    database.do(partial(teachers.save_wishes, person=second, wanted=Wishes(("GR",))))
    index.follow(database.engine)
    assert index.counts(POLES) == 0


def test_what_is_rolled_back_never_happened(database: Database) -> None:
    person = database.do(register)
    index = Index()
    index.fill(database.engine)

    def fails(session: Session) -> None:
        teachers.set_looking(session, person, False)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.do(fails)
    index.follow(database.engine)
    assert index.counts(POLES) == 1


def test_a_transaction_that_began_first_and_ends_last_is_not_missed(postgresql: Postgres) -> None:
    """The revision of a slow transaction is lower than one that an index has seen already."""
    database = Database(postgresql.fresh_database(), VAULT)
    upgrade(database.engine)
    slow, quick = database.do(register), database.do(register)
    index = Index()
    index.fill(database.engine)
    begun, may_end = threading.Event(), threading.Event()

    def takes_long(session: Session) -> None:
        teachers.set_looking(session, slow, False)
        begun.set()
        assert may_end.wait(30)

    thread = threading.Thread(target=database.do, args=(takes_long,))
    thread.start()
    assert begun.wait(30)
    database.do(partial(teachers.set_looking, person=quick, looking=False))
    index.follow(database.engine)
    assert index.search(POLES, 9).best == (slow,)
    may_end.set()
    thread.join()
    index.follow(database.engine)
    assert index.counts(POLES) == 0
    database.close()


def test_listeners_hear_of_a_change(postgresql: Postgres) -> None:
    database = Database(postgresql.fresh_database(), VAULT)
    upgrade(database.engine)
    pooled = database.engine.raw_connection()
    ear = pooled.driver_connection
    assert ear is not None
    ear.autocommit = True
    ear.execute(f"LISTEN {CHANNEL}")
    database.do(register)
    assert {note.channel for note in ear.notifies(timeout=PATIENCE, stop_after=1)} == {CHANNEL}
    pooled.invalidate()
    database.close()


def test_marks_grow(database: Database) -> None:
    marks = []
    for _round in range(3):
        database.do(register)
        with database.engine.connect() as connection:
            marks.append(mark(connection))
    assert marks == sorted(set(marks))


def test_few_need_no_index_and_many_get_one(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = keeper_of(database.engine)
    database.do(register)
    keeper.refresh(database.engine)
    assert keeper.index is None
    monkeypatch.setattr(module, "FEWEST", 40)
    populate(database, 60, 45, 1, now=NOW)
    keeper.refresh(database.engine)
    assert keeper.index is not None
    assert len(keeper.index) == 61
    me = Terms(plain(99_999, languages=ENGLISH), TODAY)
    assert database.do(lambda s: keeper.search(s, me, 9)) == database.do(lambda s: sql.search(s, me, 9))
    assert database.do(lambda s: keeper.counts(s, me)) == database.do(lambda s: sql.counts(s, me))
    assert database.do(keeper_of) is keeper


def test_filling_stops_when_told(database: Database) -> None:
    database.do(register)
    assert not Index().fill(database.engine, lambda: False)


def test_counts_of_who_was_shown_are_written_down_together(database: Database) -> None:
    keeper = Keeper()
    first, second = database.do(register), database.do(register)
    keeper.shown([first, second, 12345])
    keeper.shown([first])

    def shown() -> dict[int, int]:
        return dict(database.do(lambda s: s.execute(select(MatchRow.person_id, MatchRow.shown)).all()))

    assert shown() == {first: 0, second: 0}
    assert database.do(lambda session: keeper.write_down(session, NOW)) == 2
    assert shown() == {first: 2, second: 1}
    assert database.do(lambda session: keeper.write_down(session, NOW)) == 0
    # What was shown two weeks ago counts a quarter.
    database.do(lambda session: rows.change(session, first, shown=8))
    keeper.shown([first])
    database.do(lambda session: keeper.write_down(session, NOW + timedelta(weeks=2)))
    assert shown()[first] == 3
