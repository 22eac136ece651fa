"""What becomes of requests when two profiles turn out to be one person's."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from storage import partnerships
from storage.matching.rows import touch
from storage.models import PartnerRequest
from storage.models.partnerships import OPEN, WITHDRAWN


def carry_over(session: Session, person: int, into: int) -> None:
    """Give the requests of a person to another, who is the same human being. What that leaves open twice between two
    people, or between partners, is withdrawn."""
    theirs = select(PartnerRequest).where(or_(PartnerRequest.asker_id == person, PartnerRequest.asked_id == person))
    for row in session.scalars(theirs.order_by(PartnerRequest.id)).all():
        other = row.asked_id if row.asker_id == person else row.asker_id
        if other == into:
            continue
        if row.state == OPEN and _settled(session, into, other):
            row.state, row.decided_at = WITHDRAWN, row.sent_at
        if row.asker_id == person:
            row.asker_id = into
        else:
            row.asked_id = into
        session.flush()
    touch(session, into)


def _settled(session: Session, a: int, b: int) -> bool:
    """Whether two people are partners, or one has asked the other, however long ago."""
    if partnerships.between(session, a, b) is not None:
        return True
    one_way = and_(PartnerRequest.asker_id == a, PartnerRequest.asked_id == b)
    other_way = and_(PartnerRequest.asker_id == b, PartnerRequest.asked_id == a)
    either = select(PartnerRequest.id).where(or_(one_way, other_way), PartnerRequest.state == OPEN)
    return session.scalar(either.limit(1)) is not None
