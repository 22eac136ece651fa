"""Suspending teachers and giving them back what they were; appeals against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, func, insert, select, update
from sqlalchemy.orm import Session

from storage import people, teachers
from storage.models import Appeal, School, Suspension, Teacher
from storage.models.teachers import SUSPENDED
from storage.verification import cases

#: So long a suspension can be taken back before the teacher hears of it.
GRACE = timedelta(seconds=10)


@dataclass(frozen=True)
class Said:
    """An appeal, and what support answered."""

    words: str
    at: datetime
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True)
class Suspended:
    """A suspended teacher, as the teacher and support see it."""

    id: int
    person: int
    name: str
    school: str
    town: str
    country: str
    reason: str
    since: datetime
    told_at: datetime | None
    appeals: tuple[Said, ...] = ()

    @property
    def waiting(self) -> Said | None:
        """The appeal that support has not answered yet."""
        return next((one for one in self.appeals if one.answered_at is None), None)


def suspend(session: Session, person: int, reason: str, *, by: int, now: datetime) -> int | None:
    """Suspend a teacher; the number of the suspension. None: there is no such teacher, or they are suspended."""
    people.hold(session, person)
    where = select(Teacher.status, Teacher.country).where(Teacher.person_id == person)
    row = session.execute(where).one_or_none()
    if row is None or not teachers.set_status(session, person, SUSPENDED, was=row.status):
        return None
    cases.pause(session, person)
    values = {"person_id": person, "country": row.country, "before": row.status, "reason": reason}
    made = insert(Suspension).values(**values, by_id=by, since=now).returning(Suspension.id)
    return session.scalars(made).one()


def end(session: Session, number: int, *, by: int, now: datetime) -> bool:
    """Give a teacher back what they were. False: it has ended already."""
    where = update(Suspension).where(Suspension.id == number, Suspension.ended_at.is_(None))
    ended = where.values(ended_at=now, ended_by=by).returning(Suspension.person_id, Suspension.before)
    row = session.execute(ended).one_or_none()
    if row is None or not teachers.set_status(session, row.person_id, row.before, was=SUSPENDED):
        return False
    cases.resume(session, row.person_id)
    return True


def get(session: Session, number: int) -> Suspended | None:
    """A suspension that lasts, by its number."""
    return next(iter(_read(session, _lasting().where(Suspension.id == number))), None)


def of(session: Session, person: int) -> Suspended | None:
    """The suspension of a teacher; None if they are not suspended."""
    return next(iter(_read(session, _lasting().where(Suspension.person_id == person))), None)


def lasting(session: Session, country: str | None, *, skip: int = 0, limit: int = 5) -> list[Suspended]:
    """Who is suspended in a country (None: in all): those whose appeal waits first, then the newest."""
    waits = _waits()
    query = _lasting().where(*_there(country)).order_by(waits.desc(), Suspension.since.desc(), Suspension.id)
    return _read(session, query.offset(skip).limit(limit))


def count(session: Session, country: str | None) -> tuple[int, int]:
    """How many are suspended in a country (None: in all), and how many appeals of theirs wait."""
    those = (Suspension.ended_at.is_(None), *_there(country))
    all_ = session.scalar(select(func.count()).select_from(Suspension).where(*those))
    waiting = session.scalar(select(func.count()).select_from(Suspension).where(*those, _waits()))
    return all_ or 0, waiting or 0


def untold(session: Session, now: datetime, limit: int = 20) -> list[Suspended]:
    """Suspensions that can no longer be taken back unseen, and of which the teachers have not heard yet."""
    late = Suspension.told_at.is_(None), Suspension.since <= now - GRACE
    return _read(session, _lasting().where(*late).order_by(Suspension.since).limit(limit))


def told(session: Session, number: int, now: datetime) -> None:
    """Note that the teacher has been told."""
    session.execute(update(Suspension).where(Suspension.id == number).values(told_at=now))


def appeal(session: Session, number: int, words: str, now: datetime) -> bool:
    """Keep what a teacher says against a suspension. False: an appeal waits already, or it has ended."""
    known = get(session, number)
    if known is None or known.waiting is not None:
        return False
    session.execute(insert(Appeal).values(suspension_id=number, words=words, at=now))
    return True


def answer(session: Session, number: int, words: str, *, by: int, now: datetime) -> bool:
    """Answer the appeal that waits. False: there is none, perhaps because another officer was faster."""
    waits = update(Appeal).where(Appeal.suspension_id == number, Appeal.answered_at.is_(None))
    result = session.execute(waits.values(answer=words, answered_by=by, answered_at=now))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _waits() -> ColumnElement[bool]:
    return select(Appeal.id).where(Appeal.suspension_id == Suspension.id, Appeal.answered_at.is_(None)).exists()


def _there(country: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if country is None else (Suspension.country == country,)


def _lasting() -> Any:
    return (
        select(Suspension, Teacher.name, School.name, School.town)
        .join(Teacher, Teacher.person_id == Suspension.person_id)
        .join(School, School.id == Teacher.school_id)
        .where(Suspension.ended_at.is_(None))
    )


def _read(session: Session, query: Any) -> list[Suspended]:
    rows = session.execute(query).all()
    appeals = _appeals(session, [row[0].id for row in rows])
    return [
        Suspended(
            one.id, one.person_id, name, school, town, one.country, one.reason, one.since, one.told_at,
            tuple(appeals.get(one.id, ())),
        )
        for one, name, school, town in rows
    ]  # fmt: skip


def _appeals(session: Session, numbers: Sequence[int]) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = {}
    for row in session.scalars(select(Appeal).where(Appeal.suspension_id.in_(numbers)).order_by(Appeal.id)):
        found.setdefault(row.suspension_id, []).append(Said(row.words, row.at, row.answer, row.answered_at))
    return found
