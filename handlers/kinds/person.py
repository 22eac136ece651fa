"""What somebody wants to be called."""

from __future__ import annotations

from typing import Any

from bot.talk import Again, Kept, Said
from bot.text import _
from handlers.kinds.line import Line
from handlers.staff.lookalikes import likeness


class PersonName(Line):
    """A name of one line; one that says it is support is not taken, and whoever wrote it is asked for another."""

    def __init__(self, at_most: int, *, offer: str | None = None) -> None:
        super().__init__(at_most, offer=None if offer is None or likeness(offer) == "outright" else offer)

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """The name, unless it says outright that it is support's."""
        answer = super().read(said, draft)
        if isinstance(answer, Kept) and likeness(str(answer.value)) == "outright":
            return Again(_("That name sounds like support. Please write your own name, as your colleagues know it."))
        return answer
