"""One school of a country: words search, hits are buttons, and what is not there can be added."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Again, Kept, Kind, Option, Outdated, Said
from bot.talk.kinds import fold
from bot.text import Joined, Name, Node, Reader, _, p_, plain
from bot.text.cleaning import clean
from handlers.kinds.typed import typed
from storage.models import School
from storage.schools import get_school, search_schools

_HITS = 6
_LONGEST = 120
_ADD = "!add"


@dataclass(frozen=True)
class Unlisted:
    """A school that is not on the list: the words it was looked for with. ``mark`` tells two attempts apart."""

    words: str
    mark: str


class SchoolIn(Kind[School | Unlisted]):
    """A school of one country. The draft holds the words searched for, and the ids of what they found."""

    def __init__(self, session: Session, country: str) -> None:
        self._session, self._country = session, country

    def options(self, draft: Any) -> list[Option]:
        """What was found, and a way to add what was not."""
        if not draft:
            return []
        schools = [get_school(self._session, number) for number in draft["ids"]]
        hits = [Option(str(school.id), school_shown(school)) for school in schools if school is not None]
        return [*hits, Option(_ADD, p_("button", "Add my school"))]

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """A hit, a wish to add, or words to search with. Words choose a hit only where they are its very label."""
        words = typed(said)
        if said.option == _ADD:
            mark = secrets.token_hex(3)
            return Kept({"add": draft["words"] if draft else "", "mark": mark, "country": self._country})
        if said.option is not None and (words is None or self._labelled(said.option, words)):
            return Kept(int(said.option)) if said.option.isdecimal() else Again(_("Please choose a school."), draft)
        return self._search(clean(words or "", one_line=True, limit=_LONGEST))

    def _labelled(self, option: str, words: str) -> bool:
        school = get_school(self._session, int(option)) if option.isdecimal() else None
        return school is not None and fold(plain(school_shown(school), Reader())) == fold(words)

    def _search(self, words: str) -> Again:
        if not any(sign.isalnum() for sign in words):
            return Again(_("Please write the name of your school, or its town."))
        found = [school.id for school in search_schools(self._session, self._country, words, _HITS)]
        draft = {"words": words, "ids": found}
        if found:
            return Again(_("Which of these is it? If it is none of them, write it differently or add it."), draft)
        return Again(_("I found no school like that. Write it differently, or add it."), draft)

    def recall(self, kept: Any) -> School | Unlisted:
        """The school, while it is on the list and in the country; raises Outdated otherwise."""
        if isinstance(kept, dict):
            if kept["country"] != self._country:
                raise _moved()
            return Unlisted(kept["add"], kept["mark"])
        school = get_school(self._session, int(kept))
        if school is None:
            raise Outdated(_("That school is no longer on the list. Please look for it again, or add it."))
        if school.country != self._country:
            raise _moved()
        return school

    def show(self, value: School | Unlisted) -> Node:
        """Name and town; a school to be added has only the words so far."""
        return school_shown(value) if isinstance(value, School) else p_("button", "Add my school")


def school_shown(school: School) -> Node:
    """A school in one line: its name and town."""
    return named_school(school.name, school.town)


def named_school(name: str, town: str) -> Node:
    """A school's name and town in one line."""
    return Joined((Name(name), Name(town)), ", ")


def school_in(session: Session, country: str) -> SchoolIn:
    """A school of this country, or one to be added."""
    return SchoolIn(session, country)


def _moved() -> Outdated:
    return Outdated(_("The country has changed, so please look for your school again."))
