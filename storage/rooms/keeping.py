"""Rooms, their doors, and who is in them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage import models
from storage.models import Chat, Project, ProjectMember, Pupil, RoomDoor, RoomMember, RoomReaction, RoomVote, Teacher
from storage.models.rooms import CLASS, EVERYONE, MORE, OPEN, STAFF, TEACHERS
from storage.rooms.seats import admitted, answers_for

#: How the web calls the chat of a room; its page has the same address without this.
PREFIX = "room:"


@dataclass(frozen=True)
class Room:
    """A room as it stands. ``open`` says whether anything can be said in it: its project is open, and it is not
    locked."""

    id: int
    project: int
    kind: str
    audience: str
    name: str | None
    address: str
    change: int
    slow_seconds: int
    locked: bool
    project_state: str
    title: str

    @property
    def open(self) -> bool:
        """Whether the project goes on; what is locked is open to founders alone."""
        return self.project_state == "open"


@dataclass(frozen=True)
class Door:
    """One platform's side of a room; ``chat`` is the storage's id of the chat."""

    id: int
    room: int
    platform: str
    chat: int | None
    thread: str | None
    state: str


def make_first(session: Session, project: int, people: Iterable[int], now: datetime) -> None:
    """The two rooms that every project has: one of its teachers, and one for its pupils too."""
    everyone = list(people)
    make(session, project, STAFF, TEACHERS, None, everyone, None, now)
    make(session, project, CLASS, EVERYONE, None, everyone, None, now)


def make(
    session: Session,
    project: int,
    kind: str,
    audience: str,
    name: str | None,
    people: Iterable[int],
    by: int | None,
    now: datetime,
) -> int:
    """Make a room with its door on the web, which is open from the first second."""
    room = models.Room(
        project_id=project,
        kind=kind,
        audience=audience,
        name=name,
        address=secrets.token_hex(8),
        made_by=by,
        made_at=now,
    )
    session.add(room)
    session.flush()
    chat = Chat(platform="web", external_id=f"{PREFIX}{room.address}", kind="group", heard_at=now)
    session.add(chat)
    session.flush()
    add_door(session, room.id, "web", chat.id, now)
    session.add_all([RoomMember(room_id=room.id, person_id=person, joined_at=now) for person in people])
    session.flush()
    return room.id


def add_door(
    session: Session,
    room: int,
    platform: str,
    chat: int,
    now: datetime,
    *,
    by: int | None = None,
    thread: str | None = None,
) -> int:
    """Open another door of a room; its id."""
    door = RoomDoor(
        room_id=room, platform=platform, chat_id=chat, thread=thread, state=OPEN, lacks=[], opened_by=by, opened_at=now
    )
    session.add(door)
    session.flush()
    return door.id


def find(session: Session, room: int) -> Room | None:
    """A room by its number."""
    return _one(session, models.Room.id == room)


def of_address(session: Session, address: str) -> Room | None:
    """The room whose page is called so."""
    return _one(session, models.Room.address == address)


def of_project(session: Session, project: int) -> list[Room]:
    """The rooms of a project, in the order in which they were made."""
    return _all(session, models.Room.project_id == project)


#: How many messages of a room are new to a member of it.
_NEW = (
    select(func.count())
    .select_from(models.RoomMessage)
    .where(models.RoomMessage.room_id == models.Room.id, models.RoomMessage.state == "out")
    .where(models.RoomMessage.change > RoomMember.read_change)
    .scalar_subquery()
)


def of_person(session: Session, person: int) -> list[tuple[Room, int]]:
    """The rooms that somebody is in, of projects that are not archived, with how many messages are new to them there;
    those of the newest project first."""
    found = (
        select(models.Room, Project.state, Project.title, _NEW)
        .join(Project, Project.id == models.Room.project_id)
        .join(RoomMember, RoomMember.room_id == models.Room.id)
        .where(RoomMember.person_id == person, RoomMember.removed_at.is_(None))
        .where(Project.state.in_(("open", "closed")))
        .order_by(Project.id.desc(), models.Room.id)
    )
    return [(as_room(row, state, title), number) for row, state, title, number in session.execute(found)]


def of_pupil(session: Session, pupil: int, now: datetime) -> list[tuple[Room, int]]:
    """The rooms that a pupil is in, with how many messages are new to them there; none when their card is over."""
    found = (
        select(models.Room, Project.state, Project.title, _NEW)
        .join(Project, Project.id == models.Room.project_id)
        .join(RoomMember, RoomMember.room_id == models.Room.id)
        .join(Pupil, Pupil.id == RoomMember.pupil_id)
        .join(ProjectMember, answers_for())
        .join(Teacher, Teacher.person_id == Pupil.owner_id)
        .where(RoomMember.pupil_id == pupil, *admitted(now))
        .order_by(models.Room.id)
    )
    return [(as_room(row, state, title), number) for row, state, title, number in session.execute(found)]


def class_room(session: Session, project: int) -> int:
    """The number of the class room of a project."""
    found = select(models.Room.id).where(models.Room.project_id == project, models.Room.kind == CLASS)
    return session.scalars(found).one()


def doors(session: Session, room: int) -> list[Door]:
    """The doors of a room that are open, the web's among them."""
    found = select(RoomDoor).where(RoomDoor.room_id == room, RoomDoor.state == OPEN, RoomDoor.chat_id.is_not(None))
    return [_door(row) for row in session.scalars(found.order_by(RoomDoor.id))]


