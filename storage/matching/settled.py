"""Whom there is nothing to suggest of, because the two deal with each other already, or do not want to."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, or_, select, union_all
from sqlalchemy.orm import Session

from storage.models import Block, PartnerRequest, Partnership
from storage.models.partnerships import DECLINED, OPEN
from storage.requests.reading import AGAIN, LIFETIME

__all__ = ["settled_with"]


def settled_with(session: Session, person: int, now: datetime) -> frozenset[int]:
    """A person's partners, those who are blocked or have blocked, those one of the two has asked, and those who
    declined lately."""
    values = {"me": person, "open_since": now - LIFETIME, "declined_since": now - AGAIN[DECLINED]}
    return frozenset(other for (other,) in session.connection().execute(_statement(), values))


@cache
def _statement() -> Any:
    """One statement for all of it: a search waits for it, and a round to the database costs as much as the search."""
    me: Any = bindparam("me")
    one, other = Partnership.one_id, Partnership.other_id
    asker, asked = PartnerRequest.asker_id, PartnerRequest.asked_id
    waits = (PartnerRequest.state == OPEN) & (PartnerRequest.sent_at > bindparam("open_since", type_=_MOMENT))
    lately = (PartnerRequest.state == DECLINED) & (
        PartnerRequest.decided_at > bindparam("declined_since", type_=_MOMENT)
    )
    return union_all(
        select(other).where(one == me, Partnership.ended_at.is_(None)),
        select(one).where(other == me, Partnership.ended_at.is_(None)),
        select(Block.blocked_id).where(Block.blocker_id == me),
        select(Block.blocker_id).where(Block.blocked_id == me),
        select(asked).where(asker == me, or_(waits, lately)),
        select(asker).where(asked == me, waits),
    )


_MOMENT = PartnerRequest.sent_at.type
