"""Quiet hours, and what to do with an alarm whose moment has come. Nothing here does I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from handlers.reminders.schedule import Alarm, Schedule, next_alarm
from handlers.reminders.zones import moment, wall

#: What is told no later than this is on time.
GRACE = timedelta(minutes=5)
#: A reminder that is later than this is of no use any more.
USEFUL = timedelta(hours=24)
#: The most occurrences of one reminder that are looked at in one go after a long time without power.
_MOST = 2000

Verdict = Literal["tell", "late", "missed", "silent"]


def quiet_until(now: datetime, quiet: tuple[int, int], zone: str) -> datetime | None:
    """When the quiet hours (minutes of the day) end in which this moment lies; None if it lies in none."""
    start, end = quiet
    if start == end:
        return None
    local = wall(now, zone)
    minute = local.hour * 60 + local.minute
    inside = start <= minute < end if start < end else minute >= start or minute < end
    if not inside:
        return None
    morning = local.replace(hour=end // 60, minute=end % 60, second=0, microsecond=0)
    until = moment(morning if minute < end else morning + timedelta(days=1), zone)
    return max(until, now + timedelta(minutes=1))


@dataclass(frozen=True)
class Judged:
    """An alarm whose moment has come, and what becomes of it."""

    alarm: Alarm
    verdict: Verdict


def rung(
    schedule: Schedule, leads: Sequence[int], first: Alarm, now: datetime, *, ready: datetime, minutes: int | None
) -> tuple[list[Judged], Alarm | None]:
    """All alarms of a reminder from the first one up to now, each judged, and the next one after them.

    Of several that have come due, the newest occurrence is told and the nearest notice; the rest is missed, or silent
    where it is only an earlier notice of what is told anyway. ``ready`` is when the first was to be told: later than
    its moment, if quiet hours have put it off. ``minutes`` is how long it takes, if that is known.
    """
    due, after = [first], next_alarm(schedule, leads, first)
    while after is not None and after.due <= now and len(due) < _MOST:
        due.append(after)
        after = next_alarm(schedule, leads, after)
    newest = max((alarm.occurrence for alarm in due if alarm.lead == 0), default=None)
    nearest = {alarm.occurrence: alarm.lead for alarm in due}
    zone = schedule.zone

    def verdict(alarm: Alarm) -> Verdict:
        late = now - max(alarm.due, ready) > GRACE
        if alarm.lead > 0:
            begun = moment(alarm.occurrence, zone) <= now
            return "silent" if begun or nearest[alarm.occurrence] < alarm.lead else "late" if late else "tell"
        over = is_over(max(alarm.due, ready) if minutes is None else alarm.due, now, minutes)
        return "missed" if over or alarm.occurrence != newest else "late" if late else "tell"

    return [Judged(alarm, verdict(alarm)) for alarm in due], after


def is_over(due: datetime, now: datetime, minutes: int | None) -> bool:
    """Whether it is of no use any more: the lesson is over, or a day has passed."""
    if minutes is not None:
        return now - due > max(timedelta(minutes=minutes), GRACE)
    return now - due > USEFUL
