"""What a project is, who is in it, and where somebody stands to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from storage import models
from storage.models import ProjectMember, School, Teacher
from storage.models.projects import ASKED, FOUNDER, IN, OPEN, PROPOSED

MOST_SCHOOLS = 50
"""How many partner schools a project has at most."""

REOPEN = timedelta(days=30)
"""For so long a closed project can be opened again; then it is archived."""

PATIENCE = timedelta(days=14)
"""A proposal without the partner's word lapses after this."""

MOST_PROPOSED = 5
"""So many proposals of one teacher wait for an answer at most."""

Why = Literal[
    "foreign", "state", "last", "full", "member", "unavailable", "partner", "successor", "many", "rooms", "named"
]


class Cannot(Exception):
    """It cannot be done: it is not theirs (``foreign``), too late or too early (``state``), they are the ``last``
    founder, there are ``full`` 50 schools, somebody is a ``member`` or asked already, ``unavailable``, no ``partner``
    of theirs, no fit ``successor``, or there are too ``many`` proposals of theirs, as many ``rooms`` as there can
    be, or another room is ``named`` so."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Facts:
    """What a project is about. ``ages`` are the youngest and oldest pupils, ``pupils`` about how many there are;
    ``starts_on`` and ``ends_on`` its first and last day; ``plan`` the ready plan it began from."""

    title: str
    about: str
    results: str
    subjects: tuple[str, ...]
    languages: tuple[str, ...]
    ages: tuple[int, int]
    pupils: int
    starts_on: date
    ends_on: date
    plan: str | None = None


@dataclass(frozen=True)
class Project:
    """A project as it stands (see `storage.models.Project`); ``starter`` is None when they are gone."""

    id: int
    starter: int | None
    facts: Facts
    state: str
    proposed_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None

    @property
    def reopens_until(self) -> datetime | None:
        """Until when a closed project can be opened again."""
        return None if self.closed_at is None else self.closed_at + REOPEN


@dataclass(frozen=True)
class Member:
    """A teacher of a project, with the school they joined with. ``name`` is empty when their profile is gone."""

    person: int
    role: str
    state: str
    name: str
    school_id: int | None
    school: str
    town: str
    country: str
    joined_at: datetime | None

    @property
    def founder(self) -> bool:
        """Whether they lead the project."""
        return self.role == FOUNDER


def find(session: Session, project: int) -> Project | None:
    """A project by its number."""
    row = session.get(models.Project, project, populate_existing=True)
    return None if row is None else project_of(row)


def held(session: Session, project: int) -> models.Project:
    """A project's row, which nobody else changes until this transaction ends. Raises Cannot if there is none."""
    row = session.get(models.Project, project, with_for_update=True, populate_existing=True)
    if row is None:
        raise Cannot("foreign")
    return row


def member(session: Session, project: int, person: int) -> Member | None:
    """How somebody stands to a project: ASKED, IN or OUT; None if they have nothing to do with it."""
    where = _MEMBERS.where(ProjectMember.project_id == project, ProjectMember.person_id == person)
    row = session.execute(where.execution_options(populate_existing=True)).one_or_none()
    return None if row is None else _member(row)


def members(session: Session, project: int, states: Collection[str] = (IN,)) -> list[Member]:
    """The teachers of a project: founders first, then in the order in which they came."""
    where = _MEMBERS.where(ProjectMember.project_id == project, ProjectMember.state.in_(sorted(states)))
    order = (ProjectMember.role, ProjectMember.joined_at, ProjectMember.asked_at, ProjectMember.person_id)
    return [_member(row) for row in session.execute(where.order_by(*order))]


def founders(session: Session, project: int) -> list[int]:
    """The people who lead a project."""
    return [each.person for each in members(session, project) if each.founder]


def mine(session: Session, person: int, states: Collection[str]) -> list[tuple[Project, str]]:
    """The projects of a person that are in one of these states, with their role in each; the newest first."""
    found = (
        select(models.Project, ProjectMember.role)
        .join(ProjectMember, ProjectMember.project_id == models.Project.id)
        .where(ProjectMember.person_id == person, ProjectMember.state == IN, models.Project.state.in_(sorted(states)))
        .order_by(models.Project.id.desc())
    )
    return [(project_of(row), role) for row, role in session.execute(found)]


def waiting_for(session: Session, person: int) -> list[Project]:
    """The projects that wait for an answer of this person: to co-sign, or to join; the newest first."""
    found = (
        select(models.Project)
        .join(ProjectMember, ProjectMember.project_id == models.Project.id)
        .where(ProjectMember.person_id == person, ProjectMember.state == ASKED)
        .where(models.Project.state.in_((PROPOSED, OPEN)))
        .order_by(models.Project.id.desc())
    )
    return [project_of(row) for row in session.scalars(found)]


def in_country(session: Session, country: str | None, limit: int, offset: int = 0) -> list[Project]:
    """The projects that were ever open with a school of a country (None: of any), for support; the newest first."""
    found = select(models.Project).where(models.Project.opened_at.is_not(None))
    if country is not None:
        there = select(ProjectMember.project_id).join(Teacher, Teacher.person_id == ProjectMember.person_id)
        there = there.where(Teacher.country == country, ProjectMember.state == IN)
        found = found.where(models.Project.id.in_(there))
    rows = session.scalars(found.order_by(models.Project.id.desc()).limit(limit).offset(offset))
    return [project_of(row) for row in rows]


def schools(session: Session, project: int) -> int:
    """How many schools are in a project."""
    inside = ProjectMember.project_id == project, ProjectMember.state == IN
    where = select(func.count(func.distinct(ProjectMember.school_id))).where(*inside)
    return session.scalar(where) or 0


def project_of(row: models.Project) -> Project:
    """A row of the table as a value."""
    facts = Facts(
        title=row.title,
        about=row.about,
        results=row.results,
        subjects=tuple(row.subjects),
        languages=tuple(row.languages),
        ages=(row.youngest, row.oldest),
        pupils=row.pupils,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        plan=row.plan,
    )
    return Project(row.id, row.starter_id, facts, row.state, row.proposed_at, row.opened_at, row.closed_at)


_MEMBERS: Select[*tuple[Any, ...]] = (
    select(ProjectMember, Teacher.name, Teacher.country, School.name.label("school"), School.town)
    .outerjoin(Teacher, Teacher.person_id == ProjectMember.person_id)
    .outerjoin(School, School.id == ProjectMember.school_id)
)


def _member(found: Row[*tuple[Any, ...]]) -> Member:
    row, name, country, school, town = found
    return Member(
        person=row.person_id,
        role=row.role,
        state=row.state,
        name=name or "",
        school_id=row.school_id,
        school=school or "",
        town=town or "",
        country=country or "",
        joined_at=row.joined_at,
    )
