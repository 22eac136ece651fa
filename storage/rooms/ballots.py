"""Ballots: a question with answers in a room, of which everybody there chooses one; people know them as polls.

A ballot is a message of the bot (`storage.rooms.notices`) that somebody in the room asked for; what it asks stands in
`RoomMessage.poll`, and until when it takes votes in `RoomNotice.closes_at`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.models import RoomMember, RoomMessage, RoomNotice, RoomVote, Utterance
from storage.models.rooms import BY_PERSON, BY_PUPIL
from storage.post import insert_for
from storage.rooms.seats import Seat

Json = Any


@dataclass(frozen=True)
class Asks:
    """What a ballot asks. Where somebody posted it with the means of a platform, ``chat`` and ``ref`` are the message
    that it was there, and ``ids`` how that platform calls the answers, if it tells who chose which."""

    question: str
    answers: tuple[str, ...]
    chat: int | None = None
    ref: str | None = None
    ids: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """As it is kept."""
        return {"question": self.question, "answers": list(self.answers), "ids": list(self.ids), "ref": self.ref}


@dataclass(frozen=True)
class Ballot:
    """A ballot as it stands: how many chose each of the answers, and until when it takes votes (None: it is over).
    ``owner`` is who asked for it; ``posted`` says that it was posted with the means of a platform."""

    id: int
    owner: int
    asks: Asks
    votes: tuple[int, ...]
    closes_at: datetime | None
    posted: bool


def opened(session: Session, message: int, owner: int, asks: Asks, closes_at: datetime) -> None:
    """Make a ballot of what the bot has just said: it is its owner's message from now on."""
    session.execute(update(RoomMessage).where(RoomMessage.id == message).values(poll=asks.to_json()))
    whose = {"author_id": owner, "chat_id": asks.chat, "ref": asks.ref}
    session.execute(update(Utterance).where(Utterance.id == message).values(**whose))
    session.execute(update(RoomNotice).where(RoomNotice.id == message).values(closes_at=closes_at))
    said = select(RoomMessage.room_id, Utterance.said_at).join(Utterance, Utterance.id == RoomMessage.id)
    room, at = session.execute(said.where(RoomMessage.id == message)).one()
    spoke = update(RoomMember).where(RoomMember.room_id == room, RoomMember.person_id == owner)
    session.execute(spoke.values(spoke_at=at))


def get(session: Session, message: int) -> Ballot | None:
    """The ballot that a message is; None if it is none."""
    found = (
        select(RoomMessage.poll, RoomNotice.person_id, RoomNotice.closes_at)
        .join(RoomNotice, RoomNotice.id == RoomMessage.id)
        .where(RoomMessage.id == message)
    )
    row = session.execute(found).one_or_none()
    if row is None or row.poll is None:
        return None
    asked = row.poll
    asks = Asks(asked["question"], tuple(asked["answers"]), ids=tuple(asked["ids"]))
    counted = counts(session, message)
    votes = tuple(counted[place] for place in range(len(asks.answers)))
    return Ballot(message, row.person_id or 0, asks, votes, row.closes_at, asked["ref"] is not None)


def counts(session: Session, message: int) -> Counter[int]:
    """How many chose each answer, by its place."""
    found = select(RoomVote.answer, func.count()).where(RoomVote.message_id == message).group_by(RoomVote.answer)
    return Counter({row[0]: row[1] for row in session.execute(found)})


def chosen(session: Session, messages: Collection[int]) -> Mapping[int, Sequence[tuple[int, tuple[int, int | None]]]]:
    """The votes in each of these ballots: the place of an answer, and who chose it, as `Seat.who`."""
    found = select(RoomVote.message_id, RoomVote.answer, RoomVote.person_id, RoomVote.pupil_id)
    known: dict[int, list[tuple[int, tuple[int, int | None]]]] = {}
    for message, answer, person, pupil in session.execute(found.where(RoomVote.message_id.in_(messages))):
        known.setdefault(message, []).append((answer, (person or 0, pupil)))
    return known


def vote(session: Session, message: int, seat: Seat, answer: int, now: datetime) -> bool:
    """Somebody chooses an answer, in the place of one chosen before; False if the ballot is over."""
    # This also holds the ballot until the vote is kept, so that it cannot be closed in between.
    open_ = update(RoomNotice).where(RoomNotice.id == message, RoomNotice.closes_at > now)
    touched = open_.values(changed_at=func.coalesce(RoomNotice.changed_at, now)).returning(RoomNotice.id)
    if session.scalar(touched.execution_options(synchronize_session=False)) is None:
        return False
    whose = {"person_id": seat.person} if seat.pupil is None else {"pupil_id": seat.pupil}
    new = insert_for(session.get_bind().dialect.name, RoomVote).values(
        message_id=message, answer=answer, at=now, **whose
    )
    where = BY_PERSON if seat.pupil is None else BY_PUPIL
    both = ["message_id", *whose]
    changed = {"answer": answer, "at": now}
    session.execute(new.on_conflict_do_update(index_elements=both, index_where=where, set_=changed))
    return True


def close(session: Session, message: int) -> bool:
    """End a ballot; False if it was over."""
    where = update(RoomNotice).where(RoomNotice.id == message, RoomNotice.closes_at.is_not(None))
    ended = where.values(closes_at=None).returning(RoomNotice.id)
    return session.scalar(ended.execution_options(synchronize_session=False)) is not None


def overdue(session: Session, now: datetime, limit: int) -> list[int]:
    """Ballots whose time is up."""
    due = select(RoomNotice.id).where(RoomNotice.closes_at <= now).order_by(RoomNotice.closes_at).limit(limit)
    return list(session.scalars(due))