def door_of(session: Session, platform: str, chat: str, thread: str | None = None) -> Door | None:
    """The open door that a platform's chat is, or a topic of it, if it is one. A chat that is a door as a whole is one
    in all of its topics."""
    found = doors_in(session, platform, chat)
    whole = next((door for door in found if door.thread is None), None)
    return next((door for door in found if door.thread == thread), whole)


def doors_in(session: Session, platform: str, chat: str) -> list[Door]:
    """The open doors that a platform's chat has."""
    found = select(RoomDoor).join(Chat, Chat.id == RoomDoor.chat_id)
    there = Chat.platform == platform, Chat.external_key == chat, RoomDoor.state == OPEN
    return [_door(row) for row in session.scalars(found.where(*there).order_by(RoomDoor.id))]


def door(session: Session, number: int) -> Door | None:
    """A door by its number."""
    row = session.get(RoomDoor, number, populate_existing=True)
    return None if row is None else _door(row)


def web_chat(session: Session, room: int) -> Door:
    """The door on the web."""
    row = session.scalars(select(RoomDoor).where(RoomDoor.room_id == room, RoomDoor.platform == "web")).one()
    return _door(row)


def let_in(session: Session, project: int, person: int, now: datetime) -> None:
    """Let a teacher into all rooms of a project; who was removed from one stays outside."""
    known = select(RoomMember.room_id).where(RoomMember.person_id == person)
    found = select(models.Room).where(models.Room.project_id == project, models.Room.id.not_in(known))
    for room in session.scalars(found).all():
        # What was said before they came is there to read, and not new to them.
        session.add(RoomMember(room_id=room.id, person_id=person, joined_at=now, read_change=room.change))
    session.flush()


def seat_pupils(session: Session, project: int, pupils: Iterable[int], now: datetime) -> None:
    """Give pupils a place in those rooms of their project that are for pupils too."""
    theirs = models.Room.project_id == project, models.Room.audience == EVERYONE
    found = session.scalars(select(models.Room).where(*theirs)).all()
    for pupil in pupils:
        # What was said before they came is there to read, and not new to them.
        session.add_all(
            RoomMember(room_id=room.id, pupil_id=pupil, joined_at=now, read_change=room.change) for room in found
        )
    session.flush()


def seat_all_pupils(session: Session, room: int, now: datetime) -> None:
    """Give all pupils of a project whose places stand a seat in a room that has just been made; whether their cards are
    good is looked at when they come in."""
    project = select(models.Room.project_id).where(models.Room.id == room).scalar_subquery()
    stands = Pupil.project_id == project, Pupil.revoked_at.is_(None)
    found = session.scalars(select(Pupil.id).where(*stands).order_by(Pupil.id)).all()
    session.add_all(RoomMember(room_id=room, pupil_id=pupil, joined_at=now) for pupil in found)
    session.flush()


