"""What is due is told: once, on time or marked late, with what was useless summed up; on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import takewhile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from handlers.reminders.keeping import keep
from handlers.reminders.plans import Plan
from handlers.reminders.quiet import quiet_until
from handlers.reminders.ringing import ring
from handlers.reminders.rules import Rule
from handlers.reminders.schedule import alarms as all_alarms
from handlers.reminders.zones import moment
from storage import alarms, reminders, rhythms
from storage.database import Database
from storage.models import Occurrence
from tests.reminders.bell import Bell
from tests.reminders.parts import NOW, hourly, rules, times, zones
from tests.reminders.people import teacher

WARSAW = "Europe/Warsaw"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def bell(database: Database) -> Bell:
    return Bell(database)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A moment of 2026 by Warsaw's clocks."""
    return moment(datetime(2026, month, day, hour, minute), WARSAW)


def test_a_reminder_is_told_once_and_ends(bell: Bell) -> None:
    amina = bell.person()
    made = bell.reminder(amina, Plan(datetime(2026, 11, 25, 10, 0), WARSAW), "Call the museum")
    assert bell.at(at(25, 9, 59)) == []
    (text,) = bell.at(at(25, 10))
    assert text.split("\n") == ["⏰ Reminder", "Call the museum", "Wednesday, November 25, 2026, 09:00"]
    assert bell.at(at(25, 10)) == bell.at(at(26, 10)) == []
    _person, _text, options = bell.told[0]
    assert options == (
        f"/reminders done {made} 2026-11-25T10:00",
        f"/reminders snooze {made} 2026-11-25T10:00 10",
        f"/reminders snooze {made} 2026-11-25T10:00 60",
        f"/reminders snooze {made} 2026-11-25T10:00 1440",
    )
    kept = bell.database.do(partial(reminders.get, reminder=made))
    assert kept is not None
    assert kept.state == reminders.DONE


def test_notices_ahead_say_how_far(bell: Bell) -> None:
    bell.reminder(bell.person(), Plan(datetime(2026, 12, 3, 9, 0), WARSAW, leads=(10080, 1440, 90)), "Exam")
    assert bell.at(at(26, 9))[0].startswith("⏰ Coming up · 1 week\nExam\nThursday, December 3, 2026")
    assert bell.at(at(2, 9, month=12))[0].startswith("⏰ Coming up · 1 day\nExam")
    assert bell.at(at(3, 7, 30, month=12))[0].startswith("⏰ Coming up · 1 hour, 30 minutes\nExam")
    assert bell.at(at(3, 9, month=12))[0].startswith("⏰ Reminder\nExam")


def test_what_repeats_goes_on(bell: Bell) -> None:
    bell.reminder(bell.person(), Plan(datetime(2026, 11, 24, 20, 0), WARSAW, Rule("day", until=datetime(2026, 11, 26))))
    told = [bell.at(at(day, 20)) for day in (24, 25, 26)]
    assert [len(texts) for texts in told] == [1, 1, 0]


def test_six_hours_down(bell: Bell) -> None:
    """What is still useful is marked late, what is not is summed up, notices of what has begun are left out."""
    amina = bell.person()
    bell.reminder(amina, Plan(datetime(2026, 11, 25, 10, 0), WARSAW, leads=(60,)), "Call the museum")
    bell.reminder(amina, Plan(datetime(2026, 11, 25, 9, 0), WARSAW, minutes=45), "Lesson with Athens")
    bell.reminder(amina, Plan(datetime(2026, 11, 25, 9, 0), WARSAW, Rule("hour", until=datetime(2026, 11, 26))), "Tea")
    bell.reminder(amina, Plan(datetime(2026, 11, 25, 15, 0), WARSAW, leads=(360, 120)), "Concert")
    texts = bell.at(at(25, 14, 30))
    assert [text.split("\n")[1] for text in texts[:-1]] == ["Call the museum", "Tea", "Concert"]
    assert all("This comes late: I was not running at that time." in text for text in texts[:-1])
    assert "Coming up · 2 hours" in texts[2]
    missed = texts[-1].split("\n")
    assert missed[0] == "While I was not running, these times passed:"
    assert [line.split(" · ")[1] for line in missed[1:]] == ["Lesson with Athens", *["Tea"] * 5]
    # It goes on as if nothing had been.
    assert [text.split("\n")[1] for text in bell.at(at(25, 15))] == ["Tea", "Concert"]


