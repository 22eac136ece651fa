"""Projects that somebody should be asked about: those in which nothing is said, and those that end soon."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from storage import models
from storage.models import ProjectMember, Room, RoomMessage, Utterance
from storage.models.projects import FOUNDER, IN, OPEN
from storage.projects.reading import Cannot, Project, held, project_of

SILENT = timedelta(days=10)
"""A project in which nobody has said anything for so long is asked about."""

AGAIN = timedelta(days=30)
"""Where nobody answers, it is asked about again after so long."""

NOTICES = (14, 3)
"""So many days before the end of a project its founders are told."""


def silent(session: Session, now: datetime, limit: int) -> list[Project]:
    """Open projects that have begun and in whose rooms no person has said anything for ten days, and of which nobody
    wants to be left alone; they count as asked about now."""
    lately = (
        select(RoomMessage.id)
        .join(Room, Room.id == RoomMessage.room_id)
        .join(Utterance, Utterance.id == RoomMessage.id)
        .where(Room.project_id == models.Project.id, Utterance.said_at > now - SILENT)
        .where(or_(Utterance.author_id.is_not(None), RoomMessage.pupil_id.is_not(None)))
    )
    found = (
        select(models.Project)
        .where(models.Project.state == OPEN, models.Project.opened_at <= now - SILENT)
        .where(models.Project.starts_on <= now.date() - SILENT, models.Project.ends_on >= now.date())
        .where(or_(models.Project.quiet_until.is_(None), models.Project.quiet_until <= now), ~lately.exists())
    )
    rows = session.scalars(found.order_by(models.Project.id).limit(limit)).all()
    for row in rows:
        row.quiet_until = now + AGAIN
    session.flush()
    return [project_of(row) for row in rows]


def leave_alone(session: Session, project: int, until: datetime) -> None:
    """Do not ask about a project before a moment."""
    session.execute(update(models.Project).where(models.Project.id == project).values(quiet_until=until))


def ending(session: Session, now: datetime, limit: int) -> list[tuple[Project, int]]:
    """Open projects whose founders are to be told that the end is near, with how many days before; they count as told
    now."""
    today, found = now.date(), []
    for days in sorted(NOTICES):
        due = (
            select(models.Project)
            .where(models.Project.state == OPEN, models.Project.ends_on <= today + timedelta(days=days))
            .where(models.Project.ends_on >= today, func.coalesce(models.Project.end_told, NOTICES[0] + 1) > days)
        )
        for row in session.scalars(due.order_by(models.Project.id).limit(limit)).all():
            row.end_told = days
            found.append((project_of(row), days))
        session.flush()
    return found


def change_end(session: Session, project: int, founder: int, ends_on: date) -> Project:
    """A founder lets a project end on another day."""
    row = held(session, project)
    mine = session.get(ProjectMember, (project, founder), populate_existing=True)
    if mine is None or mine.state != IN or mine.role != FOUNDER:
        raise Cannot("foreign")
    if row.state != OPEN:
        raise Cannot("state")
    row.ends_on, row.end_told, row.warned_at = ends_on, None, None
    session.flush()
    return project_of(row)
