"""What a line was found to say of a time: pieces, before they are put together into a plan."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Literal, cast

from handlers.reminders.rules import Step
from handlers.reminders.tokens import Token

Unit = Literal["minute", "hour", "day", "week", "month", "year"]
Roll = Literal["week", "year"]
#: Why a line makes no sense as a time.
Trouble = Literal[
    "no_such_day", "no_such_time", "past", "too_far", "too_often", "never", "over", "ahead", "other_weekday", "holidays"
]

MINUTES: dict[str, int] = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080, "month": 43_200, "year": 525_600}
#: No number of a line counts beyond this.
_MOST = 100_000


@dataclass(frozen=True)
class Lapse:
    """So many units of time: "2 weeks"."""

    number: int
    unit: Unit

    @property
    def minutes(self) -> int:
        """Its length in minutes, a month as 30 days and a year as 365."""
        return self.number * MINUTES[self.unit]

    def after(self, start: datetime) -> datetime:
        """The wall-clock time so much later; the last day of a month that is too short. Raises OverflowError."""
        if self.unit in {"month", "year"}:
            months = start.year * 12 + start.month - 1 + self.number * (12 if self.unit == "year" else 1)
            year, month = divmod(months, 12)
            if not 1 <= year <= 9999:
                raise OverflowError(year)
            return start.replace(year=year, month=month + 1, day=min(start.day, days_in(year, month + 1)))
        return start + timedelta(minutes=self.minutes)


@dataclass
class Repeat:
    """How something repeats, before it is known when it starts. ``monthday`` is a day of the month, -1 the last."""

    step: Step
    interval: int = 1
    days: tuple[int, ...] = ()
    nth: int | None = None
    monthday: int | None = None


@dataclass
class Found:
    """The pieces of a line. ``rolls``: a day that has passed means the one a week or a year later.

    ``exact`` is a wall-clock time that follows from now ("in 2 hours"). ``span`` and ``count`` say how long it goes
    on, ``ends`` and ``span`` how long it takes. ``leads`` are minutes before. ``trouble`` is what makes no sense.
    Of the line's words ``understood`` are part of all that, and ``known`` stand in the language's file.
    """

    words: str = ""
    day: date | None = None
    rolls: Roll | None = None
    exact: datetime | None = None
    at: time | None = None
    ends: time | None = None
    repeat: Repeat | None = None
    until: date | None = None
    count: int | None = None
    span: Lapse | None = None
    leads: list[int] = field(default_factory=list)
    but_holidays: bool = False
    skipped: list[date] = field(default_factory=list)
    without: tuple[int, ...] = ()
    trouble: Trouble | None = None
    understood: int = 0
    known: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing of a time was found."""
        parts = (self.day, self.exact, self.at, self.repeat, self.until, self.trouble)
        return all(part is None for part in parts) and not self.leads


def merged(known: Found, more: Found) -> Found:
    """What two lines say together: the later one counts where both say something."""
    both = replace(known)
    for piece in fields(Found):
        value = getattr(more, piece.name)
        if value != getattr(_NOTHING, piece.name) and piece.name != "words":
            setattr(both, piece.name, value)
    both.words = known.words or more.words
    both.trouble = more.trouble
    return both


_NOTHING = Found()


def lapses(tokens: Sequence[Token]) -> list[Lapse]:
    """The lengths of time that tokens say; a unit alone is one of it."""
    found: list[Lapse] = []
    number: int | None = None
    for token in tokens:
        if "lapse" in token:
            count, unit = token.value("lapse").split()
            found.append(Lapse(int(count), cast("Unit", unit)))
        elif "unit" in token:
            found.append(Lapse(1 if number is None else number, cast("Unit", token.value("unit"))))
            number = None
        elif "units" in token and number is not None:
            found.append(Lapse(number, cast("Unit", token.value("units"))))
            number = None
        elif "number" in token:
            number = number_of(token)
        elif "other" in token:
            number = int(token.value("other"))
    return found


def number_of(token: Token) -> int:
    """The number a token stands for."""
    return min(token.numbers[0] if token.numbers else int(token.value("number")), _MOST)


def weekdays(tokens: Sequence[Token]) -> tuple[int, ...]:
    """The days of the week that tokens name, in the order of a week."""
    named = {int(token.senses.get("weekday", token.senses.get("weekdays", "9"))) for token in tokens}
    return tuple(sorted(named - {9}))


def days_in(year: int, month: int) -> int:
    """How many days a month has."""
    return calendar.monthrange(year, month)[1]
