"""Working days: weekends, holidays and clocks of each country."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.verification.workdays import after_working_days, working
from storage.reference import countries


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "since", "until"),
    [
        # Monday to Monday, at the same hour.
        ("PL", "2026-06-08T10:00", "2026-06-15T10:00"),
        # Epiphany is free in Poland and not in France.
        ("PL", "2026-01-02T10:00", "2026-01-12T10:00"),
        ("FR", "2026-01-02T10:00", "2026-01-09T10:00"),
        # What comes in on a Saturday counts from Monday morning, in the country's own time.
        ("PL", "2026-06-13T10:00", "2026-06-21T22:00"),
        # In Jordan Friday and Saturday are free: Friday counts from Sunday morning.
        ("JO", "2026-11-06T10:00", "2026-11-14T21:00"),
        # Over the change of clocks the hour on the wall stays.
        ("PT", "2026-10-22T09:00", "2026-10-29T10:00"),
    ],
)
def test_five_working_days(country: str, since: str, until: str) -> None:
    assert after_working_days(country, at(since), 5) == at(until)


def test_days_off() -> None:
    assert not working("PT", date(2026, 10, 5))
    assert not working("PT", date(2026, 10, 4))
    assert working("PT", date(2026, 10, 6))
    assert (working("JO", date(2026, 11, 6)), working("JO", date(2026, 11, 8))) == (False, True)


@given(
    st.sampled_from(sorted(countries())),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),
    st.integers(1, 7),
)
def test_in_every_country_time_goes_on(country: str, moment: datetime, days: int) -> None:
    until = after_working_days(country, moment, days)
    assert moment + timedelta(days=days) - timedelta(hours=2) <= until <= moment + timedelta(days=days + 25)
    assert until <= after_working_days(country, moment, days + 1)
    # Who comes later is never answered for earlier.
    assert until <= after_working_days(country, moment + timedelta(hours=5), days) + timedelta(hours=1)
