"""A name or a sentence in somebody's own words, with a ready answer to press, and perhaps a way to skip it."""

from __future__ import annotations

from typing import Any

from bot.talk import Again, Kept, Kind, Option, Said
from bot.text import Name, Node, Verbatim, _, n_, p_
from bot.text.cleaning import clean
from handlers.kinds.typed import has_letters, one_line, typed

_READY = "is:"
_SKIP = "!skip"


class Line(Kind[str]):
    """Words with at least one letter and at most ``at_most`` characters; "" where the question may be skipped.

    ``offer`` is a likely answer, shown as a button; it travels in the button, so it need not be known later.
    """

    def __init__(self, at_most: int, *, offer: str | None = None, skip: bool = False, lines: bool = False) -> None:
        self.at_most, self.skip, self.lines = at_most, skip, lines
        self._offer = one_line(offer, at_most)

    def options(self, draft: Any) -> tuple[Option, ...]:
        """The likely answer and "Skip", where there are any."""
        offered = [Option(_READY + self._offer, Name(self._offer))] if self._offer else []
        return (*offered, *([Option(_SKIP, p_("button", "Skip"))] if self.skip else []))

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """The words as they were written: a likely answer that only resembles them never takes their place."""
        if said.option == _SKIP and self.skip:
            return Kept("")
        words = typed(said)
        if words is None:
            words = (said.option or "").removeprefix(_READY)
        words = clean(words, one_line=not self.lines)
        if len(words) > self.at_most:
            return Again(n_("Please keep it to {n} character.", "Please keep it to {n} characters.", self.at_most))
        if not has_letters(words):
            return Again(_("Please write it in words."))
        return Kept(words)

    def recall(self, kept: Any) -> str:
        """The words."""
        return str(kept)

    def show(self, value: str) -> Node:
        """The words, or a dash where there are none."""
        return Verbatim(value or "–") if self.lines or not value else Name(value)
