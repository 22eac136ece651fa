"""Rules that repeat: written and read, stepped from anywhere, refused where they make no sense."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice, takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from handlers.reminders.rules import BadRule, Rule, falls
from tests.reminders.parts import hourly, rules, times


@given(rules | hourly)
def test_a_rule_is_what_its_text_says(rule: Rule) -> None:
    assert Rule.read(rule.text()) == rule


@given(rules | hourly, times)
def test_the_text_is_one_that_others_understand(rule: Rule, start: datetime) -> None:
    end = start + timedelta(days=500)
    theirs = list(islice(takewhile(lambda at: at <= end, rrulestr(rule.text(), dtstart=start)), 300))
    assert list(islice(takewhile(lambda at: at <= end, falls(rule, start, start)), 300)) == theirs


@given(rules | hourly, times, st.timedeltas(timedelta(), timedelta(days=1500)))
def test_it_does_not_matter_from_where_one_counts(rule: Rule, start: datetime, later: timedelta) -> None:
    since = start + later
    one_by_one = (at for at in falls(rule, start, start) if at >= since)
    assert list(islice(falls(rule, start, since), 5)) == list(islice(one_by_one, 5))


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (31, [31, 28, 31, 30]),
        (30, [30, 28, 30, 30]),
        (29, [29, 28, 29, 29]),
        (28, [28, 28, 28, 28]),
        (-1, [31, 28, 31]),
    ],
)
def test_a_short_month_has_a_last_day_too(day: int, shown: list[int]) -> None:
    found = falls(Rule("month", day=day), datetime(2027, 1, 1, 8, 0), datetime(2027, 1, 1))
    assert [at.day for at in islice(found, len(shown))] == shown


def test_the_29th_of_february_comes_every_year() -> None:
    found = islice(falls(Rule("year", day=29, month=2), datetime(2027, 1, 1, 8), datetime(2027, 1, 1)), 3)
    assert [(at.year, at.day) for at in found] == [(2027, 28), (2028, 29), (2029, 28)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"step": "day", "interval": 0},
        {"step": "day", "interval": 1001},
        {"step": "day", "days": (1,)},
        {"step": "hour", "day": 3},
        {"step": "week"},
        {"step": "week", "days": (7,)},
        {"step": "week", "days": (1, 1)},
        {"step": "week", "days": (1,), "nth": 1},
        {"step": "month"},
        {"step": "month", "day": 0},
        {"step": "month", "day": 32},
        {"step": "month", "days": (1,)},
        {"step": "month", "days": (1,), "nth": 5},
        {"step": "month", "day": 3, "month": 3},
        {"step": "year", "day": 30, "month": 2},
        {"step": "year", "day": 31, "month": 4},
        {"step": "year", "day": 3},
    ],
)
def test_a_rule_that_falls_on_no_day_is_none(wrong: dict[str, object]) -> None:
    with pytest.raises(BadRule):
        Rule(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["", "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=DAILY;INTERVAL=x", "FREQ=WEEKLY;BYDAY=XX", "nonsense", "FREQ=" * 9999],
)
def test_a_text_that_is_no_rule_of_ours_is_refused(text: str) -> None:
    with pytest.raises(BadRule):
        Rule.read(text)
