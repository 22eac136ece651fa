"""Asking, accepting, declining, taking back, letting lapse.

What two people do at the same moment is done one after the other: whoever decides holds both of them first
(`storage.people.hold`), and each state is left once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast, get_args

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import blocks, partnerships
from storage.matching.rows import touch
from storage.matching.rules import LOAD
from storage.models import PartnerRequest, Teacher
from storage.models.partnerships import ACCEPTED, DECLINED, LAPSED, OPEN, WITHDRAWN
from storage.models.teachers import VERIFIED
from storage.people import hold
from storage.requests.reading import (
    COLUMNS,
    LIFETIME,
    Request,
    again_from,
    as_request,
    find,
    last_from,
    number_open,
    number_received,
    open_from,
    sent_since,
)

#: So many requests of one teacher may be open at a time, and so many be sent in a day.
MOST_OPEN, MOST_A_DAY = 5, 10

#: Why a request cannot be sent or decided. "unavailable": the other is no verified teacher (any more), or one of the
#: two blocked the other, which is nobody's business. "busy": the other has `LOAD` requests to answer already.
#: "asks_you": the other has asked already. The states say that the request is in them; "foreign": there is no such
#: request for this person.
Obstacle = Literal[
    "self",
    "unavailable",
    "paused",
    "partners",
    "asks_you",
    "asked",
    "lately",
    "busy",
    "limit",
    "day",
    "foreign",
    "accepted",
    "declined",
    "lapsed",
    "withdrawn",
]


def as_obstacle(state: str) -> Obstacle:
    """The state of a request that is open no more, as what stands in the way. Raises ValueError for any other word."""
    if state not in get_args(Obstacle):
        raise ValueError(f"{state!r} is no obstacle")
    return cast("Obstacle", state)


class Cannot(Exception):
    """The request cannot be sent or decided; ``why`` says what stands in the way."""

    def __init__(self, why: Obstacle) -> None:
        super().__init__(why)
        self.why: Obstacle = why


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of asking. ``crossed``: the other had asked already, so the two are partners now; ``request`` is
    theirs then."""

    request: Request
    crossed: bool


def obstacle(session: Session, asker: int, asked: int, now: datetime) -> Obstacle | None:
    """What stands in the way of asking somebody, or None."""
    if asker == asked:
        return "self"
    if blocks.blocked(session, asker, asked) or not (_verified(session, asker) and _verified(session, asked)):
        return "unavailable"
    if partnerships.between(session, asker, asked) is not None:
        return "partners"
    if open_from(session, asked, asker, now) is not None:
        return "asks_you"
    return _refused_to(session, asker, asked, now)


def _refused_to(session: Session, asker: int, asked: int, now: datetime) -> Obstacle | None:
    """What is asked of the one who asks: not twice, not too soon, not too many; and the other must be looking."""
    last = last_from(session, asker, asked, now)
    if last is not None and last.state == OPEN:
        return "asked"
    if not session.scalar(select(Teacher.looking).where(Teacher.person_id == asked)):
        return "paused"
    if last is not None and now < again_from(last):
        return "lately"
    if number_received(session, asked, now) >= LOAD:
        return "busy"
    if number_open(session, asker, now) >= MOST_OPEN:
        return "limit"
    return "day" if sent_since(session, asker, now - timedelta(days=1)) >= MOST_A_DAY else None


def send(session: Session, asker: int, asked: int, message: str, now: datetime) -> Sent:
    """Ask somebody. Raises Cannot. If the other has asked already, this accepts it: both want it."""
    hold(session, asker, asked)
    why = obstacle(session, asker, asked, now)
    if why == "asks_you":
        theirs = open_from(session, asked, asker, now)
        assert theirs is not None
        _add(session, asker, asked, message, now, ACCEPTED)
        return Sent(_accepted(session, theirs, now), crossed=True)
    if why is not None:
        raise Cannot(why)
    _bury(session, asker, asked, now)
    return Sent(_add(session, asker, asked, message, now, OPEN), crossed=False)


