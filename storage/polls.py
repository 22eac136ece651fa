"""Polls about the time of an appointment: opened, voted in, closed once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage import noticing
from storage.models import Poll, Vote
from storage.models.polls import CLOSED, DECIDED, OPEN
from storage.post import insert_for

__all__ = ["CLOSED", "DECIDED", "OPEN", "Asked", "Proposed"]


@dataclass(frozen=True)
class Proposed:
    """A time that is voted on, in UTC, and how many minutes it lies outside the hours of the school it suits least."""

    at: datetime
    strain: int = 0


@dataclass(frozen=True)
class Asked:
    """A poll as it stands; ``reminder`` is the appointment that came of it."""

    id: int
    owner: int
    words: str
    minutes: int
    slots: tuple[Proposed, ...]
    state: str
    closes_at: datetime
    reminder: int | None = None
    circle: str | None = None


def open_(
    session: Session,
    owner: int,
    words: str,
    slots: Sequence[Proposed],
    people: Iterable[int],
    *,
    minutes: int,
    now: datetime,
    closes_at: datetime,
    circle: str | None = None,
) -> Asked:
    """Let people vote; the one who asks is content with all of the times. ``circle`` is whose the appointment is."""
    kept = [[slot.at.isoformat(), slot.strain] for slot in slots]
    row = Poll(owner_id=owner, words=words, minutes=minutes, slots=kept, opened_at=now, closes_at=closes_at)
    row.circle = circle
    session.add(row)
    session.flush()
    session.add_all([Vote(poll_id=row.id, person_id=person) for person in people if person != owner])
    session.add(Vote(poll_id=row.id, person_id=owner, slots=list(range(len(slots))), voted_at=now))
    session.flush()
    return _asked(row)


def get(session: Session, poll: int) -> Asked | None:
    """A poll by its number."""
    row = session.get(Poll, poll, populate_existing=True)
    return None if row is None else _asked(row)


def votes(session: Session, poll: int) -> dict[int, tuple[int, ...] | None]:
    """Which times suit whom, by their places; None for those who have not voted yet."""
    found = select(Vote.person_id, Vote.slots).where(Vote.poll_id == poll).order_by(Vote.person_id)
    return {person: None if slots is None else tuple(slots) for person, slots in session.execute(found)}


def vote(session: Session, poll: int, person: int, slots: Sequence[int], now: datetime) -> bool:
    """Note which times suit somebody; False if they are not asked, or it is over."""
    # Two who vote last at the same time take their turns, so that one of them sees that all have voted.
    held = select(Poll.id).where(Poll.id == poll, Poll.state == OPEN).with_for_update()
    if session.scalar(held) is None:
        return False
    where = update(Vote).where(Vote.poll_id == poll, Vote.person_id == person)
    noted = where.values(slots=sorted(set(slots)), voted_at=now).returning(Vote.person_id)
    taken = session.scalar(noted.execution_options(synchronize_session=False)) is not None
    if taken:
        noticing.about_poll(session, poll, now)
    return taken


def join(session: Session, poll: int, person: int) -> None:
    """Somebody who came later has a say as well."""
    new = insert_for(session.get_bind().dialect.name, Vote).values(poll_id=poll, person_id=person)
    session.execute(new.on_conflict_do_nothing(index_elements=["poll_id", "person_id"]))


def hasten(session: Session, poll: int, closes_at: datetime) -> None:
    """Let a poll end sooner; later it never ends."""
    where = update(Poll).where(Poll.id == poll, Poll.state == OPEN, Poll.closes_at > closes_at)
    session.execute(where.values(closes_at=closes_at).execution_options(synchronize_session=False))


def close(session: Session, poll: int, state: str, now: datetime) -> bool:
    """End a poll; False if it had ended already."""
    where = update(Poll).where(Poll.id == poll, Poll.state == OPEN).values(state=state).returning(Poll.id)
    ended = session.scalar(where.execution_options(synchronize_session=False)) is not None
    if ended:
        noticing.about_poll(session, poll, now)
    return ended


def came_to(session: Session, poll: int, reminder: int) -> None:
    """Note which appointment came of a poll."""
    session.execute(update(Poll).where(Poll.id == poll).values(reminder_id=reminder))


def overdue(session: Session, now: datetime, limit: int) -> list[Asked]:
    """Open polls whose time is up. PostgreSQL locks them."""
    late = select(Poll).where(Poll.state == OPEN, Poll.closes_at <= now).order_by(Poll.closes_at, Poll.id)
    claimed = late.limit(limit).with_for_update(skip_locked=True)
    return [_asked(row) for row in session.scalars(claimed.execution_options(populate_existing=True))]


def count(session: Session, owner: int) -> int:
    """How many polls of somebody are open."""
    mine = select(func.count()).select_from(Poll).where(Poll.owner_id == owner, Poll.state == OPEN)
    return session.scalar(mine) or 0


def part(session: Session, a: int, b: int) -> None:
    """Two people have nothing to plan together any more: neither votes in what the other asks."""
    for owner, other in ((a, b), (b, a)):
        theirs = select(Poll.id).where(Poll.owner_id == owner)
        session.execute(delete(Vote).where(Vote.person_id == other, Vote.poll_id.in_(theirs)))


def purge(session: Session, now: datetime, keep: timedelta) -> None:
    """Forget polls that ended long ago."""
    session.execute(delete(Poll).where(Poll.state != OPEN, Poll.closes_at < now - keep))


def carry_over(session: Session, person: int, into: int) -> None:
    """Give a person's polls and votes to the one they turn out to be."""
    session.execute(update(Poll).where(Poll.owner_id == person).values(owner_id=into))
    both = select(Vote.poll_id).where(Vote.person_id == into)
    where = update(Vote).where(Vote.person_id == person, Vote.poll_id.not_in(both))
    session.execute(where.values(person_id=into).execution_options(synchronize_session=False))


def _asked(row: Poll) -> Asked:
    slots = tuple(Proposed(datetime.fromisoformat(at), strain) for at, strain in row.slots)
    return Asked(
        row.id, row.owner_id, row.words, row.minutes, slots, row.state, row.closes_at, row.reminder_id, row.circle
    )
