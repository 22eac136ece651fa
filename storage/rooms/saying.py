"""What is said in a room: kept once, changed, taken back, and the signs that are put on it.

Each of these takes the room's next number first, which holds the room; so numbers, messages and what is brought to the
doors all have the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from storage import relay
from storage.models import Copy, OutboxRow, RoomMember, RoomMessage, RoomReaction, Utterance
from storage.models.rooms import HELD, OUT, RETURNED
from storage.post import FAILED
from storage.rooms.keeping import next_change

Json = Any


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
    (``ref`` in its chat) is said once, however often it is heard. A ``pupil``'s has no author."""
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
            id=row.id,
            room_id=room,
            door_id=door,
            pupil_id=pupil,
            change=change,
            place=change,
            state=state,
            marks=list(marks),
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


def react(
    session: Session,
    message: int,
    person: int | None,
    sign: str,
    now: datetime,
    *,
    pupil: int | None = None,
    door: int | None = None,
    ref: str | None = None,
) -> bool:
    """A person or a pupil puts a sign on a message, or takes it off if it is there from them; whether it is there
    now. Where the platform says which sign it is (``ref``), it is put, and `unreact` takes it off."""
    _touch(session, message)
    whose = RoomReaction.person_id == person if pupil is None else RoomReaction.pupil_id == pupil
    theirs = RoomReaction.message_id == message, whose, RoomReaction.sign == sign
    known = session.scalars(delete(RoomReaction).where(*theirs).returning(RoomReaction.id)).all()
    if known and ref is None:
        return False
    by = person if pupil is None else None
    row = RoomReaction(message_id=message, person_id=by, pupil_id=pupil, sign=sign, door_id=door, ref=ref, at=now)
    session.add(row)
    session.flush()
    return not known


def signed(session: Session, room: int, person: int, ref: str) -> int | None:
    """The message of a room on which somebody put the sign that the platform calls so."""
    found = select(RoomReaction.message_id).join(RoomMessage, RoomMessage.id == RoomReaction.message_id)
    theirs = RoomReaction.person_id == person, RoomReaction.ref == ref, RoomMessage.room_id == room
    return session.scalar(found.where(*theirs).limit(1))


def unreact(session: Session, message: int, person: int, ref: str) -> None:
    """Take that sign off."""
    theirs = RoomReaction.message_id == message, RoomReaction.person_id == person, RoomReaction.ref == ref
    session.execute(delete(RoomReaction).where(*theirs))
    _touch(session, message)


def react_all(session: Session, message: int, person: int, wanted: Sequence[str], door: int, now: datetime) -> bool:
    """Have somebody's signs of one door on a message be these and no others; whether anything changed."""
    theirs = RoomReaction.message_id == message, RoomReaction.person_id == person
    found = session.execute(select(RoomReaction.sign, RoomReaction.door_id).where(*theirs)).all()
    gone = [sign for sign, at in found if at == door and sign not in wanted]
    new = [sign for sign in dict.fromkeys(wanted) if sign not in {known for known, _at in found}]
    if gone or new:
        _touch(session, message)
    session.execute(delete(RoomReaction).where(*theirs, RoomReaction.sign.in_(gone)))
    rows = [RoomReaction(message_id=message, person_id=person, sign=sign, door_id=door, at=now) for sign in new]
    session.add_all(rows)
    session.flush()
    return bool(gone or new)


def signs_of(session: Session, message: int, person: int) -> list[str]:
    """The signs that somebody has on a message."""
    found = select(RoomReaction.sign).where(RoomReaction.message_id == message, RoomReaction.person_id == person)
    return list(session.scalars(found.order_by(RoomReaction.id)))


def signs(session: Session, message: int, elsewhere: int | None = None) -> dict[str, int]:
    """The signs on a message, each with how many people put it there; the earliest first. Those of the door
    ``elsewhere`` are left out, where one is named: that one shows them by itself."""
    first = func.min(RoomReaction.id)
    found = select(RoomReaction.sign, func.count()).where(RoomReaction.message_id == message)
    if elsewhere is not None:
        found = found.where(RoomReaction.door_id.is_distinct_from(elsewhere))
    rows = session.execute(found.group_by(RoomReaction.sign).order_by(first))
    return {row[0]: row[1] for row in rows}


def room_of(session: Session, message: int) -> int | None:
    """The room in which a message was said; None if it is none of a room."""
    return session.scalar(select(RoomMessage.room_id).where(RoomMessage.id == message))


def missing_at(session: Session, room: int, chat: int, since: datetime, limit: int) -> list[int]:
    """What was said in a room since a moment and neither stands nor is on its way in a chat that is one of its doors,
    the oldest first."""
    brought = (
        select(Copy.outbox_id)
        .join(OutboxRow, OutboxRow.id == Copy.outbox_id)
        .where(Copy.utterance_id == RoomMessage.id, Copy.chat_id == chat, OutboxRow.state != FAILED)
    )
    found = (
        select(RoomMessage.id)
        .join(Utterance, Utterance.id == RoomMessage.id)
        .where(RoomMessage.room_id == room, RoomMessage.state == OUT, Utterance.removed_at.is_(None))
        # What was held came out later than it was said.
        .where(or_(Utterance.said_at >= since, RoomMessage.decided_at >= since))
        .where(Utterance.chat_id.is_distinct_from(chat), ~brought.exists())
        .order_by(RoomMessage.place)
        .limit(limit)
    )
    return list(session.scalars(found))


def wait_again(session: Session, message: int) -> None:
    """A message that was given back was changed by its author: it waits anew."""
    where = update(RoomMessage).where(RoomMessage.id == message, RoomMessage.state == RETURNED)
    session.execute(where.values(state=HELD, note=None, reminded_at=None))


def nth_newest(session: Session, room: int, n: int) -> datetime | None:
    """When the ``n``-th newest message of a room was said; None if there are not so many."""
    found = select(Utterance.said_at).join(RoomMessage, RoomMessage.id == Utterance.id)
    return session.scalar(
        found.where(RoomMessage.room_id == room).order_by(RoomMessage.id.desc()).offset(n - 1).limit(1)
    )


def _touch(session: Session, message: int) -> None:
    """Something becomes of a message: it has the room's newest number from now on."""
    room = session.scalars(select(RoomMessage.room_id).where(RoomMessage.id == message)).one()
    change = next_change(session, room)
    session.execute(update(RoomMessage).where(RoomMessage.id == message).values(change=change))
