"""What a teacher looks for, and teachers with all that a suggestion shows. Who suits whom is `storage.matching`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from storage.models import MatchRow, School, Teacher, TeacherLanguage, TeacherSubject, Wish

__all__ = ["FILTERS", "Candidate", "Filter", "Wishes", "candidates", "myself", "without"]


Filter = Literal["countries", "subjects", "languages", "ages", "levels", "kinds"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
"""The filters, named as the fields of `Wishes`."""


@dataclass(frozen=True)
class Wishes:
    """What a teacher looks for; empty or None means any. ``ages`` are the youngest and oldest, both included;
    ``kinds`` are kinds of projects, which are wished alone and no property of anybody."""

    countries: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    ages: tuple[int, int] | None = None
    levels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A teacher with all that a suggestion shows. ``ages`` are the youngest and oldest pupils, both included, in
    years; ``asked`` and ``answered`` count the requests they got."""

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
    asked: int = 0
    answered: int = 0


def myself(session: Session, person: int) -> Candidate | None:
    """The teacher who asks, or None if this person is not registered."""
    found = candidates(session, [person])
    return found[0] if found else None


def candidates(session: Session, people: Sequence[int]) -> list[Candidate]:
    """These teachers, in this order; whoever is no teacher any more is left out."""
    rows = {row.person_id: row for row in session.execute(_people().where(Teacher.person_id.in_(people)))}
    subjects, languages = _codes(session, TeacherSubject, people), _codes(session, TeacherLanguage, people)
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
            asked=row.asked or 0,
            answered=row.answered or 0,
        )
        for row in (rows[person] for person in people if person in rows)
    ]


def without(wishes: Wishes, *dropped: Filter) -> Wishes:
    """The wishes with these filters open to any."""
    kept: dict[str, Any] = {each: getattr(wishes, each) for each in FILTERS if each not in dropped}
    return Wishes(**kept)


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
        MatchRow.asked,
        MatchRow.answered,
    )
    there = select(*columns).join(School, School.id == Teacher.school_id)
    return there.outerjoin(MatchRow, MatchRow.person_id == Teacher.person_id)


def _codes(
    session: Session, table: type[TeacherSubject] | type[TeacherLanguage], people: Iterable[int]
) -> dict[int, list[str]]:
    codes: dict[int, list[str]] = {}
    for person, code in session.execute(select(table.person_id, table.code).where(table.person_id.in_(people))):
        codes.setdefault(person, []).append(code)
    return codes


def _wish_rows(session: Session, people: Iterable[int]) -> Sequence[Row[Any]]:
    columns = (Wish.person_id, Wish.countries, Wish.subjects, Wish.languages, Wish.ages_from, Wish.ages_to)
    return session.execute(select(*columns, Wish.levels, Wish.kinds).where(Wish.person_id.in_(people))).all()


def _wishes(row: Row[Any]) -> Wishes:
    ages = None if row.ages_from is None or row.ages_to is None else (row.ages_from, row.ages_to)
    return Wishes(
        tuple(row.countries), tuple(row.subjects), tuple(row.languages), ages, tuple(row.levels), tuple(row.kinds)
    )
