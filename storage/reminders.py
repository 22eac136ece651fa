"""Reminders and appointments as people keep them: add, list, change, pause, end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from storage import noticing
from storage.models import Alarm, Attendee, Occurrence, Reminder, Room
from storage.models.reminders import ACTIVE, APPOINTMENT, DELETED, DONE, NO, PAUSED, PROJECT, REMINDER

__all__ = ["ACTIVE", "APPOINTMENT", "DELETED", "DONE", "PAUSED", "REMINDER", "Facts", "Kept"]


@dataclass(frozen=True)
class Facts:
    """What a reminder says and when: see `storage.models.Reminder`."""

    words: str
    start: datetime
    timezone: str
    rule: str | None = None
    leads: tuple[int, ...] = ()
    but_holidays: bool = False
    skipped: tuple[str, ...] = ()
    minutes: int | None = None
    urgent: bool = False
    kind: str = REMINDER
    circle: str | None = None
    room_id: int | None = None


@dataclass(frozen=True)
class Kept:
    """A reminder in the table: whose it is, what it says, where it stands."""

    id: int
    owner: int
    facts: Facts
    state: str
    version: int = 0
    changed_at: datetime | None = field(default=None, compare=False)


def add(session: Session, owner: int, facts: Facts, now: datetime) -> int:
    """Keep a reminder; its id."""
    values = {**_columns(facts), "owner_id": owner, "state": ACTIVE, "version": 0, "created_at": now, "changed_at": now}
    return int(session.scalars(insert(Reminder).returning(Reminder.id), [values]).one())


def get(session: Session, reminder: int) -> Kept | None:
    """A reminder by its id, deleted ones as well."""
    row = session.get(Reminder, reminder, populate_existing=True)
    return None if row is None else kept(row)


def count(session: Session, owner: int) -> int:
    """How many reminders somebody has that are still told, or could be."""
    where = select(func.count()).select_from(Reminder).where(Reminder.owner_id == owner)
    return session.scalar(where.where(Reminder.state.in_((ACTIVE, PAUSED)))) or 0


def mine(session: Session, person: int, limit: int, offset: int = 0) -> list[tuple[Kept, datetime | None]]:
    """A person's reminders and the appointments they are asked to, with when each is told next; the nearest first."""
    due = _next_due(person)
    asked = select(Attendee.reminder_id).where(Attendee.person_id == person)
    found = (
        select(Reminder, due.c.due_at)
        .outerjoin(due, due.c.reminder_id == Reminder.id)
        .where(or_(Reminder.owner_id == person, Reminder.id.in_(asked)), Reminder.state.in_((ACTIVE, PAUSED)))
        .order_by(due.c.due_at.is_(None), due.c.due_at, Reminder.id)
    )
    return [(kept(row), at) for row, at in session.execute(found.limit(limit).offset(offset))]


def between(session: Session, person: int, until: datetime, limit: int) -> list[Kept]:
    """What may concern a person up to a moment: everything active that has an alarm before it."""
    due = _next_due(person)
    coming = select(Reminder).join(due, due.c.reminder_id == Reminder.id)
    coming = coming.where(Reminder.state == ACTIVE, due.c.due_at <= until)
    return [kept(row) for row in session.scalars(coming.order_by(due.c.due_at, Reminder.id).limit(limit))]


def appointments(session: Session, owner: int) -> list[Kept]:
    """The appointments of somebody that are still to come."""
    mine_ = select(Reminder).where(Reminder.owner_id == owner, Reminder.state == ACTIVE, Reminder.kind == APPOINTMENT)
    return [kept(row) for row in session.scalars(mine_.order_by(Reminder.id))]


def calendar(session: Session, person: int, since: datetime, limit: int) -> list[Kept]:
    """What stands in a person's calendar: their own, and appointments they have not declined, ended ones included."""
    asked = select(Attendee.reminder_id).where(
        Attendee.person_id == person, or_(Attendee.answer.is_(None), Attendee.answer != NO)
    )
    found = (
        select(Reminder)
        .where(or_(Reminder.owner_id == person, Reminder.id.in_(asked)))
        .where(Reminder.state != DELETED, or_(Reminder.state != DONE, Reminder.changed_at >= since))
        .order_by(Reminder.id.desc())
    )
    return [kept(row) for row in session.scalars(found.limit(limit))]


