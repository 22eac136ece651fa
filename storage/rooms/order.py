"""Order in rooms: who is muted or removed, which room is locked or slow; and the log of it.

Who may do what is decided in `handlers.rooms.rules`. Each of these notes in the log what was done, in the same
transaction, and says whether anything changed: what is so already is not noted twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import relay
from storage.models import Room, RoomAct, RoomMember, RoomMessage, Teacher
from storage.rooms.keeping import next_change
from storage.rooms.occupants import Occupant, author_of
from storage.rooms.saying import take_back

#: Everything that the log can have.
Act = Literal[
    "removed",
    "muted",
    "unmuted",
    "out",
    "back",
    "locked",
    "unlocked",
    "slowed",
    "returned",
    "dropped",
    "released",
    "holds",
    "reported",
    "appealed",
    "words",
    "wave",
]


@dataclass(frozen=True)
class Entry:
    """An entry of the log. ``by`` is the first name of who did it, empty where nobody did or they are gone."""

    act: str
    by: str
    subject: int | None
    pupil: int | None
    message: int | None
    detail: Mapping[str, int]
    at: datetime


def record(
    session: Session,
    room: int,
    act: Act,
    now: datetime,
    *,
    by: int | None = None,
    to: Occupant | None = None,
    message: int | None = None,
    **detail: int,
) -> None:
    """Note what was done, by whom (None: by itself), and to whom or to which message."""
    session.add(
        RoomAct(
            room_id=room,
            actor_id=by,
            subject_id=None if to is None else to.person,
            pupil_id=None if to is None else to.pupil,
            act=act,
            message_id=message,
            detail=detail,
            at=now,
        )
    )
    session.flush()


def log(session: Session, room: int, limit: int, skip: int = 0) -> list[Entry]:
    """What was done in a room, the newest first."""
    found = (
        select(RoomAct, Teacher.name)
        .outerjoin(Teacher, Teacher.person_id == RoomAct.actor_id)
        .where(RoomAct.room_id == room)
        .order_by(RoomAct.id.desc())
    )
    rows = session.execute(found.limit(limit).offset(skip))
    return [
        Entry(row.act, (name or "").split()[0] if name else "", row.subject_id, row.pupil_id, row.message_id,
              row.detail, row.at)
        for row, name in rows
    ]  # fmt: skip


def remove(session: Session, message: int, by: int, now: datetime) -> bool:
    """Take somebody's message away for all. False: it is gone already."""
    spoken = relay.find(session, message)
    if spoken is None or spoken.removed_at is not None:
        return False
    room = session.scalars(select(RoomMessage.room_id).where(RoomMessage.id == message)).one()
    take_back(session, message, now, by=by)
    record(session, room, "removed", now, by=by, to=author_of(session, message), message=message)
    return True


def mute(session: Session, who: Occupant, until: datetime, by: int, now: datetime) -> None:
    """Let somebody say nothing for a while."""
    _set(session, who, muted_until=until)
    minutes = round((until - now).total_seconds() / 60)
    record(session, who.room, "muted", now, by=by, to=who, minutes=minutes)


def unmute(session: Session, who: Occupant, by: int, now: datetime) -> bool:
    """Let somebody speak again. False: they can."""
    if who.muted_until is None or who.muted_until <= now:
        return False
    _set(session, who, muted_until=None)
    record(session, who.room, "unmuted", now, by=by, to=who)
    return True


def put_out(session: Session, who: Occupant, by: int, now: datetime) -> bool:
    """Remove somebody from a room; they stay known, so that no door lets them in again. False: they are out."""
    if who.removed_at is not None:
        return False
    _set(session, who, removed_at=now)
    record(session, who.room, "out", now, by=by, to=who)
    return True


def let_back(session: Session, who: Occupant, by: int, now: datetime) -> bool:
    """Let somebody who was removed in again. False: they are in."""
    if who.removed_at is None:
        return False
    _set(session, who, removed_at=None)
    record(session, who.room, "back", now, by=by, to=who)
    return True


def lock(session: Session, room: int, on: bool, by: int, now: datetime) -> bool:
    """Lock a room, where founders alone speak then, or unlock it. False: it is so already."""
    is_so = Room.locked_at.is_not(None) if on else Room.locked_at.is_(None)
    where = update(Room).where(Room.id == room, ~is_so)
    if session.scalar(where.values(locked_at=now if on else None).returning(Room.id)) is None:
        return False
    next_change(session, room)
    record(session, room, "locked" if on else "unlocked", now, by=by)
    return True


def slow(session: Session, room: int, seconds: int, by: int | None, now: datetime) -> bool:
    """Let everybody wait so many seconds between two messages; 0 is as usual. False: it is so already."""
    where = update(Room).where(Room.id == room, Room.slow_seconds != seconds)
    if session.scalar(where.values(slow_seconds=seconds).returning(Room.id)) is None:
        return False
    next_change(session, room)
    record(session, room, "slowed", now, by=by, seconds=seconds)
    return True


def _set(session: Session, who: Occupant, **values: datetime | None) -> None:
    session.execute(update(RoomMember).where(RoomMember.id == who.member).values(**values))
    # Open pages have to look: somebody can say something there now, or can no more.
    next_change(session, who.room)
