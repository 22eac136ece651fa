"""Who an appointment can be for: circles of people. Partners make them; whatever else does is added to `SOURCES`.

A source gives the circles of a person (a partner, a project room), each with the people in it. Everything that plans
with people works on `Guest`s: their time zone, country, region and the week of their school.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.text import Joined, Name, Node
from handlers.reminders.week import Hours, usual
from storage import attendees, partnerships
from storage.attendees import Guest


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


#: Where circles come from.
SOURCES: list[Source] = [partners]


def circles(session: Session, person: int) -> list[Circle]:
    """All circles of a person."""
    return [circle for source in SOURCES for circle in source(session, person)]


def title(guest: Guest) -> Node:
    """What somebody is called among others."""
    return Name(guest.name or "–", guest.person)


def placed(guest: Guest) -> Node:
    """Somebody with their school."""
    school = Name(f"{guest.school}, {guest.town}") if guest.school else None
    return Joined((title(guest), school), " · ") if school is not None else title(guest)


def hours(guest: Guest) -> Hours:
    """When there are lessons at somebody's school."""
    return Hours(guest.timezone, *(guest.week or usual(guest.country)))
