"""Wall clocks and moments: what a local time means in a time zone, also where clocks are changed.

A wall-clock time is a datetime without a zone, as people say it; a moment is an aware datetime in UTC. A time that
does not exist (clocks go forward) is as much later as the gap is long, and one that occurs twice (clocks go back)
means the first of the two, as RFC 5545 has it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

#: How far ahead a zone's rules are compared when the tz database changes, in days.
_COMPARED = 3 * 366


class UnknownZone(ValueError):
    """There is no time zone of this name."""


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    """The IANA time zone of this name. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Beside unknown names: paths out of the database, folders in it, names too long for a file.
        raise UnknownZone(name[:80]) from None


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        zone_of(name)
    except UnknownZone:
        return False
    return True


def moment(wall: datetime, zone: str) -> datetime:
    """The moment at which a clock in the zone shows this. Raises UnknownZone."""
    return wall.replace(tzinfo=zone_of(zone), fold=0).astimezone(UTC)


def wall(at: datetime, zone: str) -> datetime:
    """What a clock in the zone shows at a moment. Raises UnknownZone."""
    return at.astimezone(zone_of(zone)).replace(tzinfo=None, fold=0)


def shift(at: datetime, zone: str) -> timedelta:
    """By how much a wall-clock time is moved because it does not exist in the zone; zero where it does."""
    return wall(moment(at, zone), zone) - at


def offset(at: datetime, zone: str) -> timedelta:
    """How far the zone's clocks are ahead of UTC at a moment."""
    found = at.astimezone(zone_of(zone)).utcoffset()
    assert found is not None
    return found


def fingerprint(name: str, year: int) -> str:
    """A digest of what the tz database says of a zone from a year on: another digest means other rules."""
    zone, first = zone_of(name), datetime(year, 1, 1, tzinfo=UTC)
    days = (first + timedelta(days=n) for n in range(_COMPARED))
    offsets = "".join(f"{day.astimezone(zone):%z}" for day in days)
    return blake2b(offsets.encode(), digest_size=8).hexdigest()