def test_a_summary_is_one_message_and_not_endless(bell: Bell) -> None:
    amina = bell.person()
    for number in range(300):
        bell.reminder(amina, Plan(datetime(2026, 11, 25, 9, 0), WARSAW, minutes=45), f"Lesson {number}")
    (text,) = bell.at(at(25, 14))
    assert text.count("\n") == 21
    assert text.endswith("and 280 more")


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["a day forward", "a day back"])
def test_the_machine_s_clock_jumps_and_comes_back(bell: Bell, jump: timedelta) -> None:
    start = datetime(2026, 11, 24, 20, 0)
    bell.reminder(bell.person(), Plan(start, WARSAW, Rule("day")), "Bread")
    moments = [
        at(24, 20),
        at(25, 12),
        at(25, 12) + jump,
        at(25, 13) + jump,
        at(25, 14),
        at(25, 20),
        at(26, 20),
        at(27, 20),
    ]
    for now in moments:
        bell.at(now)
    days = sorted(text.split("\n")[2].split(", ")[1] for text in bell.count)
    assert days == ["November 24", "November 25", "November 26", "November 27"]
    assert set(bell.count.values()) == {1}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rules | hourly,
    times,
    zones,
    st.lists(st.sampled_from([10, 60, 1440, 20160]), max_size=2, unique=True),
    st.lists(st.timedeltas(-DAY, 6 * DAY), min_size=5, max_size=12),
)
def test_each_occurrence_once_however_the_clock_goes(
    bell: Bell, rule: Rule, start: datetime, zone: str, leads: list[int], steps: list[timedelta]
) -> None:
    amina = bell.person(zone)
    plan = Plan(start, zone, rule, tuple(leads))
    made = bell.reminder(amina, plan)
    bell.told.clear()
    now = latest = NOW
    for step in steps:
        now += step
        latest = max(latest, now)
        bell.at(now)
    due = takewhile(lambda alarm: alarm.due <= latest, all_alarms(plan.schedule(), leads, NOW)) if made else ()
    assert noted(bell.database, made) == {(alarm.occurrence, alarm.lead) for alarm in due}
    # Told or summed up, nothing twice; the reminders of earlier examples ring on beside it.
    texts = Counter(text for person, text, _options in bell.told if person == amina)
    lines = Counter(line for text in texts for line in text.split("\n") if " · Choir" in line)
    assert set(texts.values()) | set(lines.values()) <= {1}


def noted(database: Database, reminder: int) -> set[tuple[datetime, int]]:
    found = select(Occurrence.occurrence, Occurrence.lead).where(Occurrence.reminder_id == reminder)
    return {(row[0], row[1]) for row in database.do(lambda session: list(session.execute(found)))}


def test_quiet_hours_put_off_and_urgent_ones_pass(database: Database) -> None:
    bell = Bell(database, quiet=True)
    amina = bell.person()
    bell.reminder(amina, Plan(datetime(2026, 11, 24, 22, 0), WARSAW), "Letter")
    bell.reminder(amina, Plan(datetime(2026, 11, 24, 22, 0), WARSAW), "Fire drill", urgent=True)
    bell.reminder(amina, Plan(datetime(2026, 11, 24, 20, 59), WARSAW), "Just before")
    assert [text.split("\n")[1] for text in bell.at(at(24, 21, 1))] == ["Just before"]
    assert [text.split("\n")[1] for text in bell.at(at(24, 22))] == ["Fire drill"]
    assert bell.at(at(25, 6, 59)) == []
    (text,) = bell.at(at(25, 7))
    assert text.endswith("It has waited for the end of your quiet hours.")
    assert "late" not in text


def test_what_rings_each_hour_is_quiet_at_night_and_not_missed(database: Database) -> None:
    bell = Bell(database, quiet=True)
    bell.reminder(
        bell.person(), Plan(datetime(2026, 11, 24, 19, 0), WARSAW, Rule("hour", until=datetime(2026, 11, 26)))
    )
    now, heard = at(24, 18, 50), []
    while now < at(25, 10):
        heard += [(now, text) for text in bell.at(now)]
        now += 10 * MINUTE
    assert [f"{when.astimezone(UTC):%H}" for when, _text in heard] == ["18", "19", "06", "07", "08"]
    assert not any("passed" in text for _when, text in heard)


