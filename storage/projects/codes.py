"""Codes that lead into a project: shown by a founder, typed by teachers of other schools; only hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage.links import ALPHABET
from storage.models import ProjectCode, ProjectMember
from storage.models.projects import FOUNDER, IN, OPEN
from storage.projects.reading import Cannot, held

# Sixteen of these letters are 79 bits.
LENGTH, GROUP = 16, 4
WAVE, MOST_IN_WAVE = timedelta(minutes=10), 8
"""If so many teachers come into a project within this, its codes are stopped."""

LIFETIME = timedelta(days=14)
"""How long a code lets teachers in."""


def make_code(session: Session, project: int, founder: int, now: datetime) -> str:
    """Make a code for a project; the one that this founder made before stops working."""
    row = held(session, project)
    mine = session.get(ProjectMember, (project, founder), populate_existing=True)
    if mine is None or mine.state != IN or mine.role != FOUNDER:
        raise Cannot("foreign")
    if row.state != OPEN:
        raise Cannot("state")
    theirs = ProjectCode.project_id == project, ProjectCode.made_by == founder
    session.execute(delete(ProjectCode).where(*theirs))
    code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    session.add(ProjectCode(code_hash=_hash(code), project_id=project, made_by=founder, expires_at=now + LIFETIME))
    session.flush()
    return "-".join(code[place : place + GROUP] for place in range(0, LENGTH, GROUP))


def by_code(session: Session, code: str, now: datetime) -> tuple[int, int] | None:
    """The project that a code leads into, and who made it; spaces, dashes and case do not matter."""
    given = "".join(sign for sign in code.upper() if sign.isalnum())
    row = session.get(ProjectCode, _hash(given), populate_existing=True)
    return None if row is None or row.expires_at <= now else (row.project_id, row.made_by)


def stop_wave(session: Session, project: int, now: datetime) -> bool:
    """Where many came in at once, the codes of a project no longer work: one may have got about. Whether that is so."""
    lately = ProjectMember.project_id == project, ProjectMember.state == IN, ProjectMember.joined_at > now - WAVE
    if (session.scalar(select(func.count()).select_from(ProjectMember).where(*lately)) or 0) < MOST_IN_WAVE:
        return False
    gone = delete(ProjectCode).where(ProjectCode.project_id == project).returning(ProjectCode.code_hash)
    return bool(session.scalars(gone).all())


def forget_codes(session: Session, now: datetime) -> None:
    """Forget codes that have expired."""
    session.execute(delete(ProjectCode).where(ProjectCode.expires_at <= now))


def _hash(code: str) -> str:
    return hashlib.sha256(f"project:{code}".encode()).hexdigest()
