"""Filling a database with fictional schools and teachers: for the demo, for trying out, for benchmarks.

How far a filling has come is written down in the same transaction as each batch. So a filling that was interrupted
goes on where it stopped, one that was finished is known at once, and a larger one adds only what is missing.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from time import perf_counter
from typing import TypeVar

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from storage.database import Database
from storage.fiction import SchoolRow, TeacherRow, fictional_schools, fictional_teachers
from storage.finding import file_names
from storage.matching.rows import touch
from storage.models import Account, Base, Person, School, Teacher, TeacherLanguage, TeacherSubject, Wish
from storage.models.teachers import VERIFIED
from storage.post import marks, save_marks
from storage.reference import country
from storage.schools import add_schools

__all__ = ["PopulateReport", "populate"]

_MARKS = "populate"
_BATCH = 1000

T = TypeVar("T")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PopulateReport:
    """What was added just now; both counts are 0 if all was there already. `seconds` is how long it took."""

    teachers: int
    schools: int
    seconds: float


@dataclass(frozen=True)
class _Filling:
    """What is wanted, and the names of the marks that say how much of it there is."""

    teachers: int
    schools: int
    seed: int
    now: datetime

    @property
    def schools_mark(self) -> str:
        return f"schools {self.seed}"

    @property
    def teachers_mark(self) -> str:
        # Who teaches where depends on how many schools there are to choose from.
        return f"teachers {self.seed} {self.schools}"

    @property
    def register(self) -> str:
        """What the fictional register calls its schools, before their number."""
        return f"fiction {self.seed} "


def populate(
    database: Database,
    teachers: int,
    schools: int,
    seed: int,
    *,
    progress: Progress | None = None,
    now: datetime,
) -> PopulateReport:
    """Fill in `teachers` at `schools`, the same for the same numbers and seed; what is there is not added again.

    `progress` gets how many rows of how many are there. Teachers are people with an account of the platform
    "fiction", which nobody can write from. Raises ValueError for negative numbers and teachers without a school.
    """
    if schools < 0 or teachers < 0 or (teachers and not schools):
        raise ValueError(f"cannot make {teachers} teachers at {schools} schools")
    begun = perf_counter()
    wanted = _Filling(teachers, schools, seed, now)
    there = database.do(lambda session: marks(session, _MARKS))
    schools_there = min(int(there.get(wanted.schools_mark, 0)), schools)
    teachers_there = min(int(there.get(wanted.teachers_mark, 0)), teachers)
    if schools_there < schools or teachers_there < teachers:
        _fill(database, wanted, schools_there, teachers_there, progress or (lambda _done, _whole: None))
    return PopulateReport(teachers - teachers_there, schools - schools_there, perf_counter() - begun)


def _fill(database: Database, wanted: _Filling, schools_there: int, teachers_there: int, progress: Progress) -> None:
    rows = list(fictional_schools(wanted.schools, wanted.seed))
    done, whole = schools_there + teachers_there, wanted.schools + wanted.teachers
    for new_schools in _batches(islice(rows, schools_there, None)):
        database.do(partial(_write_schools, wanted=wanted, rows=new_schools))
        done += len(new_schools)
        progress(done, whole)
    if teachers_there == wanted.teachers:
        return
    ids = database.do(partial(_school_ids, wanted=wanted))
    for new_teachers in _batches(islice(fictional_teachers(wanted.teachers, rows, wanted.seed), teachers_there, None)):
        database.do(partial(_write_teachers, wanted=wanted, rows=new_teachers, schools=rows, ids=ids))
        done += len(new_teachers)
        progress(done, whole)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _write_schools(session: Session, wanted: _Filling, rows: Sequence[SchoolRow]) -> None:
    columns = [
        {
            "country": row.country,
            "name": row.name,
            "town": row.town,
            "level": row.level,
            "register_id": f"{wanted.register}{row.number}",
            "domains": row.domain,
            "email": f"office@{row.domain}",
            "created_at": wanted.now,
        }
        for row in rows
    ]
    add_schools(session, columns)
    save_marks(session, _MARKS, {wanted.schools_mark: str(rows[-1].number + 1)})


def _school_ids(session: Session, wanted: _Filling) -> array[int]:
    """The ids of the fictional schools by their number, 8 bytes each."""
    ids = array("q", bytes(8 * wanted.schools))
    where = School.register_id.startswith(wanted.register, autoescape=True)
    for school, name in session.execute(select(School.id, School.register_id).where(where)):
        number = int((name or "").removeprefix(wanted.register))
        if number < wanted.schools:
            ids[number] = school
    return ids


def _write_teachers(
    session: Session, wanted: _Filling, rows: Sequence[TeacherRow], schools: Sequence[SchoolRow], ids: array[int]
) -> None:
    people = [_person(row, schools[row.school], wanted.now) for row in rows]
    made = insert(Person).returning(Person.id, sort_by_parameter_order=True)
    new = list(zip(session.scalars(made, people), rows, strict=True))
    account = f"{wanted.seed}/{wanted.schools}/"
    _insert(
        session,
        Account,
        [
            {"person_id": person, "platform": "fiction", "external_id": f"{account}{row.number}", "guesses": 0}
            for person, row in new
        ],
    )
    _insert(
        session,
        Teacher,
        [
            {
                "person_id": person,
                "name": row.name,
                "country": schools[row.school].country,
                "school_id": ids[row.school],
                "ages_from": row.youngest,
                "ages_to": row.oldest,
                "wish": row.wish,
                "looking": row.looking,
                "status": VERIFIED,
                "registered_at": about["created_at"],
                "active_at": about["active_at"],
            }
            for (person, row), about in zip(new, people, strict=True)
        ],
    )
    _insert(
        session, TeacherSubject, [{"person_id": person, "code": code} for person, row in new for code in row.subjects]
    )
    _insert(
        session, TeacherLanguage, [{"person_id": person, "code": code} for person, row in new for code in row.languages]
    )
    _insert(session, Wish, [_wish(person, row) for person, row in new])
    file_names(session, [(person, schools[row.school].country, row.name) for person, row in new], anew=False)
    touch(session, *(person for person, _row in new))
    save_marks(session, _MARKS, {wanted.teachers_mark: str(rows[-1].number + 1)})


def _person(row: TeacherRow, school: SchoolRow, now: datetime) -> dict[str, object]:
    active = now - timedelta(days=row.last_active_days, minutes=row.number % 1440)
    return {
        "language": school.language,
        "language_chosen": True,
        "timezone": country(school.country).timezones[0],
        "created_at": active - timedelta(days=row.number % 365),
        "active_at": active,
    }


def _wish(person: int, row: TeacherRow) -> dict[str, object]:
    countries = list(row.wished_countries)
    return {
        "person_id": person,
        "countries": countries,
        "subjects": [],
        "languages": [],
        "ages_from": None,
        "ages_to": None,
        "levels": [],
        "kinds": list(row.kinds),
    }


def _insert(session: Session, model: type[Base], rows: Sequence[dict[str, object]]) -> None:
    # The table itself, not its class: the ORM's bookkeeping would take longer than the database.
    assert isinstance(model.__table__, Table)
    session.execute(insert(model.__table__), rows)
