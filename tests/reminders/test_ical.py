"""Calendars: what an independent parser reads in them is what falls due here."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from bot.calendars import Calendars
from bot.platforms.platform import NotCarried
from bot.talk import Attachment
from handlers.reminders import ical
from handlers.reminders.keeping import facts_of
from handlers.reminders.plans import Plan
from handlers.reminders.rules import Rule
from handlers.reminders.schedule import upcoming
from handlers.reminders.zones import moment
from storage import attendees, reminders, rhythms
from storage.database import Database
from storage.reminders import Kept
from tests.reminders.bell import Bell
from tests.reminders.parts import NOW, rules, times, zones
from tests.reminders.people import teacher

WARSAW = "Europe/Warsaw"


def never(_day: object) -> bool:
    return False


def read(content: bytes) -> Calendar:
    return Calendar.from_ical(content)  # type: ignore[return-value]


def kept(plan: Plan, words: str = "Choir", number: int = 7) -> Kept:
    return Kept(number, 1, facts_of(plan, words), reminders.ACTIVE, 3, NOW)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rules | st.none(), times, zones, st.lists(st.integers(0, 9), max_size=3, unique=True))
def test_another_library_reads_the_same_times(
    rule: Rule | None, start: datetime, zone: str, left_out: list[int]
) -> None:
    plan = Plan(start, zone, rule)
    since, until = moment(start, zone), moment(start, zone) + timedelta(days=200)
    plain = upcoming(plan.schedule(), since, until, 20)
    skipped = tuple(plain[n].date() for n in left_out if n < len(plain) and rule is not None)
    plan = Plan(start, zone, rule, skipped=skipped)
    calendar = read(ical.written([(kept(plan), never)], NOW))
    theirs = recurring_ical_events.of(calendar).between(since, until + timedelta(seconds=1))
    ours = [moment(at, zone) for at in upcoming(plan.schedule(), since, until, 10_000)]
    assert sorted(event.start.astimezone(UTC) for event in theirs) == ours


def test_what_stands_in_an_event() -> None:
    plan = Plan(datetime(2026, 12, 1, 9, 30), WARSAW, Rule("week", days=(1,)), (60, 1440), minutes=45)
    calendar = read(ical.written([(kept(plan, "Choir; with, signs\nand \u202elines"), never)], NOW))
    (event,) = calendar.walk("VEVENT")
    assert event["summary"] == "Choir; with, signs and lines"
    assert event.start == datetime(2026, 12, 1, 9, 30, tzinfo=ZoneInfo(WARSAW))
    assert event.duration == timedelta(minutes=45)
    assert event["sequence"] == 3
    assert sorted(alarm["trigger"].dt for alarm in event.walk("VALARM")) == [
        -timedelta(days=1),
        -timedelta(hours=1),
        timedelta(),
    ]
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["tzid"] == WARSAW
    assert event["uid"] == ical.uid(7) != ical.uid(8)


def test_holidays_are_left_out_of_a_feed(database: Database) -> None:
    bell = Bell(database)
    ines = database.do(partial(teacher, country="PT"))
    plan = Plan(datetime(2026, 12, 1, 9, 30), "Europe/Lisbon", Rule("day"), but_holidays=True)
    bell.reminder(ines, plan, "Bread")
    calendar = feed(database, ines)
    found = recurring_ical_events.of(calendar).between(datetime(2026, 12, 1), datetime(2026, 12, 10))
    assert [event.start.day for event in found] == [2, 3, 4, 5, 6, 7, 9]


def feed(database: Database, person: int) -> Calendar:
    secret = database.do(partial(rhythms.renew_feed, person=person))
    subscriber = database.do(partial(rhythms.subscriber, secret=secret))
    assert subscriber is not None
    return read(database.do(partial(ical.feed, subscriber=subscriber, now=NOW)))


def test_a_feed_has_what_is_mine_and_what_i_have_not_declined(database: Database) -> None:
    bell = Bell(database)
    ines, joao = bell.person(), bell.person()
    once = Plan(datetime(2026, 12, 1, 9, 30), WARSAW)
    mine, theirs = bell.reminder(ines, once, "Mine"), bell.reminder(joao, once, "Theirs")
    bell.reminder(joao, once, "Not mine")
    gone = bell.reminder(ines, once, "Deleted")
    database.do(partial(reminders.end, reminder=gone, state=reminders.DELETED, now=NOW))
    database.do(partial(attendees.invite, reminder=theirs, people=[ines]))
    assert names(feed(database, ines)) == {"Mine", "Theirs"}
    database.do(partial(attendees.answer, reminder=theirs, person=ines, said=attendees.NO, now=NOW))
    assert names(feed(database, ines)) == {"Mine"}
    database.do(partial(reminders.end, reminder=mine, state=reminders.DONE, now=NOW))
    assert names(feed(database, ines)) == {"Mine"}


def names(calendar: Calendar) -> set[str]:
    return {str(event["summary"]) for event in calendar.walk("VEVENT")}


def test_the_same_calendar_is_the_same_bytes(database: Database) -> None:
    bell = Bell(database)
    ines = bell.person()
    bell.reminder(ines, Plan(datetime(2026, 12, 1, 9, 30), WARSAW, Rule("week", days=(1,))))
    found = database.do(lambda s: reminders.calendar(s, ines, NOW, 9))
    assert ical.written([(found[0], never)], NOW) == ical.written([(found[0], never)], NOW + timedelta(hours=3))


async def test_files_and_feeds_are_made_when_they_are_asked_for(database: Database) -> None:
    bell = Bell(database)
    ines = bell.person()
    made = bell.reminder(ines, Plan(datetime(2026, 12, 1, 9, 30), WARSAW), "Choir")
    calendars = Calendars(database, lambda: NOW)
    what = Attachment("file", json.dumps(made), "appointment.ics", "text/calendar")
    into = BytesIO()
    await calendars.fetch(what, into, 100_000)
    assert names(read(into.getvalue())) == {"Choir"}
    with pytest.raises(NotCarried):
        await calendars.fetch(what, BytesIO(), 10)
    database.do(partial(reminders.end, reminder=made, state=reminders.DELETED, now=NOW))
    with pytest.raises(NotCarried):
        await calendars.fetch(what, BytesIO(), 100_000)
    assert await calendars.calendar("nobody's") is None
    assert not calendars.resends(what)
