"""/remind, /reminders, /settings and /calendar, as conversations of a teacher with the engine."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from bot.talk import News
from handlers.reminders import kinds
from handlers.reminders.digest import digests
from handlers.reminders.keeping import LONGEST_WORDS
from handlers.reminders.places import cities
from handlers.reminders.zones import moment
from storage import breaks, reminders, rhythms
from storage.breaks import Break
from storage.database import Database
from tests.reminders.chat import Teacher, Town
from tests.vault import VAULT

WARSAW = "Europe/Warsaw"


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return moment(datetime(2026, month, day, hour, minute), WARSAW)


@pytest.fixture
def town(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Town]:
    """It is Tuesday, 24 November 2026, half past six in the evening."""
    database = Database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path)}", VAULT)
    yield Town(database, at(24, 18, 30))
    database.close()


@pytest.fixture
def amina(town: Town) -> Teacher:
    return town.teacher("Amina", "PL")


def kept(amina: Teacher) -> list[reminders.Kept]:
    found = amina.town.database.do(partial(reminders.mine, person=amina.person, limit=99))
    return [one for one, _due in found]


def test_in_one_line(amina: Teacher) -> None:
    assert amina.commands("/remind tomorrow at 10 call the museum") == "\n".join(
        [
            "Shall I remember this?",
            "What: call the museum",
            "When: Wednesday, November 25, 2026, 10:00",
            "Notices: none",
        ]
    )
    assert kept(amina) == []
    assert amina.presses("Save").startswith("Saved. I will remind you.\ncall the museum")
    (one,) = kept(amina)
    assert (one.facts.words, one.facts.start, one.facts.timezone) == (
        "call the museum",
        datetime(2026, 11, 25, 10),
        WARSAW,
    )
    assert amina.town.ring(at(25, 9, 59)) == []
    assert [person for person, _text in amina.town.ring(at(25, 10))] == [amina.person]


def test_by_questions(amina: Teacher) -> None:
    assert "What shall I remind you of, and when?" in amina.commands("/remind")
    assert amina.says("call the museum").startswith("When shall I remind you?\nFor example:")
    assert amina.says("tomorrow") == "At what time?"
    assert "November 25, 2026, 12:00" in amina.presses("12:00")
    assert "Saved." in amina.presses("Save")


@pytest.mark.parametrize(
    ("said", "shown"), [("10", "10:00"), ("half past nine", "09:30"), ("8 in the evening", "20:00")]
)
def test_a_bare_number_is_an_hour_where_an_hour_is_missing(amina: Teacher, said: str, shown: str) -> None:
    amina.commands("/remind call the museum tomorrow")
    assert amina.labels == ["08:00", "10:00", "12:00", "14:00", "16:00", "18:00"]
    assert f"November 25, 2026, {shown}" in amina.says(said)


def test_what_repeats_from_some_day_on(amina: Teacher) -> None:
    assert amina.commands("/remind every 2 weeks at 10 report") == "On which day does it begin?"
    assert amina.labels[:3] == ["Today", "Tomorrow", "Thursday"]
    assert "November 26, 2026, 10:00 · every 2 weeks: Thursday" in amina.presses("Thursday")


def test_nothing_that_was_chosen_is_asked_again(amina: Teacher) -> None:
    assert amina.commands("/remind every 2 weeks report") == "At what time?"
    assert amina.presses("10:00") == "On which day does it begin?"
    assert "November 26, 2026, 10:00 · every 2 weeks: Thursday" in amina.presses("Thursday")


def test_every_answer_can_be_changed_before_it_is_kept(amina: Teacher) -> None:
    amina.commands("/remind tomorrow at 10 call the museum")
    amina.presses("Change: What")
    assert "What: call the theatre" in amina.says("call the theatre")
    assert amina.presses("Change: When").startswith("When shall I remind you?")
    assert "every week: Tuesday · except: holidays" in amina.says("each Tuesday 9:30 except holidays")
    amina.presses("Change: Notices")
    amina.presses("1 hour")
    amina.presses("1 week")
    assert "Notices: 1 week · 1 hour" in amina.presses("✓ Done")
    amina.presses("Save")
    (one,) = kept(amina)
    assert (one.facts.words, one.facts.leads, one.facts.but_holidays) == ("call the theatre", (10080, 60), True)


def test_notices_in_words(amina: Teacher) -> None:
    amina.commands("/remind 9 December at 10 exam")
    amina.presses("Change: Notices")
    assert "Please write lengths of time" in amina.says("whenever")
    assert "at most" in amina.says("2 years")
    assert "Notices: 3 days · 2 hours" in amina.says("3 days and 2 hours")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("31 June at 10 x", "There is no such day in the calendar."),
        ("tomorrow at 25:00 x", "No clock shows that time."),
        ("1 January 2020 at 10 x", "That moment has passed."),
        ("1 January 9999 at 10 x", "I look at most 10 years ahead."),
        ("every minute x", "That rings too often: once an hour at most, and then for 31 days at most."),
        ("every hour x", "That rings too often"),
        ("every day at 10 until 1 January 2020 x", "That ends before it begins."),
        ("tomorrow at 10 x, 2 years before", "There can be 5 notices before, a year ahead at most."),
        ("Friday 9 December 2026 at 10 x", "That date is another day of the week."),
    ],
)
def test_what_cannot_be_is_answered_and_asked_again(amina: Teacher, line: str, answer: str) -> None:
    text = amina.commands(f"/remind {line}")
    assert text.startswith(answer)
    assert "When shall I remind you?" in text
    amina.says("tomorrow at 10")
    assert amina.presses("Save").startswith("Saved.")


def test_an_hour_that_does_not_exist_is_pointed_out_before_it_is_kept(amina: Teacher) -> None:
    amina.commands("/remind 28 March 2027 at 2:30 call")
    text = amina.presses("Come all the same")
    assert "When: Sunday, March 28, 2027, 03:30 · That hour does not exist on this day" in text


def test_the_first_time_that_is_shown_is_no_holiday(amina: Teacher) -> None:
    """Christmas and New Year's Day are Fridays."""
    text = amina.commands("/remind from 25 December each Friday at 10 except holidays choir")
    assert "When: Friday, January 8, 2027, 10:00 · every week: Friday" in text
    assert "Friday, January 8, 2027, 10:00" in amina.presses("Save")
    assert kept(amina)[0].facts.start == datetime(2027, 1, 8, 10)


