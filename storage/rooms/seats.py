"""Who is in a room and how they are heard there: teachers by first name, pupils by nickname, both with school and
country. What of a room somebody may see is decided by their seat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from storage.models import (
    Project,
    ProjectMember,
    Pupil,
    Room,
    RoomMember,
    RoomMessage,
    School,
    Teacher,
    Utterance,
)
from storage.models.projects import CLOSED, FOUNDER, IN, OPEN
from storage.models.rooms import EVERYONE, OUT
from storage.models.teachers import SUSPENDED

HELD_UNDER = 13
"""What pupils younger than this write waits for a teacher, unless their teacher says otherwise."""


@dataclass(frozen=True)
class Seat:
    """Somebody's place in a room. ``spoke_at`` is when they spoke there last, ``founder`` whether they lead the
    project, ``status`` what they are as a teacher.

    A pupil's has the ``pupil``, ``person`` 0, no status, and whether what they write is held (``holds``), or else the
    first thing they write there (``first``).
    """

    member: int
    room: int
    person: int
    founder: bool
    status: str
    spoke_at: datetime | None
    muted_until: datetime | None
    pupil: int | None = None
    holds: bool = False
    first: bool = False

    @property
    def who(self) -> tuple[int, int | None]:
        """The person and the pupil: by both it is known who somebody is, since all pupils have person 0."""
        return self.person, self.pupil


@dataclass(frozen=True)
class Voice:
    """Who is heard in a room: a first name or nickname, with school and country. Empty where they are gone.

    ``person`` is whose name it is, 0 for a pupil's nickname.
    """

    name: str
    school: str
    country: str
    person: int = 0


NOBODY = Voice("", "", "")


def holds(own: bool | None, teachers: bool | None, age: int | None) -> bool:
    """Whether what a pupil writes waits for a tap: as is said for this pupil, else as their teacher says for all of
    theirs, else by the age; pupils of unknown age are held."""
    if own is not None:
        return own
    return teachers if teachers is not None else age is None or age < HELD_UNDER


def waits_first(own: bool | None, teachers: bool) -> bool:
    """Whether the first message of a pupil waits where others do not: as their teacher says for all of theirs, but not
    of a pupil of whom the teacher has said that nothing waits."""
    return teachers and own is not False


def seat_of(session: Session, room: int, person: int) -> Seat | None:
    """A teacher's place in a room; None if they are not in it, or were removed from it."""
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


def pupil_seat(session: Session, room: int, pupil: int, now: datetime) -> Seat | None:
    """A pupil's place in a room; None if it is not for pupils, if they were removed from it, if their card is over, or
    if the teacher who answers for them is not in the project any more."""
    found = (
        select(RoomMember, Pupil.holds, ProjectMember.holds, ProjectMember.pupils_age, ProjectMember.first_waits)
        .select_from(RoomMember)
        .join(Room, Room.id == RoomMember.room_id)
        .join(Pupil, Pupil.id == RoomMember.pupil_id)
        .join(Project, Project.id == Pupil.project_id)
        .join(ProjectMember, answers_for())
        .join(Teacher, Teacher.person_id == Pupil.owner_id)
        .where(RoomMember.room_id == room, RoomMember.pupil_id == pupil, *admitted(now))
    )
    row = session.execute(found.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    member, own, teachers, age, first = row
    held, first = holds(own, teachers, age), waits_first(own, first)
    return Seat(member.id, room, 0, False, "", member.spoke_at, member.muted_until, pupil, held, first)


def answers_for() -> ColumnElement[bool]:
    """How a pupil's teacher stands in the project."""
    return and_(ProjectMember.project_id == Pupil.project_id, ProjectMember.person_id == Pupil.owner_id)


def good(now: datetime | BindParameter[Any]) -> tuple[ColumnElement[bool], ...]:
    """When a pupil's card is good, where their project, their teacher and how that one stands in it are joined."""
    return (
        Pupil.revoked_at.is_(None),
        Pupil.expires_at > now,
        Project.state.in_((OPEN, CLOSED)),
        ProjectMember.state == IN,
        Teacher.status != SUSPENDED,
    )


def admitted(now: datetime | BindParameter[Any]) -> tuple[ColumnElement[bool], ...]:
    """When a pupil may be in a room: the card is good, and it is a room of that project that is for pupils too."""
    return (
        *good(now),
        Room.project_id == Pupil.project_id,
        Room.audience == EVERYONE,
        RoomMember.removed_at.is_(None),
    )


def spoke(session: Session, message: int, seat: Seat) -> bool:
    """Whether it was this one who said a message."""
    return session.scalar(select(RoomMessage.id).where(RoomMessage.id == message, _by(seat))) is not None


def reads(session: Session, message: int, seat: Seat) -> bool:
    """Whether a message of the room is there for this one: it was let out, or they said it themselves."""
    where = RoomMessage.id == message, RoomMessage.room_id == seat.room, or_(RoomMessage.state == OUT, _by(seat))
    return session.scalar(select(RoomMessage.id).where(*where)) is not None


def said_lately(session: Session, pupil: int, since: datetime) -> int:
    """How much a pupil has said since a moment."""
    found = select(func.count()).select_from(RoomMessage).join(Utterance, Utterance.id == RoomMessage.id)
    return session.scalar(found.where(RoomMessage.pupil_id == pupil, Utterance.said_at > since)) or 0


def _by(seat: Seat) -> ColumnElement[bool]:
    if seat.pupil is not None:
        return RoomMessage.pupil_id == seat.pupil
    said = select(Utterance.id).where(Utterance.id == RoomMessage.id, Utterance.author_id == seat.person)
    return said.exists()


def voice_of(session: Session, room: int, person: int) -> Voice:
    """How a teacher is called in a room, with the school they are there for."""
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
    return NOBODY if row is None else Voice(row[0].split()[0], row[1] or "", row[2], person)


def pupil_voice(session: Session, pupil: int) -> Voice:
    """How a pupil is called: by the nickname, with the school of their teacher. Nothing else of them is known."""
    found = (
        select(Pupil.nickname, School.name, Teacher.country)
        .select_from(Pupil)
        .outerjoin(Teacher, Teacher.person_id == Pupil.owner_id)
        .outerjoin(ProjectMember, answers_for())
        .outerjoin(School, School.id == func.coalesce(ProjectMember.school_id, Teacher.school_id))
        .where(Pupil.id == pupil)
    )
    row = session.execute(found).one_or_none()
    return NOBODY if row is None else Voice(row[0], row[1] or "", row[2] or "")


def voice_at(session: Session, seat: Seat) -> Voice:
    """How whoever has a seat is heard."""
    return voice_of(session, seat.room, seat.person) if seat.pupil is None else pupil_voice(session, seat.pupil)


def voice_in(session: Session, message: int) -> Voice:
    """How whoever said a message is heard."""
    found = select(RoomMessage.room_id, RoomMessage.pupil_id, Utterance.author_id)
    row = session.execute(
        found.join(Utterance, Utterance.id == RoomMessage.id).where(RoomMessage.id == message)
    ).one_or_none()
    if row is None or (row.pupil_id is None and row.author_id is None):
        return NOBODY
    return pupil_voice(session, row.pupil_id) if row.pupil_id else voice_of(session, row.room_id, row.author_id)
