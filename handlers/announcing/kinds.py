"""Answers that an officer gives about an announcement: its words, a link, a file, a list of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Again, Given, Kept, Kind, Option, Outdated, Said
from bot.text import Joined, Name, Node, Verbatim, _, lines, n_, p_
from bot.text.cleaning import clean
from handlers.announcing import listing, markup
from handlers.kinds.typed import typed
from storage.announcing import naming

#: The largest picture or file that goes with an announcement, in bytes: what Telegram shows as a photo.
LARGEST_FILE = 10_000_000
HOW_TO_NAME = _(
    "Each is an account such as telegram:12345678 or matrix:@name:example.org, a confirmed e-mail address, or a name "
    "as it is registered."
)
_NONE, _REST = "!none", "!rest"
_MOST = 5000
_SHOWN = 10


class Body(Kind[str]):
    """The words in one language; where it may be taken away, "" says so."""

    def __init__(self, *, removable: bool = False) -> None:
        self.removable = removable

    def options(self, draft: Any) -> list[Option]:
        """Taking the words away, if that is possible."""
        return [Option(_NONE, p_("button", "Without this one"))] if self.removable else []

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """The words, unless something is wrong with them."""
        if said.option == _NONE and said.pressed and self.removable:
            return Kept("")
        words = clean(said.text or "")
        if not words:
            return Again(_("Please write it in words."))
        wrong = markup.trouble(words)
        return Kept(words) if wrong is None else Again(wrong)

    def recall(self, kept: Any) -> str:
        """The words."""
        return str(kept)

    def show(self, value: str) -> Node:
        """The words, or a dash."""
        return markup.shown(value or "–")


class Link(Kind[str]):
    """The address of a button that leads to a page; "" for none."""

    def options(self, draft: Any) -> list[Option]:
        """No link."""
        return [Option(_NONE, p_("button", "No link"))]

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """An address with https, which is put in front where nothing is."""
        if said.option == _NONE:
            return Kept("")
        address = clean(said.text or "", one_line=True)
        if "://" not in address:
            address = f"https://{address}"
        wrong = markup.link_trouble(address)
        return Kept(address) if wrong is None else Again(wrong)

    def recall(self, kept: Any) -> str:
        """The address."""
        return str(kept)


class Enclosure(Kind[Given | None]):
    """A picture or file; None for none. What it holds is known only in the turn in which it was sent."""

    reads_files = LARGEST_FILE

    def __init__(self, *, removable: bool) -> None:
        self._removable = removable
        self._given: Given | None = None

    def options(self, draft: Any) -> list[Option]:
        """Taking away what is there."""
        return [Option(_NONE, p_("button", "Without this one"))] if self._removable else []

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """A file, whatever it is; words are asked about again."""
        if said.option == _NONE and self._removable:
            return Kept("")
        if said.file is None or said.file.content is None:
            return Again()
        self._given = said.file
        return Kept(said.file.what.name)

    def recall(self, kept: Any) -> Given | None:
        """The file that was sent just now. Raises Outdated for an earlier one."""
        if kept and self._given is None:
            raise Outdated(None)
        return self._given if kept else None

    def show(self, value: Given | None) -> Node:
        """Its name, or a dash."""
        return Verbatim("–") if value is None else Name(value.what.name)


class Accounts(Kind[list[int]]):
    """A list of people, written or sent as a file; wrong lines are shown, and may be left out.

    Who is not in ``country`` is nobody; None is for those who reach everybody.
    """

    reads_files = listing.LARGEST

    def __init__(self, session: Session, country: str | None) -> None:
        self._session, self._country = session, country

    def options(self, draft: Any) -> list[Option]:
        """Going on without the wrong lines."""
        return [Option(_REST, p_("button", "Leave those out"))] if draft else []

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """All lines, or those that are right."""
        if said.option == _REST and draft:
            return Kept(draft)
        rows = listing.rows_of(self._words(said))
        if not rows or len(rows) > _MOST:
            return Again(n_("Please write 1 account.", "Please write 1 to {n} accounts, one a line.", _MOST), draft)
        found = naming.named(self._session, [name for _number, name in rows], self._country)
        people = sorted({person for person in found if person is not None})
        wrong = [row for row, person in zip(rows, found, strict=True) if person is None]
        return Kept(people) if not wrong else Again(_wrong(wrong, people), people)

    def _words(self, said: Said) -> str:
        if said.file is None:
            return clean(typed(said) or "")
        return listing.text_of(said.file.content or b"") or ""

    def recall(self, kept: Any) -> list[int]:
        """The numbers of the people."""
        return [int(one) for one in kept]

    def show(self, value: list[int]) -> Node:
        """How many there are."""
        return n_("{n} account of a list", "{n} accounts of a list", len(value))


def _wrong(rows: Sequence[listing.Row], people: Sequence[int]) -> Node:
    """The lines that name nobody, with their numbers, and how many do name somebody."""
    return lines(
        n_("{n} line is nobody's account:", "{n} lines are nobody's accounts:", len(rows)),
        Joined(tuple(Verbatim(f"{number}: {name[:40]}") for number, name in rows[:_SHOWN]), "\n"),
        Verbatim("…") if len(rows) > _SHOWN else None,
        n_("{n} account of a list", "{n} accounts of a list", len(people)),
        HOW_TO_NAME,
    )
