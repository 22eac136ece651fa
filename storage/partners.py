"""Who may be suggested to a teacher: filters in SQL, the same on SQLite and PostgreSQL.

Only the filters are applied here; how well two teachers suit each other is for the caller to score. At 20,000
teachers a query takes well under 100 ms on either database, so nothing is kept in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from storage.models import School, Teacher, TeacherLanguage, TeacherSubject, Wish

__all__ = [
    "FILTERS",
    "Candidate",
    "Filter",
    "Loosened",
    "Wishes",
    "candidates",
    "counts",
    "loosened",
    "myself",
    "without",
]


Filter = Literal["countries", "subjects", "languages", "ages"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
"""The filters, named as the fields of `Wishes`."""


@dataclass(frozen=True)
class Wishes:
    """What a teacher looks for; empty or None means any. ``ages`` are the youngest and oldest, both included."""

    countries: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    ages: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A teacher with all that a suggestion shows and a score needs. ``ages`` are the youngest and oldest pupils,
    both included, in years."""

    person: int
    name: str
    school_id: int
    school: str
    town: str
    level: str
    country: str
    ages: tuple[int, int]
    wish: str
    looking: bool
    active_at: datetime
    subjects: frozenset[str]
    languages: frozenset[str]
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Loosened:
    """How many teachers there would be if one filter (None: each of them) were dropped."""

    filter: Filter | None
    total: int


def myself(session: Session, person: int) -> Candidate | None:
    """The teacher who asks, or None if this person is not registered. Whether they are looking does not matter."""
    found = _with_lists(session, _people().where(Teacher.person_id == person))
    return found[0] if found else None


def candidates(session: Session, me: Candidate, wishes: Wishes, limit: int = 500) -> list[Candidate]:
    """The teachers who meet all of ``wishes``, the ones seen last first, at most ``limit``.

    Never among them: oneself, colleagues of the same school, those who are not looking, removed schools, and those
    with whom there is no language to work in (a wished one, or else one of one's own).
    """
    query = _people().where(*_suggestible(me), *_meeting(me, wishes).values())
    newest = query.order_by(Teacher.active_at.desc(), Teacher.person_id).limit(limit)
    return _with_lists(session, newest)


def counts(session: Session, me: Candidate, wishes: Wishes) -> int:
    """How many teachers meet all of ``wishes``."""
    return session.scalar(_counting(me, wishes)) or 0


def loosened(session: Session, me: Candidate, wishes: Wishes) -> list[Loosened]:
    """For each filter that is set: how many there would be without it; the most first."""
    found = [Loosened(each, counts(session, me, without(wishes, each))) for each in FILTERS if getattr(wishes, each)]
    return sorted(found, key=lambda one: -one.total)


def without(wishes: Wishes, *dropped: Filter) -> Wishes:
    """The wishes with these filters open to any."""
    kept: dict[str, Any] = {each: getattr(wishes, each) for each in FILTERS if each not in dropped}
    return Wishes(**kept)


def _counting(me: Candidate, wishes: Wishes) -> Select[int]:
    from_schools = select(func.count()).select_from(Teacher).join(School, School.id == Teacher.school_id)
    return from_schools.where(*_suggestible(me), *_meeting(me, wishes).values())


def _people() -> Select[*tuple[Any, ...]]:
    columns = (
        Teacher.person_id,
        Teacher.name,
        Teacher.school_id,
        School.name.label("school"),
        School.town,
        School.level,
        Teacher.country,
        Teacher.ages_from,
        Teacher.ages_to,
        Teacher.wish,
        Teacher.looking,
        Teacher.active_at,
    )
    return select(*columns).join(School, School.id == Teacher.school_id)


def _suggestible(me: Candidate) -> tuple[ColumnElement[bool], ...]:
    return (
        Teacher.looking.is_(True),
        Teacher.person_id != me.person,
        Teacher.school_id != me.school_id,
        School.removed_at.is_(None),
    )


def _meeting(me: Candidate, wishes: Wishes) -> dict[Filter, ColumnElement[bool]]:
    """What each filter that is set asks of a teacher; the language is always asked."""
    subjects = select(TeacherSubject.person_id).where(TeacherSubject.code.in_(_sorted(wishes.subjects)))
    languages = select(TeacherLanguage.person_id).where(
        TeacherLanguage.code.in_(_sorted(wishes.languages or me.languages))
    )
    asked: dict[Filter, ColumnElement[bool]] = {"languages": Teacher.person_id.in_(languages)}
    if wishes.countries:
        asked["countries"] = Teacher.country.in_(_sorted(wishes.countries))
    if wishes.subjects:
        asked["subjects"] = Teacher.person_id.in_(subjects)
    if wishes.ages:
        youngest, oldest = wishes.ages
        asked["ages"] = and_(Teacher.ages_from <= oldest, Teacher.ages_to >= youngest)
    return asked


def _sorted(codes: Iterable[str]) -> list[str]:
    """Codes in one order, so that equal filters are equal statements."""
    return sorted(codes)


def _with_lists(session: Session, query: Select[*tuple[Any, ...]]) -> list[Candidate]:
    """Fetch the teachers of a query, and their subjects, languages and wishes in a statement each."""
    rows = session.execute(query).all()
    people = [row.person_id for row in rows]
    subjects = _codes(session, TeacherSubject, people)
    languages = _codes(session, TeacherLanguage, people)
    wishes = {wish.person_id: _wishes(wish) for wish in _wish_rows(session, people)}
    return [
        Candidate(
            person=row.person_id,
            name=row.name,
            school_id=row.school_id,
            school=row.school,
            town=row.town,
            level=row.level,
            country=row.country,
            ages=(row.ages_from, row.ages_to),
            wish=row.wish,
            looking=row.looking,
            active_at=row.active_at,
            subjects=frozenset(subjects.get(row.person_id, ())),
            languages=frozenset(languages.get(row.person_id, ())),
            wishes=wishes.get(row.person_id, Wishes()),
        )
        for row in rows
    ]


def _codes(
    session: Session, table: type[TeacherSubject] | type[TeacherLanguage], people: Sequence[int]
) -> dict[int, list[str]]:
    codes: dict[int, list[str]] = {}
    for person, code in session.execute(select(table.person_id, table.code).where(table.person_id.in_(people))):
        codes.setdefault(person, []).append(code)
    return codes


def _wish_rows(session: Session, people: Sequence[int]) -> Sequence[Row[Any]]:
    columns = (Wish.person_id, Wish.countries, Wish.subjects, Wish.languages, Wish.ages_from, Wish.ages_to)
    return session.execute(select(*columns).where(Wish.person_id.in_(people))).all()


def _wishes(row: Row[Any]) -> Wishes:
    ages = None if row.ages_from is None or row.ages_to is None else (row.ages_from, row.ages_to)
    return Wishes(
        countries=tuple(row.countries), subjects=tuple(row.subjects), languages=tuple(row.languages), ages=ages
    )