def test_what_only_falls_on_holidays(amina: Teacher) -> None:
    amina.commands("/remind party")
    assert "That always falls on holidays." in amina.says("every 25 December at 10 except holidays")


def test_words_without_any_time(amina: Teacher) -> None:
    amina.commands("/remind party")
    assert "I found no time in that." in amina.says("soon, perhaps")
    assert "I found no time in that." in amina.says("🎉🎉🎉")


def test_ten_thousand_characters(amina: Teacher) -> None:
    assert amina.commands("/remind tomorrow at 10 " + "long " * 2000) == "Please keep it to 400 characters."
    amina.commands("/remind")
    assert "Please keep it to 400 characters." in amina.says("x" * 10_000)
    amina.commands("/remind tomorrow at 10")
    assert amina.text == "What shall I remind you of?"
    assert f"Please keep it to {LONGEST_WORDS} characters." in amina.says("x" * 10_000)


def test_a_moment_that_passes_before_it_is_kept(amina: Teacher) -> None:
    amina.commands("/remind in 10 minutes tea")
    amina.town.now = at(24, 18, 45)
    assert amina.presses("Save").startswith("That moment has passed.\nWhen shall I remind you?")


def test_quiet_hours_are_asked_about(amina: Teacher) -> None:
    text = amina.commands("/remind tomorrow at 22:30 letter")
    assert text.startswith("That is in your quiet hours.")
    assert "Quiet hours: Wait" in amina.presses("Wait")
    amina.presses("Change: Quiet hours")
    amina.presses("Come all the same")
    amina.presses("Save")
    assert len(amina.town.ring(at(25, 22, 30))) == 1


def test_at_most_so_many(amina: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["handlers.reminders.remind"], "MOST", 2)
    for hour in (10, 11):
        amina.commands(f"/remind tomorrow at {hour} x")
        amina.presses("Save")
    assert amina.commands("/remind tomorrow at 12 x").startswith("There can be 2 reminders for one person.")
    assert amina.labels == ["My reminders"]


