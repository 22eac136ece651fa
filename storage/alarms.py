"""What is due: found by an index, claimed and followed by the next in one transaction, each occurrence once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, Integer, bindparam, cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from storage.models import Alarm, Occurrence, Person, Reminder, Rhythm, Teacher, ZoneRules
from storage.models.reminders import ACTIVE
from storage.post import insert_for
from storage.reminders import Facts

#: Reminder, person, occurrence, lead.
Key = tuple[int, int, datetime, int]


@dataclass(frozen=True)
class NewAlarm:
    """An alarm to be kept: see `storage.models.Alarm`."""

    reminder: int
    person: int
    due_at: datetime
    occurrence: datetime
    lead: int
    snoozed: bool = False


@dataclass(slots=True)
class Due:
    """An alarm whose moment has come, and all that is needed to tell it and to find the next one.

    ``timezone`` is the reader's; ``quiet`` their quiet hours in minutes of the day, if they have set any. ``country``
    and ``region`` are those of the reminder's owner, whose holidays count.
    """

    id: int
    reminder: int
    person: int
    owner: int
    due_at: datetime
    occurrence: datetime
    lead: int
    snoozed: bool
    put_off: bool
    facts: Facts
    timezone: str
    quiet: tuple[int, int] | None
    country: str | None
    region: str | None


@dataclass(frozen=True)
class Telling:
    """An occurrence that is told now, or passed over as ``missed``. It may be told once."""

    reminder: int
    person: int
    occurrence: datetime
    lead: int
    missed: bool = False

    @property
    def key(self) -> Key:
        """What is unique: reminder, person, occurrence, the alarm's lead."""
        return self.reminder, self.person, self.occurrence, self.lead


@dataclass(frozen=True)
class Missed:
    """An occurrence that was of no use any more when its turn came."""

    person: int
    words: str
    owner: int
    occurrence: datetime
    timezone: str


def due(session: Session, now: datetime, limit: int) -> list[Due]:
    """The first alarms whose moment has come. PostgreSQL locks them, and leaves out what another process has."""
    rows = session.connection().execute(_DUE, {"now": now, "most": limit}).fetchall()
    return [_due_of(*row) for row in rows]


def _due_of(
    alarm: int,
    reminder: int,
    person: int,
    due_at: datetime,
    occurrence: datetime,
    lead: int,
    snoozed: bool,
    put_off_: bool,
    owner: int,
    words: str,
    start: datetime,
    zone: str,
    rule: str | None,
    leads: list[int],
    but_holidays: bool,
    skipped: list[str],
    minutes: int | None,
    urgent: bool,
    kind: str,
    circle: str | None,
    room: int | None,
    timezone: str,
    quiet_from: int | None,
    quiet_to: int | None,
    country: str | None,
    region: str | None,
) -> Due:
    """A row of `_DUE`, by place: a thousand may be due at once, and looking a column up by its name costs."""
    facts = Facts(
        words,
        start,
        zone,
        rule,
        tuple(leads),
        but_holidays,
        tuple(skipped),
        minutes,
        urgent,
        kind,
        circle,
        room,
    )
    quiet = None if quiet_from is None or quiet_to is None else (quiet_from, quiet_to)
    return Due(
        alarm,
        reminder,
        person,
        owner,
        due_at,
        occurrence,
        lead,
        snoozed,
        put_off_,
        facts,
        timezone,
        quiet,
        country,
        region,
    )


def claim(session: Session, alarms: Sequence[int], tellings: Iterable[Telling], now: datetime) -> set[Key]:
    """Take alarms (their ids) away and note what is told. Gives the keys of what was not told before."""
    rows = [
        {
            "reminder_id": telling.reminder,
            "person_id": telling.person,
            "occurrence": telling.occurrence,
            "lead": telling.lead,
            "told_at": now,
            "missed": telling.missed,
        }
        for telling in {telling.key: telling for telling in tellings}.values()
    ]
    connection, dialect = session.connection(), session.get_bind().dialect.name
    new: set[Key] = set()
    if rows:
        # PostgreSQL takes a column at a time: its driver is slow with thousands of values in one statement.
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        noted = connection.execute(_noting(dialect), rows if dialect == "sqlite" else columns).fetchall()
        new = {(reminder, person, occurrence, lead) for reminder, person, occurrence, lead in noted}
    if alarms:
        connection.execute(_taking(dialect), {"alarms": list(alarms)})
    return new


def take_missed(session: Session, limit: int) -> list[Missed]:
    """What was missed and stands in no summary yet, for the first ``limit`` people; now it does."""
    people = select(Occurrence.person_id).where(Occurrence.missed).distinct().order_by(Occurrence.person_id)
    them = list(session.scalars(people.limit(limit)))
    if not them:
        return []
    found = (
        select(Occurrence.person_id, Reminder.words, Reminder.owner_id, Occurrence.occurrence, Reminder.timezone)
        .join(Reminder, Reminder.id == Occurrence.reminder_id)
        .where(Occurrence.missed, Occurrence.person_id.in_(them))
        .order_by(Occurrence.person_id, Occurrence.occurrence, Occurrence.reminder_id)
    )
    rows = [Missed(*row) for row in session.execute(found)]
    where = update(Occurrence).where(Occurrence.missed, Occurrence.person_id.in_(them))
    session.execute(where.values(missed=False).execution_options(synchronize_session=False))
    return rows


def put(session: Session, alarms: Iterable[NewAlarm]) -> None:
    """Keep alarms."""
    rows = [
        {
            "reminder_id": alarm.reminder,
            "person_id": alarm.person,
            "due_at": alarm.due_at,
            "occurrence": alarm.occurrence,
            "lead": alarm.lead,
            "snoozed": alarm.snoozed,
            "put_off": False,
        }
        for alarm in alarms
    ]
    if rows:
        session.execute(insert(Alarm), rows)


