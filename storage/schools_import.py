"""Importing schools from a CSV file: what is new is added, what differs is updated, the rest is left alone.

A school is known again by its register id, or else by its country and folded name and town; so the same file twice
changes nothing, and a newer file updates. A school that was removed here stays removed, whatever the file says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import Database
from storage.models import School
from storage.schools import add_schools, update_schools
from storage.schools_csv import Problem, Reading, Row, checked, open_text, school_key

__all__ = ["ImportReport", "import_schools"]

_BATCH = 1000

Progress = Callable[[int, int], None]


@dataclass
class ImportReport:
    """How many schools were added, updated or found as they are; what was wrong; what else is worth knowing.

    Under `strict` one problem is enough for the counts to be 0. `notices` are sentences about what was passed over
    without harm, such as a column that means nothing here.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def import_schools(
    database: Database,
    path: str | Path,
    *,
    strict: bool = False,
    progress: Progress | None = None,
    now: datetime,
) -> ImportReport:
    """Import the schools of a CSV file: UTF-8, commas or semicolons, columns country, name, town, level; and
    maybe id, domains and email (see docs/operating.md).

    `strict` writes nothing if any row is wrong. `progress` gets how many lines of how many are done. Raises
    ImportRefused if the file is missing, empty, not text in UTF-8 or without the needed columns.
    """
    file = Path(path)
    lines = checked(file)
    tell = progress or (lambda _done, _whole: None)
    if strict:
        report = ImportReport()
        with open_text(file) as text:
            for _row in Reading(text, report.problems, report.notices).rows():
                pass
        if report.problems:
            return report
    report = ImportReport()
    known = _Known(database)
    with open_text(file) as text:
        rows = Reading(text, report.problems, report.notices).rows()
        while batch := list(islice(rows, _BATCH)):
            _import(database, known, batch, report, now)
            tell(min(batch[-1].line, lines), lines)
    tell(lines, lines)
    return report


class _Known:
    """The schools that are there, by the hashes of what they are known by; a country is read when it first occurs.

    Each is given to one row of the file at most, so that of two schools of one name neither overwrites the other.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._countries: set[str] = set()
        self._by_register: dict[int, int] = {}
        self._by_name: dict[int, int] = {}
        self._unregistered: dict[int, int] = {}
        self._claimed: set[int] = set()

    def load(self, countries_named: Iterable[str]) -> None:
        """Read the schools of countries that were not read yet."""
        for country in sorted(set(countries_named) - self._countries):
            for school, row in self._database.do(partial(_schools_of, country=country)):
                self._remember(school, row)
            self._countries.add(country)

    def claim(self, row: Row) -> int | None:
        """The id of the school a row speaks of. Without a register id, name and town alone decide."""
        if row.register_id is None:
            school = self._by_name.get(school_key(row))
        else:
            school = self._by_register.get(hash((row.country, row.register_id)))
            if school is None:
                school = self._unregistered.get(school_key(row))
        if school is None or school in self._claimed:
            return None
        self._claimed.add(school)
        return school

    def _remember(self, school: int, row: Row) -> None:
        key = school_key(row)
        self._by_name.setdefault(key, school)
        if row.register_id:
            self._by_register[hash((row.country, row.register_id))] = school
        else:
            self._unregistered.setdefault(key, school)


def _schools_of(session: Session, country: str) -> list[tuple[int, Row]]:
    where = select(School.id, School.name, School.town, School.level, School.register_id)
    found = session.execute(where.where(School.country == country).order_by(School.id))
    return [(school, Row(0, country, name, town, level, register)) for school, name, town, level, register in found]


def _import(database: Database, known: _Known, rows: list[Row], report: ImportReport, now: datetime) -> None:
    known.load(row.country for row in rows)
    new: list[Row] = []
    old: dict[int, Row] = {}
    for row in rows:
        school = known.claim(row)
        if school is None:
            new.append(row)
        else:
            old[school] = row
    changed = database.do(partial(_write, new=new, old=old, now=now))
    report.added += len(new)
    report.updated += changed
    report.unchanged += len(old) - changed


def _write(session: Session, new: list[Row], old: dict[int, Row], now: datetime) -> int:
    """Write one batch and give the number of old schools that changed."""
    add_schools(session, [{**_columns(row), "created_at": now} for row in new])
    changed = _changed(session, old)
    update_schools(session, [{**_columns(row), "id": school} for school, row in changed.items()])
    return len(changed)


def _changed(session: Session, old: dict[int, Row]) -> dict[int, Row]:
    """Those schools that are not as their rows have them, with what they should be; what is left out is kept."""
    changed: dict[int, Row] = {}
    columns = (School.country, School.name, School.town, School.level, School.register_id, School.domains, School.email)
    where = select(School.id, *columns).where(School.id.in_(list(old)), School.removed_at.is_(None))
    for school in session.execute(where):
        row = old[school.id]
        wanted = row._replace(
            register_id=row.register_id or school.register_id,
            domains=(school.domains or "") if row.domains is None else row.domains,
            email=(school.email or "") if row.email is None else row.email,
        )
        if any(getattr(school, column) != value for column, value in _columns(wanted).items()):
            changed[school.id] = wanted
    return changed


def _columns(row: Row) -> dict[str, Any]:
    return {
        "country": row.country,
        "name": row.name,
        "town": row.town,
        "level": row.level,
        "register_id": row.register_id,
        "domains": row.domains or None,
        "email": row.email or None,
    }
