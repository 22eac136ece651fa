"""What people say to each other: kept, changed, taken back, and found again by what stands in a chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from storage import web
from storage.models import Copy, OutboxRow, RoomMessage, Utterance
from storage.post import FAILED, row_of

Json = Any


@dataclass(frozen=True)
class Spoken:
    """An utterance: who said what on which line, and when; ``chat`` and ``ref`` are where it stands as it was said.

    ``author`` is 0 where it is nobody's who has an account: a pupil's, or a former member's.
    """

    id: int
    partnership: int | None
    author: int
    chat: int | None
    ref: str | None
    answers: int | None
    words: str
    files: Sequence[Json]
    said_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    earlier: Sequence[Json] = ()


def keep(
    session: Session,
    *,
    author: int | None,
    chat: int,
    ref: str | None,
    partnership: int | None,
    words: str,
    files: Sequence[Json] = (),
    answers: int | None = None,
    now: datetime,
) -> int:
    """Keep what somebody says to others; gives its id."""
    row = Utterance(
        partnership_id=partnership,
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
    if ref is not None:
        web.passed_on(session, chat, ref)
    return row.id


def find(session: Session, utterance: int) -> Spoken | None:
    """An utterance by its id."""
    return _one(session, Utterance.id == utterance)


def said_in(session: Session, chat: int, ref: str) -> Spoken | None:
    """What was said in a chat by the message that the platform calls so."""
    return _one(session, (Utterance.chat_id == chat) & (Utterance.ref == ref))


def shown_in(session: Session, chat: int, ref: str) -> Spoken | None:
    """What a message in a chat is: said there, or brought there from elsewhere."""
    row = row_of(session, chat, ref)
    copied = None if row is None else copied_by(session, row)
    return copied or said_in(session, chat, ref)


def copied_by(session: Session, row: int) -> Spoken | None:
    """What an outbox row brought to a chat."""
    utterance = session.scalar(select(Copy.utterance_id).where(Copy.outbox_id == row))
    return None if utterance is None else find(session, utterance)


def chat_of_copy(session: Session, row: int) -> int | None:
    """The chat to which an outbox row brought something."""
    return session.scalar(select(Copy.chat_id).where(Copy.outbox_id == row))


def add_copy(session: Session, utterance: int, chat: int, row: int) -> None:
    """Note that an outbox row brings an utterance to a chat."""
    session.add(Copy(outbox_id=row, utterance_id=utterance, chat_id=chat))
    session.flush()


def copies(session: Session, utterance: int) -> list[tuple[int, int]]:
    """The copies of an utterance: chat and outbox row."""
    found = select(Copy.chat_id, Copy.outbox_id).where(Copy.utterance_id == utterance).order_by(Copy.outbox_id)
    return [(chat, row) for chat, row in session.execute(found)]


def place_of(session: Session, utterance: int, chat: int) -> int | str | None:
    """How an utterance is pointed at in a chat: the outbox row that brought it, or the platform's id of it."""
    row = session.scalar(select(func.max(Copy.outbox_id)).where(Copy.utterance_id == utterance, Copy.chat_id == chat))
    if row is not None:
        return row
    return session.scalar(select(Utterance.ref).where(Utterance.id == utterance, Utterance.chat_id == chat))


def rewrite(session: Session, utterance: int, words: str, now: datetime) -> None:
    """Change the words; what they were is kept with the moment until which they stood."""
    row = session.get_one(Utterance, utterance)
    row.earlier = [*row.earlier, [now.isoformat(), row.words]]
    row.words, row.edited_at = words, now
    session.flush()


def take_back(session: Session, utterance: int, now: datetime) -> None:
    """Note that somebody took back what they said."""
    where = update(Utterance).where(Utterance.id == utterance, Utterance.removed_at.is_(None))
    session.execute(where.values(removed_at=now))


def said_since(session: Session, author: int, since: datetime) -> int:
    """How much somebody has said to others since a moment."""
    where = select(func.count()).select_from(Utterance)
    return session.scalar(where.where(Utterance.author_id == author, Utterance.said_at > since)) or 0


def latest(session: Session, partnership: int, limit: int, *, author: int | None = None) -> list[Spoken]:
    """The last things said on a line, oldest first; only those of one person, if one is named."""
    where = select(Utterance).where(Utterance.partnership_id == partnership)
    if author is not None:
        where = where.where(Utterance.author_id == author)
    return [_spoken(row) for row in reversed(session.scalars(where.order_by(Utterance.id.desc()).limit(limit)).all())]


def last_from(session: Session, author: int, chat: int) -> Spoken | None:
    """The last thing that somebody said to others from a chat, and did not take back."""
    return _one(session, (Utterance.author_id == author) & (Utterance.chat_id == chat) & Utterance.removed_at.is_(None))


def around(session: Session, spoken: Spoken, each_side: int) -> list[Spoken]:
    """What was said on its line just before and after an utterance, with it, oldest first."""
    on_line = select(Utterance).where(Utterance.partnership_id == spoken.partnership)
    before = on_line.where(Utterance.id <= spoken.id).order_by(Utterance.id.desc()).limit(each_side + 1)
    after = on_line.where(Utterance.id > spoken.id).order_by(Utterance.id).limit(each_side)
    rows = [*reversed(session.scalars(before).all()), *session.scalars(after).all()]
    return [_spoken(row) for row in rows]


def failed(session: Session, utterance: int) -> str | None:
    """Why no copy of an utterance arrived; None if one did, or is still under way."""
    states = select(OutboxRow.state, OutboxRow.error).join(Copy, Copy.outbox_id == OutboxRow.id)
    found = session.execute(states.where(Copy.utterance_id == utterance)).all()
    reasons = [row.error for row in found if row.state == FAILED]
    return reasons[-1] if found and len(reasons) == len(found) else None


def purge(session: Session, before: datetime) -> None:
    """Forget what was said on lines before a moment; rooms keep what was said there in their own way."""
    in_rooms = select(RoomMessage.id).where(RoomMessage.id == Utterance.id).exists()
    session.execute(delete(Utterance).where(Utterance.said_at < before, ~in_rooms))


def _one(session: Session, where: ColumnElement[bool]) -> Spoken | None:
    row = session.scalars(select(Utterance).where(where).order_by(Utterance.id.desc()).limit(1)).one_or_none()
    return None if row is None else _spoken(row)


def _spoken(row: Utterance) -> Spoken:
    return Spoken(
        row.id,
        row.partnership_id,
        row.author_id or 0,
        row.chat_id,
        row.ref,
        row.answers_id,
        row.words,
        row.files,
        row.said_at,
        row.edited_at,
        row.removed_at,
        row.earlier,
    )
