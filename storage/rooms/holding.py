"""What pupils write waits for a teacher: it is let out, given back with a word, or removed.

Those who decide are the teacher whose pupil it is, and the founders of the project. Until it is let out nobody else
sees it; whatever reads messages says so itself, by their state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from storage.models import ProjectMember, Pupil, Room, RoomMember, RoomMessage, Utterance
from storage.models.projects import FOUNDER, IN
from storage.models.rooms import HELD, OUT, RETURNED
from storage.rooms.keeping import next_change
from storage.rooms.occupants import author_of
from storage.rooms.order import Act, record
from storage.rooms.saying import take_back

Json = Any
_THEIRS = aliased(Pupil)


@dataclass(frozen=True)
class Held:
    """A message that waits. ``files`` are attachments as JSON, each with the platform on which it lies; ``change`` is
    its version in the room, which grows when its pupil changes it."""

    id: int
    room: int
    nickname: str
    words: str
    files: Sequence[Json]
    said_at: datetime
    change: int


def decides(person: int) -> ColumnElement[bool]:
    """Whether somebody decides on a message, where its room is joined: it is of a pupil of theirs, or they lead the
    project; and they are in that room."""
    # Each says what it is about outside of itself: left alone, a condition within a condition would be about any row.
    member = select(ProjectMember.person_id).where(
        ProjectMember.project_id == Room.project_id, ProjectMember.person_id == person, ProjectMember.state == IN
    )
    owns = select(_THEIRS.id).where(_THEIRS.id == RoomMessage.pupil_id, _THEIRS.owner_id == person)
    inside = select(RoomMember.id).where(
        RoomMember.room_id == Room.id, RoomMember.person_id == person, RoomMember.removed_at.is_(None)
    )
    leads = member.where(ProjectMember.role == FOUNDER).correlate(Room).exists()
    answers = and_(member.correlate(Room).exists(), owns.correlate(RoomMessage).exists())
    return and_(RoomMessage.pupil_id.is_not(None), or_(leads, answers), inside.correlate(Room).exists())


def may_decide(session: Session, message: int, person: int) -> bool:
    """Whether somebody decides on a message that was written by a pupil, whatever became of it."""
    found = select(RoomMessage.id).join(Room, Room.id == RoomMessage.room_id)
    return session.scalar(found.where(RoomMessage.id == message, decides(person))) is not None


def waiting(
    session: Session, person: int, limit: int, *, room: int | None = None, upto: int | None = None
) -> list[Held]:
    """What waits for somebody's decision, the oldest first: in all rooms or in one, and there up to a change."""
    found = _waits(person).order_by(RoomMessage.id).limit(limit)
    if room is not None:
        found = found.where(RoomMessage.room_id == room)
    if upto is not None:
        found = found.where(RoomMessage.change <= upto)
    rows = session.execute(found.execution_options(populate_existing=True))
    return [
        Held(message.id, message.room_id, nickname, said.words, said.files, said.said_at, message.change)
        for message, said, nickname in rows
    ]


def counted(session: Session, person: int, room: int) -> int:
    """How much waits for somebody in a room."""
    found = _waits(person).where(RoomMessage.room_id == room)
    return session.scalar(select(func.count()).select_from(found.with_only_columns(RoomMessage.id).subquery())) or 0


def _waits(person: int) -> Any:
    return (
        select(RoomMessage, Utterance, Pupil.nickname)
        .join(Utterance, Utterance.id == RoomMessage.id)
        .join(Room, Room.id == RoomMessage.room_id)
        .join(Pupil, Pupil.id == RoomMessage.pupil_id)
        .where(RoomMessage.state == HELD, Utterance.removed_at.is_(None), decides(person))
    )


def heard_before(session: Session, room: int, pupil: int) -> bool:
    """Whether anything of a pupil ever came out in a room."""
    found = select(RoomMessage.id).where(RoomMessage.room_id == room, RoomMessage.pupil_id == pupil)
    return session.scalar(found.where(RoomMessage.state == OUT).limit(1)) is not None


def state_of(session: Session, message: int) -> str | None:
    """Whether a message is HELD, RETURNED or OUT; None if it is none of a room."""
    return session.scalar(select(RoomMessage.state).where(RoomMessage.id == message))


