"""Who comes into a project: invited by a founder who is their partner, or with a code; they accept or decline."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import models, partnerships, rooms
from storage.models import Project as Row
from storage.models import ProjectMember, Teacher
from storage.models.projects import ASKED, FOUNDER, IN, OPEN, OUT, TEACHER
from storage.projects.life import school_of
from storage.projects.reading import MOST_SCHOOLS, Cannot, Project, held, project_of, schools


def invite(session: Session, project: int, founder: int, person: int, now: datetime) -> Project:
    """A founder asks a partner of theirs into a project. Who declined or left can be asked again."""
    row = _open(session, project)
    mine = session.get(ProjectMember, (project, founder), populate_existing=True)
    if mine is None or mine.state != IN or mine.role != FOUNDER:
        raise Cannot("foreign")
    if partnerships.between(session, founder, person) is None:
        raise Cannot("partner")
    _ask(session, project, person, founder, now)
    return project_of(row)


def ask_in(session: Session, project: int, person: int, by: int, now: datetime) -> Project:
    """Somebody has the code that a founder showed: they are asked, as if that one had named them."""
    row = _open(session, project)
    known = session.get(ProjectMember, (project, person), populate_existing=True)
    if known is None or known.state != ASKED:
        _ask(session, project, person, by, now)
    return project_of(row)


def answer(session: Session, project: int, person: int, joins: bool, now: datetime) -> Project:
    """Somebody who was asked joins, with their school of today, or declines. A proposal is answered by `sign`."""
    row = held(session, project)
    mine = session.get(ProjectMember, (project, person), populate_existing=True)
    if mine is None or mine.state != ASKED or mine.role == FOUNDER:
        raise Cannot("foreign")
    if row.state != OPEN:
        raise Cannot("state")
    if not joins:
        mine.state, mine.left_at = OUT, now
        session.flush()
        return project_of(row)
    mine.school_id = school_of(session, person)
    session.flush()
    inside = ProjectMember.project_id == project, ProjectMember.state == IN
    known = session.scalars(select(ProjectMember.school_id).where(*inside)).all()
    if mine.school_id not in known and schools(session, project) >= MOST_SCHOOLS:
        raise Cannot("full")
    mine.state, mine.joined_at, mine.left_at = IN, now, None
    session.flush()
    rooms.let_in(session, project, person, now)
    return project_of(row)


def carry_over(session: Session, person: int, into: int) -> None:
    """Give somebody's places in projects to another, who is the same human being."""
    session.execute(update(Row).where(Row.starter_id == person).values(starter_id=into))
    session.execute(update(models.ProjectCode).where(models.ProjectCode.made_by == person).values(made_by=into))
    session.execute(update(models.Pupil).where(models.Pupil.owner_id == person).values(owner_id=into))
    session.execute(update(ProjectMember).where(ProjectMember.invited_by == person).values(invited_by=into))
    theirs = session.scalars(select(ProjectMember.project_id).where(ProjectMember.person_id == into)).all()
    free = ProjectMember.person_id == person, ProjectMember.project_id.not_in(theirs)
    session.execute(
        update(ProjectMember).where(*free).values(person_id=into).execution_options(synchronize_session=False)
    )
    for row in session.scalars(select(ProjectMember).where(ProjectMember.person_id == person)).all():
        twin = session.get_one(ProjectMember, (row.project_id, into))
        if row.state == IN:
            # Pupils go on with whoever answers for them.
            twin.role = FOUNDER if FOUNDER in (row.role, twin.role if twin.state == IN else "") else TEACHER
            twin.school_id = twin.school_id if twin.state == IN else row.school_id
            twin.state, twin.left_at = IN, None
            twin.joined_at = twin.joined_at or row.joined_at
            twin.pupils_age = row.pupils_age if twin.pupils_age is None else twin.pupils_age
            twin.holds = row.holds if twin.holds is None else twin.holds
            twin.first_waits = twin.first_waits and row.first_waits
        session.delete(row)
    session.flush()
    rooms.carry_over(session, person, into)


def _open(session: Session, project: int) -> Row:
    row = held(session, project)
    if row.state != OPEN:
        raise Cannot("state")
    return row


def _ask(session: Session, project: int, person: int, by: int, now: datetime) -> None:
    status = session.scalar(select(Teacher.status).where(Teacher.person_id == person))
    if status != "verified":
        raise Cannot("unavailable")
    if schools(session, project) >= MOST_SCHOOLS:
        raise Cannot("full")
    known = session.get(ProjectMember, (project, person), populate_existing=True)
    if known is not None and known.state != OUT:
        raise Cannot("member")
    if known is None:
        known = ProjectMember(project_id=project, person_id=person)
        session.add(known)
    known.role, known.state, known.invited_by, known.asked_at, known.left_at = TEACHER, ASKED, by, now, None
    known.school_id = school_of(session, person)
    session.flush()
