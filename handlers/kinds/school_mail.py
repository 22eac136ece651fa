"""A mail address at one's school, and a code that was sent to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.talk import Again, Kept, Kind, Option, Said
from bot.text import Node, Verbatim, _, p_
from storage.domains import address_of, belongs, for_pupils, is_public

OTHER = "!other"


class SchoolAddress(Kind[str]):
    """A mail address under one of the domains of a school; kept in the form in which it is mailed to.

    What is shown of it is its domain alone, so that no address stays in a chat that is stored.
    """

    def __init__(self, domains: Sequence[str]) -> None:
        self._domains = tuple(domains)

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """The address, if it is one of the school's teachers'; otherwise why not."""
        found = address_of(said.text or "")
        if found is None:
            ending = self._ending()
            return Again(_("That is no e-mail address. Please write it like this: name@{domain}", domain=ending))
        address, domain = found
        if is_public(domain):
            ending = self._ending()
            return Again(
                _("Anybody can get an address there. I need your own at the school: name@{domain}", domain=ending)
            )
        if not belongs(domain, self._domains):
            ending = self._ending()
            return Again(
                _("That address is not of your school. Its addresses look like this: name@{domain}", domain=ending)
            )
        if for_pupils(domain, self._domains):
            return Again(_("That looks like a pupil’s address. Please use a teacher’s, or choose another way."))
        return Kept(address)

    def recall(self, kept: Any) -> str:
        """The address."""
        return str(kept)

    def show(self, value: str) -> Node:
        """Its domain."""
        return Verbatim("…@" + value.rpartition("@")[2])

    def _ending(self) -> Verbatim:
        """How the school's addresses end; where it has several domains, the first says enough."""
        return Verbatim(self._domains[0])


class CodeTyped(Kind[str]):
    """A code of some letters and digits as it was mailed, dashes and spaces forgiven; or ``OTHER``, another way."""

    def __init__(self, length: int) -> None:
        self._length = length

    def options(self, draft: Any) -> tuple[Option, ...]:
        """A way out for somebody whose code does not come."""
        return (Option(OTHER, p_("button", "Another way")),)

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """The signs of the code, or the way out."""
        if said.option == OTHER:
            return Kept(OTHER)
        signs = "".join(sign for sign in (said.text or "").upper() if sign.isalnum())
        if len(signs) != self._length:
            return Again(_("The code looks like this: ABC-DEF. It is in the mail."))
        return Kept(signs)

    def recall(self, kept: Any) -> str:
        """The signs, or ``OTHER``."""
        return str(kept)

    def show(self, value: str) -> Node:
        """The way out's label; of a code nothing."""
        return p_("button", "Another way") if value == OTHER else Verbatim("•••")
