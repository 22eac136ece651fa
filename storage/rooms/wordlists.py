"""The words and links that founders named for the rooms of their project."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.models import ProjectWord
from storage.models.moderation import SAFE, SITE, STOPPED

#: So many stand on the lists of a project at most.
MOST = 200


@dataclass(frozen=True)
class Listed:
    """A word or link on a list."""

    id: int
    kind: str
    words: str


@dataclass(frozen=True)
class Lists:
    """What a project stops and what it trusts: words, and the names of sites."""

    stopped: frozenset[str] = field(default_factory=frozenset)
    sites: frozenset[str] = field(default_factory=frozenset)
    safe: frozenset[str] = field(default_factory=frozenset)


def listed(session: Session, project: int) -> list[Listed]:
    """All that stands on the lists of a project, in the order in which it was named."""
    found = select(ProjectWord).where(ProjectWord.project_id == project).order_by(ProjectWord.id)
    return [Listed(row.id, row.kind, row.words) for row in session.scalars(found)]


def lists(session: Session, project: int) -> Lists:
    """The lists of a project."""
    known = listed(session, project)
    by_kind = {kind: frozenset(one.words for one in known if one.kind == kind) for kind in (STOPPED, SITE, SAFE)}
    return Lists(by_kind[STOPPED], by_kind[SITE], by_kind[SAFE])


def add(session: Session, project: int, kind: str, words: str, by: int, now: datetime) -> bool:
    """Put something on a list. False: it stands on one already, or they are full."""
    known = listed(session, project)
    if len(known) >= MOST or any(one.words == words and one.kind == kind for one in known):
        return False
    session.add(ProjectWord(project_id=project, kind=kind, words=words, added_by=by, added_at=now))
    session.flush()
    return True


def strike(session: Session, project: int, number: int) -> bool:
    """Take something off the lists. False: it is not on them."""
    gone = delete(ProjectWord).where(ProjectWord.id == number, ProjectWord.project_id == project)
    return session.scalar(gone.returning(ProjectWord.id)) is not None
