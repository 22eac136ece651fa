"""Occurrences as moments: each once and at the right wall-clock time, in every zone, through every clock change."""

from __future__ import annotations

import warnings
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event, vRecur

from handlers.reminders.rules import Rule, falls
from handlers.reminders.schedule import Alarm, Schedule, alarms, due_at, is_moved, next_alarm, upcoming
from handlers.reminders.zones import UnknownZone, fingerprint, is_zone, moment, offset, shift, wall, zone_of
from tests.reminders.parts import NOW, TWO_YEARS, ZONES, hourly, rules, times, zones

WARSAW = "Europe/Warsaw"
leads = st.lists(st.sampled_from([10, 60, 120, 1440, 1500, 10080, 20160]), max_size=3, unique=True)


def due(schedule: Schedule, *ahead: int, most: int = 40) -> list[Alarm]:
    return list(islice(alarms(schedule, ahead, NOW), most))


@pytest.mark.parametrize("zone", ZONES)
def test_two_years_of_school_days_in_every_zone(zone: str) -> None:
    """Half an hour in which many clocks change, each night; each wall-clock time once, at the time it says."""
    start = wall(NOW, zone).replace(hour=2, minute=30) + timedelta(days=1)
    schedule = Schedule(start, zone, Rule("day"))
    found = list(takewhile(lambda a: a.due <= NOW + TWO_YEARS, alarms(schedule, (), NOW)))
    assert [alarm.occurrence for alarm in found] == [start + timedelta(days=n) for n in range(len(found))]
    assert len(found) in range(729, 733)
    for alarm in found:
        shown = wall(alarm.due, zone)
        moved = shift(alarm.occurrence, zone)
        assert shown == alarm.occurrence + moved
        # A time is only moved where no clock shows it: a gap, never longer than an hour here.
        assert moved == timedelta() or (moved == timedelta(hours=1) and is_moved(alarm.occurrence, zone))
    assert all(earlier.due < later.due for earlier, later in pairwise(found))


@given(rules | hourly, times, zones, leads)
def test_each_alarm_once_and_in_order(rule: Rule, start: datetime, zone: str, ahead: list[int]) -> None:
    schedule = Schedule(start, zone, rule)
    found = list(islice(alarms(schedule, ahead, NOW), 60))
    keys = [(alarm.occurrence, alarm.lead) for alarm in found]
    assert len(set(keys)) == len(keys)
    assert all(alarm.due == due_at(alarm.occurrence, alarm.lead, zone) for alarm in found)
    assert all(one.due <= other.due for one, other in pairwise(found))
    # What is told at an occurrence is told for its notices too, unless those had passed when it was made.
    last = found[-1].due if found else NOW
    told = Counter(alarm.occurrence for alarm in found if alarm.lead == 0)
    for at in told:
        expected = {lead for lead in (0, *ahead) if NOW <= due_at(at, lead, zone) <= last}
        assert {alarm.lead for alarm in found if alarm.occurrence == at} == expected


@given(rules | hourly, times, zones, leads, st.integers(0, 40))
def test_one_after_another_is_the_same_as_all(
    rule: Rule, start: datetime, zone: str, ahead: list[int], skip: int
) -> None:
    schedule = Schedule(start, zone, rule)
    found = list(islice(alarms(schedule, ahead, NOW), skip, skip + 3))
    for one, other in pairwise(found):
        assert next_alarm(schedule, ahead, one) == other


@settings(max_examples=40)
@given(rules, times, zones, st.lists(st.integers(0, 9), max_size=3, unique=True))
def test_another_library_agrees(rule: Rule, start: datetime, zone: str, left_out: list[int]) -> None:
    end = start + timedelta(days=300)
    plain = list(islice(falls(rule, start, start), 12))
    skipped = {plain[n] for n in left_out if n < len(plain)}
    ours = upcoming(Schedule(start, zone, rule, skipped), moment(start, zone), moment(end, zone), 10_000)
    assert [moment(at, zone) for at in ours] == theirs(rule, start, zone, end, sorted(skipped))


def theirs(rule: Rule, start: datetime, zone: str, end: datetime, skipped: list[datetime]) -> list[datetime]:
    """The moments that recurring-ical-events finds. It always counts the first day, which ours need not be."""
    first = next(falls(rule, start, start), None)
    if first is None:
        return []
    event = Event()
    event.start = first.replace(tzinfo=ZoneInfo(zone))
    event.end = event.start
    text = rule.text()
    if rule.until is not None:
        text = f"{text.rsplit(';', 1)[0]};UNTIL={moment(rule.until, zone):%Y%m%dT%H%M%SZ}"
    event.add("rrule", vRecur.from_ical(text))
    for at in skipped:
        event.add("exdate", at.replace(tzinfo=ZoneInfo(zone)))
    calendar = Calendar()
    calendar.add_component(event)
    with warnings.catch_warnings():
        found = recurring_ical_events.of(calendar).between(
            moment(start, zone), moment(end, zone) + timedelta(seconds=1)
        )
    return sorted(each.start.astimezone(UTC) for each in found)


