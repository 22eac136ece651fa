"""Alarms follow a new tz database; what ended long ago is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from handlers.reminders import upkeep
from handlers.reminders.plans import Plan
from handlers.reminders.rules import Rule
from handlers.reminders.upkeep import ZoneWatch, tidy
from handlers.reminders.zones import fingerprint, moment
from storage import alarms, reminders
from storage.database import Database
from storage.models import Alarm, Occurrence, Reminder, ZoneRules
from tests.reminders.bell import Bell
from tests.reminders.parts import NOW

WARSAW = "Europe/Warsaw"


def nobody(_news: object) -> None:
    raise AssertionError("nobody is told of this")


def watch(bell: Bell, watching: ZoneWatch, now: datetime = NOW) -> int:
    rounds = 1
    while bell.database.do(partial(watching.work, now=now, _tell=nobody)):
        rounds += 1
    return rounds


def dues(database: Database) -> list[datetime]:
    return database.do(lambda session: list(session.scalars(select(Alarm.due_at).order_by(Alarm.id))))


def shifted(database: Database, hours: int) -> None:
    """As if the alarms had been computed by other rules: an hour off, under another digest."""

    def unit(session: object) -> None:
        for alarm in session.scalars(select(Alarm)):  # type: ignore[attr-defined]
            alarm.due_at += timedelta(hours=hours)
        for rules in session.scalars(select(ZoneRules)):  # type: ignore[attr-defined]
            rules.digest = "of yesterday"

    database.do(unit)


@pytest.fixture
def bell(database: Database) -> Bell:
    return Bell(database)


def test_a_new_tz_database_moves_the_alarms(bell: Bell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "_CHUNK", 2)
    amina = bell.person()
    for day in range(1, 6):
        bell.reminder(amina, Plan(datetime(2026, 12, day, 10, 0), WARSAW, Rule("day"), leads=(60,)))
    right = dues(bell.database)
    watch(bell, ZoneWatch())
    shifted(bell.database, 1)
    assert dues(bell.database) != right
    watch(bell, ZoneWatch())
    assert dues(bell.database) == right
    known = bell.database.do(alarms.zones)
    assert known == {WARSAW: fingerprint(WARSAW, 2026)}


def test_it_looks_once_a_day(bell: Bell) -> None:
    bell.reminder(bell.person(), Plan(datetime(2026, 12, 1, 10, 0), WARSAW))
    watching = ZoneWatch()
    watch(bell, watching)
    shifted(bell.database, 1)
    wrong = dues(bell.database)
    assert watch(bell, watching, NOW + timedelta(hours=23)) == 1
    assert dues(bell.database) == wrong
    watch(bell, watching, NOW + timedelta(hours=25))
    assert dues(bell.database) == [moment(datetime(2026, 12, 1, 10, 0), WARSAW)]


def test_a_zone_that_is_gone_does_no_harm(bell: Bell) -> None:
    made = bell.reminder(bell.person(), Plan(datetime(2026, 12, 1, 10, 0), WARSAW))
    bell.database.do(partial(reminders.change, reminder=made, now=NOW, timezone="Europe/Atlantis"))
    assert watch(bell, ZoneWatch()) == 1


def test_what_ended_long_ago_is_forgotten(bell: Bell) -> None:
    amina = bell.person()
    ended = bell.reminder(amina, Plan(datetime(2026, 11, 25, 10, 0), WARSAW), "Ended")
    deleted = bell.reminder(amina, Plan(datetime(2027, 11, 25, 10, 0), WARSAW), "Deleted")
    stays = bell.reminder(amina, Plan(datetime(2026, 11, 25, 10, 0), WARSAW, Rule("day")), "Stays")
    bell.at(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    bell.database.do(partial(reminders.end, reminder=deleted, state=reminders.DELETED, now=NOW))

    def there() -> set[int]:
        return bell.database.do(lambda session: set(session.scalars(select(Reminder.id))))

    bell.database.do(partial(tidy, now=NOW + timedelta(days=6), _tell=nobody))
    assert there() == {ended, deleted, stays}
    bell.database.do(partial(tidy, now=NOW + timedelta(days=8), _tell=nobody))
    assert there() == {ended, stays}
    bell.database.do(partial(tidy, now=NOW + timedelta(days=92), _tell=nobody))
    assert there() == {stays}
    assert bell.database.do(lambda session: list(session.scalars(select(Occurrence)))) == []