def take_out(session: Session, project: int, person: int) -> None:
    """Take a teacher out of all rooms of a project."""
    inside = select(models.Room.id).where(models.Room.project_id == project)
    gone = delete(RoomMember).where(RoomMember.person_id == person, RoomMember.room_id.in_(inside))
    session.execute(gone.where(RoomMember.removed_at.is_(None)).execution_options(synchronize_session=False))


def stir_all(session: Session, project: int) -> None:
    """Nothing was said, but something changed for all rooms of a project: open pages have to look."""
    where = update(models.Room).where(models.Room.project_id == project)
    session.execute(where.values(change=models.Room.change + 1))


def next_change(session: Session, room: int) -> int:
    """The number of the next thing that changes in a room. Nobody else takes one until this transaction ends."""
    where = update(models.Room).where(models.Room.id == room).values(change=models.Room.change + 1)
    return session.scalars(where.returning(models.Room.change)).one()


def carry_over(session: Session, person: int, into: int) -> None:
    """Give somebody's places in rooms, and the signs they put, to another, who is the same human being."""
    _give(session, RoomMember, RoomMember.room_id, person, into)
    _give(session, RoomReaction, RoomReaction.message_id, person, into)
    _give(session, RoomVote, RoomVote.message_id, person, into)
    for column in (models.Room.made_by, RoomDoor.opened_by):
        session.execute(update(column.class_).where(column == person).values({column.key: into}))
    noticed = update(models.RoomNotice).where(models.RoomNotice.person_id == person)
    session.execute(noticed.values(person_id=into).execution_options(synchronize_session=False))
    for column in (models.RoomMessage.decided_by, models.RoomMessage.removed_by):
        session.execute(update(models.RoomMessage).where(column == person).values({column.key: into}))
    for column in (models.RoomAct.actor_id, models.RoomAct.subject_id, models.ProjectWord.added_by):
        session.execute(update(column.class_).where(column == person).values({column.key: into}))


def _give(
    session: Session,
    table: type[RoomMember | RoomReaction | RoomVote],
    of: InstrumentedAttribute[int],
    person: int,
    into: int,
) -> None:
    both = select(of).where(table.person_id == into)
    free = update(table).where(table.person_id == person, of.not_in(both)).values(person_id=into)
    session.execute(free.execution_options(synchronize_session=False))
    session.execute(delete(table).where(table.person_id == person).execution_options(synchronize_session=False))


def _one(session: Session, where: ColumnElement[bool]) -> Room | None:
    return next(iter(_all(session, where)), None)


def _all(session: Session, where: ColumnElement[bool]) -> list[Room]:
    found = select(models.Room, Project.state, Project.title).join(Project, Project.id == models.Room.project_id)
    rows = session.execute(found.where(where).order_by(models.Room.id).execution_options(populate_existing=True))
    return [as_room(*row) for row in rows]


def as_room(row: models.Room | Row[Any], project_state: str, title: str) -> Room:
    """A room as it stands, from its row or one with columns of the same names, and its project's state and title."""
    return Room(
        id=row.id,
        project=row.project_id,
        kind=row.kind,
        audience=row.audience,
        name=row.name,
        address=row.address,
        change=row.change,
        slow_seconds=row.slow_seconds,
        locked=row.locked_at is not None,
        project_state=project_state,
        title=title,
    )


def _door(row: RoomDoor) -> Door:
    return Door(row.id, row.room_id, row.platform, row.chat_id, row.thread, row.state)


__all__ = [
    "CLASS",
    "EVERYONE",
    "MORE",
    "PREFIX",
    "STAFF",
    "TEACHERS",
    "Door",
    "Room",
    "add_door",
    "as_room",
    "carry_over",
    "class_room",
    "door_of",
    "doors",
    "doors_in",
    "find",
    "let_in",
    "make",
    "make_first",
    "next_change",
    "of_address",
    "of_person",
    "of_project",
    "of_pupil",
    "seat_all_pupils",
    "seat_pupils",
    "stir_all",
    "take_out",
    "web_chat",
]
