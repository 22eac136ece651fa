"""Doors that are being opened, go down and come back; who reads at which; and who would have to be let in where."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from storage.models import Account, Chat, DoorMember, Room, RoomDoor, RoomMember, Teacher
from storage.models.projects import IN, OUT
from storage.models.rooms import DOWN, OPEN, OPENING, SHUT
from storage.models.teachers import SUSPENDED

#: For so long somebody may take the last step of opening a door.
PATIENCE = timedelta(days=2)
_MOST_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class Standing:
    """A door as it stands. ``lacks`` are the rights that the bot needs there still, ``by`` who opens or opened it,
    ``link`` where one asks to be let in; ``audience`` is who may be in its room."""

    id: int
    room: int
    project: int
    audience: str
    platform: str
    chat: int | None
    thread: str | None
    state: str
    lacks: tuple[str, ...]
    by: int
    link: str | None


def begin(session: Session, room: int, platform: str, person: int, now: datetime) -> int:
    """Somebody wants to open a door; gives the number by which it is known when they bring its chat. What they began
    for this room before and did not end is given up."""
    unfinished = RoomDoor.room_id == room, RoomDoor.platform == platform, RoomDoor.state == OPENING
    session.execute(delete(RoomDoor).where(*unfinished, RoomDoor.opened_by == person))
    number = secrets.randbelow(_MOST_NUMBER) + 1
    key = _key(platform, person, number)
    session.add(
        RoomDoor(room_id=room, platform=platform, key=key, state=OPENING, lacks=[], opened_by=person, opened_at=now)
    )
    session.flush()
    return number


def begun(session: Session, platform: str, person: int, number: int, now: datetime) -> Standing | None:
    """The door that this person began to open with this number; None if there is none, or that was too long ago."""
    mine = RoomDoor.key == _key(platform, person, number), RoomDoor.state == OPENING
    return _one(session, *mine, RoomDoor.opened_at > now - PATIENCE)


def standing(session: Session, door: int) -> Standing | None:
    """A door by its number."""
    return _one(session, RoomDoor.id == door)


def standing_at(session: Session, chat: int) -> list[Standing]:
    """All doors of a chat that are not shut, the storage's id of which this is."""
    return _all(session, RoomDoor.chat_id == chat, RoomDoor.state != SHUT)


def standing_of(session: Session, room: int, platform: str | None = None) -> list[Standing]:
    """All doors of a room that are not shut; those of one platform, if one is named."""
    there = [RoomDoor.room_id == room, RoomDoor.state != SHUT]
    return _all(session, *there, *([] if platform is None else [RoomDoor.platform == platform]))


def group(session: Session, platform: str, external: str, now: datetime) -> int:
    """The storage's id of a group; made known if it is not."""
    known = session.scalar(select(Chat.id).where(Chat.platform == platform, Chat.external_key == external))
    if known is not None:
        return known
    made = Chat(platform=platform, external_id=external, kind="group", heard_at=now)
    session.add(made)
    session.flush()
    return made.id


def set_place(session: Session, door: int, chat: int | None, thread: str | None = None) -> None:
    """Note in which chat a door is, and in which topic of it; its key opens nothing any more."""
    session.execute(update(RoomDoor).where(RoomDoor.id == door).values(chat_id=chat, thread=thread, key=None))


def set_state(session: Session, door: int, state: str, lacks: list[str] | None = None) -> None:
    """Note how a door stands, and what the bot lacks there, if that is known now."""
    known = {} if lacks is None else {"lacks": lacks}
    session.execute(update(RoomDoor).where(RoomDoor.id == door).values(state=state, **known))


def set_link(session: Session, chat: int, link: str) -> None:
    """Note where one asks to be let into a chat, for all doors there."""
    session.execute(update(RoomDoor).where(RoomDoor.chat_id == chat).values(link=link))


def shut(session: Session, door: int) -> None:
    """A door is no more; its chat may become another one."""
    gone = {"state": SHUT, "chat_id": None, "thread": None, "key": None, "link": None}
    session.execute(update(RoomDoor).where(RoomDoor.id == door).values(gone))
    session.execute(delete(DoorMember).where(DoorMember.door_id == door))


def forget_begun(session: Session, now: datetime) -> None:
    """Give up doors that nobody went on to open."""
    late = RoomDoor.state == OPENING, RoomDoor.chat_id.is_(None), RoomDoor.opened_at <= now - PATIENCE
    session.execute(delete(RoomDoor).where(*late, RoomDoor.key.is_not(None)))


def reads(session: Session, door: int, person: int, state: str, now: datetime) -> bool:
    """Note where somebody stands at a door; False if they are not in its room, or stood so already."""
    of_room = select(RoomDoor.room_id).where(RoomDoor.id == door).scalar_subquery()
    mine = RoomMember.person_id == person, RoomMember.room_id == of_room, RoomMember.removed_at.is_(None)
    member = session.scalar(select(RoomMember.id).where(*mine))
    if member is None:
        return False
    known = session.get(DoorMember, (door, member), populate_existing=True)
    if known is not None and known.state == state:
        return False
    session.merge(DoorMember(door_id=door, member_id=member, state=state, since=now))
    session.flush()
    return True


