"""Whom an announcement reaches: conditions as plain data, and the query that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from storage.models import (
    Chat,
    LeftCategory,
    Officer,
    Person,
    ProjectMember,
    Rhythm,
    School,
    Teacher,
    TeacherSubject,
)
from storage.models.teachers import SUSPENDED, VERIFIED

#: What can be left; a notice (of law or safety) cannot.
CATEGORIES = ("news", "events", "country", "urgent")
NOTICE = "notice"
#: Whom a segment may name by role.
TEACHER = "teacher"
ROLES = (TEACHER, "ambassador", "national", "central")
#: Where people are written to; letters are not chats.
_NO_CHATS = ("mail", "fiction")
#: Members of projects who take part now.
_JOINED = "in"


@dataclass(frozen=True)
class Segment:
    """Conditions that hold together; an empty one asks nothing. All are codes.

    ``languages`` are those that the bot speaks with the reader, ``active`` is within how many days they were here,
    ``platforms`` where they were heard last, ``people`` the only ones who may be meant at all (a list of accounts).
    """

    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    verified: bool = False
    projects: bool = False
    active: int = 0
    people: tuple[int, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON, without what asks nothing."""
        empty = Segment()
        told = {name: value for name, value in asdict(self).items() if value != getattr(empty, name)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Segment:
        """Back from `to_json`."""
        known = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        told: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in known.items()}
        return cls(**told)


@dataclass(frozen=True)
class Audience:
    """Who is meant, before anybody is looked up: a segment within the country of its author, less who left."""

    segment: Segment
    category: str
    country: str | None
    now: datetime


@dataclass(frozen=True)
class Counted:
    """How many readers there are, by the language spoken with them; how many cannot be reached or have left."""

    languages: Mapping[str, int] = field(default_factory=dict)
    lost: int = 0
    left: int = 0

    @property
    def total(self) -> int:
        """All who get a row: also those of whom it is known that nothing can be sent to them."""
        return sum(self.languages.values())


def count(session: Session, audience: Audience) -> Counted:
    """Count the readers as things stand."""
    own = aliased(Chat)
    reachable = exists().where(*_their_chats(own), own.unreachable_at.is_(None))
    lost = func.sum(case((reachable, 0), else_=1))
    meant = _meant(audience)
    counting = select(Person.language, func.count(), lost)
    query = _people(counting).where(*meant, ~_left(audience)).group_by(Person.language)
    rows = [(language, number, gone) for language, number, gone in session.execute(query)]
    away = 0
    if audience.category != NOTICE:
        gone = _people(select(func.count()).select_from(Person)).where(*meant, _left(audience))
        away = session.scalar(gone) or 0
    return Counted({language: number for language, number, _gone in rows}, sum(gone for _l, _n, gone in rows), away)


def readers(audience: Audience) -> Select[Any]:
    """A row for each reader: where they were heard last, and how they read and rest."""
    columns = (
        Person.id.label("person"),
        Chat.id.label("chat"),
        Chat.platform,
        Person.language,
        Person.timezone,
        Chat.unreachable_at.is_not(None).label("lost"),
        Rhythm.quiet_from,
        Rhythm.quiet_to,
    )
    reading = select(*columns)
    query = _people(reading).join(Chat, Chat.id == _place()).outerjoin(Rhythm, Rhythm.person_id == Person.id)
    found: Select[Any] = query.where(*_meant(audience), ~_left(audience)).order_by(Person.id)
    return found


def _people(query: Any) -> Any:
    query = query.outerjoin(Teacher, Teacher.person_id == Person.id)
    return query.outerjoin(Officer, Officer.person_id == Person.id).outerjoin(School, School.id == Teacher.school_id)


def _place() -> Any:
    """The private chat in which a person spoke last, as `storage.people.reach` finds it."""
    own = aliased(Chat)
    order = (own.unreachable_at.is_not(None), own.heard_at.desc().nulls_last(), own.id.desc())
    return select(own.id).where(*_their_chats(own)).order_by(*order).limit(1).correlate(Person).scalar_subquery()


def _their_chats(chat: Any) -> list[ColumnElement[bool]]:
    return [chat.person_id == Person.id, chat.kind == "private", chat.platform.not_in(_NO_CHATS)]


def _meant(audience: Audience) -> list[ColumnElement[bool]]:
    """The conditions of a segment; somebody who is suspended gets notices alone, and who is erased nothing."""
    one = audience.segment
    conditions = [Person.erased_at.is_(None), exists().where(*_their_chats(aliased(Chat))), _has_role(one.roles)]
    if audience.category != NOTICE:
        conditions.append(or_(Teacher.status.is_(None), Teacher.status != SUSPENDED))
    country = func.coalesce(Teacher.country, Officer.country)
    of_codes: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (country, one.countries),
        (Person.language, one.languages),
        (School.level, one.levels),
    )
    conditions += [column.in_(codes) for column, codes in of_codes if codes]
    if one.people is not None:
        conditions.append(Person.id.in_(one.people))
    if audience.country is not None:
        conditions.append(country == audience.country)
    return [*conditions, *_others(one, audience.now)]


def _others(one: Segment, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if one.verified:
        conditions.append(Teacher.status == VERIFIED)
    if one.active:
        conditions.append(Person.active_at >= now - timedelta(days=one.active))
    if one.subjects:
        theirs = TeacherSubject.person_id == Person.id, TeacherSubject.code.in_(one.subjects)
        conditions.append(exists().where(*theirs))
    if one.projects:
        conditions.append(exists().where(ProjectMember.person_id == Person.id, ProjectMember.state == _JOINED))
    if one.platforms:
        chat = aliased(Chat)
        last = select(chat.platform).where(chat.id == _place()).correlate(Person).scalar_subquery()
        conditions.append(last.in_(one.platforms))
    return conditions


def _has_role(roles: tuple[str, ...]) -> ColumnElement[bool]:
    """Registered teachers, unless roles are named."""
    asked = roles or (TEACHER,)
    officers = [role for role in asked if role != TEACHER]
    teacher = Teacher.person_id.is_not(None) if TEACHER in asked else false()
    return or_(teacher, Officer.role.in_(officers))


def _left(audience: Audience) -> ColumnElement[bool]:
    if audience.category == NOTICE:
        return false()
    return exists().where(LeftCategory.person_id == Person.id, LeftCategory.category == audience.category)
