"""Reminders as calendars know them (iCalendar, RFC 5545): a feed to subscribe to, and a file for an appointment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, vRecur
from sqlalchemy.orm import Session

from bot.text.cleaning import clean
from handlers.reminders.holidays import Holidays
from handlers.reminders.keeping import plan_of, schedule_of
from handlers.reminders.rules import falls
from handlers.reminders.schedule import Closed
from handlers.reminders.zones import is_zone, moment
from storage import attendees, feeds, reminders
from storage.reminders import APPOINTMENT, Facts, Kept
from storage.rhythms import Subscriber

#: How much of the past stands in a feed, and how far ahead days that are left out are named.
_PAST, _AHEAD = timedelta(days=90), timedelta(days=2 * 366)
_MOST = 1000
#: How many years of a zone's rules stand in a calendar.
_YEARS = 6
_REFRESH = timedelta(hours=1)
#: How long something takes that nobody gave a length.
_LENGTH = timedelta(minutes=15)


def feed(session: Session, subscriber: Subscriber, now: datetime) -> bytes:
    """A person's calendar: their reminders, and the appointments that they have not declined."""
    found = reminders.calendar(session, subscriber.person, now - _PAST, _MOST)
    closed = Holidays(session, now - _PAST).closed(subscriber.country, subscriber.region)
    return written(((kept, closed) for kept in found), now)


def project_feed(session: Session, project: int, title: str, now: datetime) -> bytes:
    """The calendar of a project: its appointments and the reminders of its rooms, by the holidays of who made each."""
    found = feeds.planned(session, project, now - _PAST, _MOST)
    holidays, owners = Holidays(session, now - _PAST), {kept.owner for kept in found}
    places = {guest.person: (guest.country, guest.region) for guest in attendees.people(session, owners)}
    pairs = ((kept, holidays.closed(*places.get(kept.owner, (None, None)))) for kept in found)
    return written(pairs, now, clean(title, one_line=True))


def file(kept: Kept, now: datetime, closed: Closed) -> bytes:
    """One reminder or appointment as a file."""
    return written([(kept, closed)], now)


def written(found: Iterable[tuple[Kept, Closed]], now: datetime, name: str = "twinbot") -> bytes:
    """A calendar of reminders, each with the holidays that count for it."""
    calendar = Calendar()
    calendar.add("prodid", "-//twinbot//reminders//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _REFRESH, parameters={"value": "DURATION"})
    zones: set[str] = set()
    for kept, closed in found:
        start = _first(kept.facts) if is_zone(kept.facts.timezone) else None
        if start is not None:
            calendar.add_component(_event(kept, start, closed, now))
            zones.add(kept.facts.timezone)
    for zone in sorted(zones - {"UTC"}):
        begins, ends = date(now.year - 1, 1, 1), date(now.year + _YEARS, 1, 1)
        calendar.add_component(Timezone.from_tzid(zone, first_date=begins, last_date=ends))
    return bytes(calendar.to_ical())


def uid(reminder: int) -> str:
    """What tells a reminder from all others, in every calendar; it says nothing of its number."""
    return f"{blake2b(f'reminder {reminder}'.encode(), digest_size=12).hexdigest()}@twinbot"


def _event(kept: Kept, first: datetime, closed: Closed, now: datetime) -> Event:
    facts, zone = kept.facts, ZoneInfo(kept.facts.timezone)
    event, words = Event(), clean(facts.words, one_line=True)
    event.add("uid", uid(kept.id))
    event.add("dtstamp", (kept.changed_at or now).astimezone(UTC))
    event.add("sequence", kept.version)
    event.add("summary", words)
    event.add("dtstart", first.replace(tzinfo=zone))
    event.add("duration", timedelta(minutes=facts.minutes) if facts.minutes else _LENGTH)
    if facts.kind != APPOINTMENT:
        # A reminder does not keep its person from being free.
        event.add("transp", "TRANSPARENT")
    if facts.rule:
        event.add("rrule", vRecur.from_ical(_rule(facts)))
        for at in _left_out(facts, closed, now):
            event.add("exdate", at.replace(tzinfo=zone))
    for lead in sorted({0, *facts.leads}):
        event.add_component(_alarm(lead, words))
    return event


def _alarm(lead: int, words: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", -timedelta(minutes=lead))
    return alarm


def _first(facts: Facts) -> datetime | None:
    """The first day that the rule meets, if it meets any: calendars always count the day of the beginning."""
    plan = plan_of(facts)
    return facts.start if plan.rule is None else next(falls(plan.rule, plan.start, plan.start), None)


def _rule(facts: Facts) -> str:
    """The RRULE; its end has to be in UTC, where the beginning has a zone (RFC 5545, 3.3.10)."""
    plan = plan_of(facts)
    assert plan.rule is not None
    text, until = plan.rule.text(), plan.rule.until
    if until is None:
        return text
    return f"{text.rpartition(';UNTIL=')[0]};UNTIL={moment(until, facts.timezone):%Y%m%dT%H%M%SZ}"


def _left_out(facts: Facts, closed: Closed, now: datetime) -> list[datetime]:
    """Days that the rule meets and the schedule does not: skipped ones, and holidays of the next two years."""
    plan = plan_of(facts)
    assert plan.rule is not None
    schedule = schedule_of(facts, closed)
    found: list[datetime] = []
    for at in falls(plan.rule, facts.start, max(facts.start, (now - _PAST).replace(tzinfo=None))):
        if at > (now + _AHEAD).replace(tzinfo=None) or len(found) >= _MOST:
            break
        if at in schedule.skipped or schedule.closed(at.date()):
            found.append(at)
    return found
