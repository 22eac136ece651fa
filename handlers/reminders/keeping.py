"""Between plans and the table: a plan is kept, its alarms are set, and set anew when it changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from handlers.reminders.holidays import Holidays
from handlers.reminders.plans import Plan
from handlers.reminders.rules import Rule
from handlers.reminders.schedule import Alarm, Closed, Schedule, next_alarm
from storage import alarms, attendees, reminders, rhythms, teachers
from storage.alarms import NewAlarm
from storage.reminders import Facts, Kept

#: The most reminders that one person may have.
MOST = 500
#: The longest words of a reminder, in characters.
LONGEST_WORDS = 300


def facts_of(plan: Plan, words: str, *, urgent: bool = False, kind: str = reminders.REMINDER) -> Facts:
    """What is kept of a plan."""
    return Facts(
        words=words,
        start=plan.start,
        timezone=plan.zone,
        rule=plan.rule.text() if plan.rule else None,
        leads=plan.leads,
        but_holidays=plan.but_holidays,
        skipped=tuple(datetime.combine(day, plan.start.time()).isoformat() for day in plan.skipped),
        minutes=plan.minutes,
        urgent=urgent,
        kind=kind,
    )


def plan_of(facts: Facts) -> Plan:
    """The plan that was kept."""
    return Plan(
        start=facts.start,
        zone=facts.timezone,
        rule=Rule.read(facts.rule) if facts.rule else None,
        leads=facts.leads,
        but_holidays=facts.but_holidays,
        skipped=tuple(skipped_days(facts)),
        minutes=facts.minutes,
    )


def skipped_days(facts: Facts) -> list[date]:
    """The days that are left out."""
    return sorted({datetime.fromisoformat(at).date() for at in facts.skipped})


def schedule_of(facts: Facts, closed: Closed | None) -> Schedule:
    """When it falls."""
    rule = Rule.read(facts.rule) if facts.rule else None
    skipped = frozenset(map(datetime.fromisoformat, facts.skipped))
    if closed is None or not facts.but_holidays:
        return Schedule(facts.start, facts.timezone, rule, skipped)
    return Schedule(facts.start, facts.timezone, rule, skipped, closed)


def closed_for(session: Session, owner: int, now: datetime) -> Closed:
    """Which days are holidays for somebody's school."""
    told = teachers.facts(session, owner)
    region = rhythms.wanted(session, owner).region
    return Holidays(session, now).closed(told.country if told else None, region)


def keep(session: Session, owner: int, facts: Facts, now: datetime, people: Iterable[int] = ()) -> int | None:
    """Keep a reminder of somebody (for all of ``people``, if others are told as well). None if it is never told."""
    closed = closed_for(session, owner, now) if facts.but_holidays else None
    alarm = next_alarm(schedule_of(facts, closed), facts.leads, now)
    if alarm is None:
        return None
    reminder = reminders.add(session, owner, facts, now)
    alarms.put(session, [_new(reminder, person, alarm) for person in dict.fromkeys((owner, *people))])
    return reminder


def people_of(session: Session, kept: Kept) -> list[int]:
    """Who is told of a reminder: its owner, and those who have not declined."""
    others = [guest.person for guest in attendees.of(session, kept.id) if guest.answer != attendees.NO]
    return list(dict.fromkeys((kept.owner, *others)))


def set_alarms(session: Session, kept: Kept, people: Iterable[int], now: datetime) -> bool:
    """Set the alarms of a reminder anew; False if none is left to come."""
    facts = kept.facts
    closed = closed_for(session, kept.owner, now) if facts.but_holidays else None
    alarm = next_alarm(schedule_of(facts, closed), facts.leads, now)
    alarms.drop(session, kept.id, snoozed=False)
    if alarm is not None:
        alarms.put(session, [_new(kept.id, person, alarm) for person in people])
    return alarm is not None


def add_alarm(session: Session, kept: Kept, person: int, now: datetime) -> None:
    """Let somebody be told of a reminder from now on."""
    closed = closed_for(session, kept.owner, now) if kept.facts.but_holidays else None
    alarm = next_alarm(schedule_of(kept.facts, closed), kept.facts.leads, now)
    if alarm is not None:
        alarms.put(session, [_new(kept.id, person, alarm)])


def note_answer(session: Session, kept: Kept, person: int, said: str, now: datetime) -> bool:
    """Note whether somebody comes, who is reminded or no more; False if they were not asked."""
    if not attendees.answer(session, kept.id, person, said, now):
        return False
    own = [alarm for alarm in alarms.of_reminder(session, kept.id, person) if not alarm.snoozed]
    if said == attendees.NO:
        alarms.drop(session, kept.id, person)
    elif not own and kept.state == reminders.ACTIVE:
        add_alarm(session, kept, person, now)
    return True


def _new(reminder: int, person: int, alarm: Alarm) -> NewAlarm:
    return NewAlarm(reminder, person, alarm.due, alarm.occurrence, alarm.lead)