def accept(session: Session, request: int, person: int, now: datetime) -> Request:
    """The one who was asked accepts; the two are partners from now on. Raises Cannot."""
    found = _decidable(session, request, person, now, side="asked")
    if blocks.blocked(session, found.asker, found.asked) or not _verified(session, found.asker):
        raise Cannot("unavailable")
    if not _verified(session, person):
        raise Cannot("unavailable")
    return _accepted(session, found, now)


def decline(
    session: Session, request: int, person: int, now: datetime, *, reason: str | None = None, words: str | None = None
) -> Request:
    """The one who was asked declines, perhaps with a common reason or in their own words. Raises Cannot."""
    found = _decidable(session, request, person, now, side="asked")
    return _decide(session, found, DECLINED, now, reason=reason, words=words)


def withdraw(session: Session, request: int, person: int, now: datetime) -> Request:
    """The one who asked takes it back. Raises Cannot."""
    return _decide(session, _decidable(session, request, person, now, side="asker"), WITHDRAWN, now)


def lapse(session: Session, now: datetime, limit: int) -> list[Request]:
    """Let up to ``limit`` requests lapse that nobody has answered in time; those it was."""
    old = select(PartnerRequest.id).where(PartnerRequest.state == OPEN, PartnerRequest.sent_at <= now - LIFETIME)
    chosen = list(session.scalars(old.order_by(PartnerRequest.sent_at, PartnerRequest.id).limit(limit)))
    where = update(PartnerRequest).where(PartnerRequest.id.in_(chosen), PartnerRequest.state == OPEN)
    changed = session.execute(where.values(state=LAPSED, decided_at=now).returning(*COLUMNS))
    lapsed = sorted((as_request(row, now) for row in changed), key=lambda one: one.id)
    touch(session, *(one.asked for one in lapsed))
    return lapsed


def _verified(session: Session, person: int) -> bool:
    return session.scalar(select(Teacher.status).where(Teacher.person_id == person)) == VERIFIED


def _add(session: Session, asker: int, asked: int, message: str, now: datetime, state: str) -> Request:
    decided = None if state == OPEN else now
    row = PartnerRequest(asker_id=asker, asked_id=asked, message=message, state=state, sent_at=now, decided_at=decided)
    session.add(row)
    session.flush()
    touch(session, asked)
    return Request(row.id, asker, asked, message, state, now, decided, None, None)


def _decidable(
    session: Session, request: int, person: int, now: datetime, *, side: Literal["asker", "asked"]
) -> Request:
    """An open request that this side of it may decide, with both people held."""
    found = find(session, request, person, now)
    if found is None or getattr(found, side) != person:
        raise Cannot("foreign")
    hold(session, found.asker, found.asked)
    found = find(session, request, person, now)
    if found is None:
        raise Cannot("foreign")
    if found.state != OPEN:
        raise Cannot(as_obstacle(found.state))
    return found


def _bury(session: Session, asker: int, asked: int, now: datetime) -> None:
    """Let an old request of a pair lapse that no chore has come to: it must not stand in the way of a new one."""
    old = (PartnerRequest.asker_id == asker, PartnerRequest.asked_id == asked, PartnerRequest.state == OPEN)
    session.execute(update(PartnerRequest).where(*old).values(state=LAPSED, decided_at=now))


def _accepted(session: Session, found: Request, now: datetime) -> Request:
    accepted = _decide(session, found, ACCEPTED, now)
    partnerships.open_(session, found.asker, found.asked, now)
    return accepted


def _decide(
    session: Session, found: Request, state: str, now: datetime, *, reason: str | None = None, words: str | None = None
) -> Request:
    """Leave the open state, once: a chore may have let the request lapse at this moment."""
    where = update(PartnerRequest).where(PartnerRequest.id == found.id, PartnerRequest.state == OPEN)
    values = {"state": state, "decided_at": now, "reason": reason, "words": words}
    row = session.execute(where.values(**values).returning(*COLUMNS)).one_or_none()
    if row is None:
        raise Cannot("lapsed")
    touch(session, found.asked)
    return as_request(row, now)