def test_undo_right_away(amina: Teacher) -> None:
    amina.commands("/remind tomorrow at 10 call the museum")
    amina.presses("Save")
    assert amina.presses("Undo").startswith("Deleted:\ncall the museum")
    assert kept(amina) == []
    assert amina.town.ring(at(25, 10)) == []


@pytest.fixture
def choir(amina: Teacher) -> Teacher:
    """Amina in front of the card of her choir."""
    amina.commands("/remind each Tuesday 9:30 choir, 1 hour before")
    amina.presses("Save")
    amina.commands("/reminders")
    amina.presses("choir")
    return amina


def test_the_list_and_a_card(choir: Teacher) -> None:
    assert choir.text.split("\n") == [
        "choir",
        "When: Tuesday, December 1, 2026, 09:30 · every week: Tuesday",
        "Next: Tuesday, December 1, 2026, 09:30",
        "Notices: 1 hour",
    ]
    assert choir.presses("All reminders") == "What is to come\nTue 1 Dec 09:30 · choir · every week: Tuesday"


def test_pages(amina: Teacher) -> None:
    for number in range(8):
        amina.commands(f"/remind tomorrow at 10 lesson {number}")
        amina.presses("Save")
    amina.commands("/reminders")
    assert len(amina.text.split("\n")) == 7
    amina.presses("More")
    assert len(amina.text.split("\n")) == 3
    assert amina.presses("Previous").count("lesson") == 6
    amina.presses("lesson 0")
    assert amina.presses("Delete").startswith("Deleted:")


def test_no_reminders_yet(amina: Teacher) -> None:
    assert amina.commands("/reminders").startswith("There are no reminders yet.")
    assert amina.presses("New reminder").startswith("What shall I remind you of")


def test_skip_the_next_one(choir: Teacher) -> None:
    text = choir.presses("Skip the next one")
    assert text.startswith("The next one is left out.")
    assert "except: December 1, 2026" in text
    assert "Next: Tuesday, December 8, 2026, 09:30" in text
    assert choir.town.ring(at(1, 10, month=12)) == []
    assert len(choir.town.ring(at(8, 8, 30, month=12))) == 1


def test_pause_and_resume(choir: Teacher) -> None:
    assert "It is paused." in choir.presses("Pause")
    assert choir.town.ring(at(1, 10, month=12)) == []
    assert "paused · choir" in choir.presses("All reminders")
    choir.presses("choir")
    assert "Next: Tuesday, December 8, 2026, 09:30" in choir.presses("Resume")
    assert len(choir.town.ring(at(8, 8, 30, month=12))) == 1


def test_other_words_another_time_other_notices(choir: Teacher) -> None:
    choir.presses("Change the words")
    assert choir.says("orchestra").startswith("Saved.\norchestra")
    choir.presses("Change the time")
    assert "Friday, November 27, 2026, 08:00" in choir.says("Friday at 8")
    assert "Next: Friday, November 27, 2026, 08:00" in choir.presses("Yes")
    assert "Notices: 1 hour" in choir.text
    choir.presses("Notices before")
    choir.presses("1 hour")
    assert "Notices" not in choir.presses("✓ Done")
    assert [text.split("\n")[:2] for _person, text in choir.town.ring(at(27, 8))] == [["⏰ Reminder", "orchestra"]]


def test_another_time_after_all_not(choir: Teacher) -> None:
    choir.presses("Change the time")
    choir.says("Friday at 8")
    assert "every week: Tuesday" in choir.presses("No")


def test_delete_and_bring_back(choir: Teacher) -> None:
    choir.presses("Delete")
    assert choir.commands("/reminders").startswith("There are no reminders yet.")
    choir.commands("/reminders undo 1")
    assert choir.text.startswith("It is back.\nchoir")
    assert len(choir.town.ring(at(1, 8, 30, month=12))) == 1


def test_bringing_back_what_has_passed(amina: Teacher) -> None:
    amina.commands("/remind tomorrow at 10 call the museum")
    amina.presses("Save")
    amina.presses("Undo")
    amina.town.now = at(26, 9)
    assert amina.presses("Undo").startswith("Its time has passed:")


def test_it_may_come_in_quiet_hours(choir: Teacher) -> None:
    assert "It also comes in quiet hours." in choir.presses("Also in quiet hours")
    assert "It also comes in quiet hours." not in choir.presses("Not in quiet hours")


