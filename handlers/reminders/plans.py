"""A plan: when something is to be told, complete enough to be agreed to. Put together from what a line says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Literal

from handlers.reminders.found import Found, Repeat, Trouble
from handlers.reminders.repeats import after_span, days_but
from handlers.reminders.rules import BadRule, Rule, falls
from handlers.reminders.schedule import Closed, Schedule
from handlers.reminders.zones import is_zone, moment

Json = Any
Missing = Literal["when", "day", "time"]

#: How far ahead something may begin, in years; a calendar beyond that is nobody's.
FURTHEST = 10
#: The most notices ahead, and the longest of them in minutes.
MOST_LEADS, LONGEST_LEAD = 5, 366 * 1440
#: What rings every few hours needs an end, so many days after its beginning at most.
LONGEST_HOURLY = 31
_LAST_MINUTE = time(23, 59, 59)


@dataclass(frozen=True)
class Plan:
    """A wall-clock ``start`` in a zone, the rule by which it repeats, and the notices ahead in minutes.

    ``but_holidays``: not on public or school holidays. ``skipped`` are single days that are left out. ``minutes`` is
    how long it takes, if that was said.
    """

    start: datetime
    zone: str
    rule: Rule | None = None
    leads: tuple[int, ...] = ()
    but_holidays: bool = False
    skipped: tuple[date, ...] = ()
    minutes: int | None = None

    def schedule(self, closed: Closed | None = None) -> Schedule:
        """When it falls; ``closed`` says which days are holidays."""
        times = frozenset(datetime.combine(day, self.start.time()) for day in self.skipped)
        if closed is None or not self.but_holidays:
            return Schedule(self.start, self.zone, self.rule, times)
        return Schedule(self.start, self.zone, self.rule, times, closed)

    def opened(self, closed: Closed) -> Plan:
        """The same from its first day that is no holiday on, if holidays are left out and there is such a day."""
        if not self.but_holidays:
            return self
        return replace(self, start=next(self.schedule(closed).occurrences(self.start), self.start))

    def to_json(self) -> Json:
        """The plan as JSON, without what is empty."""
        whole = {
            "start": self.start.isoformat(timespec="minutes"),
            "zone": self.zone,
            "rule": self.rule.text() if self.rule else None,
            "leads": list(self.leads),
            "but_holidays": self.but_holidays,
            "skipped": [day.isoformat() for day in self.skipped],
            "minutes": self.minutes,
        }
        return {key: value for key, value in whole.items() if value}

    @classmethod
    def from_json(cls, data: Json) -> Plan:
        """The plan of its JSON. Raises ValueError for anything that is none."""
        if not is_zone(data["zone"]):
            raise ValueError("no such zone")
        return cls(
            datetime.fromisoformat(data["start"]),
            data["zone"],
            Rule.read(data["rule"]) if "rule" in data else None,
            tuple(map(int, data.get("leads", ()))),
            bool(data.get("but_holidays", False)),
            tuple(map(date.fromisoformat, data.get("skipped", ()))),
            data.get("minutes"),
        )


@dataclass(frozen=True)
class Unfinished:
    """What a plan still lacks, or why it cannot be; ``known`` is what was understood."""

    lacks: Missing | None = None
    trouble: Trouble | None = None
    known: Found = field(default_factory=Found)


def put_together(found: Found, now: datetime, zone: str) -> Plan | Unfinished:
    """A plan of what was found in a line that was said at this wall-clock time."""
    leads = tuple(sorted(set(found.leads), reverse=True))
    trouble = found.trouble or _too_much(found, leads, now)
    if trouble is not None:
        return Unfinished(trouble=trouble, known=found)
    if found.exact is not None and found.repeat is None:
        return _checked(Plan(found.exact, zone, leads=leads, minutes=_takes(found)), found, now)
    if found.repeat is not None:
        return _repeating(found, found.repeat, leads, now, zone)
    day = found.day or found.until
    if found.at is None:
        return Unfinished("time" if day is not None else "when", known=found)
    start = _once(day, found, now)
    return _checked(Plan(start, zone, leads=leads, minutes=_takes(found)), found, now)


def _once(day: date | None, found: Found, now: datetime) -> datetime:
    """The moment that a day and a time mean; without a day the next time that a clock shows it."""
    assert found.at is not None
    start = datetime.combine(day or now.date(), found.at)
    if start > now:
        return start
    if day is None:
        return start + timedelta(days=1)
    if found.day is not None and found.rolls == "week":
        return start + timedelta(days=7)
    return start


def _repeating(found: Found, repeat: Repeat, leads: tuple[int, ...], now: datetime, zone: str) -> Plan | Unfinished:
    """A plan that repeats: from its first day on, to its last."""
    repeat = days_but(repeat, found.without)
    if found.at is None and repeat.step != "hour" and found.exact is None:
        return Unfinished("time", known=found)
    if found.day is None and found.exact is None and _needs_day(repeat):
        return Unfinished("day", known=found)
    stepped = _stepped(found, repeat, now)
    if not isinstance(stepped, tuple):
        return Unfinished(trouble=stepped, known=found)
    first, rule = stepped
    plan = Plan(first, zone, rule, leads, found.but_holidays, tuple(found.skipped), _takes(found))
    return _checked(plan, found, now)


def _stepped(found: Found, repeat: Repeat, now: datetime) -> tuple[datetime, Rule] | Trouble:
    """The first time and the whole rule, or why there is none."""
    begins = _beginning(found, now)
    try:
        rule = _rule(repeat, begins)
        first = next(falls(rule, begins, max(begins, now + timedelta(minutes=1))), None)
        if first is None:
            return "never"
        rule = replace(rule, until=_until(found, rule, first))
    except (BadRule, OverflowError):
        return "never"
    if rule.until is not None and rule.until < first:
        return "over"
    if rule.step == "hour" and (rule.until is None or rule.until - first > timedelta(days=LONGEST_HOURLY)):
        return "too_often"
    return first, rule


def _needs_day(repeat: Repeat) -> bool:
    """Whether it is open on which day it begins: each second week, each month or year on the same day."""
    if repeat.step == "week":
        return not repeat.days
    return (repeat.step == "month" and not repeat.days and repeat.monthday is None) or repeat.step == "year"


def _beginning(found: Found, now: datetime) -> datetime:
    """From when on it is counted; seconds do not matter to anybody."""
    if found.exact is not None:
        return found.exact
    if found.at is None:
        return (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return datetime.combine(found.day or now.date(), found.at)


def _rule(repeat: Repeat, begins: datetime) -> Rule:
    """The rule, with the day of its beginning where it names none. Raises BadRule."""
    if repeat.step == "week":
        return Rule("week", repeat.interval, repeat.days or (begins.weekday(),))
    if repeat.step == "month":
        day = None if repeat.days else repeat.monthday or begins.day
        return Rule("month", repeat.interval, repeat.days, repeat.nth, day)
    if repeat.step == "year":
        return Rule("year", repeat.interval, day=begins.day, month=begins.month)
    return Rule(repeat.step, repeat.interval)


def _until(found: Found, rule: Rule, first: datetime) -> datetime | None:
    """The last wall-clock time that counts. So many times are counted out now."""
    if found.until is not None:
        return datetime.combine(found.until, _LAST_MINUTE)
    if found.count is not None:
        times = list(islice(falls(rule, first, first), min(max(found.count, 1), 1000)))
        return times[-1]
    if found.span is not None and found.span.unit not in {"minute", "hour"}:
        return datetime.combine(after_span(first, found.span), _LAST_MINUTE)
    if found.span is not None and rule.step == "hour":
        return found.span.after(first)
    return None


def _takes(found: Found) -> int | None:
    """How long it takes in minutes, if the line says so."""
    if found.ends is not None and found.at is not None:
        day = date(2000, 1, 1)
        between = datetime.combine(day, found.ends) - datetime.combine(day, found.at)
        return int(between.total_seconds() // 60) % (24 * 60) or None
    if found.span is not None and found.span.unit in {"minute", "hour"} and found.repeat is None:
        return min(found.span.minutes, 24 * 60) or None
    return None


def _too_much(found: Found, leads: Collection[int], now: datetime) -> Trouble | None:
    if len(leads) > MOST_LEADS or any(not 0 < lead <= LONGEST_LEAD for lead in leads):
        return "ahead"
    days = [found.day, found.exact.date() if found.exact else None]
    if any(day is not None and day.year > now.year + FURTHEST for day in days):
        return "too_far"
    return None


def _checked(plan: Plan, found: Found, now: datetime) -> Plan | Unfinished:
    """The plan, unless its beginning has passed."""
    if moment(plan.start, plan.zone) <= moment(now, plan.zone):
        return Unfinished(trouble="past", known=found)
    return plan
