"""Reading schools from a CSV file: each row is checked, and what is wrong is told with its line and its column."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

from storage.domains import address_of, domain_of, is_public
from storage.reference import LEVELS, countries
from storage.schools import clean_line
from storage.spelling import country_lexicon, fold

__all__ = ["ImportRefused", "Problem", "Reading", "Row", "checked", "open_text", "school_key"]

_COLUMNS = ("country", "name", "town", "level", "id", "domains", "email")
_NEEDED = _COLUMNS[:4]
_LONGEST = {"name": 255, "town": 255, "id": 255, "domains": 1000, "email": 254}
_MOST_LINES = 20
"""A quoted field over more lines than this was not meant: its quote is reported, and the next line read afresh."""
_LONGEST_LINE = 100_000
_CHUNK = 1 << 20


class ImportRefused(Exception):
    """The file cannot be imported at all; the message is a sentence for whoever started the import."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row: its first line in the file (from 1), the column if it is one, and a sentence."""

    line: int
    column: str | None
    sentence: str


class Row(NamedTuple):
    """A school as a row of the file has it: all checked, `country` and `level` as our codes, `line` where it begins.

    `domains` (with spaces between them) and `email` are None where the file has no such column, "" where it has
    nothing in it.
    """

    line: int
    country: str
    name: str
    town: str
    level: str
    register_id: str | None
    domains: str | None = None
    email: str | None = None


class _Wrong(Exception):
    """A row or a field is wrong: the column if it is one, and a sentence."""

    def __init__(self, column: str | None, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column
        self.sentence = sentence


def open_text(file: Path) -> TextIO:
    """Open a file that was `checked`, for `Reading`."""
    # Line ends are left alone, because those within quotes belong to their field.
    return file.open(encoding="utf-8-sig", newline="")


def checked(file: Path) -> int:
    """Read the file once to see that all of it is text in UTF-8, so that no half is imported; count its lines.

    Raises ImportRefused if it is not, or cannot be read, or is empty.
    """
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


class Reading:
    """One pass over the file: right rows come out, problems and notices go to the lists given."""

    def __init__(self, text: TextIO, problems: list[Problem], notices: list[str]) -> None:
        self._lines = _Lines(text)
        self._problems, self._notices = problems, notices
        self._first_at: dict[int, int] = {}
        self._countries: dict[str, str] = {}
        self._delimiter = ","

    def rows(self) -> Iterator[Row]:
        """Each row that is right. Raises ImportRefused if the header is not one."""
        header = self._header()
        places = {name: header.index(name) for name in _COLUMNS if name in header}
        for line, fields in self._records():
            if not any(text.strip() for text in fields):
                continue
            try:
                yield self._row(line, fields, header, places)
            except _Wrong as wrong:
                self._problems.append(Problem(line, wrong.column, wrong.sentence))

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
                f"The first line must name the columns {', '.join(_NEEDED)} and may name id, domains, email; "
                f"it does not name {', '.join(missing)}."
            )
        twice = [name for name in _COLUMNS if header.count(name) > 1]
        if twice:
            raise ImportRefused(f"The first line names the column {twice[0]} more than once.")
        unknown = [name for name in header if name and name not in _COLUMNS]
        if unknown:
            shown = ", ".join(name[:40] for name in unknown[:10])
            self._notices.append(f"Columns that mean nothing here were passed over: {shown}.")
        return header

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """The fields of each record with the line it begins in; a record that is not one goes to the problems."""
        for line in self._lines:
            begun = self._lines.number
            try:
                yield begun, self._fields(line)
            except _Wrong as wrong:
                self._problems.append(Problem(begun, wrong.column, wrong.sentence))

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

    def _row(self, line: int, fields: list[str], header: list[str], places: dict[str, int]) -> Row:
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
        domains = _domains(text["domains"]) if "domains" in text else None
        email = _email(text["email"]) if "email" in text else None
        level, register = _level(text["level"]), text.get("id") or None
        return self._first(Row(line, country, text["name"], text["town"], level, register, domains, email))

    def _country(self, text: str) -> str:
        """The code of a country given by code or by its name in any of our languages. Raises _Wrong."""
        if text not in self._countries:
            exact = [match.id for match in country_lexicon().find(text) if match.score == 100]
            code = text.upper() if text.upper() in countries() else exact[0] if len(exact) == 1 else ""
            self._countries[text[:255]] = code
        if not self._countries.get(text):
            raise _Wrong("country", f'"{text[:40]}" is no country of the programme; write its code, such as PT.')
        return self._countries[text]

    def _first(self, row: Row) -> Row:
        """The row, if it is the first of its school in the file. Raises _Wrong."""
        key = school_key(row)
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


def _domains(text: str) -> str:
    """The mail domains of a school, each checked, with spaces between them. Raises _Wrong."""
    found: list[str] = []
    for part in re.split(r"[\s,;|]+", text):
        domain = domain_of(part) if part else ""
        if domain is None:
            raise _Wrong("domains", f'"{part[:60]}" is no mail domain; write what comes after the @: school.pl.')
        if domain and is_public(domain):
            raise _Wrong("domains", f'"{part[:60]}" is open to anybody, so an address there says nothing of a school.')
        found.append(domain)
    return " ".join(dict.fromkeys(each for each in found if each))


def _email(text: str) -> str:
    """A school's own mail address, checked; "" where there is none. Raises _Wrong."""
    found = address_of(text) if text else ("", "")
    if found is None:
        raise _Wrong("email", f'"{text[:60]}" is no mail address.')
    return found[0]


def school_key(row: Row) -> int:
    """By what a school without a register id is known again: the hash of its country and folded name and town."""
    return hash((row.country, fold(row.name), fold(row.town)))
