"""Blocks: somebody wants nothing of somebody, and neither hears of the other any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from storage import attendees, partnerships, polls
from storage.matching.rows import touch
from storage.models import Block, PartnerRequest
from storage.models.partnerships import DECLINED, OPEN, WITHDRAWN
from storage.people import hold

__all__ = ["Closed", "block", "blocked", "blocked_by", "blocked_people", "carry_over", "unblock"]


@dataclass(frozen=True)
class Closed:
    """What a block put an end to: whether the two were partners, and the numbers of the requests that were open."""

    partners: bool
    requests: tuple[int, ...]


def block(session: Session, blocker: int, other: int, now: datetime) -> Closed:
    """Block somebody. What is open between the two ends with it: their partnership, and a request, which is then
    declined, or withdrawn if the blocker sent it. Blocking twice is harmless."""
    hold(session, blocker, other)
    if session.get(Block, (blocker, other)) is None:
        session.add(Block(blocker_id=blocker, blocked_id=other, at=now))
        session.flush()
    sent = _close(session, blocker, other, WITHDRAWN, now)
    got = _close(session, other, blocker, DECLINED, now)
    ended = partnerships.end(session, blocker, other, blocker, now)
    attendees.part(session, blocker, other, everywhere=True)
    polls.part(session, blocker, other)
    return Closed(ended, (*sent, *got))


def _close(session: Session, asker: int, asked: int, state: str, now: datetime) -> Sequence[int]:
    theirs = (PartnerRequest.asker_id == asker, PartnerRequest.asked_id == asked, PartnerRequest.state == OPEN)
    closing = update(PartnerRequest).where(*theirs).values(state=state, decided_at=now)
    closed = session.scalars(closing.returning(PartnerRequest.id)).all()
    if closed:
        touch(session, asked)
    return closed


def unblock(session: Session, blocker: int, other: int) -> bool:
    """Take a block back; False if there was none."""
    theirs = delete(Block).where(Block.blocker_id == blocker, Block.blocked_id == other)
    return bool(session.scalars(theirs.returning(Block.blocked_id)).all())


def blocked(session: Session, a: int, b: int) -> bool:
    """Whether one of the two has blocked the other, whichever it was."""
    one_way = and_(Block.blocker_id == a, Block.blocked_id == b)
    other_way = and_(Block.blocker_id == b, Block.blocked_id == a)
    return session.scalar(select(Block.at).where(or_(one_way, other_way)).limit(1)) is not None


def blocked_people(session: Session, person: int) -> set[int]:
    """With whom somebody has nothing to do any more: whom they blocked, and who blocked them."""
    rows = session.execute(
        select(Block.blocker_id, Block.blocked_id).where(or_(Block.blocker_id == person, Block.blocked_id == person))
    )
    return {other if one == person else one for one, other in rows}


def blocked_by(session: Session, person: int) -> list[tuple[int, datetime]]:
    """Whom somebody has blocked, and when; the newest first."""
    theirs = select(Block.blocked_id, Block.at).where(Block.blocker_id == person)
    return [(other, at) for other, at in session.execute(theirs.order_by(Block.at.desc(), Block.blocked_id))]


def carry_over(session: Session, person: int, into: int) -> None:
    """Give the blocks of and on a person to another, who is the same human being."""
    both = select(Block.blocker_id, Block.blocked_id, Block.at).where(
        or_(Block.blocker_id == person, Block.blocked_id == person)
    )
    for blocker, other, at in session.execute(both).all():
        pair = (into if blocker == person else blocker, into if other == person else other)
        if into not in (blocker, other) and session.get(Block, pair) is None:
            session.add(Block(blocker_id=pair[0], blocked_id=pair[1], at=at))
            session.flush()
