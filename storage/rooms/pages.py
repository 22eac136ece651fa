"""What the page of a room shows: its messages with who said them, their signs and files; and what it notes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from storage.models import (
    Copy,
    OutboxRow,
    Pupil,
    Room,
    RoomFile,
    RoomMember,
    RoomMessage,
    RoomNotice,
    RoomReaction,
    School,
    Teacher,
    Utterance,
)
from storage.models.notices import BALLOT
from storage.models.projects import FOUNDER, ProjectMember
from storage.models.rooms import OUT
from storage.rooms import ballots
from storage.rooms.keeping import next_change
from storage.rooms.seats import Seat

Json = Any
# Made once: making an alias costs more than the statement in which it stands.
_ANSWERED, _ITS, _BEFORE = aliased(Utterance), aliased(RoomMessage), aliased(RoomMessage)
#: A person (0 for none) and a pupil, as `Seat.who`.
Who = tuple[int, int | None]


@dataclass(frozen=True)
class Choices:
    """What may be chosen under something that the bot said: its token, ids and labels, and how it is read; ``ballot``
    says that it is one, on which pupils vote too."""

    token: str
    options: Sequence[tuple[str, Json]]
    language: str
    timezone: str
    ballot: bool = False


@dataclass(frozen=True)
class Line:
    """A message as its room shows it. ``name`` is a first name, or a pupil's nickname; empty where they are gone.

    ``who`` is the person and the pupil, one of whom said it, ``owner`` the teacher of a pupil; ``leads`` says that a
    founder did. ``place`` is its place in the room, ``state`` whether it is out, held or returned with a ``note``;
    ``ousted`` says that somebody else took it away. ``quoted`` are the words that it answers, None where they were
    taken back or are gone. ``signs`` are signs with who put them, ``files`` the files by number, empty ones could not
    be brought; ``sent`` is how many files were sent, ``marks`` the stretches of the words that stand out. With a
    ``notice`` the bot said it; ``poll`` is what a ballot asks, ``votes`` who has chosen which of its answers.
    """

    id: int
    change: int
    place: int
    state: str
    who: Who
    owner: int
    leads: bool
    name: str
    school: str
    country: str
    words: str
    said_at: datetime
    edited: bool
    removed: bool
    answers: int | None
    quoted: str | None
    sent: int
    ousted: bool = False
    note: str | None = None
    marks: Sequence[Json] = ()
    notice: Choices | None = None
    signs: Sequence[tuple[str, Who]] = ()
    files: Mapping[int, Json] = field(default_factory=dict)
    poll: Json | None = None
    votes: Sequence[tuple[int, Who]] = ()


def newest(session: Session, room: int, before: int | None, limit: int, seat: Seat | None = None) -> list[Line]:
    """The last messages of a room that are there for whoever has a seat, oldest first; with ``before``, those before
    that one. Without a seat, what is out."""
    where = RoomMessage.room_id == room
    if before is not None:
        its = select(_BEFORE.place).where(_BEFORE.id == before).scalar_subquery()
        where = and_(where, RoomMessage.place < its)
    return list(reversed(_lines(session, and_(where, _there_for(seat)), RoomMessage.place.desc(), limit)))


def since(session: Session, room: int, change: int, limit: int) -> list[Line]:
    """What is out and new, or of which something became, after a change; in the order of their changes."""
    where = and_(RoomMessage.room_id == room, RoomMessage.change > change, RoomMessage.state == OUT)
    return _lines(session, where, RoomMessage.change, limit)


def in_order(session: Session, room: int, after: int, limit: int) -> list[Line]:
    """What came out in a room after a place, in the order in which it did."""
    where = and_(RoomMessage.room_id == room, RoomMessage.place > after, RoomMessage.state == OUT)
    return _lines(session, where, RoomMessage.place, limit)


def any_kept_back(session: Session, room: int, change: int) -> bool:
    """Whether something became, after a change, of what is not out."""
    where = RoomMessage.room_id == room, RoomMessage.change > change, RoomMessage.state != OUT
    return session.scalar(select(RoomMessage.id).where(*where).limit(1)) is not None


def kept_back(session: Session, room: int, change: int, limit: int, seat: Seat) -> list[Line]:
    """The same of what is not out, for whoever has a seat: what they wrote themselves, or what they decide on."""
    where = and_(RoomMessage.room_id == room, RoomMessage.change > change, RoomMessage.state != OUT)
    return _lines(session, and_(where, _there_for(seat)), RoomMessage.change, limit)


def one(session: Session, room: int, message: int, seat: Seat | None = None) -> Line | None:
    """A message of a room, if it is there for whoever has a seat."""
    where = and_(RoomMessage.room_id == room, RoomMessage.id == message, _there_for(seat))
    return next(iter(_lines(session, where, RoomMessage.id, 1)), None)


def _there_for(seat: Seat | None) -> ColumnElement[bool]:
    """What is there for somebody, where pupils are joined: what is out; to a pupil their own, and to those who decide
    on it what waits and what they gave back."""
    if seat is None:
        return RoomMessage.state == OUT
    if seat.pupil is not None:
        return or_(RoomMessage.state == OUT, RoomMessage.pupil_id == seat.pupil)
    theirs = RoomMessage.pupil_id.is_not(None) if seat.founder else Pupil.owner_id == seat.person
    return or_(RoomMessage.state == OUT, theirs)


def _lines(session: Session, where: ColumnElement[bool], order: Any, limit: int) -> list[Line]:
    answered, its = _ANSWERED, _ITS
    found = (
        select(
            RoomMessage,
            Utterance,
            Teacher.name,
            School.name,
            Teacher.country,
            Pupil,
            ProjectMember,
            answered,
            its.state,
        )
        .join(Utterance, Utterance.id == RoomMessage.id)
        .join(Room, Room.id == RoomMessage.room_id)
        .outerjoin(Pupil, Pupil.id == RoomMessage.pupil_id)
        # A pupil is heard with the school of their teacher.
        .outerjoin(Teacher, Teacher.person_id == func.coalesce(Pupil.owner_id, Utterance.author_id))
        .outerjoin(
            ProjectMember,
            and_(ProjectMember.project_id == Room.project_id, ProjectMember.person_id == Teacher.person_id),
        )
        .outerjoin(School, School.id == func.coalesce(ProjectMember.school_id, Teacher.school_id))
        .outerjoin(answered, answered.id == Utterance.answers_id)
        .outerjoin(its, its.id == Utterance.answers_id)
        # Whoever asks says for whom: what is held is shown to nobody whom the condition does not name.
        .where(where)
        .order_by(order)
        .limit(limit)
    )
    rows = session.execute(found.execution_options(populate_existing=True)).all()
    ids = [row[0].id for row in rows]
    signs, files, said = _signs(session, ids), _files(session, ids), _notices(session, ids)
    asking = [row[0].id for row in rows if row[0].poll is not None]
    votes = ballots.chosen(session, asking) if asking else {}
    made = [replace(_line(row, signs, files), notice=said.get(row[0].id)) for row in rows]
    return [replace(line, votes=votes.get(line.id, ())) for line in made]


def _line(row: Any, signs: Mapping[int, list[tuple[str, Who]]], files: Mapping[int, dict[int, Json]]) -> Line:
    message, spoken, name, school, country, pupil, stands, answered, state = row
    removed = spoken.removed_at is not None
    quoted = answered is not None and answered.removed_at is None and state == OUT
    return Line(
        id=message.id,
        change=message.change,
        place=message.place,
        state=message.state,
        who=(spoken.author_id or 0, message.pupil_id),
        owner=0 if pupil is None else pupil.owner_id or 0,
        leads=pupil is None and stands is not None and stands.role == FOUNDER,
        name=pupil.nickname if pupil is not None else name.split()[0] if name else "",
        school=school or "",
        country=country or "",
        words="" if removed else spoken.words,
        said_at=spoken.said_at,
        edited=spoken.edited_at is not None,
        removed=removed,
        answers=spoken.answers_id if quoted else None,
        quoted=answered.words if quoted else None,
        sent=0 if removed else len(spoken.files),
        ousted=message.removed_by is not None,
        note=message.note,
        marks=() if removed else message.marks,
        poll=None if removed else message.poll,
        signs=() if removed else signs.get(message.id, ()),
        files={} if removed else files.get(message.id, {}),
    )


def _signs(session: Session, ids: Collection[int]) -> dict[int, list[tuple[str, Who]]]:
    """The signs on messages, each with who put it there; the earliest first."""
    found = select(RoomReaction.message_id, RoomReaction.sign, RoomReaction.person_id, RoomReaction.pupil_id)
    rows = session.execute(found.where(RoomReaction.message_id.in_(ids)).order_by(RoomReaction.id)) if ids else ()
    known: dict[int, list[tuple[str, Who]]] = {}
    for message, sign, person, pupil in rows:
        known.setdefault(message, []).append((sign, (person or 0, pupil)))
    return known


def _notices(session: Session, ids: Collection[int]) -> dict[int, Choices]:
    rows = session.scalars(select(RoomNotice).where(RoomNotice.id.in_(ids))) if ids else ()
    return {row.id: _choices(row) for row in rows}


def _choices(row: RoomNotice) -> Choices:
    options = [(option, label) for option, label in row.options]
    return Choices(row.token, options, row.language, row.timezone, row.kind == BALLOT)


def _files(session: Session, ids: Collection[int]) -> dict[int, dict[int, Json]]:
    rows = session.scalars(select(RoomFile).where(RoomFile.message_id.in_(ids)).order_by(RoomFile.id)) if ids else ()
    known: dict[int, dict[int, Json]] = {}
    for row in rows:
        known.setdefault(row.message_id, {})[row.id] = row.what
    return known


def file_in(session: Session, room: int, number: int, seat: Seat | None = None) -> Json | None:
    """A file of a message that is there for whoever has a seat; None if there is none, or no more."""
    found = (
        select(RoomFile.what)
        .join(RoomMessage, RoomMessage.id == RoomFile.message_id)
        .join(Utterance, Utterance.id == RoomMessage.id)
        .outerjoin(Pupil, Pupil.id == RoomMessage.pupil_id)
        .where(RoomFile.id == number, RoomMessage.room_id == room, _there_for(seat))
        .where(Utterance.removed_at.is_(None))
    )
    return session.scalar(found) or None


def arrive(session: Session, key: str, what: Json) -> bool:
    """Note the file that an outbox row brought to the page, once; False if it belongs to no message any more."""
    message = session.scalar(
        select(Copy.utterance_id).join(OutboxRow, OutboxRow.id == Copy.outbox_id).where(OutboxRow.key == key)
    )
    room = session.scalar(select(RoomMessage.room_id).where(RoomMessage.id == message))
    if message is None or room is None:
        return False
    change = next_change(session, room)
    if session.scalar(select(RoomFile.id).where(RoomFile.key == key)) is None:
        session.add(RoomFile(key=key, message_id=message, what=what))
        session.execute(update(RoomMessage).where(RoomMessage.id == message).values(change=change))
        session.flush()
    return True


def forget(session: Session, key: str) -> Json | None:
    """Forget a file that was taken back; gives what it was."""
    gone = delete(RoomFile).where(RoomFile.key == key).returning(RoomFile.what)
    return next(iter(session.scalars(gone).all()), None)


def read(session: Session, member: int, change: int) -> None:
    """Note how far a member has read."""
    theirs = RoomMember.id == member, RoomMember.read_change < change
    session.execute(update(RoomMember).where(*theirs).values(read_change=change))


def changes(session: Session, addresses: Collection[str]) -> dict[str, int]:
    """The number of the last change of each of these rooms."""
    found = select(Room.address, Room.change).where(Room.address.in_(addresses))
    return {row[0]: row[1] for row in session.execute(found)}


__all__ = [
    "Line",
    "any_kept_back",
    "arrive",
    "changes",
    "file_in",
    "forget",
    "in_order",
    "kept_back",
    "newest",
    "one",
    "read",
    "since",
]
