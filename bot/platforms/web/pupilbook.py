"""What the pages of pupils need, and in what shape they get it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bot.platforms.web.roombook import RoomBook
from bot.text import Node

#: Whether a card opened: the pictures or the code are wrong, or there were too many wrong tries with this card.
Entry = Literal["in", "wrong", "often"]


@dataclass(frozen=True)
class Nickname:
    """A nickname to choose: ``id`` goes through the form, ``sign`` is its little picture."""

    id: str
    words: str
    sign: str


@dataclass(frozen=True)
class Pupil:
    """Who sits at a browser. ``account`` is how the book calls them; ``fresh``: they may still choose a nickname."""

    account: str
    nickname: str
    sign: str
    language: str
    fresh: bool


class PupilBook(RoomBook, Protocol):
    """Where pupils are kept, and the rooms as they see them."""

    async def opened(self, token_hash: str) -> Pupil | None:
        """Who is in at a browser, as long as their card is good."""

    async def enter(self, code: str, pictures: Collection[int], token_hash: str) -> Entry:
        """Let a browser in with a card."""

    async def offered(self, account: str) -> Sequence[Nickname]:
        """Some nicknames that nobody has."""

    async def take(self, account: str, nickname: str) -> bool:
        """Take one of those, or "" for the one that is there; False if it is not free."""

    async def leave(self, token_hash: str) -> None:
        """Forget a browser."""

    async def hear(self, account: str, address: str, body: Mapping[str, Any]) -> Node | None:
        """Somebody does something in a room; why it cannot be, if so. Done when it returns."""
