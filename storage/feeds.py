"""The secret addresses at which calendar programs read what projects have planned."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.models import Project, ProjectFeed, Reminder, Room
from storage.models.projects import CLOSED, OPEN
from storage.models.reminders import DELETED, DONE, PROJECT
from storage.reminders import Kept, kept

_SECRET_BYTES = 24


def secret_of(session: Session, project: int) -> str:
    """The secret of a project's address; it is made when it is first asked for."""
    row = session.get(ProjectFeed, project, populate_existing=True)
    return row.feed_secret if row is not None else renew(session, project)


def renew(session: Session, project: int) -> str:
    """Make a new secret; the old address leads nowhere from now on."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row = session.get(ProjectFeed, project, populate_existing=True)
    if row is None:
        session.add(ProjectFeed(project_id=project, feed=_digest(secret), feed_secret=secret))
    else:
        row.feed, row.feed_secret = _digest(secret), secret
    session.flush()
    return secret


def project_of(session: Session, secret: str) -> tuple[int, str] | None:
    """The project that a secret opens, with its title; none that is archived."""
    found = (
        select(Project.id, Project.title)
        .join(ProjectFeed, ProjectFeed.project_id == Project.id)
        .where(ProjectFeed.feed == _digest(secret), Project.state.in_((OPEN, CLOSED)))
    )
    row = session.execute(found).one_or_none()
    return None if row is None else (row.id, row.title)


def planned(session: Session, project: int, since: datetime, limit: int) -> list[Kept]:
    """The appointments of a project and the reminders of its rooms, ended ones included."""
    there = select(Room.id).where(Room.project_id == project)
    found = (
        select(Reminder)
        .where(or_(Reminder.circle == f"{PROJECT}{project}", Reminder.room_id.in_(there)))
        .where(Reminder.state != DELETED, or_(Reminder.state != DONE, Reminder.changed_at >= since))
        .order_by(Reminder.id.desc())
    )
    return [kept(row) for row in session.scalars(found.limit(limit))]


def _digest(secret: str) -> str:
    return hashlib.sha256(f"project feed:{secret}".encode()).hexdigest()
