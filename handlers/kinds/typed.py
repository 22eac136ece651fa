"""Small things that several kinds share: words that were typed, answers that hold only for another answer."""

from __future__ import annotations

import re
from typing import Any, Generic, TypeVar

from bot.talk import Again, Kept, Kind, Option, Outdated, Said
from bot.text import Node
from bot.text.cleaning import clean

T = TypeVar("T")

_NUMBER = re.compile(r"\s*\d+\s*[.)]?\s*")


def typed(said: Said) -> str | None:
    """The words, where somebody wrote words and did not choose by button or number; None where they chose."""
    if said.pressed or said.text is None or (said.option is not None and _NUMBER.fullmatch(said.text)):
        return None
    return said.text


def has_letters(words: str) -> bool:
    """Whether there is anything to read in words: a name of dots or of invisible joiners is none."""
    return any(sign.isalpha() for sign in words)


class Within(Kind[T], Generic[T]):
    """Another kind, whose answer holds only as long as ``scope`` (plain JSON) is what it was when it was given."""

    def __init__(self, kind: Kind[T], *scope: str | int) -> None:
        self._kind, self._scope = kind, list(scope)
        self.reads_numbers = kind.reads_numbers

    def options(self, draft: Any) -> tuple[Option, ...]:
        """What the kind itself offers."""
        return tuple(self._kind.options(draft))

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """What the kind itself understands, kept with its scope."""
        answer = self._kind.read(said, draft)
        return Kept({"within": self._scope, "is": answer.value}) if isinstance(answer, Kept) else answer

    def recall(self, kept: Any) -> T:
        """The answer. Raises Outdated, without a note, if it was given for something else."""
        if not isinstance(kept, dict) or kept.get("within") != self._scope:
            raise Outdated(None)
        return self._kind.recall(kept["is"])

    def show(self, value: T) -> Node:
        """The answer as the kind shows it."""
        return self._kind.show(value)


def one_line(words: str | None, limit: int) -> str | None:
    """A hint as one clean line that is worth offering, or None."""
    line = clean(words or "", one_line=True, limit=limit)
    return line if has_letters(line) else None
