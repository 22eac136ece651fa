"""Partnerships: two people who accepted each other, since when, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, update
from sqlalchemy.orm import Session

from storage import attendees, polls
from storage.models import Partnership, Utterance
from storage.people import hold

__all__ = [
    "QUIET",
    "Partner",
    "Quiet",
    "between",
    "carry_over",
    "end",
    "goes_on",
    "gone_quiet",
    "open_",
    "other_of",
    "partners_of",
    "quiet_of",
]

QUIET = timedelta(days=21)
"""A partnership without a word for so long has gone quiet; then both are asked, and again after as long."""

PATIENCE = timedelta(days=90)
"""How long nobody is asked again after one has said that it goes on."""


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
    """End the partnership of two people; ``by`` is who ended it. False if there was none that went on.

    What one of the two has planned, the other has no part in any more.
    """
    where = update(Partnership).where(*_pair(a, b), Partnership.ended_at.is_(None))
    ended = session.scalars(where.values(ended_at=now, ended_by=by).returning(Partnership.id)).all()
    if ended:
        attendees.part(session, a, b)
        polls.part(session, a, b)
    return bool(ended)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A partnership in which nothing was said for some days: its number, the two, and how many days it was."""

    partnership: int
    one: int
    other: int
    days: int

    def partner_of(self, person: int) -> int:
        """The other of the two."""
        return self.other if person == self.one else self.one


def other_of(session: Session, partnership: int, person: int) -> int | None:
    """With whom a person has this partnership; None if it has ended or is not theirs."""
    columns = (Partnership.one_id, Partnership.other_id)
    there = select(*columns).where(Partnership.id == partnership, Partnership.ended_at.is_(None))
    row = session.execute(there).one_or_none()
    if row is None or person not in row:
        return None
    one, other = row
    return int(other if one == person else one)


def quiet_of(session: Session, person: int, now: datetime) -> list[Quiet]:
    """The partnerships of a person that have gone quiet."""
    theirs = or_(Partnership.one_id == person, Partnership.other_id == person)
    return [_quiet(row, now) for row in session.execute(_silent(now).where(theirs))]


def gone_quiet(session: Session, now: datetime, limit: int) -> list[Quiet]:
    """Partnerships that have gone quiet and whose two were not asked lately; they count as asked from now on."""
    unasked = or_(Partnership.quiet_until.is_(None), Partnership.quiet_until <= now)
    found = [_quiet(row, now) for row in session.execute(_silent(now).where(unasked).limit(limit))]
    asked = update(Partnership).where(Partnership.id.in_([one.partnership for one in found]))
    session.execute(asked.values(quiet_until=now + QUIET))
    return found


def goes_on(session: Session, partnership: int, now: datetime) -> None:
    """One of the two says that it goes on, though it is quiet: they may talk elsewhere. The question waits longer."""
    session.execute(update(Partnership).where(Partnership.id == partnership).values(quiet_until=now + PATIENCE))


def _silent(now: datetime) -> Select[*tuple[Any, ...]]:
    """Open partnerships on whose private line nothing was said for long."""
    said = select(func.max(Utterance.said_at)).where(Utterance.partnership_id == Partnership.id).scalar_subquery()
    columns = (Partnership.id, Partnership.one_id, Partnership.other_id, Partnership.since, said.label("said"))
    lately = select(Utterance.id).where(Utterance.partnership_id == Partnership.id, Utterance.said_at > now - QUIET)
    open_now = (Partnership.ended_at.is_(None), Partnership.since <= now - QUIET)
    return select(*columns).where(*open_now, ~lately.exists()).order_by(Partnership.id)


def _quiet(row: Row[*tuple[Any, ...]], now: datetime) -> Quiet:
    number, one, other, since, said = row
    return Quiet(number, one, other, (now - (said or since)).days)


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
