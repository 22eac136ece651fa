"""Founders are asked about a project in which nothing is said, and told before it ends; its dates go to the room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.talk import Do, Excuse, Letter, News, Option, Relayed, Said, Turn, advance
from bot.talk.state import State
from bot.text import Reader, plain
from handlers import commands
from handlers.projects import project_chore
from storage import projects, reminders, rooms
from storage.database import Database
from storage.models import Person, Project
from tests.projects.town import AMINA, INES, JOAO, NOW, joined, opened, settle
from tests.vault import VAULT

#: The project begins on 1 March and ends on 30 June 2026; it is opened on 2 March.
DAY = timedelta(days=1)


class House:
    """A project of three teachers, and what they are told."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, NOW
        database.do(partial(settle, number=3))
        self.project = opened(database)
        joined(database, self.project, INES)
        self.told: list[tuple[int, str, tuple[Option, ...]]] = []

    def goes_on(self, days: int) -> list[tuple[int, str]]:
        """Let days pass; gives who was told what then."""
        before = len(self.told)
        for _day in range(days):
            self.now += DAY
            while self.database.do(lambda s: project_chore.work(s, self.now, self._tell)):
                pass
        return [(person, text) for person, text, _options in self.told[before:]]

    def _tell(self, what: News | Letter | Do | Relayed) -> None:
        assert isinstance(what, News)
        self.told.append((what.person, plain(what.body, Reader("en")), what.options))

    def says(self, person: int) -> None:
        """Somebody says something in the staff room."""
        self.database.do(partial(self._say, person=person))

    def _say(self, session: Session, person: int) -> None:
        staff = rooms.of_project(session, self.project)[0]
        rooms.say(session, staff.id, author=person, chat=None, door=None, ref=None, words="Hello", now=self.now)

    def project_(self, person: int, argument: str, *answers: str) -> str:
        """Write /project with something behind it, and answer what is asked; what is heard at last."""
        return self.database.do(partial(self._project, person=person, argument=argument, answers=answers))

    def _project(self, session: Session, person: int, argument: str, answers: tuple[str, ...]) -> str:
        state, said = State("project"), None
        waiting = list(answers)
        while True:
            zone = session.get_one(Person, person).timezone
            turn = Turn(session, person, Reader("en", zone), self.now, argument=argument)
            try:
                outcome = advance(commands()["project"].flow, turn, state, said)
            except Excuse as excuse:
                return plain(excuse.reason, Reader("en"))
            for news in outcome.news:
                self._tell(news)
            if outcome.follow is not None:
                state = State(outcome.follow[0], answers=list(outcome.follow[1].items()))
                argument, said = "", None
            elif outcome.state is None or not waiting:
                return "\n".join(plain(message.body, Reader("en")) for message in outcome.messages)
            else:
                state, said = outcome.state, Said(text=waiting.pop(0))


@pytest.fixture
def house(migrated_sqlite: Path, tmp_path: Path) -> Iterator[House]:
    database = Database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path)}", VAULT)
    yield House(database)
    database.close()


def test_a_silent_project_is_asked_about_gently(house: House) -> None:
    assert house.goes_on(9) == []
    told = house.goes_on(1)
    assert [person for person, _text in told] == [AMINA, JOAO]
    assert "for 10 days. Does it go on?" in told[0][1]
    assert [o.id for o in house.told[0][2]][:3] == ["/project goes 1", "/project rest 1", "/project reserve 1"]
    assert house.goes_on(29) == []
    assert len(house.goes_on(1)) == 2
    assert "I do not ask again for a month." in house.project_(JOAO, "goes 1")
    assert house.goes_on(25) == []
    house.says(INES)
    assert house.goes_on(9) == []
    assert len(house.goes_on(1)) == 2
    assert "three months" in house.project_(AMINA, "rest 1")


def test_what_the_bot_says_is_not_life(house: House) -> None:
    house.goes_on(5)
    house.says(AMINA)
    assert house.goes_on(9) == []
    assert len(house.goes_on(1)) == 2


def test_a_reserve_partner_is_looked_for(house: House) -> None:
    heard = house.project_(AMINA, "reserve 1")
    assert "Look for a school that suits this project" in heard
    assert house.project_(INES, "reserve 1") == "There is no such project."


def test_founders_are_told_before_the_end_and_may_change_it(house: House) -> None:
    house.project_(AMINA, "rest 1")
    house.now = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
    told = house.goes_on(1)
    assert [person for person, text in told if "This project ends in 14 days." in text] == [AMINA, JOAO]
    assert [text for _person, text in house.goes_on(10) if "ends in" in text] == []
    assert sum("This project ends in 3 days." in text for _person, text in house.goes_on(1)) == 2
    assert "Last month: August 2026" in house.project_(JOAO, "end 1", "8/2026")
    kept = house.database.do(lambda s: projects.find(s, 1))
    assert kept is not None and kept.facts.ends_on == date(2026, 8, 31)
    assert [person for person, text, _options in house.told if "another end" in text] == [AMINA, INES]
    assert [text for _person, text in house.goes_on(4) if "ends in" in text] == []
    house.now = datetime(2026, 8, 16, 9, 30, tzinfo=UTC)
    assert sum("ends in 14 days." in text for _person, text in house.goes_on(1)) == 2


def test_the_dates_of_a_plan_are_told_in_the_room(house: House) -> None:
    house.database.do(lambda s: s.execute(update(Project).values(plan="birds", starts_on=date(2026, 3, 9))) and None)
    assert "Shall I remind you of these?" in house.project_(INES, "dates 1")
    heard = house.project_(AMINA, "dates 1", "Remind our room")
    assert heard.startswith("I will remind the staff room of ")
    kept = house.database.do(lambda s: [reminders.get(s, n) for n in range(1, 4)])
    staff = house.database.do(lambda s: rooms.of_project(s, 1)[0].id)
    assert {one.facts.room_id for one in kept if one is not None} == {staff}