def speaks(session: Session, chat: int, person: int, now: datetime) -> None:
    """Somebody who was asked to a door, or had left it, is there: they have spoken in its chat."""
    here = select(RoomDoor.id).where(RoomDoor.chat_id == chat)
    mine = select(RoomMember.id).where(RoomMember.person_id == person, RoomMember.removed_at.is_(None))
    there = DoorMember.door_id.in_(here), DoorMember.member_id.in_(mine), DoorMember.state != IN
    said = update(DoorMember).where(*there).values(state=IN, since=now)
    session.execute(said.execution_options(synchronize_session=False))


def readers(session: Session, door: int) -> dict[int, str]:
    """The teachers who stand at a door, each with how."""
    found = select(RoomMember.person_id, DoorMember.state).join(DoorMember, DoorMember.member_id == RoomMember.id)
    where = DoorMember.door_id == door, RoomMember.person_id.is_not(None)
    return {person: state for person, state in session.execute(found.where(*where)) if person is not None}


def unwelcome(session: Session, platform: str, limit: int) -> list[tuple[int, int]]:
    """Doors of a platform with people who stand there, or are asked in, and should not: they were removed from the
    room, or are suspended."""
    found = (
        select(DoorMember.door_id, RoomMember.person_id)
        .join(RoomMember, RoomMember.id == DoorMember.member_id)
        .join(RoomDoor, RoomDoor.id == DoorMember.door_id)
        .join(Teacher, Teacher.person_id == RoomMember.person_id)
        .where(RoomDoor.platform == platform, DoorMember.state != OUT)
        .where(RoomMember.removed_at.is_not(None) | (Teacher.status == SUSPENDED))
        .order_by(DoorMember.door_id, RoomMember.person_id)
        .limit(limit)
    )
    return [(door, person) for door, person in session.execute(found) if person is not None]


def uninvited(session: Session, platform: str, limit: int) -> list[tuple[int, int]]:
    """Open doors of a platform that one can ask to be let in at, with members who have an account there and were not
    told so."""
    known = select(DoorMember.door_id).where(DoorMember.door_id == RoomDoor.id, DoorMember.member_id == RoomMember.id)
    theirs = select(Account.id).where(Account.person_id == RoomMember.person_id, Account.platform == platform)
    found = (
        select(RoomDoor.id, RoomMember.person_id)
        .join(RoomMember, RoomMember.room_id == RoomDoor.room_id)
        .join(Teacher, Teacher.person_id == RoomMember.person_id)
        .where(RoomDoor.platform == platform, RoomDoor.state == OPEN, RoomDoor.link.is_not(None))
        .where(RoomMember.removed_at.is_(None), Teacher.status != SUSPENDED, theirs.exists(), ~known.exists())
        .order_by(RoomDoor.id, RoomMember.person_id)
        .limit(limit)
    )
    return [(door, person) for door, person in session.execute(found) if person is not None]


def is_out(session: Session, door: int, person: int, now: datetime) -> None:
    """Note that somebody is at a door no longer, whether or not they are in the room."""
    of_room = select(RoomDoor.room_id).where(RoomDoor.id == door).scalar_subquery()
    mine = select(RoomMember.id).where(RoomMember.person_id == person, RoomMember.room_id == of_room)
    there = DoorMember.door_id == door, DoorMember.member_id.in_(mine)
    gone = update(DoorMember).where(*there).values(state=OUT, since=now)
    session.execute(gone.execution_options(synchronize_session=False))


def accounts_in(session: Session, room: int, platform: str) -> list[tuple[int, str]]:
    """The accounts on a platform of those who are in a room: person and account, the oldest first."""
    found = select(Account.person_id, Account.external_id).join(RoomMember, RoomMember.person_id == Account.person_id)
    inside = RoomMember.room_id == room, RoomMember.removed_at.is_(None), Account.platform == platform
    return [(person, account) for person, account in session.execute(found.where(*inside).order_by(Account.id))]


def down_or_open(lacks: list[str]) -> str:
    """How a door stands where this is missing: without being an administrator the bot hears nothing, without its topic
    nothing can be said, and what is public everybody could read."""
    return DOWN if {"admin", "topic", "private"} & set(lacks) else OPEN


def _key(platform: str, person: int, number: int) -> str:
    return hashlib.sha256(f"door:{platform}:{person}:{number}".encode()).hexdigest()


def _one(session: Session, *where: ColumnElement[bool]) -> Standing | None:
    return next(iter(_all(session, *where)), None)


def _all(session: Session, *where: ColumnElement[bool]) -> list[Standing]:
    found = select(RoomDoor, Room.project_id, Room.audience).join(Room, Room.id == RoomDoor.room_id).where(*where)
    rows = session.execute(found.order_by(RoomDoor.id).execution_options(populate_existing=True))
    return [
        Standing(
            door.id,
            door.room_id,
            project,
            audience,
            door.platform,
            door.chat_id,
            door.thread,
            door.state,
            tuple(str(each) for each in door.lacks),
            door.opened_by or 0,
            door.link,
        )
        for door, project, audience in rows
    ]
