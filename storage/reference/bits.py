"""Sets of codes as masks: which bit stands for which code. Positions stand in `bits.csv` and never change.

A mask is an int of any width. In a table it is kept as words of ``WORD`` bits, which both databases take as a
positive BIGINT. A row of `bits.csv` is never taken out and no position is used again, so a mask that was written
years ago still means what it meant.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

from storage.reference import rows

__all__ = [
    "AGES",
    "FACETS",
    "WORD",
    "WORDS",
    "Facet",
    "NoRoom",
    "codes",
    "kinds",
    "mask",
    "positions",
    "span",
    "whole",
    "words",
]

Facet = Literal["countries", "subjects", "languages", "levels", "kinds"]
FACETS: tuple[Facet, ...] = get_args(Facet)
"""What is kept as masks of codes."""

WORD = 63
"""Bits in a word: what a signed 64-bit integer holds without its sign."""

AGES = 32
"""Years of age that a mask of ages has bits for, from 0."""

WORDS: Mapping[Facet, int] = MappingProxyType({"countries": 2, "subjects": 2, "languages": 2, "levels": 1, "kinds": 1})
"""How many words of each facet the table `match_rows` has."""


class NoRoom(ValueError):
    """A bit lies beyond the words that the table has; a migration has to add one."""

    def __init__(self, facet: str) -> None:
        """Name the facet that has outgrown its words."""
        super().__init__(f"{facet} need another word in match_rows: add a migration and raise WORDS")


@cache
def positions(facet: Facet) -> Mapping[str, int]:
    """The bit of each code of a facet, from 0."""
    return MappingProxyType({row["code"]: int(row["bit"]) for row in rows("bits.csv") if row["facet"] == facet})


@cache
def kinds() -> tuple[str, ...]:
    """The kinds of projects, as codes, in the order in which they are offered."""
    return tuple(positions("kinds"))


def mask(facet: Facet, chosen: Iterable[str]) -> int:
    """The codes as one mask. A code without a bit is one that no longer exists, so nobody can match by it."""
    known = positions(facet)
    bits = 0
    for code in chosen:
        if code in known:
            bits |= 1 << known[code]
    return bits


def codes(facet: Facet, bits: int) -> tuple[str, ...]:
    """The codes of a mask, in the order of their bits. Bits that no code has are passed over."""
    return tuple(code for code, bit in sorted(positions(facet).items(), key=lambda one: one[1]) if bits >> bit & 1)


def words(facet: Facet, bits: int) -> tuple[int, ...]:
    """A mask as the words of the table, the lowest bits first. Raises NoRoom if they cannot hold it."""
    count = WORDS[facet]
    if bits >> (WORD * count):
        raise NoRoom(facet)
    return tuple(bits >> (WORD * place) & ((1 << WORD) - 1) for place in range(count))


def whole(parts: Iterable[int]) -> int:
    """The mask that `words` took apart."""
    bits = 0
    for place, part in enumerate(parts):
        # Most masks have nothing but zeros beyond their first word.
        bits |= part << (WORD * place) if part else 0
    return bits


def span(ages: tuple[int, int] | None) -> int:
    """Ages in years, both included, as a mask with a bit for each year; 0 for None."""
    if ages is None:
        return 0
    youngest, oldest = (min(max(age, 0), AGES - 1) for age in ages)
    return (1 << (oldest + 1)) - (1 << youngest) if youngest <= oldest else 0
