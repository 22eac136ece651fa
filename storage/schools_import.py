"""Reading schools from a CSV file: each wrong row is reported with its line, the right ones are imported.

A school is known again by its register id, or else by its country and folded name and town; so the same file twice
changes nothing, and a newer file updates. A school that was removed here stays removed, whatever the file says.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import Database
from storage.models import School
from storage.reference import LEVELS, countries
from storage.schools import add_schools, clean_line, update_schools
from storage.spelling import country_lexicon, fold

__all__ = ["ImportRefused", "ImportReport", "Problem", "import_schools"]

_COLUMNS = ("country", "name", "town", "level", "id")
_NEEDED = _COLUMNS[:4]
_LONGEST = {"name": 255, "town": 255, "id": 255}
_BATCH = 1000
_MOST_LINES = 20
"""A quoted field over more lines than this was not meant: its quote is reported, and the next line read afresh."""
_LONGEST_LINE = 100_000
_CHUNK = 1 << 20

Progress = Callable[[int, int], None]


class ImportRefused(Exception):
    """The file cannot be imported at all; the message is a sentence for whoever started the import."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row: its first line in the file (from 1), the column if it is one, and a sentence."""

    line: int
    column: str | None
    sentence: str


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


class _Row(NamedTuple):
    line: int
    country: str
    name: str
    town: str
    level: str
    register_id: str | None


