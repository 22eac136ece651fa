"""Who comes into a project or leaves it, and who closes it: what follows from that at the doors of its rooms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Tell
from handlers.rooms import onmatrix, telegram_people
from storage import projects


def joined(session: Session, project: int, person: int, now: datetime, tell: Tell) -> None:
    """Somebody is in a project from now on."""
    telegram_people.joined(session, project, person, now, tell)
    onmatrix.tend(session, project, now, tell)


def left(session: Session, project: int, person: int, now: datetime, tell: Tell) -> None:
    """Somebody is in a project no longer. To be called while their accounts are still known."""
    telegram_people.left(session, project, person, now, tell)
    onmatrix.tend(session, project, now, tell)


def left_all(session: Session, person: int, now: datetime, tell: Tell) -> None:
    """Somebody is erased."""
    for project, _role in projects.mine(session, person, ("open", "closed", "archived")):
        left(session, project.id, person, now, tell)


def closed(session: Session, project: int, now: datetime, tell: Tell) -> None:
    """In a project nothing more can be said."""
    telegram_people.closed(session, project, now, tell)
    onmatrix.tend(session, project, now, tell)


def opened_again(session: Session, project: int, now: datetime, tell: Tell) -> None:
    """In a project one can speak again."""
    telegram_people.closed(session, project, now, tell, again=True)
    onmatrix.tend(session, project, now, tell)


def made(session: Session, project: int, now: datetime, tell: Tell) -> None:
    """A room was added to a project: where all its rooms are open on a platform, this one is opened there, too."""
    onmatrix.tend(session, project, now, tell)


def renamed(session: Session, room: int, tell: Tell) -> None:
    """A room has another name."""
    onmatrix.renamed(session, room, tell)
