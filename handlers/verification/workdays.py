"""Working days of a country: its own weekend (CLDR) and its public holidays, in the time of its capital."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale

from storage.reference import country as country_of

__all__ = ["after_working_days", "working"]


def working(country: str, day: date) -> bool:
    """Whether people of a country work on this day."""
    return day.weekday() not in _weekend(country) and day not in _holidays(country, day.year)


def after_working_days(country: str, moment: datetime, days: int) -> datetime:
    """When so many whole working days have gone by in a country since a moment.

    From Monday at 10:00 five working days last until the next Monday at 10:00, if none between is a holiday; what
    comes in on a day off counts from the start of the next working day.
    """
    zone = ZoneInfo(country_of(country).timezones[0])
    local = moment.astimezone(zone)
    day, clock = local.date(), local.time()
    if not working(country, day):
        day, clock = _next_working(country, day), time()
    for _day in range(days):
        day = _next_working(country, day)
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _next_working(country: str, day: date) -> date:
    day += timedelta(days=1)
    while not working(country, day):
        day += timedelta(days=1)
    return day


@cache
def _weekend(country: str) -> frozenset[int]:
    """The weekdays (Monday is 0) that are free in a country; in Jordan they are Friday and Saturday."""
    locale = Locale.parse(f"und_{country}")
    first, last = locale.weekend_start, locale.weekend_end
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    # Imported at the first question: the library takes a seventh of a second, and the start need not wait for it.
    import holidays

    supported = holidays.list_supported_countries(include_aliases=False)
    return frozenset(holidays.country_holidays(country, years=year)) if country in supported else frozenset()