class _Wrong(Exception):
    """A row or a field is wrong: the column if it is one, and a sentence."""

    def __init__(self, column: str | None, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column
        self.sentence = sentence


def import_schools(
    database: Database,
    path: str | Path,
    *,
    strict: bool = False,
    progress: Progress | None = None,
    now: datetime,
) -> ImportReport:
    """Import the schools of a CSV file: UTF-8, commas or semicolons, columns country, name, town, level, maybe id.

    `strict` writes nothing if any row is wrong. `progress` gets how many lines of how many are done. Raises
    ImportRefused if the file is missing, empty, not text in UTF-8 or without the needed columns.
    """
    file = Path(path)
    lines = _checked(file)
    tell = progress or (lambda _done, _whole: None)
    if strict:
        report = ImportReport()
        with _open(file) as text:
            for _row in _Reading(text, report).rows():
                pass
        if report.problems:
            return report
    report = ImportReport()
    known = _Known(database)
    with _open(file) as text:
        rows = _Reading(text, report).rows()
        while batch := list(islice(rows, _BATCH)):
            _import(database, known, batch, report, now)
            tell(min(batch[-1].line, lines), lines)
    tell(lines, lines)
    return report


def _open(file: Path) -> TextIO:
    # Line ends are left alone, because those within quotes belong to their field.
    return file.open(encoding="utf-8-sig", newline="")


def _checked(file: Path) -> int:
    """Read the file once to see that all of it is text in UTF-8, so that no half is imported; count its lines."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = size = nulls = 0
    try:
        with file.open("rb") as raw:
            while chunk := raw.read(_CHUNK):
                size += len(chunk)
                nulls += chunk.count(0)
                lines += decoder.decode(chunk).count("\n")
                if len(chunk) == _CHUNK and b"\n" not in chunk and b"\r" not in chunk:
                    raise ImportRefused(f"{file.name} is not a table: a line of it is longer than a megabyte.")
                if nulls > 8 and nulls > size // 100:
                    raise ImportRefused(f"{file.name} is not a text file; save the table as CSV in UTF-8.")
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise ImportRefused(_not_utf8(file, lines)) from None
    except OSError as error:
        raise ImportRefused(f"{file.name} cannot be read: {error.strerror or error}.") from None
    if not size:
        raise ImportRefused(f"{file.name} is empty.")
    return lines + 1


def _not_utf8(file: Path, lines: int) -> str:
    with file.open("rb") as raw:
        start = raw.read(4)
    if start.startswith(b"PK\x03\x04") or start == b"\xd0\xcf\x11\xe0":
        return f"{file.name} is a spreadsheet or an archive, not a CSV file; save the table as CSV in UTF-8."
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return f"{file.name} is in UTF-16; save it as CSV in UTF-8."
    return f"{file.name} is not in UTF-8 (somewhere after line {lines + 1}); save it as CSV in UTF-8."


class _Reading:
    """One pass over the file: right rows come out, problems and notices go to the report."""

    def __init__(self, text: TextIO, report: ImportReport) -> None:
        self._lines = _Lines(text)
        self._report = report
        self._first_at: dict[int, int] = {}
        self._countries: dict[str, str] = {}
        self._delimiter = ","

    def rows(self) -> Iterator[_Row]:
        """Each row that is right. Raises ImportRefused if the header is not one."""
        header = self._header()
        places = {name: header.index(name) for name in _COLUMNS if name in header}
        for line, fields in self._records():
            if not any(text.strip() for text in fields):
                continue
            try:
                yield self._row(line, fields, header, places)
            except _Wrong as wrong:
                self._report.problems.append(Problem(line, wrong.column, wrong.sentence))

    def _header(self) -> list[str]:
        for line in self._lines:
            if line.strip(" \t\r\n,;\ufeff"):
                self._delimiter = max(",;", key=line.count)
                self._lines.give_back(line)
                break
        _line, fields = next(self._records(), (0, []))
        header = [clean_line(name).casefold() for name in fields]
        missing = [name for name in _NEEDED if name not in header]
        if missing:
            raise ImportRefused(
                f"The first line must name the columns {', '.join(_NEEDED)} and may name id; "
                f"it does not name {', '.join(missing)}."
            )
        twice = [name for name in _COLUMNS if header.count(name) > 1]
        if twice:
            raise ImportRefused(f"The first line names the column {twice[0]} more than once.")
        unknown = [name for name in header if name and name not in _COLUMNS]
        if unknown:
            shown = ", ".join(name[:40] for name in unknown[:10])
            self._report.notices.append(f"Columns that mean nothing here were passed over: {shown}.")
        return header

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """The fields of each record with the line it begins in; a record that is not one goes to the problems."""
        for line in self._lines:
            begun = self._lines.number
            try:
                yield begun, self._fields(line)
            except _Wrong as wrong:
                self._report.problems.append(Problem(begun, wrong.column, wrong.sentence))

    def _fields(self, line: str) -> list[str]:
        if len(line) > _LONGEST_LINE:
            raise _Wrong(None, f"The line is longer than {_LONGEST_LINE} characters.")
        taken = [line]
        while True:
            try:
                return next(csv.reader(taken, delimiter=self._delimiter, skipinitialspace=True, strict=True), [])
            except csv.Error as error:
                unfinished = "unexpected end" in str(error)
                more = next(self._lines, None) if unfinished and len(taken) < _MOST_LINES else None
                if more is not None:
                    taken.append(more)
                    continue
                for later in reversed(taken[1:]):
                    self._lines.give_back(later)
                raise _Wrong(None, _quoting(str(error))) from None

    def _row(self, line: int, fields: list[str], header: list[str], places: dict[str, int]) -> _Row:
        while len(fields) > len(header) and not fields[-1].strip():
            fields.pop()
        if len(fields) > len(header):
            raise _Wrong(None, f"The row has {len(fields)} fields, the first line has {len(header)}; "
                               f'a text with "{self._delimiter}" in it must stand in quotes.')  # fmt: skip
        text = {name: clean_line(fields[place]) if place < len(fields) else "" for name, place in places.items()}
        for name in _NEEDED:
            if not text[name]:
                raise _Wrong(name, f"The {name} is missing.")
        for name, longest in _LONGEST.items():
            if len(text.get(name, "")) > longest:
                raise _Wrong(name, f"The {name} is longer than {longest} characters.")
        country = self._country(text["country"])
        row = _Row(line, country, text["name"], text["town"], _level(text["level"]), text.get("id") or None)
        return self._first(row)

    def _country(self, text: str) -> str:
        """The code of a country given by code or by its name in any of our languages. Raises _Wrong."""
        if text not in self._countries:
            exact = [match.id for match in country_lexicon().find(text) if match.score == 100]
            code = text.upper() if text.upper() in countries() else exact[0] if len(exact) == 1 else ""
            self._countries[text[:255]] = code
        if not self._countries.get(text):
            raise _Wrong("country", f'"{text[:40]}" is no country of the programme; write its code, such as PT.')
        return self._countries[text]

    def _first(self, row: _Row) -> _Row:
        """The row, if it is the first of its school in the file. Raises _Wrong."""
        key = _key(row)
        mark = hash((row.country, row.register_id)) if row.register_id else key
        earlier = self._first_at.get(mark) or self._first_at.get(hash((key, "no id")))
        if earlier:
            column = "id" if row.register_id else "name"
            raise _Wrong(column, f"The same school stands in line {earlier} already.")
        self._first_at[mark] = row.line
        self._first_at.setdefault(key, row.line)
        if not row.register_id:
            self._first_at[hash((key, "no id"))] = row.line
        return row


class _Lines:
    """The physical lines of a text with the number of the last one; lines can be given back."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._text)
        self.number += 1
        return line

    def give_back(self, line: str) -> None:
        """Let a line be the next one again."""
        self._again.append(line)
        self.number -= 1


def _quoting(error: str) -> str:
    """What an error of the csv module means to whoever wrote the file."""
    if "field limit" in error:
        return "A field is much too long."
    fault = "is opened and never closed" if "unexpected end" in error else "stands where none may stand"
    return f"A quote {fault}; quotes within a quoted text must be doubled."


def _level(text: str) -> str:
    level = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
    if level not in LEVELS:
        raise _Wrong("level", f'"{text[:40]}" is no school level; write one of {", ".join(LEVELS)}.')
    return level


def _key(row: _Row) -> int:
    return hash((row.country, fold(row.name), fold(row.town)))


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

    def claim(self, row: _Row) -> int | None:
        """The id of the school a row speaks of. Without a register id, name and town alone decide."""
        if row.register_id is None:
            school = self._by_name.get(_key(row))
        else:
            school = self._by_register.get(hash((row.country, row.register_id)))
            if school is None:
                school = self._unregistered.get(_key(row))
        if school is None or school in self._claimed:
            return None
        self._claimed.add(school)
        return school

    def _remember(self, school: int, row: _Row) -> None:
        key = _key(row)
        self._by_name.setdefault(key, school)
        if row.register_id:
            self._by_register[hash((row.country, row.register_id))] = school
        else:
            self._unregistered.setdefault(key, school)


def _schools_of(session: Session, country: str) -> list[tuple[int, _Row]]:
    where = select(School.id, School.name, School.town, School.level, School.register_id)
    found = session.execute(where.where(School.country == country).order_by(School.id))
    return [(school, _Row(0, country, name, town, level, register)) for school, name, town, level, register in found]


def _import(database: Database, known: _Known, rows: list[_Row], report: ImportReport, now: datetime) -> None:
    known.load(row.country for row in rows)
    new: list[_Row] = []
    old: dict[int, _Row] = {}
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


def _write(session: Session, new: list[_Row], old: dict[int, _Row], now: datetime) -> int:
    """Write one batch and give the number of old schools that changed."""
    add_schools(session, [{**_columns(row), "created_at": now} for row in new])
    changed = _changed(session, old)
    update_schools(session, [{**_columns(row), "id": school} for school, row in changed.items()])
    return len(changed)


def _changed(session: Session, old: dict[int, _Row]) -> dict[int, _Row]:
    """Those schools that are not as their rows have them, with what they should be; a known register id is kept."""
    changed: dict[int, _Row] = {}
    where = select(School.id, School.name, School.town, School.level, School.register_id)
    where = where.where(School.id.in_(list(old)), School.removed_at.is_(None))
    for school, name, town, level, register_id in session.execute(where):
        wanted = old[school]._replace(register_id=old[school].register_id or register_id)
        if (wanted.name, wanted.town, wanted.level, wanted.register_id) != (name, town, level, register_id):
            changed[school] = wanted
    return changed


def _columns(row: _Row) -> dict[str, Any]:
    return {
        "country": row.country,
        "name": row.name,
        "town": row.town,
        "level": row.level,
        "register_id": row.register_id,
    }
