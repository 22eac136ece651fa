"""Who an appointment is for, and whether they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from storage.models import Attendee, Person, School, Teacher
from storage.models.reminders import MAYBE, NO, YES

__all__ = ["MAYBE", "NO", "YES", "Guest"]


@dataclass(frozen=True)
class Guest:
    """Somebody an appointment is for: who they are, where, and what they said."""

    person: int
    answer: str | None
    timezone: str
    language: str
    name: str | None
    country: str | None
    school: str | None
    town: str | None


def invite(session: Session, reminder: int, people: Iterable[int]) -> None:
    """Ask people to an appointment."""
    rows = [{"reminder_id": reminder, "person_id": person, "answer": None} for person in people]
    if rows:
        session.execute(insert(Attendee), rows)


def answer(session: Session, reminder: int, person: int, said: str, now: datetime) -> bool:
    """Note whether somebody comes; False if they were not asked."""
    where = update(Attendee).where(Attendee.reminder_id == reminder, Attendee.person_id == person)
    where = where.values(answer=said, answered_at=now).returning(Attendee.person_id)
    return session.scalar(where.execution_options(synchronize_session=False)) is not None


def forget_answers(session: Session, reminder: int, but: int) -> None:
    """Ask all but one anew: it is another time now."""
    where = update(Attendee).where(Attendee.reminder_id == reminder, Attendee.person_id != but)
    session.execute(where.values(answer=None, answered_at=None))


def leave(session: Session, reminder: int, people: Sequence[int]) -> None:
    """Take people off an appointment."""
    session.execute(delete(Attendee).where(Attendee.reminder_id == reminder, Attendee.person_id.in_(people)))


def of(session: Session, reminder: int) -> list[Guest]:
    """All whom an appointment is for, in the order of their ids."""
    found = (
        select(
            Attendee.person_id,
            Attendee.answer,
            Person.timezone,
            Person.language,
            Teacher.name,
            Teacher.country,
            School.name,
            School.town,
        )
        .join(Person, Person.id == Attendee.person_id)
        .outerjoin(Teacher, Teacher.person_id == Attendee.person_id)
        .outerjoin(School, School.id == Teacher.school_id)
        .where(Attendee.reminder_id == reminder)
        .order_by(Attendee.person_id)
    )
    return [Guest(*row) for row in session.execute(found)]
