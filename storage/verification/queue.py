"""The queue of cases that wait for support: which comes next, how many wait and since when, how soon answers come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, func, insert, literal, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from storage.models import Case, Officer, QueueLine, Teacher
from storage.models.staff import NATIONAL
from storage.models.teachers import VERIFIED
from storage.models.verification import ASKED, CLOSED, WAITING

__all__ = [
    "LOOKING",
    "Ahead",
    "Tally",
    "ahead",
    "escalate",
    "escalated_since",
    "lately_verified",
    "next_case",
    "note_told",
    "overdue",
    "tally",
    "told",
    "usual",
]

LOOKING = timedelta(minutes=10)
"""So long a case that an officer has on the screen is not offered to another one first."""
_LAST = 50
"""How many answers say how soon answers come; fewer than `_FEW` say nothing."""
_FEW = 3

_WAITS = Case.state == literal(WAITING, literal_execute=True)


@dataclass(frozen=True)
class Tally:
    """What waits: for an answer of support, since when; of it with central support; and for teachers' answers."""

    waiting: int
    oldest: datetime | None
    escalated: int
    asked: int


@dataclass(frozen=True)
class Ahead:
    """Who waits before a case in its country, and since when the first of them does."""

    before: int
    oldest: datetime | None


def next_case(
    session: Session, officer: int, country: str | None, *, now: datetime, after: Case | None = None
) -> Case | None:
    """The case to answer next: of a country, the oldest first; of all (None), those passed on first.

    ``after`` is the one to go on from; at the end it goes on from the start, and only then to ``after`` itself. Cases
    that another officer looks at come last, and one's own never.
    """
    free = or_(Case.looked_by.is_(None), Case.looked_by == officer, Case.looked_at < now - LOOKING)
    others = None if after is None else Case.id != after.id
    for conditions in ([free, others], [others], []):
        for start in (after, None) if after is not None and conditions else (None,):
            query = _queue(officer, country, start).where(*(each for each in conditions if each is not None))
            found = session.scalars(query).one_or_none()
            if found is not None:
                return found
    return None


def _queue(officer: int, country: str | None, after: Case | None) -> Select[Case]:
    query = select(Case).where(_WAITS, Case.person_id != officer)
    order: tuple[Any, ...] = (Case.waiting_since, Case.id)
    place: tuple[Any, ...] = () if after is None else (after.waiting_since, after.id)
    if country is not None:
        query = query.where(Case.country == country)
    else:
        order = (Case.national, *order)
        place = () if after is None else (after.national, *place)
    if place:
        types = [column.type for column in order]
        query = query.where(tuple_(*order) > tuple_(*place, types=types))
    return query.order_by(*order).limit(1).execution_options(populate_existing=True)


def tally(session: Session, country: str | None) -> Tally:
    """What waits in a country, or everywhere (None)."""
    here = () if country is None else (Case.country == country,)
    asks = Case.state == literal(ASKED, literal_execute=True)
    # Each figure is a query of its own, so that each has its index; they go there and back together.
    figures = (
        select(func.count()).where(_WAITS, *here),
        select(func.min(Case.waiting_since)).where(_WAITS, *here),
        select(func.count()).where(_WAITS, Case.national.is_(False), *here),
        select(func.count()).where(asks, *here),
    )
    found = session.execute(select(*(figure.select_from(Case).scalar_subquery() for figure in figures))).one()
    return Tally(*found)


def ahead(session: Session, case: Case) -> Ahead:
    """Who waits before this case."""
    earlier = and_(
        Case.country == case.country,
        or_(
            Case.waiting_since < case.waiting_since,
            and_(Case.waiting_since == case.waiting_since, Case.id < case.id),
        ),
    )
    before, oldest = session.execute(select(func.count(), func.min(Case.waiting_since)).where(_WAITS, earlier)).one()
    return Ahead(before, oldest)


def usual(session: Session, country: str) -> timedelta | None:
    """Within which time four of five cases of a country were answered lately; None if too few were."""
    closed = Case.state == literal(CLOSED, literal_execute=True)
    answered = Case.outcome.in_(["approved", "declined"])
    where = select(Case.opened_at, Case.decided_at).where(closed, Case.country == country, answered)
    found = session.execute(where.order_by(Case.closed_at.desc()).limit(_LAST)).all()
    times = sorted(decided - opened for opened, decided in found if decided is not None)
    return times[(len(times) * 4 - 1) // 5] if len(times) >= _FEW else None


def lately_verified(session: Session, country: str | None, *, offset: int, limit: int) -> list[Case]:
    """The cases by which those who are verified now became so, the newest first."""
    verified = ["approved", "proved"]
    earlier = aliased(Case)
    newest = select(func.max(earlier.id)).where(earlier.person_id == Case.person_id, earlier.outcome.in_(verified))
    query = select(Case).join(Teacher, Teacher.person_id == Case.person_id)
    query = query.where(
        Case.state == literal(CLOSED, literal_execute=True),
        Case.outcome.in_(verified),
        Teacher.status == VERIFIED,
        Case.id == newest.scalar_subquery(),
    )
    if country is not None:
        query = query.where(Case.country == country)
    return list(session.scalars(query.order_by(Case.closed_at.desc(), Case.id.desc()).offset(offset).limit(limit)))


def overdue(session: Session, now: datetime, limit: int) -> list[Case]:
    """Cases that central support is to take over: unanswered for too long, or in a country without an officer."""
    manned = select(Officer.country).where(Officer.role == NATIONAL, Officer.country.is_not(None))
    waits = Case.state == literal(WAITING, literal_execute=True)
    where = select(Case).where(waits, Case.national, or_(Case.due_at <= now, Case.country.not_in(manned)))
    return list(session.scalars(where.order_by(Case.due_at).limit(limit).execution_options(populate_existing=True)))


def escalate(session: Session, cases: Sequence[Case], now: datetime) -> None:
    """Pass cases on to central support; the country's officers may still answer them."""
    ids = [case.id for case in cases]
    where = update(Case).where(Case.id.in_(ids)).execution_options(synchronize_session=False)
    session.execute(where.values(national=False, escalated_at=now))


def told(session: Session, officer: int) -> QueueLine | None:
    """When an officer was last told what waits."""
    return session.get(QueueLine, officer, populate_existing=True)


def note_told(session: Session, officer: int, day: date, now: datetime) -> None:
    """Note that an officer is told what waits, on this day of theirs."""
    session.execute(delete(QueueLine).where(QueueLine.person_id == officer))
    session.execute(insert(QueueLine).values(person_id=officer, day=day, told_at=now))


def escalated_since(session: Session, moment: datetime | None) -> int:
    """How many of the cases that wait were passed on to central support since a moment, or ever."""
    query = select(func.count()).select_from(Case).where(_WAITS, Case.national.is_(False))
    if moment is not None:
        query = query.where(Case.escalated_at > moment)
    return session.scalar(query) or 0
