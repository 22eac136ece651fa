"""Tickets: found by their token alone, used once, good for a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from storage import onetime
from storage.database import Database
from storage.models import Person, Ticket
from tests.storage.conftest import NOW

HOUR = timedelta(hours=1)


def made(session: Session, person: int | None = None) -> str:
    if person is not None:
        session.add(Person(id=person, language="en", created_at=NOW, active_at=NOW))
        session.flush()
    return onetime.make(session, "test", now=NOW, lifetime=HOUR, person=person, data={"case": 7})


def used(session: Session, token: str, choice: str = "yes", later: timedelta = timedelta()) -> bool:
    found = onetime.find(session, token)
    return found is not None and onetime.use(session, found, choice, NOW + later)


def test_a_ticket_is_used_once_and_remembers_for_what(database: Database) -> None:
    token = database.do(lambda s: made(s, 5))
    found = database.do(lambda s: onetime.find(s, token))
    assert found is not None
    assert (found.purpose, found.person, found.data, found.used_at) == ("test", 5, {"case": 7}, None)
    assert [database.do(lambda s: used(s, token)) for _try in range(2)] == [True, False]
    after = database.do(lambda s: onetime.find(s, token))
    assert after is not None
    assert (after.used_at, after.choice) == (NOW, "yes")


def test_it_is_too_late_after_its_time(database: Database) -> None:
    token = database.do(made)
    found = database.do(lambda s: onetime.find(s, token))
    assert found is not None
    assert (found.expired(NOW + HOUR - timedelta(seconds=1)), found.expired(NOW + HOUR)) == (False, True)
    assert not database.do(lambda s: used(s, token, later=HOUR))


def test_many_requests_at_once_use_it_once(database: Database) -> None:
    token = database.do(made)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: database.do(lambda s: used(s, token, f"c{n}")), range(24)))
    assert results.count(True) == 1


def test_the_token_stands_nowhere(database: Database) -> None:
    token = database.do(made)
    row = database.do(lambda s: s.scalars(select(Ticket)).one())
    assert token not in str([getattr(row, column.key) for column in inspect(Ticket).columns])


def test_other_tokens_find_nothing(database: Database) -> None:
    token = database.do(made)
    flipped = token[:-1] + ("A" if token[-1] != "A" else "Q")
    for other in ("", token[:-1], token + "A", flipped, token.swapcase(), "é" * 43, "%" * 43):
        assert database.do(lambda s, other=other: onetime.find(s, other)) is None


def test_what_was_not_used_can_be_taken_back(database: Database) -> None:
    first = database.do(lambda s: made(s, 5))
    assert database.do(lambda s: onetime.waiting(s, "test", 5, NOW)) == NOW + HOUR
    database.do(lambda s: onetime.withdraw(s, "test", 5))
    assert database.do(lambda s: onetime.find(s, first)) is None
    assert database.do(lambda s: onetime.waiting(s, "test", 5, NOW)) is None


def test_old_ones_are_forgotten(database: Database) -> None:
    token = database.do(made)
    database.do(lambda s: onetime.purge(s, NOW + HOUR + onetime.REMEMBERED))
    assert database.do(lambda s: onetime.find(s, token)) is not None
    database.do(lambda s: onetime.purge(s, NOW + HOUR + onetime.REMEMBERED + timedelta(seconds=1)))
    assert database.do(lambda s: onetime.find(s, token)) is None
