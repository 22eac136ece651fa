"""A teacher whom support means, found by name or school."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Again, Kept, Kind, Option, Outdated, Said
from bot.text import Country, Joined, Name, Node, _
from bot.text.cleaning import clean
from handlers.kinds.typed import typed
from storage.finding import Known, find_teachers, known

_HITS, _LONGEST = 6, 200

#: Says why a teacher cannot be chosen; None if they can.
Objection = Callable[[Known], Node | None]


class TeacherIn(Kind[Known]):
    """A teacher of a country (None: of any). The draft holds the ids of those whom the words may have meant."""

    def __init__(self, session: Session, country: str | None, objection: Objection) -> None:
        self._session, self._country, self._objection = session, country, objection

    def options(self, draft: Any) -> list[Option]:
        """Those who were found."""
        there = [known(self._session, number) for number in draft or ()]
        return [Option(str(one.person), self.show(one)) for one in there if one is not None]

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """One of those who were found, or words to look for others with."""
        words = typed(said)
        if words is None:
            chosen = said.option or ""
            return Kept(int(chosen)) if chosen.isdecimal() else Again(_("Please choose one of the answers."), draft)
        found = find_teachers(self._session, clean(words, one_line=True, limit=_LONGEST), self._country, _HITS)
        if not found:
            return Again(_("I found no teacher like that. Write the name or the school another way."))
        return Again(_("Which of these is it? If it is none of them, write it differently."), [f.person for f in found])

    def recall(self, kept: Any) -> Known:
        """The teacher, while they are in the country and nothing speaks against them."""
        one = known(self._session, int(kept))
        if one is None or (self._country is not None and one.country != self._country):
            raise Outdated(_("That teacher is not in your country any more. Please look again."))
        objection = self._objection(one)
        if objection is not None:
            raise Outdated(objection)
        return one

    def show(self, value: Known) -> Node:
        """Name and school, with the country where there are several."""
        return teacher_shown(value, country=self._country is None)


def teacher_shown(one: Known, *, country: bool) -> Node:
    """A teacher in one line: name, school, town, and the country if wanted."""
    place: tuple[Node, ...] = (Name(one.name, one.person), Name(one.school), Name(one.town))
    return Joined((*place, Country(one.country)) if country else place, " · ")
