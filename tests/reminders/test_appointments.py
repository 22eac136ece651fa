"""Appointments between schools: asked, answered, changed, called off; everyone in their own time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.talk import News
from handlers.reminders.inviting import call_off_all
from handlers.reminders.zones import moment
from storage import breaks, partnerships, projects, reminders
from storage.blocks import block
from storage.breaks import Break
from storage.database import Database
from tests.projects.town import RIVERS
from tests.reminders.chat import Teacher, Town
from tests.vault import VAULT

LISBON = "Europe/Lisbon"


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return moment(datetime(2026, month, day, hour, minute), LISBON)


@dataclass
class Three:
    """Three schools whose teachers are partners of João: Lisbon, Athens and Tunis."""

    town: Town
    joao: Teacher
    eleni: Teacher
    salma: Teacher

    def told(self, who: Teacher) -> list[str]:
        return [text for person, text, _options in self.town.news if person == who.person]

    def presses(self, who: Teacher, label: str) -> str:
        """Press a button under what somebody was told last."""
        options = [options for person, _text, options in self.town.news if person == who.person][-1]
        return who.chooses(next(option for option in options if who.plain(option.label) == label))


@pytest.fixture
def three(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Three]:
    """It is Monday, 12 October 2026; clocks go back on the 25th, but not in Tunis."""
    database = Database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path)}", VAULT)
    town = Town(database, at(10, 12, 9))
    joao, eleni, salma = town.teacher("João", "PT"), town.teacher("Eleni", "GR"), town.teacher("Salma", "TN")
    for partner in (eleni, salma):
        database.do(partial(partnerships.open_, a=joao.person, b=partner.person, now=town.now))
    yield Three(town, joao, eleni, salma)
    database.close()


def ask_all(three: Three, line: str = "Wednesday 4 November 10:00 video call") -> str:
    three.joao.commands(f"/appointment {line}")
    three.joao.says("Eleni, Salma")
    return three.joao.text


def test_everyone_sees_it_in_their_own_time_over_the_end_of_summer_time(three: Three) -> None:
    text = ask_all(three)
    assert text.split("\n") == [
        "Shall I ask them?",
        "With: Eleni · School of Eleni, Town",
        "Salma · School of Salma, Town",
        "What: video call",
        "When: Wednesday, November 4, 2026, 10:00",
        "10:00 Lisbon · 12:00 Athens · 11:00 Tunis",
        "⚠ Clocks change. From this day on: Wednesday, November 4, 2026, 10:00 Lisbon · 12:00 Athens · 11:00 Tunis",
        "Length: 45 minutes",
        "Notices: 1 day · 1 hour",
    ]
    assert three.joao.presses("Ask them").startswith("2 people are asked.")
    (greek,) = three.told(three.eleni)
    assert greek.split("\n") == [
        "An appointment with you",
        "João · School of João, Town",
        "video call",
        "Wednesday, November 4, 2026, 12:00 · 45 minutes",
        "12:00 Athens · 10:00 Lisbon · 11:00 Tunis",
        "Do you come?",
    ]
    (tunisian,) = three.told(three.salma)
    assert "Wednesday, November 4, 2026, 11:00" in tunisian


@pytest.fixture
def asked(three: Three) -> Three:
    ask_all(three)
    three.joao.presses("Ask them")
    return three


def test_answers_reach_the_one_who_asks(asked: Three) -> None:
    assert asked.presses(asked.eleni, "Yes, I come").startswith("Noted: you come.")
    assert asked.presses(asked.salma, "Maybe").startswith("Noted: perhaps you come.")
    assert asked.told(asked.joao) == ["Eleni: yes\nvideo call", "Salma: maybe\nvideo call"]
    text = asked.presses(asked.joao, "Who comes?")
    assert text.split("\n")[-3:] == ["João: yes", "Eleni: yes", "Salma: maybe"]
    assert "From: João · School of João, Town" in asked.eleni.text


def test_everyone_is_reminded_but_who_declines(asked: Three) -> None:
    asked.presses(asked.salma, "No")
    assert "You will not be reminded of it." in asked.salma.text
    told = asked.town.ring(at(11, 4, 10))
    assert {person for person, _text in told} == {asked.joao.person, asked.eleni.person}
    greek = next(text for person, text in told if person == asked.eleni.person)
    assert "10:00 Lisbon · 12:00 Athens · 11:00 Tunis" in greek


def test_who_changes_their_mind_is_reminded_again(asked: Three) -> None:
    asked.presses(asked.salma, "No")
    assert asked.salma.presses("Yes, I come").startswith("Noted: you come.")
    people = {person for person, _text in asked.town.ring(at(11, 3, 10))}
    assert people == {asked.joao.person, asked.eleni.person, asked.salma.person}


def test_another_time_asks_everybody_anew(asked: Three) -> None:
    asked.presses(asked.eleni, "Yes, I come")
    asked.presses(asked.salma, "No")
    asked.joao.commands("/reminders show 1")
    asked.joao.presses("Change the time")
    asked.joao.says("5 November at 11")
    assert "Eleni: not answered yet" in asked.joao.presses("Yes")
    for who, hour in ((asked.eleni, 13), (asked.salma, 12)):
        news = asked.told(who)[-1].split("\n")
        assert news[0] == "An appointment has changed"
        assert news[2] == f"Thursday, November 5, 2026, {hour}:00 · 45 minutes"
        assert news[-1] == "Do you come?"
    assert {person for person, _t in asked.town.ring(at(11, 4, 11))} >= {asked.joao.person, asked.eleni.person}


def test_other_words_are_told_and_nobody_is_asked_anew(asked: Three) -> None:
    asked.presses(asked.eleni, "Yes, I come")
    asked.joao.commands("/reminders show 1")
    asked.joao.presses("Change the words")
    assert "Eleni: yes" in asked.joao.says("song contest")
    assert asked.told(asked.eleni)[-1].split("\n")[:2] == ["An appointment has changed", "song contest"]


def test_called_off_and_on_again(asked: Three) -> None:
    asked.presses(asked.salma, "No")
    asked.joao.commands("/reminders delete 1")
    assert asked.told(asked.eleni)[-1].startswith("This appointment is off\nvideo call")
    assert len(asked.told(asked.salma)) == 1
    assert asked.town.ring(at(10, 12, 10)) == []
    asked.joao.presses("Undo")
    assert asked.told(asked.eleni)[-1].startswith("This appointment takes place after all")
    assert len(asked.town.ring(at(11, 3, 10))) == 2


def test_one_of_a_row_is_left_out(three: Three) -> None:
    ask_all(three, "every Wednesday 10:00 video call")
    three.joao.presses("Ask them")
    three.joao.commands("/reminders show 1")
    three.joao.presses("Skip the next one")
    assert three.told(three.eleni)[-1].split("\n")[:3] == [
        "This time it does not take place",
        "video call",
        "Wednesday, October 14, 2026, 12:00",
    ]
    assert three.town.ring(at(10, 14, 10)) == []
    assert len(three.town.ring(at(10, 21, 10))) == 3


def test_only_the_one_who_made_it_changes_it(asked: Three) -> None:
    for argument in ("delete 1", "undo 1"):
        assert asked.eleni.commands(f"/reminders {argument}").startswith("Only whoever made it can change it")
    assert "Delete" not in [*asked.eleni.commands("/reminders show 1"), *asked.eleni.labels]
    stranger = asked.town.teacher("Kasia", "PL")
    for verb in ("yes", "no", "show", "file"):
        assert stranger.commands(f"/reminders {verb} 1") == "That reminder is gone."


def test_the_file_of_an_appointment(asked: Three) -> None:
    asked.presses(asked.eleni, "Calendar file")
    file = asked.eleni.messages[-1].file
    assert file is not None
    source, what = file
    assert (source, what.name, what.mime, what.ref) == ("calendar", "appointment.ics", "text/calendar", "1")


def test_what_speaks_against_a_time_is_said(three: Three) -> None:
    winter = Break("GR", None, date(2026, 12, 1), date(2026, 12, 4), {"en": "Winter"})
    three.town.database.do(partial(breaks.keep, breaks=[("w", winter)]))
    text = ask_all(three, "1 December at 14:30 video call")
    assert "⚠ Public holiday: João, Tuesday, December 1, 2026 (Restauração da Independência)" in text
    assert "⚠ School holidays: Eleni, Tuesday, December 1, 2026 (Winter)" in text
    assert "⚠ Outside of lessons: Salma, 15:30" in text


def test_a_row_over_the_change_of_clocks(three: Three) -> None:
    text = ask_all(three, "every Wednesday 10:00 until 30 November video call")
    assert "10:00 Lisbon · 12:00 Athens · 10:00 Tunis" in text
    change = "⚠ Clocks change. From this day on: Wednesday, October 28, 2026, 10:00 Lisbon · 12:00 Athens · 11:00 Tunis"
    assert change in text
    three.joao.presses("Ask them")
    # Who is invited sees it as well: her Wednesdays at ten are Wednesdays at eleven from then on.
    hers = change.replace("10:00 Lisbon · 12:00 Athens · 11:00 Tunis", "11:00 Tunis · 10:00 Lisbon · 12:00 Athens")
    assert hers in three.told(three.salma)[0]
    assert hers in three.presses(three.salma, "Yes, I come")
    three.town.now = at(10, 30, 9)
    assert "⚠" not in three.salma.commands("/reminders show 1")


def test_a_row_that_begins_in_a_year(three: Three) -> None:
    text = ask_all(three, "every Wednesday 10:00 from 20 October 2027 to 10 November 2027 video call")
    assert text.count("⚠") == 1
    assert "⚠ Clocks change. From this day on: Wednesday, November 3, 2027" in text


def test_length_and_notices_of_ones_own(three: Three) -> None:
    text = ask_all(three, "Wednesday 4 November 10:00-11:30 video call, 2 hours before")
    assert "Length: 1 hour, 30 minutes" in text
    assert "Notices: 2 hours" in text
    three.joao.presses("Change: Length")
    assert "Please write a length of time up to 12 hours" in three.joao.says("for ever")
    assert "Length: 2 hours" in three.joao.says("2 hours")


def test_nobody_to_meet(three: Three) -> None:
    alone = three.town.teacher("Kasia", "PL")
    for command in ("/appointment", "/when"):
        assert alone.commands(command).startswith("Appointments are for you and your partners.")


def test_by_questions(three: Three) -> None:
    three.joao.commands("/appointment")
    three.joao.presses("Eleni")
    three.joao.presses("✓ Done")
    assert three.joao.text.startswith("What is it about, and when?")
    three.joao.says("video call tomorrow")
    assert three.joao.text.startswith("At what time?")
    assert "With: Eleni" in three.joao.presses("10:00")
    assert three.joao.presses("Ask them").startswith("1 person is asked.")


def test_common_hours_become_an_appointment(three: Three) -> None:
    three.joao.commands("/when")
    text = three.joao.says("Eleni, Salma")
    lines = text.split("\n")
    assert lines[0] == "Common lesson hours"
    assert len(lines) == 7
    assert lines[1] == "Wednesday, October 14, 2026 · 10:00 Lisbon · 12:00 Athens · 10:00 Tunis"
    three.joao.chooses(three.joao.options[1])
    assert three.joao.text == "What is the appointment about?"
    text = three.joao.says("songs")
    assert "When: Wednesday, October 14, 2026, 10:00" in text
    assert "⚠" not in text
    assert three.joao.presses("Ask them").startswith("2 people are asked.")


def test_no_common_hour(three: Three) -> None:
    three.eleni.commands("/settings")
    three.eleni.presses("School hours")
    three.eleni.presses("Saturday")
    three.eleni.presses("✓ Done")
    assert "School hours: Saturday, 09:00–12:00" in three.eleni.says("9-12")
    three.joao.commands("/when")
    three.joao.says("Eleni")
    assert three.joao.presses("✓ Done").startswith("In the next 8 weeks there is no hour")


def test_holidays_count_for_common_hours(three: Three) -> None:
    autumn = Break("GR", None, date(2026, 10, 1), date(2026, 11, 8), {"en": "Autumn"})
    three.town.database.do(partial(breaks.keep, breaks=[("w", autumn)]))
    three.joao.commands("/when")
    three.joao.says("Eleni")
    assert "Monday, November 9, 2026" in three.joao.presses("✓ Done").split("\n")[1]


def test_whoever_leaves_calls_everything_off(asked: Three) -> None:
    asked.presses(asked.salma, "No")
    news: list[News] = []
    asked.town.database.do(partial(call_off_all, owner=asked.joao.person, now=asked.town.now, tell=news.append))
    assert [one.person for one in news] == [asked.eleni.person]
    asked.town.heard(news[0].person, news[0])
    assert asked.told(asked.eleni)[-1].startswith("This appointment is off\nvideo call")


def test_who_is_no_partner_any_more_is_not_reminded(asked: Three) -> None:
    end = partial(partnerships.end, a=asked.joao.person, b=asked.salma.person, by=asked.salma.person)
    assert asked.town.database.do(partial(end, now=asked.town.now))
    assert asked.salma.commands("/reminders show 1") == "That reminder is gone."
    assert "Salma" not in asked.joao.commands("/reminders show 1")
    told = asked.town.ring(at(11, 4, 10))
    assert {person for person, _text in told} == {asked.joao.person, asked.eleni.person}


def in_a_project(three: Three) -> int:
    """Eleni and Salma have a project; they are partners of João, and of each other."""

    def open_it(session: Session) -> int:
        partnerships.open_(session, three.eleni.person, three.salma.person, three.town.now)
        made = projects.propose(session, three.eleni.person, three.salma.person, RIVERS, three.town.now)
        return projects.sign(session, made.id, three.salma.person, three.town.now).id

    return three.town.database.do(open_it)


def test_an_appointment_of_a_project(three: Three) -> None:
    project = in_a_project(three)
    three.eleni.commands("/appointment Wednesday 4 November 10:00 video call")
    assert three.eleni.labels[0] == RIVERS.title
    three.eleni.presses(RIVERS.title)
    assert "With: Salma · School of Salma, Town" in three.eleni.presses("✓ Done")
    three.eleni.presses("Ask them")
    # The end of the partnership is not the end of the project.
    end = partial(partnerships.end, a=three.eleni.person, b=three.salma.person, by=None, now=three.town.now)
    assert three.town.database.do(end)
    assert three.presses(three.salma, "Yes, I come").startswith("Noted: you come.")
    three.town.database.do(partial(projects.leave, project=project, person=three.salma.person, now=three.town.now))
    assert three.salma.commands("/reminders show 1") == "That reminder is gone."


def test_who_blocks_somebody_of_a_project_is_asked_no_more(three: Three) -> None:
    in_a_project(three)
    block_ = partial(block, blocker=three.salma.person, other=three.eleni.person, now=three.town.now)
    three.town.database.do(block_)
    # João is left as the only one whom she could meet.
    assert "With: João" in three.eleni.commands("/appointment Wednesday 4 November 10:00 video call")


def test_a_partner_who_is_erased_leaves_the_appointment(asked: Three) -> None:
    from storage.models import Attendee, Reminder

    def erase(session: object) -> None:
        from storage.rights.holdings import HOLDINGS

        for holding in HOLDINGS:
            if holding.model in {Attendee, Reminder}:
                for row in session.query(holding.model).filter(holding.rows(asked.eleni.person)):  # type: ignore[attr-defined]
                    session.delete(row)  # type: ignore[attr-defined]

    asked.town.database.do(erase)
    assert "Eleni" not in asked.joao.commands("/reminders show 1")
    kept = asked.town.database.do(partial(reminders.get, reminder=1))
    assert kept is not None
