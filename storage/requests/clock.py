"""The clock of a request: whoever was asked is reminded, and whoever asked is offered somebody else meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.models import PartnerRequest
from storage.requests.reading import COLUMNS, Request, as_request, still_open

__all__ = ["NUDGE_AFTER", "OFFER_AFTER", "to_nudge", "to_offer"]

NUDGE_AFTER, OFFER_AFTER = timedelta(hours=48), timedelta(hours=72)


def to_nudge(session: Session, now: datetime, limit: int) -> list[Request]:
    """Requests that have waited for two days, whose asked are reminded now; each is given once."""
    return _once(session, PartnerRequest.nudged_at, NUDGE_AFTER, now, limit)


def to_offer(session: Session, now: datetime, limit: int) -> list[Request]:
    """Requests that have waited for three days, whose askers are offered somebody else now; each is given once."""
    return _once(session, PartnerRequest.offered_at, OFFER_AFTER, now, limit)


def _once(session: Session, done: Any, after: timedelta, now: datetime, limit: int) -> list[Request]:
    """Open requests older than ``after`` that this was not done with; it counts as done from now on."""
    waiting = select(PartnerRequest.id).where(still_open(now), PartnerRequest.sent_at <= now - after, done.is_(None))
    chosen: Sequence[int] = session.scalars(waiting.order_by(PartnerRequest.sent_at).limit(limit)).all()
    marked = update(PartnerRequest).where(PartnerRequest.id.in_(chosen), done.is_(None)).values({done: now})
    rows = session.execute(marked.returning(*COLUMNS))
    return sorted((as_request(row, now) for row in rows), key=lambda one: one.id)
