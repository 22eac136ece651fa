"""A whole number within bounds, such as how many pupils take part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.talk import Again, Kept, Kind, Option, Outdated, Said
from bot.text import Count, Node, _
from handlers.kinds.typed import typed

_NUMBER = re.compile(r"\d{1,6}")


class Number(Kind[int]):
    """A number from ``least`` to ``most``; ``offered`` are likely ones."""

    reads_numbers = True

    def __init__(self, least: int, most: int, offered: Sequence[int] = ()) -> None:
        self.least, self.most, self._offered = least, most, offered

    def options(self, draft: Any) -> list[Option]:
        """The likely ones."""
        return [Option(str(number), Count(number)) for number in self._offered]

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """The number that was chosen or written, in digits of any script."""
        found = _NUMBER.search(said.text if typed(said) is not None and said.text else said.option or "")
        number = int(found[0]) if found is not None else 0
        if not self.least <= number <= self.most:
            bounds = {"least": Count(self.least), "most": Count(self.most)}
            return Again(_("Please write a number from {least} to {most}.", **bounds))
        return Kept(number)

    def recall(self, kept: Any) -> int:
        """The number, if it is within the bounds."""
        if not isinstance(kept, int) or not self.least <= kept <= self.most:
            raise Outdated(None)
        return kept

    def show(self, value: int) -> Node:
        """The number as the reader writes it."""
        return Count(value)
