"""Groups of schools in the tables: room, blocks, suspensions, and how many may be founded and asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.orm import Session

from storage import blocks, groups, partnerships, teachers
from storage.database import Database
from storage.groups import FEWEST, IN, MOST, MOST_A_WEEK, MOST_INVITED, OUT, Full, Group
from tests.storage.test_requests import NOW, people


@pytest.fixture(autouse=True)
def town(database: Database) -> Database:
    database.do(people)
    return database


def found(session: Session, founder: int = 1, wanted: int = FEWEST, at: timedelta = timedelta()) -> Group | None:
    about = {"kind": "letters", "language": "en", "idea": "Songs of our rivers"}
    return groups.found(session, founder, **about, wanted=wanted, now=NOW + at)


def gathered(session: Session, asked: range, founder: int = 1) -> int:
    made = found(session, founder)
    assert made is not None
    groups.ask(session, made.id, asked, NOW)
    return made.id


def says(database: Database, group: int, person: int, state: str = IN) -> list[int] | None:
    return database.do(partial(groups.answer, group=group, person=person, state=state, now=NOW))


def partners(database: Database, person: int) -> set[int]:
    return {one.person for one in database.do(lambda s: partnerships.partners_of(s, person))}


def test_it_opens_with_four_and_has_room_for_six(database: Database) -> None:
    group = database.do(lambda s: gathered(s, range(2, 9)))
    assert [says(database, group, person) for person in (2, 3)] == [None, None]
    assert says(database, group, 4) == [1, 2, 3, 4]
    assert says(database, group, 5) == [1, 2, 3, 4, 5]
    assert says(database, group, 6) == [1, 2, 3, 4, 5, 6]
    assert MOST == 6
    with pytest.raises(Full):
        says(database, group, 7)
    assert says(database, group, 8, OUT) is None
    assert partners(database, 1) == {2, 3, 4, 5, 6}
    assert partners(database, 7) == set()


def test_two_who_want_nothing_of_each_other_stay_apart(database: Database) -> None:
    group = database.do(lambda s: gathered(s, range(2, 5)))
    database.do(lambda s: blocks.block(s, 2, 4, NOW) and None)
    for person in (2, 3, 4):
        says(database, group, person)
    assert partners(database, 2) == {1, 3}
    assert partners(database, 4) == {1, 3}


@pytest.mark.parametrize("gone", [1, 3])
def test_who_is_suspended_counts_no_more(database: Database, gone: int) -> None:
    group = database.do(lambda s: gathered(s, range(2, 6)))
    says(database, group, 2)
    says(database, group, 3)
    database.do(lambda s: teachers.set_status(s, gone, "suspended"))
    assert says(database, group, 4) is None
    opened = says(database, group, 5)
    assert opened == sorted({1, 2, 3, 4, 5} - {gone})
    assert partners(database, gone) == set()


def test_nobody_founds_without_end(database: Database) -> None:
    for _time in range(MOST_A_WEEK):
        made = database.do(found)
        assert made is not None
        assert database.do(found) is None, "One gathers already."
        database.do(lambda s, made=made: groups.close(s, made.id))
    assert database.do(found) is None
    assert database.do(lambda s: found(s, at=timedelta(days=7, minutes=1))) is not None


def test_nobody_is_asked_without_end(database: Database) -> None:
    first: Callable[[Session], int] = partial(gathered, asked=range(4, 6))
    numbers = [database.do(lambda s, founder=founder: first(s, founder=founder)) for founder in range(1, 3)]
    assert len(numbers) == MOST_INVITED
    assert database.do(groups.invited) == {4, 5}
    says(database, numbers[0], 4, OUT)
    assert database.do(groups.invited) == {5}
    database.do(lambda s: groups.close(s, numbers[1]))
    assert database.do(groups.invited) == frozenset()
