"""School holidays as OpenHolidays gives them: read, kept once, wrong entries named."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from storage import breaks
from storage.breaks import Break
from storage.breaks_import import NotOpenHolidays, import_breaks
from storage.database import Database

CHRISTMAS = {
    "id": "7a1c1c0e-6e0d-4b6c-9d0e-000000000001",
    "startDate": "2026-12-23",
    "endDate": "2027-01-02",
    "type": "School",
    "name": [{"language": "DE", "text": "Weihnachtsferien"}, {"language": "EN", "text": "Christmas holidays"}],
    "regionalScope": "Regional",
    "temporalScope": "FullDay",
    "nationwide": False,
    "subdivisions": [{"code": "DE-BE", "shortName": "BE"}, {"code": "DE-BB", "shortName": "BB"}],
}
WINTER = {
    "id": "7a1c1c0e-6e0d-4b6c-9d0e-000000000002",
    "startDate": "2027-02-01",
    "endDate": "2027-02-07",
    "type": "School",
    "name": [{"language": "ET", "text": "Talvevaheaeg"}],
    "nationwide": True,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "holidays.json"


def write(file: Path, *entries: Any) -> Path:
    file.write_text(json.dumps(list(entries)), encoding="utf-8")
    return file


def kept(database: Database, *countries: str) -> list[Break]:
    return database.do(partial(breaks.of_countries, countries=countries, since=date(2026, 1, 1)))


def test_regions_and_whole_countries(database: Database, file: Path) -> None:
    report = import_breaks(database, write(file, CHRISTMAS, WINTER), country="EE")
    assert (report.kept, report.problems) == (3, [])
    berlin, brandenburg = sorted(kept(database, "DE"), key=lambda one: one.region or "", reverse=True)
    assert (berlin.region, brandenburg.region) == ("DE-BE", "DE-BB")
    assert berlin.names == {"de": "Weihnachtsferien", "en": "Christmas holidays"}
    (winter,) = kept(database, "EE")
    assert (winter.region, winter.first, winter.last) == (None, date(2027, 2, 1), date(2027, 2, 7))
    assert database.do(partial(breaks.regions, country="DE")) == ["DE-BB", "DE-BE"]


def test_importing_again_changes_and_never_doubles(database: Database, file: Path) -> None:
    import_breaks(database, write(file, WINTER), country="EE")
    import_breaks(database, write(file, {**WINTER, "endDate": "2027-02-14"}), country="EE")
    (winter,) = kept(database, "EE")
    assert winter.last == date(2027, 2, 14)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({**WINTER, "startDate": "soon"}, "soon should be a day such as 2026-12-23."),
        ({**WINTER, "endDate": "2027-01-01"}, "endDate should not be before startDate, nor half a year after it."),
        ({**WINTER, "endDate": "2028-01-01"}, "endDate should not be before startDate, nor half a year after it."),
        ({**WINTER, "country": {"isoCode": "XX"}}, "XX is no country of eTwinning."),
        ({"startDate": "2027-02-01"}, "startDate, endDate and name are needed."),
        ("nonsense", "startDate, endDate and name are needed."),
        (None, "startDate, endDate and name are needed."),
        ({**WINTER, "name": "Winter"}, "startDate, endDate and name are needed."),
    ],
)
def test_a_wrong_entry_is_named_and_the_others_kept(database: Database, file: Path, entry: Any, sentence: str) -> None:
    report = import_breaks(database, write(file, entry, CHRISTMAS), country="EE")
    assert [(problem.entry, problem.sentence) for problem in report.problems] == [(1, sentence)]
    assert report.kept == 2


def test_a_country_that_nobody_says(database: Database, file: Path) -> None:
    report = import_breaks(database, write(file, WINTER))
    assert [problem.sentence for problem in report.problems] == [
        "This entry does not say its country; name it with --country."
    ]


def test_public_holidays_are_counted_and_passed_over(database: Database, file: Path) -> None:
    report = import_breaks(database, write(file, {**WINTER, "type": "Public"}), country="EE")
    assert (report.kept, report.others) == (0, 1)


@pytest.mark.parametrize("content", ["", "{}", '"x"', "startDate;endDate", "\x00"])
def test_another_file(database: Database, file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(NotOpenHolidays):
        import_breaks(database, file)


def test_old_ones_are_forgotten(database: Database, file: Path) -> None:
    import_breaks(database, write(file, CHRISTMAS))
    now = datetime(2027, 6, 1, tzinfo=UTC)
    database.do(partial(breaks.purge, now=now, keep_for=timedelta(days=300)))
    assert len(kept(database, "DE")) == 2
    database.do(partial(breaks.purge, now=now, keep_for=timedelta(days=100)))
    assert kept(database, "DE") == []
