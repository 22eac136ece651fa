"""Finding teachers by their name or school, for those who help them.

A name is filed under the first letters of its words, in its own script and in Latin letters; the few names that share
them are then compared with what was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, Table, delete, insert, select
from sqlalchemy.orm import Session

from storage.latin import to_latin, words
from storage.models import School, Teacher, TeacherStem
from storage.schools import search_schools

__all__ = ["Known", "file_names", "find_teachers", "known"]

_STEM = 3
_MOST, _LONGEST = 400, 200
#: From how alike (100 is equal) a name is what was written.
_ENOUGH = 80.0


@dataclass(frozen=True)
class Known:
    """A teacher as support sees them in a list."""

    person: int
    name: str
    country: str
    status: str
    school: str
    town: str


def file_names(session: Session, teachers: Iterable[tuple[int, str, str]], *, anew: bool = True) -> None:
    """File teachers given as (person, country, name) under their names; ``anew`` takes out what was filed before."""
    there = list(teachers)
    if anew:
        session.execute(delete(TeacherStem).where(TeacherStem.person_id.in_([person for person, *_rest in there])))
    rows = [
        {"person_id": person, "stem": stem, "country": country}
        for person, country, name in there
        for stem in sorted(_stems(country, name))
    ]
    if rows:
        # The table itself, not its class: the ORM's bookkeeping would take longer than the database.
        assert isinstance(TeacherStem.__table__, Table)
        session.execute(insert(TeacherStem.__table__), rows)


def known(session: Session, person: int) -> Known | None:
    """A teacher by number."""
    row = session.execute(_teachers().where(Teacher.person_id == person)).one_or_none()
    return None if row is None else _known(row)


def find_teachers(session: Session, text: str, country: str | None, limit: int = 8) -> list[Known]:
    """The teachers of a country (None: of all) whom a text may mean by name or by school, best first."""
    asked = list(dict.fromkeys(words(text[:_LONGEST])))[:6]
    if not asked:
        return []
    named = _by_name(session, asked, country)
    found = {one.person: one for one in named}
    for one in _by_school(session, text, country, limit):
        found.setdefault(one.person, one)
    return list(found.values())[:limit]


def _by_name(session: Session, asked: Sequence[str], country: str | None) -> list[Known]:
    there = _there(country)
    query = _teachers().where(*there)
    for word in asked:
        filed = select(TeacherStem.person_id).where(TeacherStem.stem == word[:_STEM])
        filed = filed if country is None else filed.where(TeacherStem.country == country)
        query = query.where(Teacher.person_id.in_(filed))
    alike = [(_likeness(asked, one), one) for one in map(_known, session.execute(query.limit(_MOST)))]
    good = [(-likeness, one.name, one.person, one) for likeness, one in alike if likeness >= _ENOUGH]
    return [one for *_order, one in sorted(good)]


def _by_school(session: Session, text: str, country: str | None, limit: int) -> list[Known]:
    if country is None:
        # A school is found among those of one country; central support finds its teachers by name.
        return []
    schools = [school.id for school in search_schools(session, country, text, 3)]
    query = _teachers().where(Teacher.school_id.in_(schools)).order_by(Teacher.name, Teacher.person_id)
    return [_known(row) for row in session.execute(query.limit(limit * 3))]


def _likeness(asked: Sequence[str], one: Known) -> float:
    """How alike a name is to what was written; a word that was only begun counts as written."""
    own = set(words(one.name)) | set(words(to_latin(one.name, one.country)))
    return min(max((_alike(word, theirs) for theirs in own), default=0.0) for word in asked)


def _alike(word: str, theirs: str) -> float:
    return 100.0 if theirs.startswith(word) else fuzz.ratio(word, theirs)


def _stems(country: str, name: str) -> set[str]:
    return {word[:_STEM] for word in (*words(name), *words(to_latin(name, country)))}


def _there(country: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if country is None else (Teacher.country == country,)


def _teachers() -> Any:
    columns = (Teacher.person_id, Teacher.name, Teacher.country, Teacher.status, School.name, School.town)
    return select(*columns).join(School, School.id == Teacher.school_id)


def _known(row: Any) -> Known:
    return Known(*row)