def put_off(session: Session, alarms: Sequence[tuple[int, datetime]]) -> None:
    """Let alarms (id, moment) ring at a later moment, as quiet hours want it."""
    if alarms:
        rows = [{"alarm": alarm, "until": until} for alarm, until in alarms]
        session.connection().execute(_LATER, rows)


def drop(session: Session, reminder: int, person: int | None = None, *, snoozed: bool | None = None) -> None:
    """Take away the alarms of a reminder, of one person or of all."""
    where = delete(Alarm).where(Alarm.reminder_id == reminder)
    if person is not None:
        where = where.where(Alarm.person_id == person)
    if snoozed is not None:
        where = where.where(Alarm.snoozed == snoozed)
    session.execute(where)


def take(session: Session, alarm: int) -> None:
    """Take one alarm away."""
    session.execute(delete(Alarm).where(Alarm.id == alarm))


def of_reminder(session: Session, reminder: int, person: int) -> list[Alarm]:
    """The alarms of a reminder for somebody, the next one first."""
    where = select(Alarm).where(Alarm.reminder_id == reminder, Alarm.person_id == person)
    return list(session.scalars(where.order_by(Alarm.due_at, Alarm.id)))


def zones(session: Session) -> dict[str, str | None]:
    """The zones of reminders that are told, each with the digest of the rules by which its alarms were computed."""
    found = select(Reminder.timezone, ZoneRules.digest).outerjoin(ZoneRules, ZoneRules.zone == Reminder.timezone)
    return {row[0]: row[1] for row in session.execute(found.where(Reminder.state == ACTIVE).distinct())}


def keep_zone(session: Session, zone: str, digest: str) -> None:
    """Note by which rules the alarms of a zone are computed."""
    statement = insert_for(session.get_bind().dialect.name, ZoneRules).values(zone=zone, digest=digest)
    session.execute(statement.on_conflict_do_update(index_elements=["zone"], set_={"digest": digest}))


def in_zone(session: Session, zone: str, after: int, limit: int) -> list[tuple[int, list[int]]]:
    """Active reminders of a zone with an id above ``after``, each with the people that have an alarm of it."""
    ids = select(Reminder.id).where(Reminder.timezone == zone, Reminder.state == ACTIVE, Reminder.id > after)
    found: dict[int, list[int]] = {each: [] for each in session.scalars(ids.order_by(Reminder.id).limit(limit))}
    people = select(Alarm.reminder_id, Alarm.person_id).where(Alarm.reminder_id.in_(found)).distinct()
    for reminder, person in session.execute(people):
        found[reminder].append(person)
    return list(found.items())


def _due_query() -> Any:
    owner_rhythm = aliased(Rhythm)
    return (
        select(
            Alarm.id,
            Alarm.reminder_id,
            Alarm.person_id,
            Alarm.due_at,
            Alarm.occurrence,
            Alarm.lead,
            Alarm.snoozed,
            Alarm.put_off,
            Reminder.owner_id,
            Reminder.words,
            Reminder.start,
            Reminder.timezone.label("zone"),
            Reminder.rule,
            Reminder.leads,
            Reminder.but_holidays,
            Reminder.skipped,
            Reminder.minutes,
            Reminder.urgent,
            Reminder.kind,
            Reminder.circle,
            Reminder.room_id,
            Person.timezone,
            Rhythm.quiet_from,
            Rhythm.quiet_to,
            Teacher.country,
            owner_rhythm.region,
        )
        .join(Reminder, Reminder.id == Alarm.reminder_id)
        .join(Person, Person.id == Alarm.person_id)
        .outerjoin(Rhythm, Rhythm.person_id == Alarm.person_id)
        .outerjoin(Teacher, Teacher.person_id == Reminder.owner_id)
        .outerjoin(owner_rhythm, owner_rhythm.person_id == Reminder.owner_id)
        .where(Alarm.due_at <= bindparam("now", type_=Alarm.due_at.type))
        .order_by(Alarm.due_at, Alarm.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=Alarm)
    )


_DUE = _due_query()
_LATER = (
    update(Alarm)
    .where(Alarm.id == bindparam("alarm"))
    .values(due_at=bindparam("until"), put_off=True)
    .execution_options(synchronize_session=False)
)


@lru_cache
def _noting(dialect: str) -> Any:
    key = ("reminder_id", "person_id", "occurrence", "lead")
    statement = insert_for(dialect, Occurrence)
    if dialect != "sqlite":
        types: dict[str, Any] = {
            "reminder_id": BigInteger(),
            "person_id": Integer(),
            "occurrence": DateTime(),
            "lead": Integer(),
            "told_at": DateTime(timezone=True),
            "missed": Boolean(),
        }
        lists = (cast(bindparam(name, type_=ARRAY(kind)), ARRAY(kind)) for name, kind in types.items())
        given = func.unnest(*lists).table_valued(*types).render_derived()
        statement = statement.from_select(list(types), select(given))
    statement = statement.on_conflict_do_nothing(index_elements=list(key))
    return statement.returning(*(getattr(Occurrence, name) for name in key))


@lru_cache
def _taking(dialect: str) -> Any:
    if dialect == "sqlite":
        return delete(Alarm).where(Alarm.id.in_(bindparam("alarms", expanding=True)))
    return delete(Alarm).where(Alarm.id == func.any(cast(bindparam("alarms"), ARRAY(BigInteger))))


def next_due(session: Session) -> datetime | None:
    """When the next alarm rings; None if there is none."""
    return session.scalar(select(func.min(Alarm.due_at)))
