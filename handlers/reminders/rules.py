"""Rules by which something repeats: the part of RFC 5545 that people say, kept as its RRULE and stepped by dateutil."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast, get_args

from dateutil import rrule

Step = Literal["hour", "day", "week", "month", "year"]

STEPS: tuple[Step, ...] = get_args(Step)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAYS = (0, 1, 2, 3, 4)
#: An interval above this is a typing error.
LONGEST_INTERVAL = 1000
#: The highest day that every month has.
_ALWAYS = 28
_FREQUENCIES = {"hour": "HOURLY", "day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_STEPS = {name: cast("Step", step) for step, name in _FREQUENCIES.items()}
_UNTIL = "%Y%m%dT%H%M%S"


class BadRule(ValueError):
    """A rule that is none of ours, or that never falls on any day."""


@dataclass(frozen=True)
class Rule:
    """Every ``interval`` steps.

    ``days`` are weekdays (0 is Monday): of a week, or with ``nth`` (1 to 4, or -1 for the last) of a month. ``day`` is
    the day of a month, -1 the last; where a month is too short for it, its last day counts. ``month`` goes with
    ``day`` for a year. ``until`` is the last wall-clock time that may be met. Raises BadRule.
    """

    step: Step
    interval: int = 1
    days: tuple[int, ...] = ()
    nth: int | None = None
    day: int | None = None
    month: int | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.interval <= LONGEST_INTERVAL or not _sound(self):
            raise BadRule(repr(self))

    def text(self) -> str:
        """The rule as an RRULE of RFC 5545."""
        parts = {"FREQ": _FREQUENCIES[self.step]}
        if self.interval > 1:
            parts["INTERVAL"] = str(self.interval)
        if self.days:
            parts["BYDAY"] = ",".join(f"{self.nth or ''}{DAYS[day]}" for day in self.days)
        if self.month is not None:
            parts["BYMONTH"] = str(self.month)
        if self.day is not None:
            parts["BYMONTHDAY"] = ",".join(map(str, _month_days(self.day)))
            if self.day > _ALWAYS:
                parts["BYSETPOS"] = "-1"
        if self.until is not None:
            parts["UNTIL"] = self.until.strftime(_UNTIL)
        return ";".join(f"{name}={value}" for name, value in parts.items())

    @classmethod
    def read(cls, text: str) -> Rule:
        """The rule of an RRULE that `text` wrote. Raises BadRule."""
        try:
            parts = dict(part.split("=", 1) for part in text.split(";"))
            return cls(
                _STEPS[parts["FREQ"]],
                int(parts.get("INTERVAL", 1)),
                tuple(DAYS.index(day[-2:]) for day in parts["BYDAY"].split(",")) if "BYDAY" in parts else (),
                int(parts["BYDAY"].split(",")[0][:-2]) if len(parts.get("BYDAY", "").split(",")[0]) > 2 else None,
                max(map(int, parts["BYMONTHDAY"].split(","))) if "BYMONTHDAY" in parts else None,
                int(parts["BYMONTH"]) if "BYMONTH" in parts else None,
                datetime.strptime(parts["UNTIL"], _UNTIL) if "UNTIL" in parts else None,
            )
        except (KeyError, ValueError) as error:
            raise BadRule(text[:200]) from error


def falls(rule: Rule, start: datetime, since: datetime) -> Iterator[datetime]:
    """The wall-clock times of a rule that begins at ``start``, from ``since`` on (both included), in their order."""
    near = _near(rule, start, since)
    stepping = rrule.rrule(
        getattr(rrule, _FREQUENCIES[rule.step]),
        dtstart=near,
        interval=rule.interval,
        wkst=rrule.MO,
        until=rule.until,
        byweekday=[rrule.weekday(day, rule.nth) for day in rule.days] or None,
        bymonth=rule.month,
        bymonthday=None if rule.day is None else _month_days(rule.day),
        bysetpos=-1 if rule.day is not None and rule.day > _ALWAYS else None,
    )
    found: Iterator[datetime] = stepping.xafter(max(since, near), inc=True)
    return found


def _sound(rule: Rule) -> bool:
    """Whether the parts of a rule belong together, and fall on some day."""
    if any(not 0 <= day <= 6 for day in rule.days) or len(set(rule.days)) != len(rule.days):
        return False
    by_day, by_date = bool(rule.days), rule.day is not None
    if rule.step in {"hour", "day"}:
        return not (by_day or by_date or rule.nth or rule.month)
    if rule.step == "week":
        return by_day and not (by_date or rule.nth or rule.month)
    if rule.step == "month" and by_day:
        return rule.nth in {-1, 1, 2, 3, 4} and not (by_date or rule.month)
    if by_day or rule.nth or rule.day is None or not (rule.day == -1 or 1 <= rule.day <= 31):
        return False
    return rule.month is None if rule.step == "month" else _in_year(rule.month, rule.day)


def _in_year(month: int | None, day: int) -> bool:
    return month is not None and 1 <= month <= 12 and 1 <= day <= (29 if month == 2 else 31 - (month in {4, 6, 9, 11}))


def _month_days(day: int) -> list[int]:
    """A day that not every month has stands for the last day where it is missing."""
    return list(range(_ALWAYS, day + 1)) if day > _ALWAYS else [day]


def _near(rule: Rule, start: datetime, since: datetime) -> datetime:
    """A beginning that is in step with ``start`` and not long before ``since``: nobody counts all the years between."""
    if since <= start:
        return start
    if rule.step in {"hour", "day", "week"}:
        length = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}[rule.step]
        return start + (since - start) // (length * rule.interval) * (length * rule.interval)
    months = (since.year - start.year) * 12 + since.month - start.month
    months -= months % (rule.interval * (12 if rule.step == "year" else 1))
    if months <= 0:
        return start
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=1 if rule.step == "year" else month + 1, day=1)
