"""Chats of older pupils: a private chat on Telegram or Matrix that is the class room for whoever came in with a card.

What is kept of it is the account that writes there, sealed as every account, and which place it opened. It goes when
the pupil leaves, or when their card opens nothing any more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from storage.models import Copy, Project, ProjectMember, Pupil, PupilChat, Room, RoomMember, Teacher
from storage.models.rooms import OPEN
from storage.rights import erasing
from storage.rooms.keeping import Door, class_room
from storage.rooms.seats import admitted, answers_for

#: What the door is called that such a chat is; it stands in no table of doors, so nothing else looks after it.
PUPIL = "pupil"


@dataclass(frozen=True)
class InChat:
    """A chat of a pupil, by the storage's numbers. ``pupil`` and ``room`` are None once these are gone."""

    chat: int
    person: int
    pupil: int | None
    room: int | None


def of_chat(session: Session, chat: int) -> InChat | None:
    """What a chat is to a pupil, if it is one of theirs and was not ended."""
    return _one(session, (PupilChat.chat_id == chat) & PupilChat.over.is_(False))


def doors(session: Session, room: int, now: datetime) -> list[Door]:
    """The chats that are this room for pupils whose cards are good, each as a door."""
    found = select(PupilChat.chat_id).where(PupilChat.room_id == room, PupilChat.over.is_(False), _good(now))
    return [door_of(room, chat) for chat in session.scalars(found.order_by(PupilChat.chat_id))]


def door_of(room: int, chat: int) -> Door:
    """Such a chat as the door of a room."""
    return Door(0, room, PUPIL, chat, None, OPEN)


def come_in(session: Session, chat: int, person: int, pupil: int, project: int) -> int:
    """Let a pupil into the class room of their project by a chat; another that they had before is over. Gives the
    number of the room."""
    room = class_room(session, project)
    end(session, [pupil])
    session.execute(delete(PupilChat).where(or_(PupilChat.chat_id == chat, PupilChat.person_id == person)))
    erasing.recall(session, person)
    session.add(PupilChat(chat_id=chat, person_id=person, pupil_id=pupil, room_id=room))
    session.flush()
    return room


def end(session: Session, pupils: Collection[int]) -> None:
    """From now on nothing comes to the chats of these pupils; a chore tells them and forgets the accounts."""
    theirs = update(PupilChat).where(PupilChat.pupil_id.in_(pupils))
    session.execute(theirs.values(over=True, pupil_id=None).execution_options(synchronize_session=False))


def over(session: Session, now: datetime, limit: int) -> list[InChat]:
    """The chats of pupils whose cards open nothing any more."""
    found = select(PupilChat).where(or_(PupilChat.over.is_(True), ~_good(now))).order_by(PupilChat.chat_id)
    return [_chat(row) for row in session.scalars(found.limit(limit))]


def forget(session: Session, one: InChat, now: datetime) -> None:
    """Forget a chat: nothing of the room follows there, and the account is erased after its last word."""
    session.execute(delete(Copy).where(Copy.chat_id == one.chat))
    session.execute(delete(PupilChat).where(PupilChat.chat_id == one.chat))
    erasing.send_away(session, one.person, now)


def _good(now: datetime) -> ColumnElement[bool]:
    """Whether the pupil of a chat may be in its room."""
    found = (
        select(RoomMember.id)
        .join(Room, Room.id == RoomMember.room_id)
        .join(Pupil, Pupil.id == RoomMember.pupil_id)
        .join(Project, Project.id == Pupil.project_id)
        .join(ProjectMember, answers_for())
        .join(Teacher, Teacher.person_id == Pupil.owner_id)
        .where(RoomMember.room_id == PupilChat.room_id, RoomMember.pupil_id == PupilChat.pupil_id, *admitted(now))
    )
    return found.correlate(PupilChat).exists()


def _one(session: Session, where: ColumnElement[bool]) -> InChat | None:
    row = session.scalars(select(PupilChat).where(where).execution_options(populate_existing=True)).one_or_none()
    return None if row is None else _chat(row)


def _chat(row: PupilChat) -> InChat:
    return InChat(row.chat_id, row.person_id, row.pupil_id, row.room_id)
