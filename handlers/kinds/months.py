"""A month with its year, out of the next ones, chosen or written: "March", "marzec 2027", "3/2027", "2027-03"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from babel.dates import get_month_names

from bot.talk import Again, Kept, Kind, Option, Outdated, Said
from bot.text import Month, Node, _
from bot.text.catalogs import available
from handlers.kinds.typed import typed
from storage.spelling import fold

OFFERED = 8
_NUMERIC = re.compile(r"(?:(?P<y1>20\d\d)[-./ ](?P<m1>\d{1,2})|(?P<m2>\d{1,2})[-./ ](?P<y2>20\d\d))")
_YEAR = re.compile(r"20\d\d")
_LONGEST = 60


class Months(Kind[date]):
    """The first day of a month, not before the month of ``first`` and not after that of ``last``; ``likely`` is offered
    before the others. A name that is one month in one language and another in another ("listopad") is taken in
    ``language``."""

    def __init__(self, first: date, last: date, language: str, likely: date | None = None) -> None:
        self._language = language
        self._first, self._last = first.replace(day=1), last.replace(day=1)
        self._likely = likely.replace(day=1) if likely is not None and self._within(likely.replace(day=1)) else None

    def options(self, draft: Any) -> list[Option]:
        """The likely month, and the first ones that are possible."""
        offered = [self._likely] if self._likely is not None else []
        offered += [month for month in months_from(self._first, OFFERED) if self._within(month)]
        return [Option(month.isoformat(), Month(month)) for month in dict.fromkeys(offered)][:OFFERED]

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """A month that was chosen, or one in figures or by its name; without a year, the next one of that name."""
        words = typed(said)
        if words is None:
            return Kept(said.option) if said.option else Again(_("Please choose one of the answers."))
        meant = month_in(words[:_LONGEST], self._first, self._language)
        if meant is None:
            return Again(_("Please write a month and a year, for example: 3/2027"))
        if not self._within(meant):
            return Again(_("That month is too early or too far away. Please choose another one."))
        return Kept(meant.isoformat())

    def recall(self, kept: Any) -> date:
        """The first day of the month, while it is still possible."""
        try:
            month = date.fromisoformat(str(kept))
        except ValueError:
            raise Outdated(None) from None
        if not self._within(month) or month.day != 1:
            raise Outdated(_("That month is too early or too far away. Please choose another one."))
        return month

    def show(self, value: date) -> Node:
        """The month with its year."""
        return Month(value)

    def _within(self, month: date) -> bool:
        return self._first <= month <= self._last


def months_from(first: date, number: int) -> Iterator[date]:
    """So many months from one on, each by its first day."""
    for place in range(number):
        yield month_after(first, place)


def month_after(day: date, number: int) -> date:
    """The first day of the month that comes ``number`` months after that of a day."""
    months = day.year * 12 + day.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)


def month_in(words: str, earliest: date, language: str) -> date | None:
    """The month that words name, in figures or in any of our languages, this one first; without a year, the next from
    ``earliest``."""
    figures, parts = _NUMERIC.search(words), fold(words).split()
    if figures is not None:
        year, month = figures["y1"] or figures["y2"], figures["m1"] or figures["m2"]
        return date(int(year), int(month), 1) if 1 <= int(month) <= 12 else None
    number = next((known[part] for known in (_names(language), _all_names()) for part in parts if part in known), None)
    if number is None:
        return None
    year = _YEAR.search(words)
    if year is not None:
        return date(int(year[0]), number, 1)
    return next(month for month in months_from(earliest, 12) if month.month == number)


@cache
def _names(language: str) -> dict[str, int]:
    """The names of months as they stand alone and in dates."""
    return {
        fold(name): number
        for context in ("stand-alone", "format")
        for width in ("abbreviated", "wide")
        for number, name in get_month_names(width, context, language).items()
    }


@cache
def _all_names() -> dict[str, int]:
    """The names of months in all languages of the catalogs."""
    return {name: number for language in available() for name, number in _names(language).items()}
