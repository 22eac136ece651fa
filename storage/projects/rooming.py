"""More rooms of a project, beside the two that each has: made and named by its founders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from storage import models, rooms
from storage.models.projects import IN, OPEN
from storage.models.rooms import EVERYONE, MORE
from storage.projects.reading import Cannot, held, member, members
from storage.spelling import fold

MOST_ROOMS = 10
"""How many rooms a project has at most, its first two among them."""


def add_room(session: Session, project: int, person: int, name: str, audience: str, now: datetime) -> int:
    """A founder adds a room, for EVERYONE or TEACHERS; all teachers of the project are in it, and in one for everyone
    its pupils. Gives its number. Raises Cannot("foreign", "state", "rooms", "named")."""
    _led(session, project, person)
    known = rooms.of_project(session, project)
    if len(known) >= MOST_ROOMS:
        raise Cannot("rooms")
    _unlike(name, known)
    people = [each.person for each in members(session, project)]
    made = rooms.make(session, project, MORE, audience, name, people, person, now)
    if audience == EVERYONE:
        rooms.seat_all_pupils(session, made, now)
    return made


def rename_room(session: Session, room: int, person: int, name: str) -> None:
    """A founder gives another name to a room that was added. Raises Cannot("foreign", "state", "named")."""
    one = rooms.find(session, room)
    if one is None or one.kind != MORE:
        raise Cannot("foreign")
    _led(session, one.project, person)
    _unlike(name, [each for each in rooms.of_project(session, one.project) if each.id != room])
    session.execute(update(models.Room).where(models.Room.id == room).values(name=name))
    rooms.stir_all(session, one.project)


def _led(session: Session, project: int, person: int) -> None:
    """Hold a project that this person leads and that is open."""
    row, me = held(session, project), member(session, project, person)
    if me is None or me.state != IN or not me.founder:
        raise Cannot("foreign")
    if row.state != OPEN:
        raise Cannot("state")


def _unlike(name: str, known: list[rooms.Room]) -> None:
    """Two rooms of one project are not called the same."""
    if fold(name) in {fold(each.name) for each in known if each.name}:
        raise Cannot("named")
