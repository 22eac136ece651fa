"""How matching goes in a country, in figures for support: who waits, how fast answers come, who is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from storage.matching.side import day_of, week_of
from storage.models import MatchRow, PartnerRequest, Partnership, School, Teacher
from storage.models.partnerships import ACCEPTED, DECLINED
from storage.models.teachers import VERIFIED

__all__ = ["SOON", "WEEKS", "Health", "Shown", "health"]

WEEKS = 12
"""So many weeks are looked at."""

SOON = timedelta(days=14)
"""A match within this after registering is a quick one."""

_LOOKED_AT = 10_000
_FEW = 3


@dataclass(frozen=True)
class Shown:
    """A school whose teacher was suggested so many times lately."""

    school: str
    town: str
    times: int


@dataclass(frozen=True)
class Health:
    """The figures. ``answer_hours`` is the median time to an answer, ``soon`` the share (0 to 1) of new teachers with a
    partner within `SOON`; both None where there is nothing to go by. ``weeks`` are the new partnerships of each week,
    the oldest first; ``unseen`` counts teachers who may be suggested and were not lately."""

    waiting: int
    answer_hours: float | None
    soon: float | None
    unseen: int
    most: tuple[Shown, ...]
    least: tuple[Shown, ...]
    weeks: tuple[int, ...]


def health(session: Session, country: str | None, now: datetime) -> Health:
    """The figures of a country (ISO code), or of all of them."""
    here = true() if country is None else Teacher.country == country
    since = now - timedelta(weeks=WEEKS)
    return Health(
        waiting=_waiting(session, here),
        answer_hours=_answer_hours(session, here, since),
        soon=_soon(session, here, since, now),
        unseen=_unseen(session, here, now),
        most=_shown(session, here, now, most=True),
        least=_shown(session, here, now, most=False),
        weeks=_weeks(session, here, since, now),
    )


def _waiting(session: Session, here: ColumnElement[bool]) -> int:
    """Teachers who may be suggested and have no partner."""
    with_partner = select(Partnership.id).where(_of_teacher(), Partnership.ended_at.is_(None)).exists()
    there = select(func.count()).select_from(Teacher).join(MatchRow, MatchRow.person_id == Teacher.person_id)
    return session.scalar(there.where(here, MatchRow.suggestible, ~with_partner)) or 0


def _answer_hours(session: Session, here: ColumnElement[bool], since: datetime) -> float | None:
    """The median time from a request to its answer, by those who were asked here."""
    decided = PartnerRequest.state.in_([ACCEPTED, DECLINED])
    there = select(PartnerRequest.sent_at, PartnerRequest.decided_at)
    there = there.join(Teacher, Teacher.person_id == PartnerRequest.asked_id)
    newest = there.where(here, decided, PartnerRequest.sent_at > since).order_by(PartnerRequest.id.desc())
    rows = session.execute(newest.limit(_LOOKED_AT)).all()
    hours = [(decided_at - sent_at).total_seconds() / 3600 for sent_at, decided_at in rows if decided_at is not None]
    return median(hours) if hours else None


def _soon(session: Session, here: ColumnElement[bool], since: datetime, now: datetime) -> float | None:
    """The share of those registered long enough ago, and not longer than `WEEKS`, who soon had a partner."""
    first = select(func.min(Partnership.since)).where(_of_teacher()).scalar_subquery()
    new = and_(Teacher.registered_at > since, Teacher.registered_at <= now - SOON, Teacher.status == VERIFIED)
    rows = session.execute(select(Teacher.registered_at, first).where(here, new).limit(_LOOKED_AT)).all()
    if not rows:
        return None
    return sum(partner is not None and partner - joined <= SOON for joined, partner in rows) / len(rows)


def _unseen(session: Session, here: ColumnElement[bool], now: datetime) -> int:
    old = or_(MatchRow.shown == 0, MatchRow.shown_week < week_of(day_of(now)) - 4)
    there = select(func.count()).select_from(MatchRow).join(Teacher, Teacher.person_id == MatchRow.person_id)
    return session.scalar(there.where(here, MatchRow.suggestible, old)) or 0


def _shown(session: Session, here: ColumnElement[bool], now: datetime, *, most: bool) -> tuple[Shown, ...]:
    """Of those who were shown in the last weeks, those with the most, or the fewest, times."""
    lately = and_(MatchRow.shown > 0, MatchRow.shown_week >= week_of(day_of(now)) - 4)
    columns = (School.name, School.town, MatchRow.shown)
    there = select(*columns).select_from(MatchRow).join(Teacher, Teacher.person_id == MatchRow.person_id)
    there = there.join(School, School.id == Teacher.school_id).where(here, MatchRow.suggestible, lately)
    order = MatchRow.shown.desc() if most else MatchRow.shown
    return tuple(Shown(*row) for row in session.execute(there.order_by(order, MatchRow.person_id).limit(_FEW)))


def _weeks(session: Session, here: ColumnElement[bool], since: datetime, now: datetime) -> tuple[int, ...]:
    ours = select(Teacher.person_id).where(here)
    side = or_(Partnership.one_id.in_(ours), Partnership.other_id.in_(ours))
    begun: Sequence[datetime] = session.scalars(
        select(Partnership.since).where(side, Partnership.since > since).limit(_LOOKED_AT)
    ).all()
    counts = [0] * WEEKS
    for moment in begun:
        counts[WEEKS - 1 - min((now - moment).days // 7, WEEKS - 1)] += 1
    return tuple(counts)


def _of_teacher() -> Any:
    return or_(Partnership.one_id == Teacher.person_id, Partnership.other_id == Teacher.person_id)
