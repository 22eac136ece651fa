"""Who may look at the page of a room: people by their account on the web, pupils by their card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from storage.models import Account, Person, Project, Pupil, Room, RoomMember, Teacher
from storage.models.projects import FOUNDER, IN, ProjectMember
from storage.models.teachers import SUSPENDED
from storage.rooms.keeping import Room as Place
from storage.rooms.keeping import as_room
from storage.rooms.seats import Seat, admitted, answers_for, holds, waits_first


def person_of(session: Session, account: str) -> int | None:
    """Who speaks on the web under this account."""
    return session.scalar(select(Account.person_id).where(Account.platform == "web", Account.external_key == account))


@dataclass(frozen=True)
class Entered:
    """A room with the seat of whoever looks at it, and how they read. ``nickname`` is a pupil's."""

    room: Place
    seat: Seat
    language: str
    timezone: str
    nickname: str = ""


def enter(session: Session, account: str, address: str) -> Entered | None:
    """Let somebody look at a room; None if they are not in it, or are suspended: these see nothing of rooms, as of
    everything else."""
    row = session.connection().execute(_entering(), {"account": account, "address": address}).one_or_none()
    if row is None:
        return None
    seat = Seat(row.member, row.id, row.person, row.role == FOUNDER, row.status, row.spoke_at, row.muted_until)
    return Entered(as_room(row, row.state, row.title), seat, row.language, row.timezone)


def enter_pupil(session: Session, pupil: int, address: str, now: datetime) -> Entered | None:
    """Let a pupil look at a room; None if it is none of theirs, or their card is over. They read in the language of
    their card and by the clock of their teacher."""
    row = (
        session.connection().execute(_entering_pupil(), {"pupil": pupil, "address": address, "now": now}).one_or_none()
    )
    if row is None:
        return None
    held, first = holds(row.own, row.holds, row.pupils_age), waits_first(row.own, row.first_waits)
    seat = Seat(row.member, row.id, 0, False, "", row.spoke_at, row.muted_until, pupil, held, first)
    return Entered(as_room(row, row.state, row.title), seat, row.language, row.timezone, row.nickname)


_ROOM = (
    Room.id,
    Room.project_id,
    Room.kind,
    Room.audience,
    Room.name,
    Room.address,
    Room.change,
    Room.slow_seconds,
    Room.locked_at,
    Project.state,
    Project.title,
)


@cache
def _entering_pupil() -> Any:
    """One statement, made once, as for teachers."""
    return (
        select(
            *_ROOM,
            RoomMember.id.label("member"),
            RoomMember.spoke_at,
            RoomMember.muted_until,
            Pupil.nickname,
            Pupil.holds.label("own"),
            ProjectMember.holds,
            ProjectMember.pupils_age,
            ProjectMember.first_waits,
            Pupil.language,
            Person.timezone,
        )
        .select_from(Room)
        .join(Project, Project.id == Room.project_id)
        .join(RoomMember, RoomMember.room_id == Room.id)
        .join(Pupil, Pupil.id == RoomMember.pupil_id)
        .join(ProjectMember, answers_for())
        .join(Teacher, Teacher.person_id == Pupil.owner_id)
        .join(Person, Person.id == Pupil.owner_id)
        .where(Room.address == bindparam("address"), RoomMember.pupil_id == bindparam("pupil"))
        .where(*admitted(bindparam("now")))
    )


@cache
def _entering() -> Any:
    """One statement, made once: many who look at a room ask it for each message."""
    return (
        select(
            *_ROOM,
            RoomMember.id.label("member"),
            RoomMember.spoke_at,
            RoomMember.muted_until,
            ProjectMember.role,
            Teacher.status,
            Person.id.label("person"),
            Person.language,
            Person.timezone,
        )
        .select_from(Room)
        .join(Project, Project.id == Room.project_id)
        .join(RoomMember, RoomMember.room_id == Room.id)
        .join(Account, Account.person_id == RoomMember.person_id)
        .join(Person, Person.id == RoomMember.person_id)
        .join(Teacher, Teacher.person_id == RoomMember.person_id)
        .join(
            ProjectMember,
            and_(ProjectMember.project_id == Room.project_id, ProjectMember.person_id == RoomMember.person_id),
        )
        .where(Room.address == bindparam("address"), Account.platform == "web")
        .where(Account.external_key == bindparam("account"), RoomMember.removed_at.is_(None))
        .where(ProjectMember.state == IN, Teacher.status != SUSPENDED)
    )


__all__ = ["Entered", "enter", "enter_pupil", "person_of"]
