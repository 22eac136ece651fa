"""What speaks against a time for people of several schools."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from itertools import pairwise

import pytest

from handlers.reminders.holidays import Holidays
from handlers.reminders.warnings import against, shift
from handlers.reminders.zones import moment
from storage import breaks
from storage.attendees import Guest
from storage.breaks import Break
from storage.database import Database
from tests.reminders.parts import NOW

LISBON, ATHENS, TUNIS = "Europe/Lisbon", "Europe/Athens", "Africa/Tunis"
JOAO = Guest(1, None, LISBON, "pt", "João", "PT", "Escola", "Viseu")
ELENI = Guest(2, None, ATHENS, "el", "Eleni", "GR", "Gymnasio", "Kavala", region="GR-A")
SALMA = Guest(3, None, TUNIS, "ar", "Salma", "TN", "Lycée", "Sfax")


def at(month: int, day: int, hour: int = 10) -> datetime:
    return moment(datetime(2026, month, day, hour), LISBON)


def found(database: Database, *times: datetime, guests: tuple[Guest, ...] = (JOAO, ELENI, SALMA)) -> list[str]:
    def unit(session: object) -> list[str]:
        holidays = Holidays(session, NOW)  # type: ignore[arg-type]
        return [f"{w.kind} {w.guest.name if w.guest else ''}".strip() for w in against(times, 45, guests, holidays)]

    return database.do(unit)


def test_an_ordinary_day(database: Database) -> None:
    assert found(database, at(11, 25)) == []


def test_public_holidays_of_each_country(database: Database) -> None:
    # Restoration of Independence in Portugal; Ochi Day in Greece is 28 October.
    assert found(database, at(12, 1)) == ["public João"]
    assert found(database, at(10, 28)) == ["public Eleni"]


def test_school_holidays_of_the_region_or_the_country(database: Database) -> None:
    kept = [
        ("a", Break("GR", "GR-A", date(2026, 11, 23), date(2026, 11, 27), {"en": "Autumn"})),
        ("b", Break("PT", "PT-30", date(2026, 11, 23), date(2026, 11, 27), {"en": "Elsewhere"})),
        ("c", Break("TN", None, date(2026, 11, 23), date(2026, 11, 27), {"fr": "Vacances"})),
    ]
    database.do(partial(breaks.keep, breaks=kept))
    assert found(database, at(11, 25)) == ["break Eleni", "break Salma"]
    assert found(database, at(11, 30)) == []


def test_hours_and_days_without_lessons(database: Database) -> None:
    assert found(database, at(11, 25, 14)) == ["hours Eleni", "hours Salma"]
    assert found(database, at(11, 28)) == ["weekend João", "weekend Eleni", "weekend Salma"]
    early = Guest(4, None, LISBON, "pt", "Rui", "PT", week=((0, 1), 6 * 60, 9 * 60))
    assert found(database, at(11, 24, 10), guests=(early,)) == ["hours Rui"]


def test_clocks_that_change_for_some(database: Database) -> None:
    assert found(database, at(10, 21), at(11, 4)) == ["clocks"]
    assert found(database, at(10, 21), at(11, 4), guests=(JOAO, ELENI)) == []
    assert shift([at(10, 21), at(11, 4), at(11, 11)], [LISBON, TUNIS]) == at(11, 4)


@pytest.mark.parametrize("zones", [[LISBON, ATHENS], [LISBON], []])
def test_clocks_that_change_together_are_no_matter(zones: list[str]) -> None:
    times = [at(month, 15) for month in (1, 4, 7, 11)]
    assert all(one < other for one, other in pairwise(times))
    assert shift(times, zones) is None if zones else True


def test_a_row_of_dates_warns_of_each_holiday_once(database: Database) -> None:
    times = [at(12, day) for day in (1, 8, 15, 22, 25)]
    assert found(database, *times, guests=(JOAO,)) == ["public João"] * 3