def rung(amina: Teacher, now: datetime) -> list[str]:
    """Let the clock go on; the ids of the buttons under what was told last."""
    amina.town.ring(now)
    return list(amina.town.bell.told[-1][2])


def test_again_in_ten_minutes_and_tomorrow(amina: Teacher) -> None:
    amina.commands("/remind tomorrow at 10 call the museum")
    amina.presses("Save")
    _done, ten, _hour, tomorrow = rung(amina, at(25, 10))
    assert amina.commands(ten).startswith("I will tell you again:\nWednesday, November 25, 2026, 10:10")
    assert amina.town.ring(at(25, 10, 9)) == []
    assert len(amina.town.ring(at(25, 10, 10))) == 1
    amina.commands(tomorrow)
    assert amina.town.ring(at(26, 10, 9)) == []
    assert len(amina.town.ring(at(26, 10, 10))) == 1
    assert kept(amina) == []


def test_again_does_not_disturb_what_repeats(choir: Teacher) -> None:
    choir.town.ring(at(1, 8, 30, month=12))
    _done, _ten, hour, _tomorrow = rung(choir, at(1, 9, 30, month=12))
    choir.commands(hour)
    assert len(choir.town.ring(at(1, 10, 30, month=12))) == 1
    assert len(choir.town.ring(at(8, 8, 30, month=12))) == 1


def test_done_after_the_notice_silences_this_occurrence_alone(choir: Teacher) -> None:
    done, *_more = rung(choir, at(1, 8, 30, month=12))
    assert choir.commands(done) == "Done:\nchoir"
    assert choir.commands(done) == "Done:\nchoir"
    assert choir.town.ring(at(1, 9, 30, month=12)) == []
    assert len(choir.town.ring(at(8, 8, 30, month=12))) == 1
    assert len(choir.town.ring(at(8, 9, 30, month=12))) == 1


def test_done_after_the_notice_of_something_that_comes_once(amina: Teacher) -> None:
    amina.commands("/remind tomorrow at 10 call the museum, 1 hour before")
    amina.presses("Save")
    done, *_more = rung(amina, at(25, 9))
    amina.commands(done)
    assert amina.town.ring(at(25, 10)) == []
    assert kept(amina) == []


def test_a_notice_before_is_put_off_as_often_as_one_likes(amina: Teacher) -> None:
    amina.commands("/remind tomorrow at 10 call the museum, 1 hour before")
    amina.presses("Save")
    _done, snooze, *_more = rung(amina, at(25, 9))
    for minute in (10, 20, 30):
        amina.commands(snooze)
        ((_person, text),) = amina.town.ring(at(25, 9, minute))
        assert "call the museum" in text


@pytest.mark.parametrize(
    "argument", ["done", "done x", "done 99", "snooze 1", "snooze 1 x y", "snooze 1 2026-11-25T10:00 99999999", "zzz 1"]
)
def test_buttons_that_nobody_made(choir: Teacher, argument: str) -> None:
    text = choir.commands(f"/reminders {argument}")
    assert text.startswith(("That reminder is gone.", "What is to come", "Done:"))
    assert len(choir.town.ring(at(1, 8, 30, month=12))) == 1


def test_nobody_touches_what_belongs_to_others(choir: Teacher) -> None:
    joao = choir.town.teacher("João", "PT")
    for argument in ("done 1 2026-12-01T09:30", "snooze 1 2026-12-01T09:30 10", "delete 1", "undo 1"):
        assert joao.commands(f"/reminders {argument}") == "That reminder is gone."
    assert len(choir.town.ring(at(1, 8, 30, month=12))) == 1


def test_settings(amina: Teacher) -> None:
    assert amina.commands("/settings").split("\n") == [
        "How I remind you",
        "Your time: Warsaw, 18:30",
        "Quiet hours: 21:00–07:00",
        "Weekly digest: off",
        "School hours: Monday–Friday, 08:00–15:00",
    ]
    amina.presses("Quiet hours")
    assert "Please write two times of the day" in amina.says("never ever")
    assert "Quiet hours: 22:00–06:30" in amina.says("22 - 6:30")
    amina.presses("Quiet hours")
    assert "Quiet hours: none" in amina.presses("Never quiet")
    amina.presses("Time zone")
    assert "I know no such place." in amina.says("Europe/Atlantis")
    assert "I know no such place." in amina.says("x" * 10_000)
    assert "Your time: Lisbon, 17:30" in amina.says("Lizbona")
    amina.presses("Time zone")
    assert "Your time: Athens, 19:30" in amina.says("europe/athens".title().replace("europe", "Europe"))


