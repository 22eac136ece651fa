"""One teacher as matching sees them: plain integers, the same in the tables and in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage.reference.bits import WORDS, Facet, whole

__all__ = ["EPOCH", "WIDE", "Side", "column_names", "day_of", "side_of_row", "week_of"]

EPOCH = date(1970, 1, 1).toordinal()

WIDE: Mapping[str, Facet] = {
    "subjects": "subjects",
    "languages": "languages",
    "wish_countries": "countries",
    "wish_subjects": "subjects",
    "wish_languages": "languages",
    "wish_levels": "levels",
    "wish_kinds": "kinds",
}
"""The masks that the table keeps in numbered words, with their facet."""

_PLAIN = (
    "person_id",
    "suggestible",
    "school_id",
    "country",
    "level",
    "ages",
    "wish_ages",
    "active_day",
    "joined_day",
    "shown",
    "shown_week",
    "asked",
    "answered",
    "requests",
)


@dataclass(frozen=True, slots=True)
class Side:
    """A teacher in integers. Masks as in `storage/reference/bits.py`; a wish of 0 means "any". ``country`` and
    ``level`` are bit positions, days are counted from 1970."""

    person_id: int
    school_id: int
    country: int
    level: int
    subjects: int
    languages: int
    ages: int
    active_day: int
    joined_day: int
    wish_countries: int = 0
    wish_subjects: int = 0
    wish_languages: int = 0
    wish_levels: int = 0
    wish_kinds: int = 0
    wish_ages: int = 0
    shown: int = 0
    shown_week: int = 0
    asked: int = 0
    answered: int = 0
    requests: int = 0
    suggestible: bool = True

    @property
    def wants(self) -> int:
        """The languages they want to work in: the wished ones, else their own."""
        return self.wish_languages or self.languages

    @property
    def works(self) -> int:
        """The languages they would work in: their own and the wished ones."""
        return self.languages | self.wish_languages


def side_of_row(row: Any) -> Side:
    """A row of `match_rows`, with the columns of `column_names` in their order, as a side."""
    number = len(_PLAIN)
    values: dict[str, Any] = dict(zip(_PLAIN, row[:number], strict=True))
    for name, facet in WIDE.items():
        values[name] = whole(row[number : number + WORDS[facet]])
        number += WORDS[facet]
    return Side(**values)


def column_names() -> list[str]:
    """The columns of `match_rows` that a side is made of."""
    return [*_PLAIN, *(f"{name}_{place}" for name, facet in WIDE.items() for place in range(WORDS[facet]))]


def day_of(moment: datetime) -> int:
    """The day of a moment in UTC, counted from 1970."""
    return moment.toordinal() - EPOCH


def week_of(day: int) -> int:
    """The week of a day, from Monday to Sunday; 1970 began on a Thursday."""
    return (day + 3) // 7
