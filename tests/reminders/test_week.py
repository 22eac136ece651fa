"""Lesson hours that schools have in common, and what speaks against a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.reminders.week import MOST_STRAIN, Hours, Slot, common, proposals, strain, usual
from handlers.reminders.zones import moment, wall
from tests.reminders.parts import NOW, ZONES

LISBON, ATHENS, TUNIS, AMMAN = "Europe/Lisbon", "Europe/Athens", "Africa/Tunis", "Asia/Amman"
SCHOOL_DAYS = (0, 1, 2, 3, 4)


def never(_place: int, _day: date) -> bool:
    return False


def school(zone: str, start: int = 8, end: int = 15, days: tuple[int, ...] = SCHOOL_DAYS) -> Hours:
    return Hours(zone, days, start * 60, end * 60)


def test_weekends_are_those_of_the_country() -> None:
    assert usual("PT") == (SCHOOL_DAYS, 480, 900)
    assert usual("JO")[0] == (0, 1, 2, 3, 6)
    assert usual(None)[0] == SCHOOL_DAYS


def test_three_schools_meet_in_the_middle_of_what_they_share() -> None:
    found = common([school(LISBON), school(ATHENS), school(TUNIS)], NOW, never, minutes=45)
    # From 8:00 in Lisbon to 15:00 in Athens it is 8 to 13 in UTC, so a lesson of 45 minutes begins about 10.
    assert found[0] == Slot(datetime(2026, 11, 26, 10, 0, tzinfo=UTC))
    assert len(found) == 8 * 5
    assert {slot.strain for slot in found} == {0}


def test_days_on_which_somebody_is_closed_are_left_out() -> None:
    schools = [school(LISBON), school(AMMAN, days=(6, 0, 1, 2, 3))]
    found = common(schools, NOW, lambda place, day: place == 1 and day < date(2026, 12, 7), minutes=45, weeks=2)
    days = [wall(slot.at, LISBON) for slot in found]
    assert {day.weekday() for day in days} <= {0, 1, 2, 3}
    assert min(days).day == 7


def test_where_there_is_nothing_in_common_somebody_comes_early_or_stays() -> None:
    morning, afternoon = school(LISBON, 8, 11), school(ATHENS, 14, 16)
    (first, *_more) = common([morning, afternoon], NOW, never, minutes=45)
    assert 0 < first.strain <= MOST_STRAIN
    assert first.outside == (0, 1)
    assert common([school(LISBON, 8, 9), school(LISBON, 15, 16)], NOW, never, minutes=45) == []


def test_five_proposals_and_no_more_than_two_of_a_week() -> None:
    slots = [Slot(datetime(2026, 11, 30, 10, tzinfo=UTC) + timedelta(days=n), n % 3) for n in range(21)]
    chosen = proposals(slots)
    assert len(chosen) == 5
    assert chosen == sorted(chosen, key=lambda slot: slot.at)
    assert [slot.strain for slot in chosen] == [0] * 5
    weeks = [slot.at.isocalendar().week for slot in chosen]
    assert max(weeks.count(week) for week in weeks) == 2


hours_ = st.builds(
    lambda zone, start, length: Hours(zone, SCHOOL_DAYS, start, start + length),
    st.sampled_from(ZONES),
    st.integers(7 * 60, 9 * 60),
    st.integers(4 * 60, 8 * 60),
)


@given(st.lists(hours_, min_size=2, max_size=6), st.integers(15, 120))
def test_a_common_hour_suits_everybody_as_far_as_it_says(schools: list[Hours], minutes: int) -> None:
    for slot in common(schools, NOW, never, minutes=minutes, weeks=1):
        strains = [strain(one, slot.at, minutes) for one in schools]
        assert None not in strains
        assert max(found or 0 for found in strains) <= MOST_STRAIN + 15
        if slot.strain == 0:
            assert strains == [0] * len(schools)


@pytest.mark.parametrize(("hour", "outside"), [(8, 0), (14, 0), (7, 60), (15, 45), (22, 465)], ids=str)
def test_how_far_outside_of_lessons(hour: int, outside: int) -> None:
    at = moment(datetime(2026, 11, 25, hour, 0), LISBON)
    assert strain(school(LISBON), at, 45) == outside
    assert strain(school(LISBON), at + timedelta(days=3), 45) is None
