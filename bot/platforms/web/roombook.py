"""What the pages of rooms need, and in what shape they get it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.talk.messages import Attachment
from bot.text import Node, Reader, Span

#: How the web calls the chat of a room: this and the room's address.
PREFIX = "room:"


@dataclass(frozen=True)
class Sign:
    """A sign on a message: how many put it there, and whether the reader is one of them."""

    sign: str
    number: int
    mine: bool


@dataclass(frozen=True)
class Said:
    """A message of a room as one reader gets it. ``who`` is empty where they are gone.

    ``quoted`` is the beginning of what it answers. ``files`` are its files by number, None for one that could not be
    brought; ``coming`` is how many are still on their way. ``marks`` are what stands out in its words. ``choices`` are
    labels of buttons, and what they carry; ``chosen`` is what the one carries that the reader has pressed. The bot
    ``asks`` it, perhaps for the reader, who cannot change it then.
    ``place`` is its place in the room. ``state`` says whether it is "out",
    "held", or "returned" with a ``note``; ``ousted`` that somebody else took it away. ``may`` are the commands that the
    reader may give about it.
    """

    id: int
    change: int
    mine: bool
    who: str
    words: str
    said_at: datetime
    edited: bool
    removed: bool
    answers: int | None
    quoted: str | None
    signs: tuple[Sign, ...]
    files: Mapping[int, Attachment | None]
    coming: int
    marks: tuple[Span, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    place: int = 0
    state: str = "out"
    note: str | None = None
    ousted: bool = False
    may: tuple[str, ...] = ()
    chosen: str | None = None
    asks: bool = False


@dataclass(frozen=True)
class Place:
    """A room as one of those who are in it sees it. ``change`` is the number of its last change; ``shut`` says why
    nothing can be said in it, if so; ``new`` is how many messages are new to them. ``base`` is under which address they
    see rooms: teachers and pupils have pages of their own. ``nickname`` is what a pupil is called, with its sign."""

    address: str
    title: str
    name: Node
    change: int
    new: int
    shut: Node | None
    reader: Reader
    base: str = "room"
    nickname: str = ""

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/{self.base}/{self.address}"


@dataclass(frozen=True)
class News:
    """What is new in a room for somebody, and whether they can say something there."""

    lines: Sequence[Said]
    open: bool


class RoomBook(Protocol):
    """Where rooms are kept. An account that is not in a room gets nothing of it."""

    async def rooms(self, account: str) -> Sequence[Place]:
        """The rooms of an account."""

    async def room(self, account: str, address: str) -> Place | None:
        """A room, for somebody who is in it."""

    async def newest(self, account: str, address: str, before: int | None, limit: int) -> Sequence[Said]:
        """The last messages, oldest first; with ``before``, those before that one."""

    async def since(self, account: str, address: str, change: int, limit: int) -> News | None:
        """What is new after a change, in order; None for somebody who is not in the room any more."""

    async def one(self, account: str, address: str, message: int) -> Said | None:
        """A message."""

    async def file(self, account: str, address: str, number: int) -> Attachment | None:
        """A file of a message."""

    async def read(self, account: str, address: str, change: int) -> None:
        """Note how far somebody has read."""

    async def changes(self, addresses: Collection[str]) -> Mapping[str, int]:
        """The number of the last change of each of these rooms."""

    async def arrive(self, key: str, what: Attachment | None) -> bool:
        """Note a file that was brought, or that it could not be; False if its message is gone."""

    async def forget(self, key: str) -> Attachment | None:
        """Forget a file that was taken back; gives what it was."""
