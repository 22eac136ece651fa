"""The life of a project: proposed, signed, led by founders whom it is never without, closed, perhaps opened again.

Whoever changes a project holds its row, so that two who act at once act one after the other.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage import attendees, models, reminders, rooms
from storage.models import ProjectCode, ProjectMember, Teacher
from storage.models.projects import ARCHIVED, ASKED, CLOSED, DROPPED, FOUNDER, IN, OPEN, OUT, PROPOSED, TEACHER
from storage.people import hold
from storage.projects.reading import MOST_PROPOSED, PATIENCE, REOPEN, Cannot, Facts, Project, held, members, project_of


def propose(session: Session, starter: int, partner: int, facts: Facts, now: datetime) -> Project:
    """Note what a teacher proposes to a partner; it opens when that one co-signs. Raises Cannot("many")."""
    hold(session, starter)
    waiting = select(func.count()).select_from(models.Project)
    waiting = waiting.where(models.Project.starter_id == starter, models.Project.state == PROPOSED)
    if (session.scalar(waiting) or 0) >= MOST_PROPOSED:
        raise Cannot("many")
    row = models.Project(
        starter_id=starter,
        title=facts.title,
        about=facts.about,
        results=facts.results,
        subjects=list(facts.subjects),
        languages=list(facts.languages),
        youngest=facts.ages[0],
        oldest=facts.ages[1],
        pupils=facts.pupils,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        plan=facts.plan,
        proposed_at=now,
    )
    session.add(row)
    session.flush()
    first = ProjectMember(project_id=row.id, person_id=starter, role=FOUNDER, state=IN, asked_at=now, joined_at=now)
    second = ProjectMember(
        project_id=row.id, person_id=partner, role=FOUNDER, state=ASKED, asked_at=now, invited_by=starter
    )
    first.school_id, second.school_id = school_of(session, starter), school_of(session, partner)
    session.add_all([first, second])
    session.flush()
    return project_of(row)


def sign(session: Session, project: int, person: int, now: datetime) -> Project:
    """The partner co-signs: from now on the project is open, has two founders and its first two rooms."""
    row = held(session, project)
    partner = _theirs(session, project, person)
    if partner.role != FOUNDER or partner.state != ASKED:
        raise Cannot("foreign" if partner.role != FOUNDER else "state")
    if row.state != PROPOSED:
        raise Cannot("state")
    partner.state, partner.joined_at, partner.school_id = IN, now, school_of(session, person)
    row.state, row.opened_at = OPEN, now
    session.flush()
    rooms.make_first(session, project, [each.person for each in members(session, project)], now)
    return project_of(row)


def drop(session: Session, project: int, person: int, now: datetime) -> Project:
    """Nothing comes of a proposal: the partner declines, or the starter takes it back."""
    row = held(session, project)
    _theirs(session, project, person)
    if row.state != PROPOSED:
        raise Cannot("state")
    _drop(session, row, now)
    return project_of(row)


def lapse_due(session: Session, now: datetime, limit: int) -> list[Project]:
    """Proposals that waited too long; they are dropped now."""
    late = select(models.Project).where(models.Project.state == PROPOSED, models.Project.proposed_at <= now - PATIENCE)
    rows = session.scalars(late.order_by(models.Project.id).limit(limit)).all()
    for row in rows:
        _drop(session, row, now)
    return [project_of(row) for row in rows]


def leave(session: Session, project: int, person: int, now: datetime) -> Project:
    """Somebody leaves. Raises Cannot("last") for the only founder while the project is open."""
    row = held(session, project)
    mine = _theirs(session, project, person, IN)
    others = [each for each in members(session, project) if each.founder and each.person != person]
    if mine.role == FOUNDER and not others and row.state == OPEN:
        raise Cannot("last")
    _out(session, mine, now)
    _hand_over_plans(session, project, person)
    return project_of(row)


def hand_over(session: Session, project: int, person: int, successor: int, now: datetime) -> Project:
    """A founder makes another teacher of the project a founder in their own place, and stays as a teacher."""
    row = held(session, project)
    mine = _theirs(session, project, person, IN)
    if mine.role != FOUNDER or row.state != OPEN:
        raise Cannot("state" if mine.role == FOUNDER else "foreign")
    theirs = session.get(ProjectMember, (project, successor), populate_existing=True)
    if theirs is None or theirs.state != IN or theirs.role == FOUNDER:
        raise Cannot("successor")
    mine.role, theirs.role = TEACHER, FOUNDER
    session.flush()
    _forget_codes(session, project, person)
    return project_of(row)


def close(session: Session, project: int, person: int, now: datetime) -> Project:
    """A founder closes a project: its rooms can be read and no more."""
    row = held(session, project)
    if _theirs(session, project, person, IN).role != FOUNDER:
        raise Cannot("foreign")
    if row.state != OPEN:
        raise Cannot("state")
    row.state, row.closed_at = CLOSED, now
    session.execute(delete(ProjectCode).where(ProjectCode.project_id == project))
    session.flush()
    rooms.stir_all(session, project)
    return project_of(row)


def reopen(session: Session, project: int, person: int, now: datetime) -> Project:
    """A founder opens a closed project again, within 30 days."""
    row = held(session, project)
    if _theirs(session, project, person, IN).role != FOUNDER:
        raise Cannot("foreign")
    if row.state != CLOSED or row.closed_at is None or now >= row.closed_at + REOPEN:
        raise Cannot("state")
    row.state, row.closed_at, row.warned_at = OPEN, None, None
    session.flush()
    rooms.stir_all(session, project)
    return project_of(row)


def archive_due(session: Session, now: datetime, limit: int) -> int:
    """Archive what was closed and not opened again in time; how many that were."""
    late = select(models.Project).where(models.Project.state == CLOSED, models.Project.closed_at <= now - REOPEN)
    rows = session.scalars(late.order_by(models.Project.id).limit(limit)).all()
    for row in rows:
        row.state = ARCHIVED
    session.flush()
    return len(rows)


def leave_all(session: Session, person: int, now: datetime) -> None:
    """Take somebody out of everything, because all of theirs is erased: where they were the only founder, the teacher
    who has been there longest leads from now on, and a project without any teacher is closed."""
    theirs = select(ProjectMember.project_id).where(ProjectMember.person_id == person, ProjectMember.state != OUT)
    for project in session.scalars(theirs.order_by(ProjectMember.project_id)).all():
        row, mine = held(session, project), _theirs(session, project, person)
        if row.state == PROPOSED:
            _drop(session, row, now)
            continue
        _out(session, mine, now)
        left = members(session, project)
        if left and not any(each.founder for each in left):
            session.get_one(ProjectMember, (project, left[0].person)).role = FOUNDER
        elif not left and row.state == OPEN:
            row.state, row.closed_at = CLOSED, now
        session.flush()
        rooms.stir_all(session, project)


def school_of(session: Session, person: int) -> int | None:
    """The school of a teacher."""
    return session.scalar(select(Teacher.school_id).where(Teacher.person_id == person))


def _theirs(session: Session, project: int, person: int, state: str | None = None) -> ProjectMember:
    """The row of somebody in a project. Raises Cannot if they have none, or stand otherwise to it."""
    row = session.get(ProjectMember, (project, person), populate_existing=True)
    if row is None or (state is not None and row.state != state):
        raise Cannot("foreign")
    return row


def _out(session: Session, mine: ProjectMember, now: datetime) -> None:
    mine.state, mine.left_at, mine.role = OUT, now, TEACHER
    session.flush()
    _forget_codes(session, mine.project_id, mine.person_id)
    rooms.take_out(session, mine.project_id, mine.person_id)
    attendees.out_of_project(session, mine.project_id, mine.person_id)


def _hand_over_plans(session: Session, project: int, person: int) -> None:
    """What somebody has planned for a project stays when they leave; when they are erased, it goes with them."""
    left = members(session, project)
    heir = next((each for each in left if each.founder), left[0] if left else None)
    if heir is not None:
        reminders.hand_over(session, project, person, heir.person)


def _drop(session: Session, row: models.Project, now: datetime) -> None:
    row.state, row.closed_at = DROPPED, now
    waits = ProjectMember.project_id == row.id, ProjectMember.state == ASKED
    session.execute(update(ProjectMember).where(*waits).values(state=OUT, left_at=now))
    session.flush()


def _forget_codes(session: Session, project: int, founder: int) -> None:
    """Only who leads a project lets others in."""
    session.execute(delete(ProjectCode).where(ProjectCode.project_id == project, ProjectCode.made_by == founder))
