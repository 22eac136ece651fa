"""The ages of pupils: "11-13", "from 11 to 13", "12", in the digits of any script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bot.talk import Again, Kept, Kind, Option, Outdated, Said
from bot.text import Count, Node, _, p_
from handlers.kinds.typed import typed
from storage.reference import LEVEL_AGES

Range = tuple[int, int]

YOUNGEST = min(ages[0] for ages in LEVEL_AGES.values())
OLDEST = max(ages[1] for ages in LEVEL_AGES.values())
_NUMBER = re.compile(r"\d+")
_LONGEST = 100


class Ages(Kind[Range]):
    """The youngest and the oldest age in years, both included; a single number stands for both."""

    reads_numbers = True

    def __init__(self, offered: Iterable[Range]) -> None:
        self._offered = list(offered)

    def options(self, draft: Any) -> list[Option]:
        """The usual ranges of a level."""
        return [Option(f"{youngest}-{oldest}", self.show((youngest, oldest))) for youngest, oldest in self._offered]

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """All numbers of the answer count; the smallest and the largest are the range."""
        words = said.option if typed(said) is None else said.text
        numbers = [int(number) for number in _NUMBER.findall((words or "")[:_LONGEST])]
        if not numbers and said.option is not None:
            numbers = [int(number) for number in _NUMBER.findall(said.option)]
        if not numbers:
            return Again(_("Please write ages in years, for example: 11-13"))
        if min(numbers) < YOUNGEST or max(numbers) > OLDEST:
            limits = {"youngest": Count(YOUNGEST), "oldest": Count(OLDEST)}
            return Again(_("Please write ages between {youngest} and {oldest}, for example: 11-13", **limits))
        return Kept([min(numbers), max(numbers)])

    def recall(self, kept: Any) -> Range:
        """The youngest and the oldest."""
        youngest, oldest = kept
        if not YOUNGEST <= youngest <= oldest <= OLDEST:
            raise Outdated(_("Please write the ages again."))
        return youngest, oldest

    def show(self, value: Range) -> Node:
        """The range, or the one age."""
        return ages_shown(value)


def ages_shown(value: Range) -> Node:
    """The ages of pupils in years: "11–13", or "12"."""
    youngest, oldest = value
    if youngest == oldest:
        return Count(youngest)
    # Translators: ages of pupils in years, as in "11–13"; write it as your language writes a range.
    return p_("ages", "{youngest}–{oldest}", youngest=Count(youngest), oldest=Count(oldest))


def ages_kind(level: str | None) -> Ages:
    """Ages; the level's halves and its whole range are offered, or each level's range where no level is known."""
    if level is None or level not in LEVEL_AGES:
        return Ages(dict.fromkeys(LEVEL_AGES.values()))
    youngest, oldest = LEVEL_AGES[level]
    middle = (youngest + oldest) // 2
    return Ages([(youngest, middle), (middle + 1, oldest), (youngest, oldest)])
