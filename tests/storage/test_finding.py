"""Support finds teachers by name and school, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import finding, teachers
from storage.database import Database
from storage.models import Person, TeacherStem
from storage.schools import add_school
from storage.teachers import TeacherFacts
from tests.storage.conftest import NOW

PEOPLE = [
    (1, "PT", "João Silva"), (2, "PT", "Joana Sílvia"), (3, "PT", "Maria João Lopes"),
    (4, "GR", "Γιώργος Παπαδόπουλος"), (5, "UA", "Олена Підгірна"),
    (6, "TN", "محمد العربي"), (7, "FR", "Li Na"), (8, "PT", "Şükrü Çelik"),
]  # fmt: skip


@pytest.fixture
def session_of(database: Database) -> Database:
    def unit(session: Session) -> None:
        schools = {}
        for person, country, name in PEOPLE:
            if country not in schools:
                schools[country] = add_school(session, country, f"School of {country}", "Viseu", "primary", now=NOW).id
            session.add(Person(id=person, language="en", created_at=NOW, active_at=NOW))
            session.flush()
            told = TeacherFacts(name, country, schools[country], ("music",), ("en",), (8, 10), "")
            teachers.register(session, person, told, NOW)

    database.do(unit)
    return database


def found(database: Database, words: str, country: str | None = None) -> list[int]:
    return [one.person for one in database.do(lambda s: finding.find_teachers(s, words, country))]


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("joao", {1, 3}), ("João Silva", {1}), ("silva joao", {1}), ("JOA SIL", {1, 2}), ("Jooao", set()),
        ("Joao Silba", {1}),
        ("giorgos", {4}), ("Παπαδοπουλος", {4}), ("olena pidhirna", {5}), ("олена", {5}), ("محمد", {6}), ("li", {7}),
        ("sukru celik", {8}), ("", set()), ("🙂", set()), ("nobody of that name", set()), ("%", set()), ("_", set()),
    ],
)  # fmt: skip
def test_names_are_found_however_they_are_written(session_of: Database, words: str, people: set[int]) -> None:
    assert set(found(session_of, words)) == people


def test_one_country_sees_its_own(session_of: Database) -> None:
    assert set(found(session_of, "joao", "PT")) == {1, 3}
    assert found(session_of, "joao", "FR") == []
    assert set(found(session_of, "School of PT", "PT")) == {1, 2, 3, 8}


def test_a_name_that_changes_is_found_under_the_new_one(session_of: Database) -> None:
    session_of.do(lambda s: teachers.set_line(s, 1, "name", "Rui Costa"))
    assert found(session_of, "rui") == [1]
    assert set(found(session_of, "joao")) == {3}


def test_a_teacher_who_moves_is_found_in_the_new_country(session_of: Database) -> None:
    there = session_of.do(lambda s: teachers.school_of(s, 7))
    assert there is not None
    session_of.do(lambda s: teachers.set_line(s, 1, "school", there.id))
    assert found(session_of, "joao silva", "PT") == []
    assert found(session_of, "joao silva", "FR") == [1]


def test_nothing_is_filed_twice(session_of: Database) -> None:
    count = select(func.count()).select_from(TeacherStem)
    before = session_of.do(lambda s: s.scalar(count))
    session_of.do(lambda s: teachers.set_line(s, 1, "name", "João Silva"))
    assert session_of.do(lambda s: s.scalar(count)) == before
