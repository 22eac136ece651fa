"""What the bot says in rooms: kept like what people say, drawn anew when something changes, found by its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from storage.models import Reminder, RoomMember, RoomMessage, RoomNotice, Utterance
from storage.models.notices import APPOINTMENT, BALLOT, DRAFT, HINT, REMINDER, SAID, VOTE
from storage.models.reminders import ACTIVE, PAUSED
from storage.rooms.keeping import next_change

__all__ = ["APPOINTMENT", "BALLOT", "DRAFT", "HINT", "REMINDER", "SAID", "VOTE", "Notice", "Words"]

Json = Any


@dataclass(frozen=True)
class Words:
    """What a notice says: the text as data, what may be chosen (id and label), and the same in words, for the page."""

    body: Json
    options: Sequence[tuple[str, Json]]
    plain: str


@dataclass(frozen=True)
class Notice:
    """What the bot said in a room; see `storage.models.RoomNotice`. ``person`` is who asked for it."""

    id: int
    room: int
    kind: str
    token: str
    body: Json
    options: Sequence[tuple[str, Json]]
    draft: Json | None
    language: str
    timezone: str
    person: int | None
    reminder: int | None
    poll: int | None
    drawn_at: datetime


def say(
    session: Session,
    room: int,
    words: Words,
    *,
    kind: str,
    token: str,
    reads: tuple[str, str],
    now: datetime,
    person: int | None = None,
    reminder: int | None = None,
    poll: int | None = None,
    draft: Json | None = None,
) -> Notice:
    """Keep what the bot says. ``reads`` are the language and the time zone in which it says it."""
    change = next_change(session, room)
    said = Utterance(words=words.plain, files=[], earlier=[], said_at=now)
    session.add(said)
    session.flush()
    session.add(RoomMessage(id=said.id, room_id=room, change=change, place=change, marks=[]))
    session.flush()
    row = RoomNotice(
        id=said.id,
        kind=kind,
        token=token,
        body=words.body,
        options=[list(pair) for pair in words.options],
        draft=draft,
        language=reads[0],
        timezone=reads[1],
        person_id=person,
        reminder_id=reminder,
        poll_id=poll,
        drawn_at=now,
    )
    session.add(row)
    session.flush()
    return _notice(row, room)


def redraw(session: Session, notice: int, words: Words, now: datetime, **values: Any) -> None:
    """Let a notice say something else; nobody needs to know what it said before. ``values`` are other columns."""
    row = session.get_one(RoomMessage, notice)
    change = next_change(session, row.room_id)
    session.execute(update(RoomMessage).where(RoomMessage.id == notice).values(change=change))
    session.execute(update(Utterance).where(Utterance.id == notice).values(words=words.plain))
    new = {"body": words.body, "options": [list(pair) for pair in words.options], "drawn_at": now, "changed_at": None}
    session.execute(update(RoomNotice).where(RoomNotice.id == notice).values(**new, **values))


def drawn(session: Session, notice: int, now: datetime) -> None:
    """Note that there is nothing to draw anew."""
    session.execute(update(RoomNotice).where(RoomNotice.id == notice).values(changed_at=None, drawn_at=now))


def find(session: Session, message: int) -> Notice | None:
    """The notice that a message of a room is; None if somebody else said it, or it was taken back."""
    return next(iter(_read(session, RoomNotice.id == message, 1)), None)


def by_token(session: Session, token: str) -> Notice | None:
    """The notice whose buttons carry this."""
    return next(iter(_read(session, RoomNotice.token == token, 1)), None)


def of_poll(session: Session, poll: int) -> Notice | None:
    """The notice of a vote that takes place in a room."""
    return next(iter(_read(session, RoomNotice.poll_id == poll, 1)), None)


def stale(session: Session, before: datetime, limit: int) -> list[Notice]:
    """Notices about which something has changed, and that were drawn before a moment."""
    return _read(session, RoomNotice.changed_at.is_not(None) & (RoomNotice.drawn_at <= before), limit)


def forgotten(session: Session, before: datetime, limit: int) -> list[Notice]:
    """Drafts to which nobody said yes or no, and hints, from before a moment."""
    return _read(session, RoomNotice.kind.in_((DRAFT, HINT)) & (RoomNotice.drawn_at <= before), limit)


def teachers(session: Session, room: int) -> list[int]:
    """The teachers in a room."""
    inside = select(RoomMember.person_id).where(RoomMember.room_id == room, RoomMember.removed_at.is_(None))
    found = session.scalars(inside.where(RoomMember.person_id.is_not(None)).order_by(RoomMember.id))
    return [person for person in found if person is not None]


def planned(session: Session, room: int, circle: str, limit: int) -> list[int]:
    """The reminders of a room and the appointments of its project that are still to come; those made first, first."""
    theirs = select(Reminder.id).where((Reminder.room_id == room) | (Reminder.circle == circle))
    active = theirs.where(Reminder.state.in_((ACTIVE, PAUSED))).order_by(Reminder.id)
    return list(session.scalars(active.limit(limit)))


def _read(session: Session, where: ColumnElement[bool], limit: int) -> list[Notice]:
    found = (
        select(RoomNotice, RoomMessage.room_id)
        .join(RoomMessage, RoomMessage.id == RoomNotice.id)
        .join(Utterance, Utterance.id == RoomNotice.id)
        .where(where, Utterance.removed_at.is_(None))
        .order_by(RoomNotice.id)
        .limit(limit)
    )
    return [_notice(row, room) for row, room in session.execute(found.execution_options(populate_existing=True))]


def _notice(row: RoomNotice, room: int) -> Notice:
    return Notice(
        id=row.id,
        room=room,
        kind=row.kind,
        token=row.token,
        body=row.body,
        options=[(option, label) for option, label in row.options],
        draft=row.draft,
        language=row.language,
        timezone=row.timezone,
        person=row.person_id,
        reminder=row.reminder_id,
        poll=row.poll_id,
        drawn_at=row.drawn_at,
    )
