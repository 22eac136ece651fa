"""What teachers have said of themselves, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from storage import teachers
from storage.database import Database
from storage.models import Person, Teacher
from storage.partners import myself
from storage.schools import add_school, remove_school
from storage.teachers import AlreadyRegistered, TeacherFacts, Wishes

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def _teacher(session: Session) -> tuple[int, TeacherFacts]:
    made = insert(Person).values(language="pl", created_at=NOW, active_at=NOW).returning(Person.id)
    person = session.scalars(made).one()
    school = add_school(session, "PL", "Szkoła Podstawowa nr 12", "Gdynia", "primary", now=NOW)
    told = TeacherFacts("Amina", "PL", school.id, ("art", "music"), ("en", "pl"), (10, 12), "We sing.")
    teachers.register(session, person, told, NOW)
    return person, told


@pytest.fixture
def amina(database: Database) -> tuple[int, TeacherFacts]:
    return database.do(_teacher)


def facts(database: Database, person: int) -> TeacherFacts | None:
    return database.do(lambda session: teachers.facts(session, person))


def timezone(database: Database, person: int) -> str:
    return database.do(lambda session: session.scalars(select(Person.timezone).where(Person.id == person)).one())


def test_what_is_registered_is_known(database: Database, amina: tuple[int, TeacherFacts]) -> None:
    person, told = amina
    assert facts(database, person) == told
    assert timezone(database, person) == "Europe/Warsaw"
    when = database.do(lambda session: session.get_one(Teacher, person).registered_at)
    assert when == NOW
    found = database.do(lambda session: myself(session, person))
    assert found is not None
    assert (found.town, found.subjects) == ("Gdynia", frozenset({"art", "music"}))


def test_nobody_is_registered_twice(database: Database, amina: tuple[int, TeacherFacts]) -> None:
    person, told = amina
    with pytest.raises(AlreadyRegistered):
        database.do(lambda session: teachers.register(session, person, replace(told, name="Other"), NOW))
    assert facts(database, person) == told


def test_a_stranger_has_no_facts(database: Database) -> None:
    assert facts(database, 99) is None
    assert database.do(lambda session: teachers.school_of(session, 99)) is None


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("name", "Amina Kot"),
        ("subjects", ("law",)),
        ("languages", ("de", "fr")),
        ("ages", (6, 8)),
        ("wish", ""),
    ],
)
def test_one_line_changes_and_no_other(
    database: Database, amina: tuple[int, TeacherFacts], line: teachers.Line, value: object
) -> None:
    person, told = amina
    database.do(lambda session: teachers.set_line(session, person, line, value))
    assert facts(database, person) == replace(told, **{line: value})  # type: ignore[arg-type]


def test_a_school_brings_its_country_and_time(database: Database, amina: tuple[int, TeacherFacts]) -> None:
    person, told = amina
    paris = database.do(
        lambda session: add_school(session, "FR", "Lycée Victor Hugo", "Paris", "upper_secondary", now=NOW).id
    )
    database.do(lambda session: teachers.set_line(session, person, "school", paris))
    assert facts(database, person) == replace(told, country="FR", school=paris)
    assert timezone(database, person) == "Europe/Paris"


def test_a_school_of_the_same_country_leaves_the_time_alone(
    database: Database, amina: tuple[int, TeacherFacts]
) -> None:
    person, told = amina
    other = database.do(lambda session: add_school(session, "PL", "Liceum", "Toruń", "primary", now=NOW).id)
    database.do(lambda session: session.get_one(Person, person).__setattr__("timezone", "Europe/Athens"))
    database.do(lambda session: teachers.set_line(session, person, "school", other))
    assert facts(database, person) == replace(told, school=other)
    assert timezone(database, person) == "Europe/Athens"


def test_what_is_no_line_or_no_school_is_refused(database: Database, amina: tuple[int, TeacherFacts]) -> None:
    person, told = amina
    with pytest.raises(ValueError, match="shoe size"):
        database.do(lambda session: teachers.set_line(session, person, "shoe size", 3))  # type: ignore[arg-type]
    with pytest.raises(NoResultFound):
        database.do(lambda session: teachers.set_line(session, person, "school", 999))
    assert facts(database, person) == told


def test_looking_and_not_looking(database: Database, amina: tuple[int, TeacherFacts]) -> None:
    person, told = amina
    for looking in (False, True):
        database.do(partial(teachers.set_looking, person=person, looking=looking))
        assert facts(database, person) == replace(told, looking=looking)


def test_a_removed_school_stays_the_teachers(database: Database, amina: tuple[int, TeacherFacts]) -> None:
    person, told = amina
    database.do(lambda session: remove_school(session, told.school, now=NOW))
    school = database.do(lambda session: teachers.school_of(session, person))
    assert school is not None
    assert school.removed_at == NOW
    assert facts(database, person) == told


def test_wishes_are_any_until_they_are_saved(database: Database, amina: tuple[int, TeacherFacts]) -> None:
    person, _told = amina
    assert database.do(lambda session: teachers.wishes(session, person)) == Wishes()
    for wanted in (Wishes(("GR",), ("music",), ("fr",), (10, 12)), Wishes(countries=("IT", "AT")), Wishes()):
        database.do(partial(teachers.save_wishes, person=person, wanted=wanted))
        assert database.do(lambda session: teachers.wishes(session, person)) == wanted


def test_wishes_read_in_the_turn_that_saves_them(database: Database, amina: tuple[int, TeacherFacts]) -> None:
    person, _told = amina

    def both(session: Session) -> tuple[Wishes, Wishes]:
        teachers.save_wishes(session, person, Wishes(("GR",)))
        first = teachers.wishes(session, person)
        teachers.save_wishes(session, person, Wishes(("IT",)))
        return first, teachers.wishes(session, person)

    assert database.do(both) == (Wishes(("GR",)), Wishes(("IT",)))
