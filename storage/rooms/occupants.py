"""Who is in a room, as those see them who keep order there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from storage.models import ProjectMember, Pupil, Room, RoomMember, RoomMessage, School, Teacher, Utterance
from storage.models.projects import FOUNDER, IN
from storage.models.rooms import CLASS


@dataclass(frozen=True)
class Occupant:
    """A teacher or a pupil of a room. ``owner`` is the teacher of a pupil; ``name`` is a first name or a nickname, and
    ``school`` the one they are there for. ``founder`` says whether they lead the project."""

    member: int
    room: int
    person: int | None
    pupil: int | None
    owner: int | None
    name: str
    school: str
    country: str
    founder: bool
    muted_until: datetime | None
    removed_at: datetime | None


def occupants(session: Session, room: int) -> list[Occupant]:
    """All who are in a room, and who were removed from it: teachers first, then pupils."""
    return _found(session, RoomMember.room_id == room)


def occupant(session: Session, member: int) -> Occupant | None:
    """Somebody by the number of their place in a room."""
    return next(iter(_found(session, RoomMember.id == member)), None)


def author_of(session: Session, message: int) -> Occupant | None:
    """Who said a message; None if they are in the room no more."""
    said = select(RoomMessage.room_id, RoomMessage.pupil_id, Utterance.author_id)
    said = said.join(Utterance, Utterance.id == RoomMessage.id).where(RoomMessage.id == message)
    row = session.execute(said).one_or_none()
    if row is None or (row.pupil_id is None and row.author_id is None):
        return None
    theirs = RoomMember.person_id == row.author_id if row.pupil_id is None else RoomMember.pupil_id == row.pupil_id
    return next(iter(_found(session, and_(RoomMember.room_id == row.room_id, theirs))), None)


def of_person(session: Session, room: int, person: int) -> Occupant | None:
    """A teacher in a room."""
    return next(iter(_found(session, and_(RoomMember.room_id == room, RoomMember.person_id == person))), None)


def of_pupil(session: Session, room: int, pupil: int) -> Occupant | None:
    """A pupil in a room."""
    return next(iter(_found(session, and_(RoomMember.room_id == room, RoomMember.pupil_id == pupil))), None)


def class_room_of(session: Session, project: int) -> int | None:
    """The class room of a project."""
    return session.scalar(select(Room.id).where(Room.project_id == project, Room.kind == CLASS))


def _found(session: Session, where: ColumnElement[bool]) -> list[Occupant]:
    rows = session.execute(_query().where(where).order_by(RoomMember.pupil_id.is_not(None), RoomMember.id))
    return [_occupant(*row) for row in rows]


@cache
def _query() -> Select[*tuple[Any, ...]]:
    """Members with who they are; a pupil stands for the school of their teacher."""
    whose = or_(RoomMember.person_id == Teacher.person_id, Pupil.owner_id == Teacher.person_id)
    stands = and_(
        ProjectMember.project_id == Room.project_id,
        ProjectMember.person_id == Teacher.person_id,
        ProjectMember.state == IN,
    )
    return (
        select(
            RoomMember, Pupil.nickname, Pupil.owner_id, Teacher.name, Teacher.country, School.name, ProjectMember.role
        )
        .join(Room, Room.id == RoomMember.room_id)
        .outerjoin(Pupil, Pupil.id == RoomMember.pupil_id)
        .outerjoin(Teacher, whose)
        .outerjoin(ProjectMember, stands)
        .outerjoin(School, School.id == ProjectMember.school_id)
        .where(or_(RoomMember.pupil_id.is_not(None), ProjectMember.person_id.is_not(None)))
        .execution_options(populate_existing=True)
    )


def _occupant(
    row: RoomMember,
    nickname: str | None,
    owner: int | None,
    name: str | None,
    country: str | None,
    school: str | None,
    role: str | None,
) -> Occupant:
    return Occupant(
        member=row.id,
        room=row.room_id,
        person=row.person_id,
        pupil=row.pupil_id,
        owner=owner,
        name=nickname or (name.split()[0] if name else ""),
        school=school or "",
        country=country or "",
        founder=row.pupil_id is None and role == FOUNDER,
        muted_until=row.muted_until,
        removed_at=row.removed_at,
    )
