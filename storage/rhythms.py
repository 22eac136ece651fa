"""How people want to be told: quiet hours, the weekly digest, the calendar feed."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.models import Person, Rhythm, Teacher
from storage.post import insert_for

#: Quiet hours of those who have set none, in minutes of the day: 21:00 to 7:00.
QUIET = (21 * 60, 7 * 60)
_SECRET_BYTES = 24


@dataclass(frozen=True)
class Wanted:
    """What a person wants: quiet hours (minutes of the day, equal for none), the digest's day and minute, the region
    of their school, the secret of the calendar feed if there is one, the week of their school (days, from and to in
    minutes of the day)."""

    quiet: tuple[int, int] = QUIET
    digest: tuple[int, int] | None = None
    digest_due: datetime | None = None
    region: str | None = None
    feed: str | None = None
    week: tuple[tuple[int, ...], int, int] | None = None


@dataclass(frozen=True)
class Subscriber:
    """Whose feed an address is, and how they read."""

    person: int
    language: str
    timezone: str
    country: str | None
    region: str | None


def wanted(session: Session, person: int) -> Wanted:
    """What a person wants, or what people want who have not said."""
    row = session.get(Rhythm, person, populate_existing=True)
    if row is None:
        return Wanted()
    digest = None if row.digest_day is None or row.digest_at is None else (row.digest_day, row.digest_at)
    quiet = (row.quiet_from, row.quiet_to)
    return Wanted(quiet, digest, row.digest_due, row.region, row.feed_secret, week_of(row.week))


def set_quiet(session: Session, person: int, start: int, end: int) -> None:
    """Set quiet hours, in minutes of the day; equal ones are none."""
    _set(session, person, quiet_from=start, quiet_to=end)


def set_digest(session: Session, person: int, when: tuple[int, int] | None, due: datetime | None) -> None:
    """Set the day of the week and the minute of the digest, and when the next one goes out; None for no digest."""
    day, at = when if when is not None else (None, None)
    _set(session, person, digest_day=day, digest_at=at, digest_due=due)


def set_region(session: Session, person: int, region: str | None) -> None:
    """Remember the region whose school holidays count."""
    _set(session, person, region=region)


def set_week(session: Session, person: int, days: tuple[int, ...], start: int, end: int) -> None:
    """Remember on which days (0 is Monday) and between which minutes of the day there are lessons."""
    _set(session, person, week=[list(days), start, end])


def week_of(kept: list[Any] | None) -> tuple[tuple[int, ...], int, int] | None:
    """The week of a school as it is kept."""
    return None if kept is None else (tuple(kept[0]), int(kept[1]), int(kept[2]))


def renew_feed(session: Session, person: int) -> str:
    """Make a new secret for the address of the calendar feed; the old one stops working."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    _set(session, person, feed=_digest(secret), feed_secret=secret)
    return secret


def close_feed(session: Session, person: int) -> None:
    """Let no address lead to a person's calendar any more."""
    _set(session, person, feed=None, feed_secret=None)


def subscriber(session: Session, secret: str) -> Subscriber | None:
    """Whose calendar a secret opens."""
    found = (
        select(Person.id, Person.language, Person.timezone, Teacher.country, Rhythm.region)
        .join(Rhythm, Rhythm.person_id == Person.id)
        .outerjoin(Teacher, Teacher.person_id == Person.id)
        .where(Rhythm.feed == _digest(secret))
    )
    row = session.execute(found).one_or_none()
    return None if row is None else Subscriber(*row)


def digests_due(session: Session, now: datetime, limit: int) -> list[tuple[int, str, tuple[int, int], datetime]]:
    """Who gets a digest now: person, time zone, day and minute, when it was due. PostgreSQL locks them."""
    found = (
        select(Rhythm.person_id, Person.timezone, Rhythm.digest_day, Rhythm.digest_at, Rhythm.digest_due)
        .join(Person, Person.id == Rhythm.person_id)
        .where(Rhythm.digest_due <= now, Rhythm.digest_day.is_not(None), Rhythm.digest_at.is_not(None))
        .order_by(Rhythm.digest_due, Rhythm.person_id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Rhythm)
    )
    return [(person, zone, (day or 0, at or 0), due or now) for person, zone, day, at, due in session.execute(found)]


def next_digest(session: Session, person: int, due: datetime) -> None:
    """Note when the next digest goes out."""
    session.execute(update(Rhythm).where(Rhythm.person_id == person).values(digest_due=due))


def _set(session: Session, person: int, **values: Any) -> None:
    statement = insert_for(session.get_bind().dialect.name, Rhythm)
    first = {"person_id": person, "quiet_from": QUIET[0], "quiet_to": QUIET[1], **values}
    session.execute(statement.values(**first).on_conflict_do_update(index_elements=["person_id"], set_=values))


def _digest(secret: str) -> str:
    return hashlib.sha256(f"feed:{secret}".encode()).hexdigest()
