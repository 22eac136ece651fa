"""What is said in a room: kept once, changed, taken back, and the signs that are put on it.

Each of these takes the room's next number first, which holds the room; so numbers, messages and what is brought to the
doors all have the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage import relay
from storage.models import (
    Copy,
    OutboxRow,
    ProjectMember,
    Room,
    RoomMember,
    RoomMessage,
    RoomReaction,
    School,
    Teacher,
    Utterance,
)
from storage.models.projects import FOUNDER, IN
from storage.models.rooms import OUT
from storage.post import FAILED
from storage.rooms.keeping import next_change

Json = Any


@dataclass(frozen=True)
class Seat:
    """Somebody's place in a room. ``said_at`` is when they spoke there last, ``founder`` whether they lead the project,
    ``status`` what they are as a teacher."""

    member: int
    room: int
    person: int
    founder: bool
    status: str
    spoke_at: datetime | None
    muted_until: datetime | None


@dataclass(frozen=True)
class Voice:
    """Who is heard in a room: by their first name, with school and country. Empty where they are gone."""

    name: str
    school: str
    country: str


def seat_of(session: Session, room: int, person: int) -> Seat | None:
    """Somebody's place in a room; None if they are not in it, or were removed from it."""
    found = (
        select(RoomMember, ProjectMember.role, Teacher.status)
        .join(Room, Room.id == RoomMember.room_id)
        .join(
            ProjectMember,
            (ProjectMember.project_id == Room.project_id) & (ProjectMember.person_id == RoomMember.person_id),
        )
        .join(Teacher, Teacher.person_id == RoomMember.person_id)
        .where(RoomMember.room_id == room, RoomMember.person_id == person)
        .where(RoomMember.removed_at.is_(None), ProjectMember.state == IN)
    )
    row = session.execute(found.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    member, role, status = row
    return Seat(member.id, room, person, role == FOUNDER, status, member.spoke_at, member.muted_until)


def voice_of(session: Session, room: int, person: int) -> Voice:
    """How somebody is called in a room, with the school they are there for."""
    found = (
        select(Teacher.name, School.name, Teacher.country)
        .select_from(Teacher)
        .join(Room, Room.id == room)
        .outerjoin(
            ProjectMember,
            (ProjectMember.project_id == Room.project_id) & (ProjectMember.person_id == Teacher.person_id),
        )
        .outerjoin(School, School.id == func.coalesce(ProjectMember.school_id, Teacher.school_id))
        .where(Teacher.person_id == person)
    )
    row = session.execute(found).one_or_none()
    return Voice("", "", "") if row is None else Voice(row[0].split()[0], row[1] or "", row[2])


def say(
    session: Session,
    room: int,
    *,
    author: int | None,
    chat: int | None,
    door: int | None,
    ref: str | None,
    words: str,
    files: Sequence[Json] = (),
    marks: Sequence[Json] = (),
    answers: int | None = None,
    pupil: int | None = None,
    state: str = OUT,
    now: datetime,
) -> int | None:
    """Keep what somebody says in a room; gives its number, or None if it is there already: a platform's message
    (``ref`` in its chat) is said once, however often it is heard."""
    change = next_change(session, room)
    if chat is not None and ref is not None and relay.said_in(session, chat, ref) is not None:
        return None
    row = Utterance(
        author_id=author,
        chat_id=chat,
        ref=ref,
        answers_id=answers,
        words=words,
        files=list(files),
        earlier=[],
        said_at=now,
    )
    session.add(row)
    session.flush()
    session.add(
        RoomMessage(
            id=row.id, room_id=room, door_id=door, pupil_id=pupil, change=change, state=state, marks=list(marks)
        )
    )
    spoke = update(RoomMember).where(RoomMember.room_id == room)
    spoke = spoke.where(RoomMember.pupil_id == pupil if pupil is not None else RoomMember.person_id == author)
    session.execute(spoke.values(spoke_at=now, read_change=change))
    session.flush()
    return row.id


def rewrite(session: Session, message: int, words: str, now: datetime, marks: Sequence[Json] = ()) -> None:
    """Change the words of a message; what they were is kept."""
    _touch(session, message)
    relay.rewrite(session, message, words, now)
    session.execute(update(RoomMessage).where(RoomMessage.id == message).values(marks=list(marks)))


def marks_of(session: Session, message: int) -> list[Json]:
    """The stretches that stand out in the words of a message."""
    return list(session.scalar(select(RoomMessage.marks).where(RoomMessage.id == message)) or ())


def take_back(session: Session, message: int, now: datetime, by: int | None = None) -> None:
    """Note that a message was taken back, or removed by somebody else."""
    _touch(session, message)
    relay.take_back(session, message, now)
    if by is not None:
        session.execute(update(RoomMessage).where(RoomMessage.id == message).values(removed_by=by))


def react(session: Session, message: int, person: int, sign: str, now: datetime) -> bool:
    """Put a sign on a message, or take it off if it is there from the same person; whether it is there now."""
    _touch(session, message)
    theirs = RoomReaction.message_id == message, RoomReaction.person_id == person, RoomReaction.sign == sign
    if session.scalars(delete(RoomReaction).where(*theirs).returning(RoomReaction.id)).all():
        return False
    session.add(RoomReaction(message_id=message, person_id=person, sign=sign, at=now))
    session.flush()
    return True


def signs(session: Session, message: int) -> dict[str, int]:
    """The signs on a message, each with how many people put it there; the earliest first."""
    first = func.min(RoomReaction.id)
    found = select(RoomReaction.sign, func.count()).where(RoomReaction.message_id == message)
    rows = session.execute(found.group_by(RoomReaction.sign).order_by(first))
    return {row[0]: row[1] for row in rows}


def room_of(session: Session, message: int) -> int | None:
    """The room in which a message was said; None if it is none of a room."""
    return session.scalar(select(RoomMessage.room_id).where(RoomMessage.id == message))


def missing_at(session: Session, room: int, chat: int, since: datetime, limit: int) -> list[tuple[int, int]]:
    """What was said in a room since a moment and neither stands nor is on its way in a chat that is one of its doors:
    each message with its author, the oldest first."""
    brought = (
        select(Copy.outbox_id)
        .join(OutboxRow, OutboxRow.id == Copy.outbox_id)
        .where(Copy.utterance_id == RoomMessage.id, Copy.chat_id == chat, OutboxRow.state != FAILED)
    )
    found = (
        select(RoomMessage.id, Utterance.author_id)
        .join(Utterance, Utterance.id == RoomMessage.id)
        .where(RoomMessage.room_id == room, RoomMessage.state == OUT, Utterance.removed_at.is_(None))
        .where(Utterance.said_at >= since, Utterance.chat_id.is_distinct_from(chat), ~brought.exists())
        .order_by(RoomMessage.id)
        .limit(limit)
    )
    return [(message, author or 0) for message, author in session.execute(found)]


def _touch(session: Session, message: int) -> None:
    """Something becomes of a message: it has the room's newest number from now on."""
    room = session.scalars(select(RoomMessage.room_id).where(RoomMessage.id == message)).one()
    change = next_change(session, room)
    session.execute(update(RoomMessage).where(RoomMessage.id == message).values(change=change))
