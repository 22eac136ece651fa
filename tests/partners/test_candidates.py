"""The queries find exactly those whom the pure rule lets through, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from handlers.partners.matching import fits
from handlers.partners.page import side
from storage.database import Database
from storage.models import Base, School, Teacher
from storage.partners import FILTERS, Candidate, Wishes, candidates, counts, loosened, myself, without
from storage.populate import populate
from storage.reference import countries, languages, subjects
from tests.vault import VAULT

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEACHERS, SCHOOLS, GONE = 1200, 300, 17


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("partners")
        yield from opened(f"sqlite:///{folder / 'test.db'}")
    else:
        yield from opened(request.getfixturevalue("postgresql").fresh_database())


def opened(url: str) -> Iterator[Database]:
    database = Database(url, VAULT)
    try:
        Base.metadata.create_all(database.engine)
        populate(database, TEACHERS, SCHOOLS, 7, now=NOW)
        database.do(lambda s: s.execute(update(School).where(School.id == GONE).values(removed_at=NOW)).close())
        yield database
    finally:
        database.close()


@pytest.fixture(scope="module")
def everybody(database: Database) -> dict[int, Candidate]:
    def all_of_them(session: Session) -> dict[int, Candidate]:
        found = (myself(session, person) for person in range(1, TEACHERS + 1))
        return {teacher.person: teacher for teacher in found if teacher is not None}

    return database.do(all_of_them)


def some(codes: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(codes), max_size=5, unique=True).map(tuple)


ages = st.tuples(st.integers(3, 20), st.integers(3, 20)).map(lambda pair: (min(pair), max(pair)))
wishes = st.builds(
    Wishes,
    countries=some(list(countries())),
    subjects=some(list(subjects())),
    languages=some(list(languages())),
    ages=st.none() | ages,
)


def expected(everybody: dict[int, Candidate], me: Candidate, wanted: Wishes) -> set[int]:
    mine = replace(side(me), wishes=wanted)
    return {other.person for other in everybody.values() if other.school_id != GONE and fits(mine, side(other))}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(person=st.integers(1, TEACHERS), wanted=wishes)
def test_queries_agree_with_the_rule(
    database: Database, everybody: dict[int, Candidate], person: int, wanted: Wishes
) -> None:
    me = everybody[person]
    found = database.do(lambda session: candidates(session, me, wanted, limit=TEACHERS))
    assert {other.person for other in found} == expected(everybody, me, wanted)
    assert len({other.person for other in found}) == len(found)
    assert [o.active_at for o in found] == sorted((o.active_at for o in found), reverse=True)
    assert database.do(lambda session: counts(session, me, wanted)) == len(found)
    looser = database.do(lambda session: loosened(session, me, wanted))
    assert {one.filter for one in looser} == {name for name in FILTERS if getattr(wanted, name)}
    for one in looser:
        assert one.filter is not None
        assert one.total == len(expected(everybody, me, without(wanted, one.filter)))
    assert [one.total for one in looser] == sorted((one.total for one in looser), reverse=True)


def test_a_candidate_has_all_that_a_card_shows(database: Database, everybody: dict[int, Candidate]) -> None:
    me = everybody[1]
    first = database.do(lambda session: candidates(session, me, Wishes(), limit=1))[0]
    assert first == everybody[first.person]
    assert first.school
    assert first.town
    assert first.subjects
    assert first.languages & me.languages
    assert first.active_at.tzinfo is not None
    assert any(teacher.wishes.countries for teacher in everybody.values())


def test_the_limit_keeps_those_seen_last(database: Database, everybody: dict[int, Candidate]) -> None:
    me = everybody[1]
    few = database.do(lambda session: candidates(session, me, Wishes(), limit=30))
    many = database.do(lambda session: candidates(session, me, Wishes(), limit=TEACHERS))
    assert len(few) == 30
    assert few == many[:30]


def test_who_stops_looking_or_comes_back_is_gone_or_first(database: Database, everybody: dict[int, Candidate]) -> None:
    me = everybody[1]
    other = database.do(lambda session: candidates(session, me, Wishes(), limit=40))[-1]

    def seen(change: dict[str, Any]) -> list[int]:
        database.do(
            lambda s: s.execute(update(Teacher).where(Teacher.person_id == other.person).values(change)).close()
        )
        return [found.person for found in database.do(lambda s: candidates(s, me, Wishes(), limit=40))]

    assert other.person not in seen({"looking": False})
    assert seen({"looking": True, "active_at": NOW + timedelta(hours=1)})[0] == other.person
    seen({"active_at": other.active_at})


def test_somebody_who_is_not_registered_is_nobody(database: Database) -> None:
    assert database.do(lambda session: myself(session, TEACHERS + 1)) is None
