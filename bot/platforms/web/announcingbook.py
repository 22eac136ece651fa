"""What the pages of announcements need, and in what shape they get it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.text import Node, Reader


@dataclass(frozen=True)
class Listed:
    """An announcement in a list: how it begins, and how it stands."""

    number: int
    title: Node
    state: Node


@dataclass(frozen=True)
class Overview:
    """The announcements that an officer may see. ``badge`` says for whom they speak, ``question`` asks for the first
    words of a new one."""

    reader: Reader
    badge: Node
    under_way: Sequence[Listed]
    past: Sequence[Listed]
    question: Node


@dataclass(frozen=True)
class Words:
    """The words in one language: as they were written, as readers see them, and what is wrong with them.

    ``splits`` says where they come as several messages, ``most`` is how many characters they may have.
    """

    language: str
    text: str
    shown: Node | None
    trouble: Node | None
    splits: Sequence[Node]
    most: int


@dataclass(frozen=True)
class Far:
    """How far it is: how many of how many, and what else is told."""

    done: int
    total: int
    lines: Sequence[Node]


@dataclass(frozen=True)
class Leaf:
    """An announcement as an officer sees it.

    ``words`` can be changed if it is a ``draft``, and ``others`` are languages that may be added; ``notes`` are what
    has to be known first. ``meant`` says who gets it, ``far`` how far it is, ``report`` what became of it. ``ways`` are
    what can be done: a name and a label each. ``asks`` is a question to be answered before something is done, with the
    name of that. ``version`` is what the officer looks at; ``soon`` it may look otherwise by itself.
    """

    reader: Reader
    number: int
    version: int
    state: str
    title: Node
    stands: Node
    draft: bool
    words: Sequence[Words]
    others: Sequence[str]
    notes: Sequence[Node]
    meant: Sequence[Node]
    far: Far | None
    report: Sequence[Node]
    ways: Sequence[tuple[str, Node]]
    asks: tuple[str, Node] | None
    soon: bool


@dataclass(frozen=True)
class Outcome:
    """What became of a form: of which announcement, what is told (nothing where the page shows it), and whether it went
    ``well``."""

    number: int
    told: Node | None = None
    well: bool = True


class AnnouncingBook(Protocol):
    """Where announcements are kept. An account that is no officer's, or whose officer does not reach so far, gets None
    of everything."""

    async def overview(self, account: str) -> Overview | None:
        """The list."""

    async def leaf(self, account: str, number: int, asks: str = "") -> Leaf | None:
        """One announcement; ``asks`` is what is asked about first."""

    async def begin(self, account: str, text: str, event: str) -> Outcome | None:
        """Make a draft of its first words; the same ``event`` makes one alone."""

    async def write(self, account: str, number: int, language: str, text: str, seen: int) -> Outcome | None:
        """Set the words in one language, or take them away if there are none."""

    async def shown(self, account: str, number: int, language: str, text: str) -> Words | None:
        """How words would be read that are not kept yet."""

    async def do(self, account: str, number: int, deed: str, seen: int) -> Outcome | None:
        """Send it, agree to it, give it back, hold it, let it go on, cancel it."""

    async def table(self, account: str, number: int) -> bytes | None:
        """The report for a spreadsheet."""

    async def picture(self, account: str, number: int) -> bytes | None:
        """The report as bars."""