def change(session: Session, reminder: int, now: datetime, **values: Any) -> None:
    """Change columns of a reminder, in the form they have in `Facts`; calendars learn of it."""
    changed = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    where = update(Reminder).where(Reminder.id == reminder)
    session.execute(where.values(**changed, changed_at=now, version=Reminder.version + 1))
    noticing.about_reminder(session, reminder, now)


def end(session: Session, reminder: int, state: str, now: datetime) -> None:
    """Pause, finish or delete: nothing is told any more. A deleted one can be brought back for some days."""
    session.execute(delete(Alarm).where(Alarm.reminder_id == reminder))
    change(session, reminder, now, state=state)


def finish(session: Session, ids: Sequence[int], now: datetime) -> None:
    """End those of these that have no alarm left."""
    if ids:
        left = select(Alarm.reminder_id).where(Alarm.reminder_id.in_(ids))
        where = update(Reminder).where(Reminder.id.in_(ids), Reminder.state == ACTIVE, Reminder.id.not_in(left))
        session.execute(where.values(state=DONE, changed_at=now).execution_options(synchronize_session=False))


def purge(
    session: Session, now: datetime, keep_ended: timedelta, keep_deleted: timedelta, keep_told: timedelta
) -> None:
    """Forget what ended or was deleted long ago, and what was told of the rest."""
    gone = (Reminder.state == DONE) & (Reminder.changed_at < now - keep_ended)
    gone |= (Reminder.state == DELETED) & (Reminder.changed_at < now - keep_deleted)
    session.execute(delete(Reminder).where(gone).execution_options(synchronize_session=False))
    session.execute(delete(Occurrence).where(Occurrence.told_at < now - keep_told))


def kept(row: Reminder) -> Kept:
    """A row of the table as a value."""
    facts = Facts(
        words=row.words,
        start=row.start,
        timezone=row.timezone,
        rule=row.rule,
        leads=tuple(row.leads),
        but_holidays=row.but_holidays,
        skipped=tuple(row.skipped),
        minutes=row.minutes,
        urgent=row.urgent,
        kind=row.kind,
        circle=row.circle,
        room_id=row.room_id,
    )
    return Kept(row.id, row.owner_id, facts, row.state, row.version, row.changed_at)


def hand_over(session: Session, project: int, person: int, heir: int) -> None:
    """What somebody who leaves has planned for a project, or for its rooms, is another's from now on."""
    there = select(Room.id).where(Room.project_id == project)
    theirs = (Reminder.circle == f"{PROJECT}{project}") | Reminder.room_id.in_(there)
    found = list(session.scalars(select(Reminder.id).where(Reminder.owner_id == person, theirs)))
    told = select(Alarm.reminder_id).where(Alarm.person_id == heir)
    alarms = update(Alarm).where(Alarm.reminder_id.in_(found), Alarm.person_id == person)
    given = alarms.where(Alarm.reminder_id.not_in(told)).values(person_id=heir)
    session.execute(given.execution_options(synchronize_session=False))
    for table in (Alarm, Attendee):
        session.execute(delete(table).where(table.person_id == person, table.reminder_id.in_(found)))
    session.execute(update(Reminder).where(Reminder.id.in_(found)).values(owner_id=heir))


def carry_over(session: Session, person: int, into: int) -> None:
    """Give a person's reminders, and their answers to appointments, to the one they turn out to be."""
    session.execute(update(Reminder).where(Reminder.owner_id == person).values(owner_id=into))
    both = select(Attendee.reminder_id).where(Attendee.person_id == into)
    # Alarms first: whom an appointment has twice is seen by the answers as they were.
    for table in (Alarm, Attendee):
        where = update(table).where(table.person_id == person, table.reminder_id.not_in(both))
        session.execute(where.values(person_id=into).execution_options(synchronize_session=False))


def _next_due(person: int) -> Any:
    mine = select(Alarm.reminder_id, func.min(Alarm.due_at).label("due_at")).where(Alarm.person_id == person)
    return mine.group_by(Alarm.reminder_id).subquery()


def _columns(facts: Facts) -> dict[str, Any]:
    return {
        **vars(facts),
        "leads": list(facts.leads),
        "skipped": list(facts.skipped),
    }
