"""Reminders and appointments, when they are told next and to whom, and what has been told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, BigId, Code, Id, Line, Wall
from storage.sealing import Sealed

REMINDER, APPOINTMENT = "reminder", "appointment"
ACTIVE, PAUSED, DONE, DELETED = "active", "paused", "done", "deleted"
YES, NO, MAYBE = "yes", "no", "maybe"
#: What the circle of a project's appointment begins with; its number follows.
PROJECT = "project:"
_IS_MISSED = text("missed")


class Reminder(Base):
    """Something to be told at a time, once or again and again; an appointment is one with people.

    ``start`` is what the clock on the wall shows in ``timezone`` the first time; moments are computed from it late.
    ``rule`` is an RRULE (RFC 5545), ``leads`` are minutes before at which it is told as well, ``skipped`` wall-clock
    times (ISO) that are left out. ``minutes`` is how long it takes. ``circle`` names who an appointment is for. With a
    ``room_id`` it is told in that room, once for all who are in it, and not to its owner.
    ``version`` counts the changes that a calendar has to know of.
    """

    __tablename__ = "reminders"
    __table_args__ = (Index("ix_reminders_owner_id_state", "owner_id", "state"),)

    id: Mapped[BigId]
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[Code]
    words: Mapped[str] = mapped_column(Sealed("reminders.words"))
    start: Mapped[Wall]
    timezone: Mapped[Line]
    rule: Mapped[Line | None]
    leads: Mapped[list[Any]]
    but_holidays: Mapped[bool] = mapped_column(default=False)
    skipped: Mapped[list[Any]]
    minutes: Mapped[int | None]
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Code] = mapped_column(default=ACTIVE)
    circle: Mapped[Line | None] = mapped_column(index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Alarm(Base):
    """The next time that somebody is told of a reminder; told alarms are gone, so all of them are still to come.

    ``occurrence`` is the wall-clock time it is about and ``lead`` how many minutes before that it is told.
    ``due_at`` may be later: quiet hours put it off (``put_off``). A ``snoozed`` one is followed by no other, and its
    ``lead`` is below zero: the minute, counted back from 1970, at which it was to ring.
    """

    __tablename__ = "alarms"
    __table_args__ = (Index("ix_alarms_due_at_id", "due_at", "id"),)

    id: Mapped[BigId]
    reminder_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("reminders.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    due_at: Mapped[datetime]
    occurrence: Mapped[Wall]
    lead: Mapped[int]
    snoozed: Mapped[bool] = mapped_column(default=False)
    put_off: Mapped[bool] = mapped_column(default=False)


class Occurrence(Base):
    """That somebody was told of an occurrence: once for each, whatever else happens.

    ``lead`` is that of the alarm. ``missed``: it was of no use any more when its turn came, and stands in the next
    summary.
    """

    __tablename__ = "occurrences"
    __table_args__ = (
        Index("ix_occurrences_told_at", "told_at"),
        Index("ix_occurrences_missed", "person_id", sqlite_where=_IS_MISSED, postgresql_where=_IS_MISSED),
    )

    reminder_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("reminders.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    occurrence: Mapped[Wall] = mapped_column(primary_key=True)
    lead: Mapped[int] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]
    missed: Mapped[bool] = mapped_column(default=False)


class Attendee(Base):
    """Somebody an appointment is for, and whether they come: YES, NO, MAYBE, or nothing said yet."""

    __tablename__ = "attendees"

    reminder_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("reminders.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    answer: Mapped[Code | None]
    answered_at: Mapped[datetime | None]


class Rhythm(Base):
    """How a person wants to be told: quiet hours, the weekly digest, the calendar feed, the region of their school.

    ``quiet_from`` and ``quiet_to`` are minutes of the day (equal: no quiet hours), ``digest_day`` a day of the week (0
    is Monday) and ``digest_at`` minutes of the day. ``digest_due`` is when the next digest goes out.
    """

    __tablename__ = "rhythms"
    __table_args__ = (UniqueConstraint("feed"), Index("ix_rhythms_digest_due", "digest_due"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    quiet_from: Mapped[int]
    quiet_to: Mapped[int]
    digest_day: Mapped[int | None]
    digest_at: Mapped[int | None]
    digest_due: Mapped[datetime | None]
    # The digest of the secret in the address of the calendar feed, and the secret itself, to be shown again.
    feed: Mapped[Line | None]
    feed_secret: Mapped[str | None] = mapped_column(Sealed("rhythms.feed_secret"))
    region: Mapped[Code | None]
    # The week of their school: days (0 is Monday), from and to in minutes of the day; None for what is usual there.
    week: Mapped[list[Any] | None]


class SchoolBreak(Base):
    """School holidays of a country or some of its regions, both days included. ``names`` are by language."""

    __tablename__ = "school_breaks"
    __table_args__ = (
        UniqueConstraint("country", "region", "source_id"),
        Index("ix_school_breaks_country_last", "country", "last"),
    )

    id: Mapped[Id]
    country: Mapped[Code]
    # "" is the whole country.
    region: Mapped[Code]
    source_id: Mapped[Line]
    first: Mapped[date]
    last: Mapped[date]
    names: Mapped[dict[str, Any]]


class ZoneRules(Base):
    """What the tz database said of a zone when the alarms in it were computed, as a digest."""

    __tablename__ = "zone_rules"

    zone: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[Line]
