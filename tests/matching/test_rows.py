"""The rows that matching reads are what the other tables say, after every change, and are made true again if not."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from storage import people, requests, schools, teachers
from storage.blocks import block
from storage.database import Database
from storage.matching import rows
from storage.matching.rows import complete, mend, side, suggestible, wrong
from storage.matching.side import Side, day_of
from storage.models import Account, Chat, MatchRow, Person, School, Teacher
from storage.models.teachers import SUSPENDED, UNVERIFIED, VERIFIED
from storage.partners import Wishes
from storage.populate import populate
from storage.reference.bits import codes, mask, positions, span
from storage.teachers import TeacherFacts
from tests.matching.parts import NOW


def register(session: Session, country: str = "PL", status: str = VERIFIED, **facts: Any) -> int:
    """A verified teacher at a school of their own."""
    made = insert(Person).values(language="en", created_at=NOW, active_at=NOW).returning(Person.id)
    person = session.scalars(made).one()
    new = School(country=country, name=f"School {person}", town="Town", level="primary", created_at=NOW)
    session.add(new)
    session.flush()
    about = {"subjects": ("art",), "languages": ("en",), "ages": (8, 10)} | facts
    time = country if country in positions("countries") and country != "CH" else "PL"
    told = TeacherFacts("Amina", time, new.id, wish="", **about)
    teachers.register(session, person, told, NOW)
    session.execute(update(Teacher).where(Teacher.person_id == person).values(country=country))
    teachers.set_status(session, person, status)
    return person


def row_of(database: Database, person: int) -> Side:
    found = database.do(lambda session: side(session, person))
    assert found is not None
    return found


def revision_of(database: Database, person: int) -> int:
    where = select(MatchRow.revision).where(MatchRow.person_id == person)
    return database.do(lambda session: session.scalars(where).one())


def test_a_teacher_has_a_row_from_the_first_moment(database: Database) -> None:
    person = database.do(lambda s: register(s, subjects=("art", "music"), languages=("en", "pl")))
    row = row_of(database, person)
    assert codes("subjects", row.subjects) == ("art", "music")
    assert codes("languages", row.languages) == ("en", "pl")
    assert (row.ages, row.wants, row.works) == (span((8, 10)), row.languages, row.languages)
    assert (row.country, row.active_day, row.joined_day) == (positions("countries")["PL"], day_of(NOW), day_of(NOW))
    assert row.suggestible


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        (partial(teachers.set_line, line="subjects", value=("law",)), "subjects", mask("subjects", ["law"])),
        (partial(teachers.set_line, line="languages", value=("fr",)), "languages", mask("languages", ["fr"])),
        (partial(teachers.set_line, line="ages", value=(15, 16)), "ages", span((15, 16))),
        (partial(teachers.set_looking, looking=False), "suggestible", False),
        (partial(teachers.set_status, status=SUSPENDED), "suggestible", False),
        (partial(teachers.save_wishes, wanted=Wishes(("GR",))), "wish_countries", mask("countries", ["GR"])),
        (partial(teachers.save_wishes, wanted=Wishes(ages=(9, 9))), "wish_ages", 1 << 9),
        (partial(teachers.save_wishes, wanted=Wishes(kinds=("video",))), "wish_kinds", mask("kinds", ["video"])),
        (partial(teachers.save_wishes, wanted=Wishes(levels=("primary",))), "wish_levels", 1 << 1),
    ],
)
def test_each_change_reaches_the_row_and_its_revision(
    database: Database, change: Any, column: str, expected: object
) -> None:
    person = database.do(register)
    before = revision_of(database, person)
    database.do(lambda session: change(session, person=person))
    assert getattr(row_of(database, person), column) == expected
    assert revision_of(database, person) > before
    assert database.do(lambda session: wrong(session, 0)[0]) == []


def test_a_school_that_moves_or_goes_takes_its_teachers_along(database: Database) -> None:
    person = database.do(register)
    school = row_of(database, person).school_id
    row = {"id": school, "country": "PL", "name": "Liceum", "town": "Toruń", "level": "upper_secondary"}
    database.do(lambda session: schools.update_schools(session, [row]))
    assert row_of(database, person).level == positions("levels")["upper_secondary"]
    database.do(partial(schools.remove_school, school_id=school, now=NOW))
    assert not row_of(database, person).suggestible


def test_days_of_activity_count_and_minutes_do_not(database: Database) -> None:
    person = database.do(register)
    account = insert(Account).values(person_id=person, platform="terminal", external_id="a")
    chat = insert(Chat).values(platform="terminal", external_id="a", kind="private", person_id=person)
    database.do(lambda s: [s.execute(made) for made in (account, chat)].clear())

    def speaks(later: timedelta) -> tuple[int, int]:
        meet = partial(people.meet, platform="terminal", sender="a", chat="a", kind="private", language="en")
        database.do(partial(meet, now=NOW + later))
        return row_of(database, person).active_day, revision_of(database, person)

    day, revision = speaks(timedelta(hours=3))
    assert day == day_of(NOW)
    assert speaks(timedelta(hours=6)) == (day, revision)
    assert speaks(timedelta(days=2))[0] == day + 2


def test_what_only_counts_outlives_a_change(database: Database) -> None:
    person = database.do(register)
    database.do(lambda session: rows.change(session, person, shown=3, shown_week=2900))
    database.do(lambda session: teachers.set_line(session, person, "ages", (6, 7)))
    row = row_of(database, person)
    assert (row.shown, row.shown_week, row.ages) == (3, 2900, span((6, 7)))


def test_requests_are_counted_as_they_wait_and_are_answered(database: Database) -> None:
    amina, ines, joao = (database.do(register) for _one in range(3))

    def record() -> tuple[int, int, int]:
        row = row_of(database, amina)
        return row.requests, row.asked, row.answered

    first = database.do(lambda s: requests.send(s, ines, amina, "Hello", NOW).request.id)
    second = database.do(lambda s: requests.send(s, joao, amina, "Hello", NOW).request.id)
    assert record() == (2, 0, 0)
    database.do(lambda s: requests.accept(s, first, amina, NOW))
    assert record() == (1, 1, 1)
    database.do(lambda s: requests.withdraw(s, second, joao, NOW))
    assert record() == (0, 1, 1)
    later = NOW + timedelta(days=2)
    third = database.do(lambda s: requests.send(s, joao, amina, "Hello", later).request.id)
    database.do(lambda s: requests.lapse(s, later + requests.LIFETIME, 9))
    assert third
    assert record() == (0, 2, 1)
    fourth = database.do(lambda s: requests.send(s, joao, amina, "Hello", later + timedelta(days=90)).request.id)
    assert record() == (1, 2, 1)
    database.do(lambda s: block(s, amina, joao, later + timedelta(days=90)))
    assert fourth
    assert record() == (0, 3, 2)
    assert database.do(lambda session: wrong(session, 0)[0]) == []


@pytest.mark.parametrize(
    ("status", "looking", "silent", "removed", "may"),
    [
        (VERIFIED, True, False, False, True),
        (UNVERIFIED, True, False, False, False),
        (SUSPENDED, True, False, False, False),
        (VERIFIED, False, False, False, False),
        (VERIFIED, True, True, False, False),
        (VERIFIED, True, False, True, False),
    ],
)
def test_who_may_be_suggested(status: str, looking: bool, silent: bool, removed: bool, may: bool) -> None:
    assert suggestible(status, looking, silent, removed) is may


def test_rows_that_are_missing_are_made(database: Database) -> None:
    populate(database, 600, 60, 3, now=NOW)
    assert database.do(lambda session: wrong(session, 0, 1000)[0]) == []
    database.do(lambda s: s.execute(delete(MatchRow).where(MatchRow.person_id > 40)).close())
    assert complete(database.engine) == 560
    assert complete(database.engine) == 0
    assert database.do(lambda session: wrong(session, 0, 1000)[0]) == []


def test_corrupt_rows_are_found_and_mended(database: Database) -> None:
    populate(database, 60, 45, 3, now=NOW)
    spoil: dict[int, dict[str, int]] = {3: {"subjects_0": 0}, 9: {"wish_languages_1": 77}, 60: {"country": 5000}}
    for person, values in spoil.items():
        database.do(partial(rows.change, person=person, **values))
    database.do(lambda s: s.execute(delete(MatchRow).where(MatchRow.person_id == 20)).close())
    assert database.do(lambda session: wrong(session, 0)[0]) == [3, 9, 20, 60]
    assert mend(database) == 4
    assert mend(database) == 0
