"""What teachers have said of themselves: registering, reading it, changing a line, what they look for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.orm import Session

from storage.finding import file_names
from storage.matching.rows import touch
from storage.models import School, Teacher, TeacherLanguage, TeacherSubject, Wish
from storage.partners import Wishes
from storage.people import set_timezone
from storage.reference import country

__all__ = [
    "LINES",
    "AlreadyRegistered",
    "Line",
    "TeacherFacts",
    "Wishes",
    "facts",
    "register",
    "save_wishes",
    "school_of",
    "set_line",
    "set_looking",
    "set_status",
    "wishes",
]

Line = Literal["name", "school", "subjects", "languages", "ages", "wish"]
LINES: tuple[Line, ...] = ("name", "school", "subjects", "languages", "ages", "wish")
"""The lines that can be changed, named as the fields of `TeacherFacts`; the country is the school's."""


class AlreadyRegistered(Exception):
    """This person is a teacher already."""


@dataclass(frozen=True)
class TeacherFacts:
    """A teacher's own lines. ``school`` is its id, ``country`` the school's; ``ages`` are the youngest and oldest
    pupils in years, both included; ``wish`` may be empty. Subjects and languages are codes."""

    name: str
    country: str
    school: int
    subjects: tuple[str, ...]
    languages: tuple[str, ...]
    ages: tuple[int, int]
    wish: str
    looking: bool = True


def register(session: Session, person: int, told: TeacherFacts, now: datetime) -> None:
    """Make a person a teacher, and set their clock to their country's. Raises AlreadyRegistered."""
    if facts(session, person) is not None:
        raise AlreadyRegistered(person)
    youngest, oldest = told.ages
    session.execute(
        insert(Teacher).values(
            person_id=person,
            name=told.name,
            country=told.country,
            school_id=told.school,
            ages_from=youngest,
            ages_to=oldest,
            wish=told.wish,
            looking=told.looking,
            registered_at=now,
            active_at=now,
        )
    )
    _replace(session, TeacherSubject, person, told.subjects)
    _replace(session, TeacherLanguage, person, told.languages)
    file_names(session, [(person, told.country, told.name)], anew=False)
    set_timezone(session, person, country(told.country).timezones[0])
    touch(session, person)


def facts(session: Session, person: int) -> TeacherFacts | None:
    """What a teacher has said, or None if this person is none. Subjects and languages are in the order of codes."""
    columns = (Teacher.name, Teacher.country, Teacher.school_id, Teacher.ages_from, Teacher.ages_to)
    found = session.execute(select(*columns, Teacher.wish, Teacher.looking).where(Teacher.person_id == person))
    row = found.one_or_none()
    if row is None:
        return None
    return TeacherFacts(
        name=row.name,
        country=row.country,
        school=row.school_id,
        subjects=_codes(session, TeacherSubject, person),
        languages=_codes(session, TeacherLanguage, person),
        ages=(row.ages_from, row.ages_to),
        wish=row.wish,
        looking=row.looking,
    )


def subjects_of(session: Session, person: int) -> tuple[str, ...]:
    """The subjects that a teacher teaches, in the order of codes."""
    return _codes(session, TeacherSubject, person)


def school_of(session: Session, person: int) -> School | None:
    """A teacher's school, also when it was removed from the list since; None if this person is no teacher."""
    return session.scalar(
        select(School).join(Teacher, Teacher.school_id == School.id).where(Teacher.person_id == person)
    )


def set_line(session: Session, person: int, line: Line, value: Any) -> None:
    """Change one line of a teacher, in the form it has in `TeacherFacts`.

    A school brings its country and, if that is another one, the country's time with it. Raises ValueError for a
    line that is none.
    """
    if line == "school":
        _move(session, person, int(value))
    elif line == "subjects":
        _replace(session, TeacherSubject, person, value)
    elif line == "languages":
        _replace(session, TeacherLanguage, person, value)
    elif line == "ages":
        _update(session, person, ages_from=value[0], ages_to=value[1])
    elif line in {"name", "wish"}:
        _update(session, person, **{line: value})
        if line == "name":
            _file(session, person)
    else:
        raise ValueError(f"a teacher has no line {line!r}")
    touch(session, person)


def set_looking(session: Session, person: int, looking: bool) -> None:
    """Whether a teacher wants to be suggested to others."""
    _update(session, person, looking=looking)
    touch(session, person)


def set_status(session: Session, person: int, status: str, *, was: str | None = None) -> bool:
    """What a teacher is: "unverified", "verified" or "suspended".

    False: they are no teacher, or their status is another one than it ``was``; then nothing changes.
    """
    those = (Teacher.person_id == person, *(() if was is None else (Teacher.status == was,)))
    result = session.execute(update(Teacher).where(*those).values(status=status))
    assert isinstance(result, CursorResult)
    touch(session, person)
    return result.rowcount == 1


def wishes(session: Session, person: int) -> Wishes:
    """The partners a teacher looks for; any, if they never said."""
    row = session.get(Wish, person, populate_existing=True)
    if row is None:
        return Wishes()
    ages = None if row.ages_from is None or row.ages_to is None else (row.ages_from, row.ages_to)
    return Wishes(
        tuple(row.countries), tuple(row.subjects), tuple(row.languages), ages, tuple(row.levels), tuple(row.kinds)
    )


def save_wishes(session: Session, person: int, wanted: Wishes) -> None:
    """Remember the partners a teacher looks for."""
    youngest, oldest = wanted.ages or (None, None)
    session.execute(delete(Wish).where(Wish.person_id == person))
    session.execute(
        insert(Wish).values(
            person_id=person,
            countries=list(wanted.countries),
            subjects=list(wanted.subjects),
            languages=list(wanted.languages),
            ages_from=youngest,
            ages_to=oldest,
            levels=list(wanted.levels),
            kinds=list(wanted.kinds),
        )
    )
    touch(session, person)


def _move(session: Session, person: int, school: int) -> None:
    before = session.scalar(select(Teacher.country).where(Teacher.person_id == person))
    there = session.scalars(select(School.country).where(School.id == school)).one()
    _update(session, person, school_id=school, country=there)
    if there != before:
        _file(session, person)
        set_timezone(session, person, country(there).timezones[0])


def _file(session: Session, person: int) -> None:
    """File a teacher under the name and country that they have now."""
    row = session.execute(select(Teacher.country, Teacher.name).where(Teacher.person_id == person)).one()
    file_names(session, [(person, row.country, row.name)])


def _update(session: Session, person: int, **values: Any) -> None:
    session.execute(update(Teacher).where(Teacher.person_id == person).values(**values))


def _replace(
    session: Session, table: type[TeacherSubject] | type[TeacherLanguage], person: int, codes: Iterable[str]
) -> None:
    session.execute(delete(table).where(table.person_id == person))
    new = [{"person_id": person, "code": code} for code in dict.fromkeys(codes)]
    if new:
        session.execute(insert(table), new)


def _codes(session: Session, table: type[TeacherSubject] | type[TeacherLanguage], person: int) -> tuple[str, ...]:
    return tuple(session.scalars(select(table.code).where(table.person_id == person).order_by(table.code)))
