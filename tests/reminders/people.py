"""Teachers for tests of reminders."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.orm import Session

from storage import teachers
from storage.models import Person
from storage.schools import add_school
from storage.teachers import TeacherFacts
from tests.reminders.parts import NOW


def teacher(session: Session, country: str, name: str = "Ines", town: str = "Town", language: str = "en") -> int:
    """A registered teacher of a country."""
    values = {"language": language, "created_at": NOW, "active_at": NOW}
    person = session.scalars(insert(Person).returning(Person.id), [values]).one()
    school = add_school(session, country, f"School of {name}", town, "primary", now=NOW)
    told = TeacherFacts(name, country, school.id, ("music",), ("en",), (10, 12), "")
    teachers.register(session, person, told, NOW)
    return person
