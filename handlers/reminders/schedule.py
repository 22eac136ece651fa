"""When something falls due: occurrences of a schedule as moments, and the notices before them. Nothing here does I/O.

A schedule keeps wall-clock times and a zone; moments are computed late, so they follow when a country changes the
rules of its clocks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

from handlers.reminders.rules import Rule, falls
from handlers.reminders.zones import moment, shift, wall

#: What lies further ahead than this is not waited for.
_HORIZON = timedelta(days=11 * 366)
#: A gap of a clock change is never longer than this, nor do two zones of one country lie further apart.
_MARGIN = timedelta(hours=3)
_DAY = timedelta(days=1)

Closed = Callable[[date], bool]


def _open(_day: date) -> bool:
    return False


@dataclass(frozen=True)
class Schedule:
    """A wall-clock ``start`` in a zone, and the rule by which it repeats.

    ``skipped`` are wall-clock times that are left out (RFC 5545: EXDATE). ``closed`` says on which days it does not
    take place at all.
    """

    start: datetime
    zone: str
    rule: Rule | None = None
    skipped: Collection[datetime] = frozenset()
    closed: Closed = field(default=_open, compare=False)

    def occurrences(self, since: datetime) -> Iterator[datetime]:
        """The wall-clock times from ``since`` on, without what is left out; at most one for each moment."""
        if self.rule is None:
            times = iter([self.start] if self.start >= since else [])
        else:
            times = falls(self.rule, self.start, since)
        last, end = None, max(since, self.start) + _HORIZON
        for at in times:
            if at > end:
                return
            if at in self.skipped or self.closed(at.date()):
                continue
            # Where clocks go forward, two hours of an hourly rule are the same moment.
            due = moment(at, self.zone)
            if last is None or due > last:
                yield at
                last, end = due, at + _HORIZON


@dataclass(frozen=True, order=True)
class Alarm:
    """The moment ``due`` at which an occurrence (a wall-clock time) is told, ``lead`` minutes before it (0: at it)."""

    due: datetime
    occurrence: datetime
    lead: int = 0


def due_at(occurrence: datetime, lead: int, zone: str) -> datetime:
    """The moment of a notice so many minutes before an occurrence.

    Whole days are days of the calendar: the day before at the same time of day, whatever clocks do that night.
    """
    days, minutes = divmod(lead, 24 * 60)
    return moment(occurrence - days * _DAY, zone) - timedelta(minutes=minutes)


def is_moved(occurrence: datetime, zone: str) -> bool:
    """Whether this wall-clock time does not exist, so that it falls later than it says."""
    return shift(occurrence, zone) != timedelta()


def alarms(schedule: Schedule, leads: Collection[int], since: datetime) -> Iterator[Alarm]:
    """All alarms from a moment on (included), in their order. ``leads`` are minutes before; 0 is always among them."""
    last = Alarm(since, datetime.min)
    first = True
    while True:
        found = _first_after(schedule, leads, last, included=first)
        if found is None:
            return
        yield found
        last, first = found, False


def next_alarm(schedule: Schedule, leads: Collection[int], after: Alarm | datetime) -> Alarm | None:
    """The first alarm after another one, or from a moment on (included); None if there is none."""
    if isinstance(after, Alarm):
        return _first_after(schedule, leads, after, included=False)
    return _first_after(schedule, leads, Alarm(after, datetime.min), included=True)


def _first_after(schedule: Schedule, leads: Collection[int], after: Alarm, *, included: bool) -> Alarm | None:
    candidates = (_first_of(schedule, lead, after, included=included) for lead in {0, *leads})
    return min((alarm for alarm in candidates if alarm is not None), key=_order, default=None)


def _first_of(schedule: Schedule, lead: int, after: Alarm, *, included: bool) -> Alarm | None:
    days, minutes = divmod(lead, 24 * 60)
    since = wall(after.due + timedelta(minutes=minutes), schedule.zone) + days * _DAY - _MARGIN
    for at in schedule.occurrences(since):
        alarm = Alarm(due_at(at, lead, schedule.zone), at, lead)
        if _order(alarm) > _order(after) or (included and alarm.due == after.due):
            return alarm
    return None


def _order(alarm: Alarm) -> tuple[datetime, datetime, int]:
    """At one moment, the notice that is further ahead is the later one to be told."""
    return alarm.due, alarm.occurrence, -alarm.lead


def upcoming(schedule: Schedule, since: datetime, until: datetime, most: int) -> list[datetime]:
    """At most so many occurrences (wall-clock times) between two moments, both included."""
    zone = schedule.zone
    times = schedule.occurrences(wall(since, zone) - _MARGIN)
    found: list[datetime] = []
    for at in times:
        due = moment(at, zone)
        if due > until or len(found) >= most:
            break
        if due >= since:
            found.append(at)
    return found


def how_many(schedule: Schedule, most: int) -> int:
    """How many occurrences there are from the start on, counted up to ``most``."""
    return sum(1 for _at in islice(schedule.occurrences(schedule.start), most))
