"""What is known of teachers and their cases: what came of earlier ones, what was asked, who is verified."""

from __future__ import annotations

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from storage.models import Case, CaseWord, School, Teacher
from storage.models.teachers import VERIFIED
from storage.models.verification import CLOSED

__all__ = ["claimant", "history", "named", "status_of", "verified_at", "words_of"]


def history(session: Session, person: int) -> tuple[Case | None, tuple[Case, ...]]:
    """The open case of a teacher, and the closed ones that came to something, the newest first."""
    where = select(Case).where(Case.person_id == person).order_by(Case.closed_at.desc(), Case.id.desc())
    theirs = session.scalars(where.execution_options(populate_existing=True)).all()
    before = tuple(case for case in theirs if case.state == CLOSED and case.outcome != "withdrawn")
    return next((case for case in theirs if case.state != CLOSED), None), before


def words_of(session: Session, case: int) -> list[CaseWord]:
    """What was asked and answered about a case, in order."""
    return list(session.scalars(select(CaseWord).where(CaseWord.case_id == case).order_by(CaseWord.id)))


def claimant(session: Session, person: int) -> Row[str, str, str, School] | None:
    """A teacher's name, country and status and their school, as they stand now; None if this person is no teacher."""
    columns = select(Teacher.name, Teacher.country, Teacher.status, School)
    where = columns.join(School, School.id == Teacher.school_id).where(Teacher.person_id == person)
    return session.execute(where.execution_options(populate_existing=True)).one_or_none()


def named(session: Session, case: int) -> tuple[Case, str | None] | None:
    """A case as it stands now, and the name of its teacher, if they still are one."""
    both = select(Case, Teacher.name).outerjoin(Teacher, Teacher.person_id == Case.person_id).where(Case.id == case)
    found = session.execute(both.execution_options(populate_existing=True)).one_or_none()
    return None if found is None else (found[0], found[1])


def status_of(session: Session, person: int) -> str | None:
    """A teacher's status; None if this person is no teacher."""
    return session.scalar(select(Teacher.status).where(Teacher.person_id == person))


def verified_at(session: Session, school: int) -> int:
    """How many teachers of a school are verified."""
    where = select(func.count()).select_from(Teacher)
    return session.scalar(where.where(Teacher.school_id == school, Teacher.status == VERIFIED)) or 0
