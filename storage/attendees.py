"""Who an appointment is for, and whether they come."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, null, select, update
from sqlalchemy.orm import Session

from storage import noticing
from storage.models import Alarm, Attendee, Person, Reminder, Rhythm, School, Teacher
from storage.models.reminders import MAYBE, NO, PROJECT, YES
from storage.rhythms import week_of

__all__ = ["MAYBE", "NO", "PROJECT", "YES", "Guest"]


@dataclass(frozen=True)
class Guest:
    """Somebody an appointment is for: who they are, where, and what they said.

    ``region`` is the one whose school holidays count, ``week`` the days and minutes of the day with lessons.
    """

    person: int
    answer: str | None
    timezone: str
    language: str
    name: str | None = None
    country: str | None = None
    school: str | None = None
    town: str | None = None
    region: str | None = None
    week: tuple[tuple[int, ...], int, int] | None = None


def project_in(circle: str | None) -> int | None:
    """The project that a circle is of; None if it is of none."""
    number = (circle or "").removeprefix(PROJECT) if (circle or "").startswith(PROJECT) else ""
    return int(number) if number.isdecimal() else None


def invite(session: Session, reminder: int, people: Iterable[int]) -> None:
    """Ask people to an appointment."""
    rows = [{"reminder_id": reminder, "person_id": person, "answer": None} for person in people]
    if rows:
        session.execute(insert(Attendee), rows)


def answer(session: Session, reminder: int, person: int, said: str, now: datetime) -> bool:
    """Note whether somebody comes; False if they were not asked."""
    where = update(Attendee).where(Attendee.reminder_id == reminder, Attendee.person_id == person)
    where = where.values(answer=said, answered_at=now).returning(Attendee.person_id)
    noted = session.scalar(where.execution_options(synchronize_session=False)) is not None
    if noted:
        noticing.about_reminder(session, reminder, now)
    return noted


def forget_answers(session: Session, reminder: int, but: int) -> None:
    """Ask all but one anew: it is another time now."""
    where = update(Attendee).where(Attendee.reminder_id == reminder, Attendee.person_id != but)
    session.execute(where.values(answer=None, answered_at=None))


def part(session: Session, a: int, b: int, *, everywhere: bool = False) -> None:
    """Take two people off each other's appointments; they are told of them no more. Those of a project go on, unless
    it is to be ``everywhere``."""
    of_project = Reminder.circle.is_not(None) & Reminder.circle.startswith(PROJECT, autoescape=True)
    for owner, other in ((a, b), (b, a)):
        theirs = select(Reminder.id).where(Reminder.owner_id == owner)
        _take_off(session, other, theirs if everywhere else theirs.where(~of_project))


def out_of_project(session: Session, project: int, person: int) -> None:
    """Take somebody who leaves a project off what the others have planned there."""
    there = select(Reminder.id).where(Reminder.circle == f"{PROJECT}{project}", Reminder.owner_id != person)
    _take_off(session, person, there)


def _take_off(session: Session, person: int, theirs: Any) -> None:
    for table in (Attendee, Alarm):
        session.execute(delete(table).where(table.person_id == person, table.reminder_id.in_(theirs)))


def of(session: Session, reminder: int) -> list[Guest]:
    """All whom an appointment is for, in the order of their ids."""
    found = _guests(Attendee.answer).join(Attendee, Attendee.person_id == Person.id)
    return _read(session, found.where(Attendee.reminder_id == reminder))


def people(session: Session, persons: Collection[int]) -> list[Guest]:
    """People as guests who have said nothing yet, in the order of their ids."""
    return _read(session, _guests(null()).where(Person.id.in_(persons)))


def zones(session: Session, reminders: Collection[int]) -> dict[int, list[str]]:
    """The time zones of those whom appointments are for, each once."""
    found = select(Attendee.reminder_id, Person.timezone).join(Person, Person.id == Attendee.person_id)
    rows = session.execute(found.where(Attendee.reminder_id.in_(reminders)).order_by(Attendee.person_id))
    known: dict[int, list[str]] = {}
    for reminder, zone in rows:
        if zone not in known.setdefault(reminder, []):
            known[reminder].append(zone)
    return known


def _guests(answer: Any) -> Any:
    return (
        select(
            Person.id.label("person"),
            answer.label("answer"),
            Person.timezone,
            Person.language,
            Teacher.name,
            Teacher.country,
            School.name.label("school"),
            School.town,
            Rhythm.region,
            Rhythm.week,
        )
        .select_from(Person)
        .outerjoin(Teacher, Teacher.person_id == Person.id)
        .outerjoin(School, School.id == Teacher.school_id)
        .outerjoin(Rhythm, Rhythm.person_id == Person.id)
        .order_by(Person.id)
    )


def _read(session: Session, found: Any) -> list[Guest]:
    return [Guest(**{**row._mapping, "week": week_of(row.week)}) for row in session.execute(found)]
