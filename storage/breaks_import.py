"""School holidays in the form of OpenHolidays (https://www.openholidaysapi.org): a JSON list of periods."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from storage import breaks
from storage.breaks import Break
from storage.database import Database
from storage.reference import countries

#: No school holidays are longer.
_LONGEST = timedelta(days=150)
_LONGEST_NAME = 120
_CHUNK = 500

Json = Any


class NotOpenHolidays(Exception):
    """The file is not a JSON list as OpenHolidays gives it."""


@dataclass(frozen=True)
class Problem:
    """Why an entry (counted from 1) was left out."""

    entry: int
    sentence: str


@dataclass
class Report:
    """What became of a file: breaks that were kept, entries that are no school holidays, entries that are wrong."""

    kept: int = 0
    others: int = 0
    problems: list[Problem] = field(default_factory=list)


def import_breaks(database: Database, file: Path, country: str | None = None) -> Report:
    """Keep the school holidays of a file; importing again changes what is known.

    ``country`` is for entries that do not say theirs: those for a whole country. Raises NotOpenHolidays.
    """
    report = Report()
    found = list(_read(_entries(file), country, report))
    for start in range(0, len(found), _CHUNK):
        chunk = found[start : start + _CHUNK]
        report.kept += database.do(lambda session, chunk=chunk: breaks.keep(session, chunk))  # type: ignore[misc]
    return report


def _entries(file: Path) -> list[Json]:
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, UnicodeDecodeError):
        raise NotOpenHolidays(f"{file.name} is no JSON file.") from None
    if not isinstance(data, list):
        raise NotOpenHolidays(f"{file.name} should have a list of periods, as OpenHolidays gives it.")
    return data


def _read(entries: list[Json], country: str | None, report: Report) -> Iterator[tuple[str, Break]]:
    for number, entry in enumerate(entries, 1):
        try:
            if entry.get("type", "School") != "School":
                report.others += 1
                continue
            yield from _breaks(entry, country)
        except (AttributeError, KeyError, TypeError):
            report.problems.append(Problem(number, "startDate, endDate and name are needed."))
        except ValueError as error:
            report.problems.append(Problem(number, str(error)))


def _breaks(entry: Json, country: str | None) -> Iterator[tuple[str, Break]]:
    """A break for each region of an entry, or one for all of the country. Raises ValueError with a sentence."""
    first, last = _day(entry["startDate"]), _day(entry["endDate"])
    if not first <= last <= first + _LONGEST:
        raise ValueError("endDate should not be before startDate, nor half a year after it.")
    names = {str(one["language"]).lower()[:8]: str(one["text"])[:_LONGEST_NAME] for one in entry["name"]}
    regions = [str(one["code"]) for one in entry.get("subdivisions") or []]
    place = _country(entry, regions, country)
    source = str(entry.get("id") or f"{first.isoformat()} {next(iter(names.values()), '')}")[:255]
    for region in regions if regions and not entry.get("nationwide") else [None]:
        yield source, Break(place, region, first, last, names)


def _country(entry: Json, regions: list[str], country: str | None) -> str:
    said = (entry.get("country") or {}).get("isoCode") or (regions[0].split("-")[0] if regions else country)
    if said is None:
        raise ValueError("This entry does not say its country; name it with --country.")
    if str(said).upper() not in countries():
        raise ValueError(f"{str(said)[:20]} is no country of eTwinning.")
    return str(said).upper()


def _day(text: Json) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"{str(text)[:20]} should be a day such as 2026-12-23.") from None
