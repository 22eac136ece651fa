"""What tests of reminders draw from: rules as people say them, zones of the programme's countries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from handlers.reminders.rules import Rule
from storage.reference import countries

#: The morning after which everything happens; clocks change on 28 March and 31 October 2027.
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TWO_YEARS = timedelta(days=731)
ZONES = sorted({zone for place in countries().values() for zone in place.timezones})

zones = st.sampled_from(ZONES)
times = st.datetimes(datetime(2026, 11, 24), datetime(2027, 12, 31)).map(lambda t: t.replace(second=0, microsecond=0))
_days = st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True).map(lambda found: tuple(sorted(found)))
_until = st.none() | st.datetimes(datetime(2027, 6, 1), datetime(2029, 6, 1)).map(lambda t: t.replace(microsecond=0))
_interval = st.integers(1, 5)

rules = st.one_of(
    st.builds(Rule, st.just("day"), _interval, until=_until),
    st.builds(Rule, st.just("week"), _interval, _days, until=_until),
    st.builds(Rule, st.just("month"), _interval, day=st.integers(1, 31) | st.just(-1), until=_until),
    st.builds(Rule, st.just("month"), _interval, _days.map(lambda d: d[:1]), st.sampled_from([-1, 1, 2, 3, 4])),
    st.builds(Rule, st.just("year"), st.integers(1, 2), day=st.integers(1, 30), month=st.sampled_from([1, 3, 11])),
    st.builds(Rule, st.just("year"), day=st.integers(28, 29), month=st.just(2)),
)
hourly = st.builds(Rule, st.just("hour"), _interval, until=_until)
