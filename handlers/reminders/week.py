"""The week of a school, and the lesson hours that several schools have in common. Nothing here does I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale

from handlers.reminders.zones import moment, wall
from storage.reference import countries

#: Usual hours of lessons, in minutes of the day.
USUAL = (8 * 60, 15 * 60)
#: A school may be asked to come so many minutes before or stay after its hours, if there is no better time.
MOST_STRAIN = 120
#: Nobody can arrange a lesson sooner than this.
NOTICE = timedelta(days=2)
_STEP = 15
_A_WEEK = 2

Week = tuple[tuple[int, ...], int, int]
#: Whether a school (its place in the list) is closed on a day.
Closed = Callable[[int, date], bool]


@dataclass(frozen=True)
class Hours:
    """When there are lessons at a school: days (0 is Monday), from and to in minutes of its own day."""

    zone: str
    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Slot:
    """A common time, in UTC. ``strain`` is how many minutes it lies outside the hours of the school that it suits
    least, ``outside`` the places of such schools."""

    at: datetime
    strain: int = 0
    outside: tuple[int, ...] = ()


@lru_cache
def usual(country: str | None) -> Week:
    """The usual week of a country's schools: without its weekend, as CLDR knows it."""
    place = countries().get(country or "")
    locale = Locale.parse(f"{place.languages[0]}_{place.code}") if place is not None else Locale("en")
    first, last = locale.weekend_start, locale.weekend_end
    weekend = {(first + n) % 7 for n in range((last - first) % 7 + 1)}
    return tuple(day for day in range(7) if day not in weekend), *USUAL


def common(
    schools: Sequence[Hours],
    now: datetime,
    closed: Closed,
    *,
    minutes: int,
    weeks: int = 8,
    notice: timedelta = NOTICE,
) -> list[Slot]:
    """The best common time of each day in the next weeks on which all schools are open, in the order of days.

    ``notice`` is how far ahead the first day is.
    """
    found = []
    first = (now + notice).date()
    for n in range(weeks * 7):
        day = first + timedelta(days=n)
        if all(day.weekday() in school.days for school in schools) and not any(
            closed(place, day) for place in range(len(schools))
        ):
            slot = _of_day(schools, day, minutes)
            if slot is not None and slot.at >= now:
                found.append(slot)
    return found


def proposals(slots: Sequence[Slot], most: int = 5) -> list[Slot]:
    """The best of common times: the least strain first, then the sooner; no more than two of a week, in order."""
    weeks: dict[tuple[int, int], int] = {}
    chosen: list[Slot] = []
    for slot in sorted(slots, key=lambda slot: (slot.strain, slot.at)):
        year, week, _day = slot.at.isocalendar()
        if weeks.get((year, week), 0) < _A_WEEK and len(chosen) < most:
            weeks[year, week] = weeks.get((year, week), 0) + 1
            chosen.append(slot)
    return sorted(chosen, key=lambda slot: slot.at)


def _of_day(schools: Sequence[Hours], day: date, minutes: int) -> Slot | None:
    """The time of a day that suits the school best that it suits least: in the middle of what all have in common."""
    starts, ends = zip(*(_open(school, day) for school in schools), strict=True)
    latest = [end - timedelta(minutes=minutes) for end in ends]
    first, last = max(starts), min(latest)
    middle = first + (last - first) / 2
    at = middle - timedelta(minutes=middle.minute % _STEP, seconds=middle.second, microseconds=middle.microsecond)
    if first <= last:
        at = max(at, first)
    strains = [_minutes(max(start - at, at - end, timedelta())) for start, end in zip(starts, latest, strict=True)]
    if max(strains) > MOST_STRAIN:
        return None
    return Slot(at, max(strains), tuple(place for place, strain in enumerate(strains) if strain))


def _open(school: Hours, day: date) -> tuple[datetime, datetime]:
    midnight = datetime(day.year, day.month, day.day)
    return (
        moment(midnight + timedelta(minutes=school.start), school.zone),
        moment(midnight + timedelta(minutes=school.end), school.zone),
    )


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def strain(school: Hours, at: datetime, minutes: int) -> int | None:
    """How many minutes a time lies outside a school's hours; None on a day without lessons."""
    local = wall(at, school.zone)
    if local.weekday() not in school.days:
        return None
    start, end = _open(school, local.date())
    return _minutes(max(start - at, at + timedelta(minutes=minutes) - end, timedelta()))
