"""Teachers who are partners, and a project of theirs, for tests of the storage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import TypeVar

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from storage import partnerships, projects, teachers
from storage.database import Database
from storage.models import Person, Teacher
from storage.projects import Cannot, Facts
from storage.schools import add_school
from storage.teachers import TeacherFacts

T = TypeVar("T")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
AMINA, JOAO, INES, EVE = 1, 2, 3, 4
RIVERS = Facts(
    "Songs of our rivers", "We sing.", "An album", ("music",), ("en",), (9, 11), 40, date(2026, 3, 1), date(2026, 6, 30)
)


def settle(session: Session, number: int = 4) -> None:
    """Verified teachers with numbers from 1, all partners of the first."""
    for person in range(1, number + 1):
        session.execute(insert(Person).values(id=person, language="en", created_at=NOW, active_at=NOW))
        school = add_school(session, "PT" if person % 2 else "PL", f"Escola {person}", "Viseu", "primary", now=NOW)
        told = TeacherFacts(f"Teacher {person} Diallo", school.country, school.id, ("music",), ("en",), (8, 10), "")
        teachers.register(session, person, told, NOW)
    session.execute(update(Teacher).values(status="verified"))
    for person in range(2, number + 1):
        partnerships.open_(session, AMINA, person, NOW)


def opened(database: Database) -> int:
    """A project that AMINA proposed and JOAO signed; its number."""
    made = database.do(lambda s: projects.propose(s, AMINA, JOAO, RIVERS, NOW)).id
    database.do(lambda s: projects.sign(s, made, JOAO, NOW))
    return made


def joined(database: Database, project: int, *people: int) -> None:
    """Have AMINA invite these, who all accept."""
    for person in people:
        database.do(lambda s, one=person: projects.invite(s, project, AMINA, one, NOW))  # type: ignore[misc]
        database.do(lambda s, one=person: projects.answer(s, project, one, True, NOW))  # type: ignore[misc]


def at_once(database: Database, *deeds: Callable[[Session], T]) -> list[T | str]:
    """Do these at the same moment, each in a session of its own; what each came to, or why it could not."""
    together, results = Barrier(len(deeds)), dict[int, T | str]()

    def run(place: int, deed: Callable[[Session], T]) -> None:
        together.wait()
        try:
            results[place] = database.do(deed)
        except Cannot as cannot:
            results[place] = cannot.why

    threads = [Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[place] for place in range(len(deeds))]
