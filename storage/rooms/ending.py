"""How long what was said in rooms is kept: until 180 days after the project's end; its founders are told before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from storage.models import Project, Room, RoomMessage, Utterance
from storage.models.projects import ARCHIVED, CLOSED, OPEN

KEPT = timedelta(days=180)
"""For so long after the end of a project the words of its rooms are kept, unless the settings say otherwise."""

NOTICE = timedelta(days=30)
"""So much earlier its founders are told."""


def to_warn(session: Session, now: datetime, limit: int, kept: timedelta = KEPT) -> list[int]:
    """Projects whose words will be erased in 30 days, and whose founders do not know; they count as told now."""
    said = select(RoomMessage.id).join(Room, Room.id == RoomMessage.room_id).where(Room.project_id == Project.id)
    due = select(Project.id).where(_ended(now - kept + NOTICE), Project.warned_at.is_(None), said.exists())
    found = list(session.scalars(due.order_by(Project.id).limit(limit)))
    session.execute(update(Project).where(Project.id.in_(found)).values(warned_at=now))
    return found


def erase_due(session: Session, now: datetime, limit: int, kept: timedelta = KEPT) -> int:
    """Erase words whose time is over, at most ``limit`` messages; how many that were. In a project that is still open
    after its last month, what was said lately stays."""
    old = (
        select(RoomMessage.id)
        .join(Room, Room.id == RoomMessage.room_id)
        .join(Project, Project.id == Room.project_id)
        .join(Utterance, Utterance.id == RoomMessage.id)
        .where(_ended(now - kept), Utterance.said_at < now - kept, Project.warned_at <= now - NOTICE)
        .limit(limit)
    )
    found = list(session.scalars(old))
    gone: Any = delete(Utterance).where(Utterance.id.in_(found)).execution_options(synchronize_session=False)
    session.execute(gone)
    return len(found)


def _ended(by: datetime) -> ColumnElement[bool]:
    """Whether a project had ended by a moment: it was closed, or its last day was over."""
    closed = and_(Project.state.in_((CLOSED, ARCHIVED)), Project.closed_at <= by)
    return or_(closed, and_(Project.state == OPEN, Project.ends_on <= by.date()))
