"""Fictional schools and teachers fill a database once, however often and from wherever the filling starts."""

from datetime import timedelta

import pytest
from sqlalchemy import Select, func, select

from storage import populate as module
from storage import schools
from storage.database import Database
from storage.fiction import fictional_schools, fictional_teachers
from storage.models import Account, Person, School, Teacher, TeacherLanguage, TeacherSubject, Wish
from storage.populate import populate
from tests.storage.conftest import NOW

TABLES = (School, Person, Account, Teacher, TeacherSubject, TeacherLanguage, Wish)


def sizes(database: Database) -> list[int]:
    def count(table: type) -> Select[tuple[int]]:
        return select(func.count()).select_from(table)

    return database.do(lambda session: [session.scalars(count(table)).one() for table in TABLES])


def test_the_database_holds_what_the_fiction_says(database: Database) -> None:
    report = populate(database, 120, 60, 7, now=NOW)
    assert (report.teachers, report.schools) == (120, 60)
    made = list(fictional_schools(60, 7))
    rows = list(fictional_teachers(120, made, 7))
    taught, spoken = sum(len(row.subjects) for row in rows), sum(len(row.languages) for row in rows)
    assert sizes(database) == [60, 120, 120, 120, taught, spoken, 120]
    for row in rows[::17]:
        where = (
            select(Teacher, School, Wish, Person)
            .join(School, School.id == Teacher.school_id)
            .join(Wish, Wish.person_id == Teacher.person_id)
            .join(Person, Person.id == Teacher.person_id)
            .join(Account, Account.person_id == Person.id)
            .where(Account.platform == "fiction", Account.external_key == f"7/60/{row.number}")
        )
        teacher, school, wish, person = database.do(lambda session, where=where: session.execute(where).one())
        assert (school.name, school.town) == (made[row.school].name, made[row.school].town)
        assert (teacher.name, teacher.country) == (row.name, made[row.school].country)
        assert (teacher.ages_from, teacher.ages_to, teacher.looking) == (row.youngest, row.oldest, row.looking)
        assert {subject.code for subject in teacher.subjects} == set(row.subjects)
        assert {language.code for language in teacher.languages} == set(row.languages)
        assert tuple(wish.countries) == row.wished_countries
        assert person.active_at == teacher.active_at
        age = NOW - teacher.active_at
        assert timedelta(days=row.last_active_days) <= age < timedelta(days=row.last_active_days + 1)
        assert teacher.registered_at <= teacher.active_at


def test_again_adds_nothing(database: Database) -> None:
    populate(database, 60, 45, 1, now=NOW)
    before = sizes(database)
    told: list[tuple[int, int]] = []
    report = populate(database, 60, 45, 1, progress=lambda done, whole: told.append((done, whole)), now=NOW)
    assert (report.teachers, report.schools, told) == (0, 0, [])
    assert sizes(database) == before
    assert (populate(database, 30, 45, 1, now=NOW).teachers, sizes(database)) == (0, before)


def test_a_larger_filling_adds_what_is_missing(database: Database) -> None:
    populate(database, 60, 45, 1, now=NOW)
    more = populate(database, 90, 45, 1, now=NOW)
    assert (more.teachers, more.schools) == (30, 0)
    wider = populate(database, 90, 80, 1, now=NOW)
    assert (wider.teachers, wider.schools) == (90, 35)
    other = populate(database, 10, 5, 2, now=NOW)
    assert (other.teachers, other.schools) == (10, 5)
    assert sizes(database)[:2] == [85, 190]


def test_an_interrupted_filling_goes_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", 20)

    def stop(after: int) -> None:
        def progress(done: int, _whole: int) -> None:
            if done >= after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            populate(database, 100, 50, 3, progress=progress, now=NOW)

    stop(40)
    stop(110)
    told: list[tuple[int, int]] = []
    report = populate(database, 100, 50, 3, progress=lambda done, whole: told.append((done, whole)), now=NOW)
    assert told == [(130, 150), (150, 150)]
    assert (report.teachers, report.schools) == (40, 0)
    uninterrupted = [row.name for row in fictional_teachers(100, list(fictional_schools(50, 3)), 3)]
    names = select(Teacher.name).order_by(Teacher.person_id)
    assert database.do(lambda session: list(session.scalars(names))) == uninterrupted


def test_fictional_schools_are_found(database: Database) -> None:
    populate(database, 0, 200, 5, now=NOW)
    for row in list(fictional_schools(200, 5))[::9]:
        found = database.do(
            lambda s, row=row: schools.search_schools(s, row.country, f"{row.name} {row.town_latin}", limit=3)
        )
        assert (row.name, row.town) in [(school.name, school.town) for school in found], row


@pytest.mark.parametrize(("teachers", "at"), [(-1, 5), (5, -1), (5, 0)])
def test_impossible_sizes(database: Database, teachers: int, at: int) -> None:
    with pytest.raises(ValueError, match="cannot make"):
        populate(database, teachers, at, 1, now=NOW)
    assert sum(sizes(database)) == 0


def test_nothing_wanted_is_done_at_once(database: Database) -> None:
    report = populate(database, 0, 0, 1, now=NOW)
    assert (report.teachers, report.schools) == (0, 0)
