"""Partner requests as they stand: one, all of a person, how many are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from storage.models import PartnerRequest
from storage.models.partnerships import DECLINED, LAPSED, OPEN, WITHDRAWN

#: A request that is not answered lapses after this.
LIFETIME = timedelta(days=7)
#: How long the same teacher cannot be asked again, by what became of the last request.
AGAIN = {DECLINED: timedelta(days=30), LAPSED: timedelta(days=30), WITHDRAWN: timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands. ``state`` is what it is at the moment it was looked at: one that is too old counts as
    lapsed, also before both have been told so."""

    id: int
    asker: int
    asked: int
    message: str
    state: str
    sent_at: datetime
    decided_at: datetime | None
    reason: str | None
    words: str | None

    def other(self, person: int) -> int:
        """The other of the two."""
        return self.asker if person == self.asked else self.asked

    @property
    def until(self) -> datetime:
        """When it lapses if nobody answers."""
        return self.sent_at + LIFETIME


def again_from(last: Request) -> datetime:
    """From when on the same teacher may be asked again after this request."""
    return (last.decided_at or last.sent_at) + AGAIN.get(last.state, timedelta())


def find(session: Session, request: int, person: int, now: datetime) -> Request | None:
    """A request that this person sent or got; None for any other."""
    theirs = or_(PartnerRequest.asker_id == person, PartnerRequest.asked_id == person)
    return _one(session, _requests().where(PartnerRequest.id == request, theirs), now)


def open_from(session: Session, asker: int, asked: int, now: datetime) -> Request | None:
    """The open request of one teacher to another."""
    pair = _requests().where(PartnerRequest.asker_id == asker, PartnerRequest.asked_id == asked)
    return _one(session, pair.where(still_open(now)), now)


def last_from(session: Session, asker: int, asked: int, now: datetime) -> Request | None:
    """The newest request of one teacher to another, whatever became of it."""
    pair = _requests().where(PartnerRequest.asker_id == asker, PartnerRequest.asked_id == asked)
    return _one(session, pair.order_by(PartnerRequest.sent_at.desc(), PartnerRequest.id.desc()).limit(1), now)


def listed(session: Session, person: int, now: datetime, *, offset: int, limit: int) -> list[Request]:
    """The requests of a person in both directions: those still open first (got before sent), then the newest."""
    theirs = or_(PartnerRequest.asker_id == person, PartnerRequest.asked_id == person)
    is_open = still_open(now)
    order = (is_open.desc(), and_(is_open, PartnerRequest.asked_id == person).desc(), PartnerRequest.sent_at.desc())
    rows = session.execute(
        _requests().where(theirs).order_by(*order, PartnerRequest.id.desc()).offset(offset).limit(limit)
    )
    return [as_request(row, now) for row in rows]


def counted(session: Session, person: int) -> int:
    """How many requests a person has sent and got, in all."""
    theirs = or_(PartnerRequest.asker_id == person, PartnerRequest.asked_id == person)
    return session.scalar(select(func.count()).select_from(PartnerRequest).where(theirs)) or 0


def number_open(session: Session, asker: int, now: datetime) -> int:
    """How many requests of somebody are open."""
    where = select(func.count()).where(PartnerRequest.asker_id == asker, still_open(now))
    return session.scalar(where) or 0


def number_received(session: Session, asked: int, now: datetime) -> int:
    """How many requests wait for somebody's answer."""
    where = select(func.count()).where(PartnerRequest.asked_id == asked, still_open(now))
    return session.scalar(where) or 0


def sent_since(session: Session, asker: int, since: datetime) -> int:
    """How many requests somebody has sent since a moment, whatever became of them."""
    where = select(func.count()).where(PartnerRequest.asker_id == asker, PartnerRequest.sent_at > since)
    return session.scalar(where) or 0


def still_open(now: datetime) -> ColumnElement[bool]:
    """That a request waits for an answer and is not too old."""
    return and_(PartnerRequest.state == OPEN, PartnerRequest.sent_at > now - LIFETIME)


COLUMNS = (
    PartnerRequest.id,
    PartnerRequest.asker_id,
    PartnerRequest.asked_id,
    PartnerRequest.message,
    PartnerRequest.state,
    PartnerRequest.sent_at,
    PartnerRequest.decided_at,
    PartnerRequest.reason,
    PartnerRequest.words,
)


def _requests() -> Select[*tuple[Any, ...]]:
    return select(*COLUMNS)


def _one(session: Session, query: Select[*tuple[Any, ...]], now: datetime) -> Request | None:
    row = session.execute(query).one_or_none()
    return None if row is None else as_request(row, now)


def as_request(row: Row[*tuple[Any, ...]], now: datetime) -> Request:
    """A row of `COLUMNS` as a request."""
    number, asker, asked, message, state, sent_at, decided_at, reason, words = row
    if state == OPEN and sent_at <= now - LIFETIME:
        state, decided_at = LAPSED, sent_at + LIFETIME
    return Request(number, asker, asked, message, state, sent_at, decided_at, reason, words)
