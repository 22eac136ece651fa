"""Answers that an officer gives about an announcement: its words, a link, a list of accounts."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Again, Kept, Kind, Option, Said
from bot.text import Joined, Node, Verbatim, _, lines, n_, p_
from bot.text.cleaning import clean
from handlers.announcing import markup
from handlers.kinds.typed import typed
from storage import accounts

_NONE, _REST = "!none", "!rest"
_MOST = 1000
_SHOWN = 5


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
    """An address that can be opened; "" for none."""

    def options(self, draft: Any) -> list[Option]:
        """No link."""
        return [Option(_NONE, p_("button", "No link"))]

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """An address with https."""
        if said.option == _NONE:
            return Kept("")
        address = clean(said.text or "", one_line=True)
        if not address.lower().startswith(("http://", "https://")):
            address = f"https://{address}"
        if not markup.is_link(address) or len(address) > 500:
            return Again(_("This link leads nowhere: {link}", link=Verbatim(address[:60])))
        return Kept(address)

    def recall(self, kept: Any) -> str:
        """The address."""
        return str(kept)


class Accounts(Kind[list[int]]):
    """A list of accounts such as ``telegram:12345678``, one a line; wrong lines are shown, and may be left out."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def options(self, draft: Any) -> list[Option]:
        """Going on without the wrong lines."""
        return [Option(_REST, p_("button", "Leave those out"))] if draft else []

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """All lines, or those that are right."""
        if said.option == _REST and draft:
            return Kept(draft)
        rows = [row.strip() for row in clean(typed(said) or "").split("\n") if row.strip()]
        if not rows or len(rows) > _MOST:
            return Again(n_("Please write 1 account.", "Please write 1 to {n} accounts, one a line.", _MOST), draft)
        found = [self._person(row) for row in rows]
        people = sorted({person for person in found if person is not None})
        wrong = [f"{number}: {row[:40]}" for number, row in enumerate(rows, 1) if found[number - 1] is None]
        return Kept(people) if not wrong else Again(_wrong(wrong), people)

    def _person(self, row: str) -> int | None:
        platform, _colon, account = row.partition(":")
        return accounts.owner_of(self._session, platform.strip().lower(), account.strip())

    def recall(self, kept: Any) -> list[int]:
        """The numbers of the people."""
        return [int(one) for one in kept]

    def show(self, value: list[int]) -> Node:
        """How many there are."""
        return n_("{n} account of a list", "{n} accounts of a list", len(value))


def _wrong(rows: list[str]) -> Node:
    return lines(
        n_("{n} line is nobody's account:", "{n} lines are nobody's accounts:", len(rows)),
        Joined(tuple(Verbatim(row) for row in rows[:_SHOWN]), "\n"),
        Verbatim("…") if len(rows) > _SHOWN else None,
        _("An account is written as telegram:12345678 or matrix:@name:example.org."),
    )
