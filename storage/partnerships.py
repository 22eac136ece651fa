"""Partnerships: two people who accepted each other, since when, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from storage.models import Partnership
from storage.people import hold

__all__ = ["Partner", "between", "carry_over", "end", "open_", "partners_of"]


@dataclass(frozen=True, slots=True)
class Partner:
    """The other side of a partnership that goes on: who, since when, and the partnership's own number."""

    person: int
    since: datetime
    partnership: int


def between(session: Session, a: int, b: int) -> int | None:
    """The number of the partnership of two people, or None if they have none that goes on."""
    return session.scalar(select(Partnership.id).where(*_pair(a, b), Partnership.ended_at.is_(None)))


def partners_of(session: Session, person: int) -> list[Partner]:
    """With whom somebody works now, the newest partnership first."""
    theirs = or_(Partnership.one_id == person, Partnership.other_id == person)
    columns = (Partnership.one_id, Partnership.other_id, Partnership.since, Partnership.id)
    going_on = select(*columns).where(theirs, Partnership.ended_at.is_(None))
    rows = session.execute(going_on.order_by(Partnership.since.desc(), Partnership.id.desc()))
    return [Partner(other if one == person else one, since, number) for one, other, since, number in rows]


def open_(session: Session, a: int, b: int, now: datetime) -> int:
    """Make two people partners; its number. If they are partners already, that one goes on."""
    hold(session, a, b)
    number = between(session, a, b)
    if number is None:
        row = Partnership(one_id=min(a, b), other_id=max(a, b), since=now)
        session.add(row)
        session.flush()
        number = row.id
    return number


def end(session: Session, a: int, b: int, by: int | None, now: datetime) -> bool:
    """End the partnership of two people; ``by`` is who ended it. False if there was none that went on."""
    where = update(Partnership).where(*_pair(a, b), Partnership.ended_at.is_(None))
    ended = session.scalars(where.values(ended_at=now, ended_by=by).returning(Partnership.id)).all()
    return bool(ended)


def carry_over(session: Session, person: int, into: int) -> None:
    """Give the partnerships of a person to another, who is the same human being; of two with one partner, the older
    goes on."""
    theirs = select(Partnership).where(or_(Partnership.one_id == person, Partnership.other_id == person))
    for row in session.scalars(theirs).all():
        other = row.other_id if row.one_id == person else row.one_id
        if other == into:
            continue
        twin = session.scalar(select(Partnership).where(*_pair(into, other), Partnership.ended_at.is_(None)))
        if twin is not None and row.ended_at is None:
            twin.since = min(twin.since, row.since)
            continue
        row.one_id, row.other_id = min(into, other), max(into, other)
        session.flush()
    session.execute(update(Partnership).where(Partnership.ended_by == person).values(ended_by=into))


def _pair(a: int, b: int) -> tuple[ColumnElement[bool], ...]:
    return Partnership.one_id == min(a, b), Partnership.other_id == max(a, b)
