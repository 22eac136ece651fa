"""Every second: what is due is claimed, told and followed by the next, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from bot.talk import News, Tell, TellAll
from handlers import speaking
from handlers.reminders import telling
from handlers.reminders.holidays import Holidays
from handlers.reminders.keeping import schedule_of
from handlers.reminders.quiet import GRACE, Judged, is_over, quiet_until, rung
from handlers.reminders.rules import BadRule
from handlers.reminders.schedule import Alarm, due_at
from handlers.reminders.zones import UnknownZone, is_zone
from storage import alarms, attendees, noticing, reminders, rooms
from storage.alarms import Due, NewAlarm, Telling
from storage.rhythms import QUIET

log = logging.getLogger("twinbot.reminders")

#: How many alarms one transaction takes; others wait for the next, which follows at once.
BATCH = 250
_SUMMARIES = 100


def ring(session: Session, now: datetime, tell: TellAll) -> bool:
    """Tell what is due. Returns whether more of it waits."""
    found = alarms.due(session, now, BATCH)
    later = [(due.id, until) for due in found if (until := _quiet(due, now)) is not None]
    alarms.put_off(session, later)
    put_off = {alarm for alarm, _until in later}
    _tell(session, [due for due in found if due.id not in put_off], now, tell)
    if len(found) == BATCH:
        return True
    return sum_up(session, tell)


def sum_up(session: Session, tell: Tell) -> bool:
    """Tell everybody in one message what was missed. Returns whether there are more people to be told."""
    missed = alarms.take_missed(session, _SUMMARIES)
    people = 0
    for person, theirs in groupby(missed, key=lambda one: one.person):
        people += 1
        tell(News(person, telling.summary(list(theirs))))
    return people == _SUMMARIES


def _quiet(due: Due, now: datetime) -> datetime | None:
    """Until when an alarm has to wait; what is due just before quiet hours begin is not made to wait by our delay."""
    if due.facts.urgent or due.facts.room_id is not None:
        # A room has people in several zones; whoever does not want to be woken by it silences it.
        return None
    at = due.due_at if now - due.due_at <= GRACE else now
    return quiet_until(at, due.quiet or QUIET, _zone(due))


def _zone(due: Due) -> str:
    """The reader's zone; one that a newer tz database has no more must not keep anybody else waiting."""
    return due.timezone if is_zone(due.timezone) else "UTC"


def _tell(session: Session, found: Sequence[Due], now: datetime, tell: TellAll) -> None:
    holidays = Holidays(session, now)
    judged: list[tuple[Due, list[Judged], Alarm | None]] = []
    for due in found:
        try:
            judged.append((due, *_judge(due, now, holidays)))
        except (UnknownZone, BadRule):
            # One that cannot be understood (a zone that is gone) stops, and does not stop the others.
            log.warning("reminder %s has a zone or rule that is unknown now; it is paused", due.reminder)
            reminders.end(session, due.reminder, reminders.PAUSED, now)
    tellings = [telling_ for due, verdicts, _next in judged for telling_ in _tellings(due, verdicts, now)]
    zones = attendees.zones(session, {due.reminder for due in found if due.facts.kind == reminders.APPOINTMENT})
    new = alarms.claim(session, [due.id for due, _verdicts, _next in judged], tellings, now)
    for due, verdicts, _next in judged:
        for one in verdicts:
            key = (due.reminder, due.person, one.alarm.occurrence, one.alarm.lead)
            if key not in new or one.verdict not in {"tell", "late"}:
                continue
            if due.facts.room_id is not None:
                _tell_room(session, due, one, now, tell)
            else:
                places = zones.get(due.reminder, ())
                body = telling.ring(due, one.alarm.occurrence, one.alarm.lead, one.verdict, places)
                tell(News(due.person, body, telling.ways(due.reminder, one.alarm.occurrence)))
    following = [NewAlarm(due.reminder, due.person, a.due, a.occurrence, a.lead) for due, _v, a in judged if a]
    alarms.put(session, following)
    ended = [due for due, _verdicts, after in judged if after is None]
    reminders.finish(session, [due.reminder for due in ended], now)
    for due in ended:
        if due.facts.room_id is not None or due.facts.kind == reminders.APPOINTMENT:
            noticing.about_reminder(session, due.reminder, now)


def _tell_room(session: Session, due: Due, judged: Judged, now: datetime, tell: TellAll) -> None:
    """Tell a room, once at each of its doors; in one that is closed nothing is said any more."""
    room = None if due.facts.room_id is None else rooms.find(session, due.facts.room_id)
    if room is not None and room.open:
        zones = speaking.zones(session, room.id)
        body = telling.ring(due, judged.alarm.occurrence, judged.alarm.lead, judged.verdict, zones)
        reads = speaking.reads(session, room, due.facts.timezone)
        speaking.speak(session, tell, room.id, speaking.Saying(body), reads=reads, person=due.owner, now=now)


def _judge(due: Due, now: datetime, holidays: Holidays) -> tuple[list[Judged], Alarm | None]:
    """What becomes of an alarm and of those that would have followed it by now, and the next one."""
    if due.snoozed:
        alarm = Alarm(due.due_at, due.occurrence, due.lead)
        over = is_over(due.due_at, now, None)
        return [Judged(alarm, "missed" if over else "late" if now - due.due_at > GRACE else "tell")], None
    closed = holidays.closed(due.country, due.region) if due.facts.but_holidays else None
    first = Alarm(due_at(due.occurrence, due.lead, due.facts.timezone), due.occurrence, due.lead)
    return rung(
        schedule_of(due.facts, closed), due.facts.leads, first, now, ready=due.due_at, minutes=due.facts.minutes
    )


def _tellings(due: Due, verdicts: Iterable[Judged], now: datetime) -> Iterable[Telling]:
    for one in verdicts:
        missed = one.verdict == "missed" and not _slept(due, one.alarm.due)
        yield Telling(due.reminder, due.person, one.alarm.occurrence, one.alarm.lead, missed)


def _slept(due: Due, at: datetime) -> bool:
    """What fell into quiet hours was not missed: nobody wanted to hear it."""
    if due.facts.urgent or due.facts.room_id is not None:
        return False
    return quiet_until(at, due.quiet or QUIET, _zone(due)) is not None