def changed_since(session: Session, message: int, shown: int) -> bool:
    """Whether a message that waits was changed after somebody was shown it."""
    found = select(RoomMessage.id).where(RoomMessage.id == message, RoomMessage.state == HELD)
    return session.scalar(found.where(RoomMessage.change > shown)) is not None


def release(session: Session, message: int, by: int, now: datetime) -> bool:
    """Let a message out; from now on it is the newest of its room. False: it waits no more."""
    return _decide(session, message, "released", by, now, state=OUT)


def give_back(session: Session, message: int, note: str, by: int, now: datetime) -> bool:
    """Give a message back to the pupil with a word. False: it waits no more."""
    return _decide(session, message, "returned", by, now, state=RETURNED, note=note)


def drop(session: Session, message: int, by: int, now: datetime) -> bool:
    """Remove a message that waits. False: it waits no more."""
    if not _decide(session, message, "dropped", by, now, state=RETURNED):
        return False
    take_back(session, message, now, by=by)
    return True


def _decide(session: Session, message: int, act: Act, by: int, now: datetime, **values: str) -> bool:
    room = session.scalar(select(RoomMessage.room_id).where(RoomMessage.id == message))
    if room is None:
        return False
    change = next_change(session, room)
    stands = select(Utterance.id).where(Utterance.id == RoomMessage.id, Utterance.removed_at.is_(None)).exists()
    where = update(RoomMessage).where(RoomMessage.id == message, RoomMessage.state == HELD, stands)
    placed = {"place": change} if act == "released" else {}
    decided = where.values(**values, **placed, change=change, decided_by=by, decided_at=now)
    if session.scalar(decided.returning(RoomMessage.id).execution_options(synchronize_session=False)) is None:
        return False
    record(session, room, act, now, by=by, to=author_of(session, message), message=message)
    return True


def set_holds(session: Session, project: int, person: int, holds: bool | None, *, first: bool = True) -> bool:
    """A teacher sets whether what their pupils write waits (None: as the age says), and whether at least the first
    message of each does. False: it is so already."""
    where = update(ProjectMember).where(ProjectMember.project_id == project, ProjectMember.person_id == person)
    differs = or_(ProjectMember.holds.is_distinct_from(holds), ProjectMember.first_waits != first)
    changed = where.where(differs).values(holds=holds, first_waits=first)
    return session.scalar(changed.returning(ProjectMember.person_id)) is not None


def set_pupil_holds(session: Session, pupil: int, holds: bool | None) -> None:
    """The same for one pupil; None: as for the others."""
    session.execute(update(Pupil).where(Pupil.id == pupil).values(holds=holds))


def holds_of(session: Session, project: int, person: int) -> tuple[bool | None, bool, int | None]:
    """What a teacher has set for their pupils in a project: whether messages wait, whether the first of each does; and
    the age of these."""
    found = select(ProjectMember.holds, ProjectMember.first_waits, ProjectMember.pupils_age)
    row = session.execute(
        found.where(ProjectMember.project_id == project, ProjectMember.person_id == person)
    ).one_or_none()
    return (None, True, None) if row is None else (row[0], row[1], row[2])


def forgotten(session: Session, before: datetime, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Rooms in which something has waited since before a moment, each with the teachers who decide on it; all of it
    counts as reminded of now."""
    late = (
        select(RoomMessage.id, RoomMessage.room_id, Room.project_id, Pupil.owner_id)
        .join(Utterance, Utterance.id == RoomMessage.id)
        .join(Room, Room.id == RoomMessage.room_id)
        .join(Pupil, Pupil.id == RoomMessage.pupil_id)
        .where(RoomMessage.state == HELD, RoomMessage.reminded_at.is_(None))
        .where(Utterance.said_at <= before, Utterance.removed_at.is_(None))
        .order_by(RoomMessage.id)
        .limit(limit)
    )
    rows = session.execute(late).all()
    told: dict[tuple[int, int], None] = {}
    for _message, room, project, owner in rows:
        leads = ProjectMember.project_id == project, ProjectMember.role == FOUNDER, ProjectMember.state == IN
        founders = session.scalars(select(ProjectMember.person_id).where(*leads).order_by(ProjectMember.person_id))
        told |= dict.fromkeys((room, person) for person in [owner, *founders] if person is not None)
    ids = [row[0] for row in rows]
    session.execute(update(RoomMessage).where(RoomMessage.id.in_(ids)).values(reminded_at=now))
    return list(told)