@pytest.mark.parametrize(
    ("language", "city", "zone"),
    [
        ("pl", "Ateny", "Europe/Athens"),
        ("fr", "Lisbonne", "Europe/Lisbon"),
        ("ar", "تونس", "Africa/Tunis"),
        ("en", "Ponta Delgada", None),
        ("en", "Azores", "Atlantic/Azores"),
        ("en", "New York", "America/New_York"),
    ],
)
def test_cities_by_name(language: str, city: str, zone: str | None) -> None:
    assert cities(language).one(city) == zone


def test_the_weekly_digest(amina: Teacher) -> None:
    amina.commands("/remind each day at 10 bread")
    amina.presses("Save")
    amina.commands("/settings")
    amina.presses("Weekly digest")
    amina.presses("Thursday")
    assert "Weekly digest: Thursday 06:30" in amina.says("6:30")
    told = digest(amina, at(26, 6, 30))
    assert told[0].startswith("Your week\nThu 26 Nov 10:00 · bread\nFri 27 Nov 10:00 · bread")
    assert told[0].count("bread") == 7
    assert digest(amina, at(26, 7)) == digest(amina, at(3, 6, 29, month=12)) == []
    assert len(digest(amina, at(3, 6, 30, month=12))) == 1
    amina.commands("/settings")
    amina.presses("Weekly digest")
    assert "Weekly digest: off" in amina.presses("Never")
    assert digest(amina, at(10, 7, month=12)) == []


def digest(amina: Teacher, now: datetime) -> list[str]:
    told: list[News] = []
    while amina.town.database.do(partial(digests, now=now, tell=told.append)):
        pass
    return [amina.plain(news.body) for news in told]


def test_a_digest_after_three_weeks_down_comes_once(amina: Teacher) -> None:
    amina.commands("/settings")
    amina.presses("Weekly digest")
    amina.presses("Thursday")
    amina.says("6:30")
    assert digest(amina, at(20, 12, month=12)) == ["Your week\nNothing is to come in the next seven days."]
    assert digest(amina, at(20, 13, month=12)) == []


def test_the_region_is_asked_where_there_are_some(amina: Teacher) -> None:
    amina.commands("/settings")
    assert "Region" not in amina.labels
    winter = Break("PL", "PL-MZ", datetime(2027, 1, 18).date(), datetime(2027, 1, 31).date(), {"en": "Winter"})
    amina.town.database.do(partial(breaks.keep, breaks=[("w", winter)]))
    amina.commands("/settings")
    amina.presses("Region")
    assert "School holidays of: PL-MZ" in amina.presses("PL-MZ")
    text = amina.commands("/remind each Tuesday 9:30 except holidays choir")
    amina.presses("Save")
    assert "except: holidays" in text
    assert amina.town.ring(at(12, 9, 30, month=1).replace(year=2027))
    assert [amina.town.ring(moment(datetime(2027, 1, day, 9, 30), WARSAW)) for day in (19, 26)] == [[], []]


def test_the_calendar_s_address(amina: Teacher) -> None:
    text = amina.commands("/calendar")
    first = text.split("\n")[1]
    assert first.startswith("https://twinbot.example/calendar/")
    assert amina.commands("/calendar").split("\n")[1] == first
    second = amina.presses("New address").split("\n")[1]
    assert second != first

    def opens(address: str) -> bool:
        secret = address.rsplit("/", 1)[1].removesuffix(".ics")
        return amina.town.database.do(partial(rhythms.subscriber, secret=secret)) is not None

    assert opens(second)
    assert not opens(first)
    assert amina.presses("Close it").startswith("The address leads nowhere now.")
    assert not opens(second)


def test_a_line_begun_is_kept_with_its_moment() -> None:
    assert kinds.begun("x" * 1000, at(24, 18))[0] == "x" * 400
