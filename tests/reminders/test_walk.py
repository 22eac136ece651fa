"""The whole way in plain words of two languages: reminders in Polish and Arabic, an appointment over the end of summer
time across Lisbon, Athens and Tunis, its feed; the right local times everywhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar

from bot.calendars import Calendars
from storage import partnerships
from storage.alarms import next_due
from storage.database import Database
from tests.reminders.chat import Teacher, Town
from tests.reminders.test_appointments import Three, at
from tests.vault import VAULT

#: Wednesdays at ten in Lisbon, as clocks show it in each place; summer time ends on 25 October, but not in Tunis.
WEDNESDAYS = {14: (10, 12, 10), 21: (10, 12, 10), 28: (10, 12, 11)}


@pytest.fixture
def three(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Three]:
    """Kasia teaches in Lisbon and speaks Polish, Eleni in Athens, Salma speaks Arabic in Tunis."""
    database = Database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path)}", VAULT)
    town = Town(database, at(10, 12, 9))
    kasia = town.teacher("Kasia", "PT", "pl")
    eleni, salma = town.teacher("Eleni", "GR"), town.teacher("Salma", "TN", "ar")
    for partner in (eleni, salma):
        database.do(partial(partnerships.open_, a=kasia.person, b=partner.person, now=town.now))
    yield Three(town, kasia, eleni, salma)
    database.close()


def saves(who: Teacher) -> None:
    """Press the first button: yes, remember it."""
    who.chooses(who.options[0])
    assert who.over


async def test_everybody_has_the_right_local_times(three: Three) -> None:
    kasia, eleni, salma, town = three.joao, three.eleni, three.salma, three.town
    text = kasia.commands("/remind co wtorek o 9:30 oprócz świąt chór, godzinę wcześniej")
    assert "chór" in text and "wtorek, 13 października 2026, 09:30" in text and "1 godzina" in text
    saves(kasia)
    text = salma.commands("/remind كل ثلاثاء الساعة 10 صباحا ما عدا العطل جوقة")
    assert "جوقة" in text and "الثلاثاء، 13 أكتوبر 2026، 10:00" in text
    saves(salma)
    text = kasia.commands("/appointment co środę o 10:00 do 28 października rozmowa wideo")
    text = kasia.says("Eleni, Salma")
    assert "środa, 14 października 2026, 10:00" in text
    assert "10:00 Lizbona · 12:00 Ateny · 10:00 Tunis" in text and "10:00 Lizbona · 12:00 Ateny · 11:00 Tunis" in text
    saves(kasia)
    (greek,) = three.told(eleni)
    assert "Wednesday, October 14, 2026, 12:00" in greek and "12:00 Athens · 10:00 Lisbon · 10:00 Tunis" in greek
    assert salma.commands("/reminders").count("10:00") == 2
    rung = _rung(town)
    # Half past nine in Lisbon is 8:30 in UTC until summer time ends and 9:30 from then on, the notice an hour before.
    # In Tunis clocks stay, so ten o'clock is always 9:00 in UTC.
    choir = ["13 07:30", "13 08:30", "20 07:30", "20 08:30", "27 08:30", "27 09:30"]
    assert [when for when, who, text in rung if who == kasia.person and "chór" in text] == choir
    hers = [when for when, who, text in rung if who == salma.person and "جوقة" in text]
    assert hers == ["13 09:00", "20 09:00", "27 09:00"]
    for who in (kasia, eleni, salma):
        calls = [at for at, person, text in rung if person == who.person and "Reminder\nrozmowa wideo" in text]
        assert calls == ["14 09:00", "21 09:00", "28 10:00"]
    await _feeds(three)


def _rung(town: Town) -> list[tuple[str, int, str]]:
    """Let time go on from one alarm to the next; gives when (in UTC) whom what was told."""
    found = []
    while (now := town.database.do(next_due)) is not None and now < at(10, 29, 9):
        found += [(f"{now.astimezone(UTC):%d %H:%M}", person, text) for person, text in town.ring(now)]
    return found


async def _feeds(three: Three) -> None:
    """An independent parser reads the same in everybody's calendar, and each program shows its own clock."""
    zones = ("Europe/Lisbon", "Europe/Athens", "Africa/Tunis")
    for place, (who, zone) in enumerate(zip((three.joao, three.eleni, three.salma), zones, strict=True)):
        secret = who.commands("/calendar").split("/calendar/")[1].split(".ics")[0]
        file = await Calendars(three.town.database, lambda: three.town.now).calendar(secret)
        assert file is not None
        found = recurring_ical_events.of(Calendar.from_ical(file.content)).between(at(10, 12, 0), at(10, 29, 0))
        calls = [event.start.astimezone(ZoneInfo(zone)) for event in found if event["SUMMARY"] == "rozmowa wideo"]
        assert {call.day: call.hour for call in calls} == {day: hours[place] for day, hours in WEDNESDAYS.items()}