def test_a_time_that_does_not_exist_comes_an_hour_later() -> None:
    schedule = Schedule(datetime(2027, 3, 27, 2, 30), WARSAW, Rule("day"))
    found = list(islice(alarms(schedule, (), NOW), 3))
    assert [wall(alarm.due, WARSAW).strftime("%d %H:%M") for alarm in found] == ["27 02:30", "28 03:30", "29 02:30"]
    assert [is_moved(alarm.occurrence, WARSAW) for alarm in found] == [False, True, False]


def test_a_time_that_occurs_twice_comes_once_and_first() -> None:
    schedule = Schedule(datetime(2027, 10, 31, 2, 30), WARSAW, Rule("day"))
    found = list(islice(alarms(schedule, (), NOW), 2))
    assert [alarm.due for alarm in found] == [
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
        datetime(2027, 11, 1, 1, 30, tzinfo=UTC),
    ]


def test_every_hour_rings_once_in_a_gap() -> None:
    schedule = Schedule(datetime(2027, 3, 28, 0, 0), WARSAW, Rule("hour"))
    shown = [wall(alarm.due, WARSAW).hour for alarm in islice(alarms(schedule, (), NOW), 5)]
    assert shown == [0, 1, 3, 4, 5]


def test_the_day_before_is_a_day_of_the_calendar_and_an_hour_is_an_hour() -> None:
    monday = datetime(2027, 3, 28, 9, 30)
    assert wall(due_at(monday, 1440, WARSAW), WARSAW) == datetime(2027, 3, 27, 9, 30)
    assert wall(due_at(monday, 10 * 60, WARSAW), WARSAW) == datetime(2027, 3, 27, 22, 30)


def test_a_notice_longer_than_the_step_belongs_to_a_later_occurrence() -> None:
    schedule = Schedule(datetime(2026, 11, 24, 10, 30), "UTC", Rule("week", days=(1,)))
    found = due(schedule, 14 * 1440, most=5)
    # The notice of a date two weeks ahead falls at the same moment as the occurrence of today.
    assert [(alarm.due.day, alarm.occurrence.day, alarm.lead) for alarm in found] == [
        (24, 24, 0),
        (24, 8, 20160),
        (1, 1, 0),
        (1, 15, 20160),
        (8, 8, 0),
    ]


def test_once_is_once() -> None:
    schedule = Schedule(datetime(2026, 12, 3, 9, 30), WARSAW)
    assert [alarm.lead for alarm in due(schedule, 60, 1440)] == [1440, 60, 0]
    assert due(Schedule(datetime(2026, 11, 24, 9, 30), WARSAW)) == []
    assert due(Schedule(datetime(2026, 11, 24, 10, 0), WARSAW), 60) == [
        Alarm(datetime(2026, 11, 24, 9, 0, tzinfo=UTC), datetime(2026, 11, 24, 10, 0))
    ]


def test_days_that_are_left_out() -> None:
    schedule = Schedule(
        datetime(2026, 12, 1, 8, 0), WARSAW, Rule("day"), {datetime(2026, 12, 3, 8, 0)}, lambda day: day.day == 2
    )
    assert [alarm.occurrence.day for alarm in due(schedule, most=3)] == [1, 4, 5]


def test_what_never_takes_place_is_not_sought_for_ever() -> None:
    schedule = Schedule(datetime(2026, 12, 1, 8, 0), WARSAW, Rule("day"), closed=lambda _day: True)
    assert next_alarm(schedule, (), NOW) is None


def test_a_rule_whose_end_is_over() -> None:
    schedule = Schedule(datetime(2020, 1, 1, 8), WARSAW, Rule("day", until=datetime(2020, 2, 1)))
    assert next_alarm(schedule, (60,), NOW) is None


def test_closed_days_are_asked_for_by_date() -> None:
    asked: set[date] = set()
    schedule = Schedule(
        datetime(2026, 12, 1, 23, 30), "Atlantic/Azores", Rule("day"), closed=lambda day: bool(asked.add(day))
    )
    next_alarm(schedule, (), NOW)
    assert min(asked) == date(2026, 12, 1)


@pytest.mark.parametrize(
    "name", ["", "Europe", "Europe/Atlantis", "../../etc/passwd", "/etc/passwd", "x" * 10_000, "Europe/Warsaw\0", "🕐"]
)
def test_zones_that_do_not_exist(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(UnknownZone):
        zone_of(name)


def test_every_zone_of_a_country_exists() -> None:
    assert len(ZONES) >= 50
    assert all(map(is_zone, ZONES))
    assert offset(NOW, "Europe/Athens") == timedelta(hours=2)


def test_a_fingerprint_tells_rules_apart() -> None:
    prints = {
        zone: fingerprint(zone, 2026) for zone in ("Europe/Warsaw", "Europe/Berlin", "Africa/Tunis", "Asia/Amman")
    }
    assert prints["Europe/Warsaw"] == prints["Europe/Berlin"] != prints["Africa/Tunis"]
    assert prints["Asia/Amman"] != prints["Africa/Tunis"]
