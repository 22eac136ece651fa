"""What is known of teachers and their cases: what came of earlier ones, what was asked, who is verified."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Case, CaseWord, School, Teacher
from storage.models.teachers import VERIFIED
from storage.models.verification import CLOSED

__all__ = ["claimant", "history", "name_of", "status_of", "verified_at", "words_of"]


def history(session: Session, person: int) -> list[Case]:
    """The closed cases of a teacher that came to something, the newest first."""
    where = select(Case).where(Case.person_id == person, Case.state == CLOSED, Case.outcome != "withdrawn")
    return list(session.scalars(where.order_by(Case.closed_at.desc(), Case.id.desc())))


def words_of(session: Session, case: int) -> list[CaseWord]:
    """What was asked and answered about a case, in order."""
    return list(session.scalars(select(CaseWord).where(CaseWord.case_id == case).order_by(CaseWord.id)))


def claimant(session: Session, person: int) -> tuple[Teacher, School] | None:
    """A teacher and their school as they stand now; None if this person is no teacher."""
    both = select(Teacher, School).join(School, School.id == Teacher.school_id).where(Teacher.person_id == person)
    found = session.execute(both.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        return None
    teacher, school = found
    return teacher, school


def name_of(session: Session, person: int) -> str | None:
    """The name of a teacher; None if this person is none."""
    return session.scalar(select(Teacher.name).where(Teacher.person_id == person))


def status_of(session: Session, person: int) -> str | None:
    """A teacher's status; None if this person is no teacher."""
    return session.scalar(select(Teacher.status).where(Teacher.person_id == person))


def verified_at(session: Session, school: int) -> int:
    """How many teachers of a school are verified."""
    where = select(func.count()).select_from(Teacher)
    return session.scalar(where.where(Teacher.school_id == school, Teacher.status == VERIFIED)) or 0