@pytest.mark.parametrize(
    ("hour", "quiet", "until"),
    [
        (22, (1260, 420), at(25, 7)),
        (3, (1260, 420), at(24, 7)),
        (12, (1260, 420), None),
        (7, (1260, 420), None),
        (13, (720, 840), at(24, 14)),
        (13, (0, 0), None),
        (0, (1260, 0), None),
        (23, (1260, 0), at(25, 0)),
    ],
)
def test_when_quiet_hours_end(hour: int, quiet: tuple[int, int], until: datetime | None) -> None:
    assert quiet_until(at(24, hour), quiet, WARSAW) == until


@given(zones, st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)), st.integers(0, 1439), st.integers(0, 1439))
def test_quiet_hours_always_end(zone: str, local: datetime, start: int, end: int) -> None:
    now = local.replace(tzinfo=UTC)
    until = quiet_until(now, (start, end), zone)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert quiet_until(until, (start, end), zone) in {None, until + MINUTE} or quiet_until(
            until, (start, end), zone
        )


def test_holidays_are_left_out(bell: Bell) -> None:
    ines = bell.database.do(partial(teacher, country="PT"))
    bell.database.do(partial(rhythms.set_quiet, person=ines, start=0, end=0))
    plan = Plan(
        datetime(2026, 12, 1, 9, 30), "Europe/Lisbon", Rule("day"), but_holidays=True, skipped=(date(2026, 12, 3),)
    )
    bell.reminder(ines, plan)
    # 1 and 8 December are public holidays in Portugal.
    told = [day for day in range(1, 10) if bell.at(moment(datetime(2026, 12, day, 9, 30), "Europe/Lisbon"))]
    assert told == [2, 4, 5, 6, 7, 9]


def test_only_holidays_is_never(bell: Bell) -> None:
    ines = bell.database.do(partial(teacher, country="PT"))
    plan = Plan(datetime(2026, 12, 25, 9, 30), "Europe/Lisbon", Rule("year", day=25, month=12), but_holidays=True)
    assert bell.reminder(ines, plan) == 0


def test_a_crash_before_the_commit_tells_it_again_and_after_it_does_not(bell: Bell) -> None:
    class Crash(Exception):
        pass

    def breaking(_news: object) -> None:
        raise Crash

    bell.reminder(bell.person(), Plan(datetime(2026, 11, 25, 10, 0), WARSAW))
    with pytest.raises(Crash):
        bell.database.do(partial(ring, now=at(25, 10), tell=breaking))
    assert len(bell.at(at(25, 10))) == 1
    assert bell.at(at(25, 10)) == []


def test_ringing_again_for_the_same_occurrence_tells_nothing(bell: Bell) -> None:
    """An alarm that is set again for a time that was told (a recomputation, a restore) stays silent."""
    amina = bell.person()
    made = bell.reminder(amina, Plan(datetime(2026, 11, 25, 10, 0), WARSAW))
    bell.at(at(25, 10))
    again = alarms.NewAlarm(made, amina, at(25, 10), datetime(2026, 11, 25, 10, 0), 0)
    bell.database.do(partial(alarms.put, alarms=[again]))
    assert bell.at(at(25, 11)) == []


def test_words_of_any_kind(bell: Bell) -> None:
    words = "x" * 300 + "\u202e\n<b>"
    made = bell.database.do(
        partial(keep, owner=bell.person(), facts=reminders.Facts(words, datetime(2026, 11, 25, 10), WARSAW), now=NOW)
    )
    assert made
    assert "\u202e" not in bell.at(at(25, 10))[0]


def test_one_that_cannot_be_understood_stops_alone(bell: Bell) -> None:
    amina = bell.person()
    for words, change in (("Zone", {"timezone": "Europe/Atlantis"}), ("Rule", {"rule": "FREQ=NEVER"}), ("Good", {})):
        made = bell.reminder(amina, Plan(datetime(2026, 11, 25, 10, 0), WARSAW), words)
        bell.database.do(partial(reminders.change, reminder=made, now=NOW, **change))
    assert [text.split("\n")[1] for text in bell.at(at(25, 10))] == ["Good"]
    assert bell.at(at(25, 11)) == []
    kept = bell.database.do(partial(reminders.mine, person=amina, limit=9))
    assert [(one.facts.words, one.state) for one, _due in kept] == [("Zone", "paused"), ("Rule", "paused")]
