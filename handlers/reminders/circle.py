"""Who an appointment can be for: circles of people. Projects and partners make them, and what is added to `SOURCES`.

A source gives the circles of a person (a partner, a project), each with the people in it. Everything that plans
with people works on `Guest`s: their time zone, country, region and the week of their school.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot.text import Joined, Name, Node, Verbatim
from handlers.reminders.week import Hours, usual
from storage import attendees, blocks, partnerships, projects
from storage.attendees import PROJECT, Guest
from storage.models.projects import OPEN

_TITLE = 20


@dataclass(frozen=True)
class Circle:
    """People who may meet: a ``key`` that stays, what it is called, and who is in it beside the one who asks."""

    key: str
    title: Node
    people: tuple[int, ...]


Source = Callable[[Session, int], Sequence[Circle]]


def partners(session: Session, person: int) -> list[Circle]:
    """A circle for each partner."""
    them = [partner.person for partner in partnerships.partners_of(session, person)]
    guests = {guest.person: guest for guest in attendees.people(session, them)}
    return [Circle(f"partner:{one}", title(guests[one]), (one,)) for one in them if guests[one].name]


def in_projects(session: Session, person: int) -> list[Circle]:
    """A circle for each open project: its teachers, but for those with whom somebody wants nothing to do."""
    found = []
    away = {person, *blocks.blocked_people(session, person)}
    for project, _role in projects.mine(session, person, {OPEN}):
        people = tuple(each.person for each in projects.members(session, project.id) if each.person not in away)
        if people:
            # What founders agreed on is the project's, not one person's.
            found.append(Circle(f"{PROJECT}{project.id}", _titled(project.facts.title), people))
    return found


def _titled(words: str) -> Node:
    """A project on a button."""
    return Verbatim(words if len(words) <= _TITLE else words[: _TITLE - 1].rstrip() + "…")


#: Where circles come from.
SOURCES: list[Source] = [in_projects, partners]


def circles(session: Session, person: int) -> list[Circle]:
    """All circles of a person."""
    return [circle for source in SOURCES for circle in source(session, person)]


def kept_as(person: int, keys: Sequence[str]) -> str:
    """What an appointment of somebody with these circles is kept under: its project, if it is for one alone."""
    return keys[0] if len(keys) == 1 and keys[0].startswith(PROJECT) else f"by:{person}"


def title(guest: Guest) -> Node:
    """What somebody is called among others."""
    return Name(guest.name or "–", guest.person)


def by_first_names(guests: Sequence[Guest]) -> list[Guest]:
    """The same people as a room knows them: there may be pupils in it."""
    return [replace(guest, name=guest.name.split()[0]) if guest.name else guest for guest in guests]


def placed(guest: Guest) -> Node:
    """Somebody with their school."""
    school = Name(f"{guest.school}, {guest.town}") if guest.school else None
    return Joined((title(guest), school), " · ") if school is not None else title(guest)


def hours(guest: Guest) -> Hours:
    """When there are lessons at somebody's school."""
    return Hours(guest.timezone, *(guest.week or usual(guest.country)))
