"""How much waits, and for how long: questions that stay cheap however much there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import Session

from storage.models import OutboxRow, Update
from storage.models.post import DEAD, NEW, SENT
from storage.post import ANNOUNCEMENT, REMINDER, WAITS


@dataclass(frozen=True)
class Measures:
    """What waits in the outbox, by lane, and in intake; ages in seconds. Dead letters are counted whole."""

    depth: Mapping[int, int]
    age: Mapping[int, float]
    updates: int
    updates_age: float
    dead_updates: int
    dead_messages: int


def measure(session: Session, now: datetime) -> Measures:
    """Look at the queues."""
    depth, age = {}, {}
    for lane in range(ANNOUNCEMENT + 1):
        where = [WAITS, OutboxRow.lane == lane]
        if lane <= REMINDER:
            # Of what many get, too much may wait to look at each row; what is put off there counts as waiting.
            where.append(OutboxRow.not_before.is_(None) | (OutboxRow.not_before <= now))
        depth[lane] = session.scalar(select(func.count()).select_from(OutboxRow).where(*where)) or 0
        age[lane] = _age(session.scalar(_oldest(*where)), now)
    new, dead = (Update.state == literal_column(str(state)) for state in (NEW, DEAD))
    first = session.scalar(select(Update.received_at).where(new).order_by(Update.id).limit(1))
    return Measures(
        depth,
        age,
        session.scalar(select(func.count()).select_from(Update).where(new)) or 0,
        _age(first, now),
        session.scalar(select(func.count()).select_from(Update).where(dead)) or 0,
        session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.state > SENT)) or 0,
    )


def _oldest(*where: ColumnElement[bool]) -> Select[Any]:
    since = func.coalesce(OutboxRow.not_before, OutboxRow.created_at)
    return select(since).where(*where).order_by(OutboxRow.id).limit(1)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
