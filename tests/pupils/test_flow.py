"""/pupils through turns alone: places made for a class, looked after, and closed to everybody else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from storage import projects, pupils, rooms
from storage.models import OutboxRow
from tests.lines import Street
from tests.projects.town import RIVERS


class School(Street):
    """Amina and João lead a project; Ines is a teacher of another."""

    def __init__(self) -> None:
        super().__init__()
        self.amina, self.joao = self.teacher("Amina", "amina"), self.teacher("João", "joao")
        self.ines = self.teacher("Ines", "ines")
        self.partners(self.amina, self.joao)
        with self.session() as session:
            self.project = projects.propose(session, self.amina, self.joao, RIVERS, self.now).id
            projects.sign(session, self.project, self.joao, self.now)

    def last(self, chat: str) -> str:
        return self.screens[chat][-1].text

    def places(self, person: int | None = None) -> list[pupils.Place]:
        with self.session() as session:
            return pupils.of_owner(session, person or self.amina)


@pytest.fixture
def school() -> Iterator[School]:
    made = School()
    yield made
    made.close()


def class_of(school: School, number: int, age: str = "10") -> list[pupils.Place]:
    school.says("amina", f"/pupils {number}")
    school.says("amina", age)
    school.presses("amina", "English")
    return school.places()


def test_a_class_gets_places_and_cards(school: School) -> None:
    school.says("amina", "/pupils 24")
    assert "How old are the youngest of them?" in school.last("amina")
    school.says("amina", "10")
    assert "In which language" in school.last("amina")
    assert school.presses("amina", "polski")
    made = school.screens["amina"][-1]
    assert "24 places are made." in made.text and "waits for your tap" in made.text
    places = school.places()
    assert len(places) == 24 and {place.language for place in places} == {"pl"}
    assert made.file is not None and made.file["platform"] == "cards"
    assert json.loads(made.file["ref"]) == [school.amina, [place.id for place in places], "en"]
    with school.session() as session:
        payloads = json.dumps([row.payload for row in session.query(OutboxRow)])
    assert not any(place.code in payloads for place in places), "A code leaves on paper alone."
    # The age is asked for once, and places may be added.
    school.says("amina", "/pupils 1")
    assert school.presses("amina", "English")
    assert len(school.places()) == 25


def test_older_pupils_are_free(school: School) -> None:
    class_of(school, 2, "14")
    assert "The first message of each of them waits for your tap" in school.last("amina")
    with school.session() as session:
        room = rooms.of_project(session, school.project)[1]
        seat = rooms.pupil_seat(session, room.id, school.places()[0].id, school.now)
    assert seat is not None and seat.first and not seat.holds


def test_places_are_looked_after(school: School) -> None:
    first, second, *_rest = class_of(school, 10)
    school.says("amina", "/pupils")
    assert re.search(rf"10 places[^●]*○ \S+ {first.nickname}", school.last("amina"))
    assert school.presses("amina", "More pupils") and school.places()[9].nickname in school.last("amina")
    school.says("amina", "/pupils")
    assert school.presses("amina", first.nickname) and "Nobody has come in" in school.last("amina")
    assert school.presses("amina", "New card")
    assert school.screens["amina"][-1].file is not None
    assert school.places()[0].code != first.code and school.places()[0].nickname == first.nickname
    school.says("amina", f"/pupils name {first.id}")
    school.says("amina", second.nickname.upper())
    assert "is called so already" in school.last("amina")
    school.says("amina", f"/pupils name {first.id}")
    school.says("amina", "Comet")
    assert school.places()[0].nickname == "Comet"
    school.says("amina", f"/pupils off {first.id}")
    assert school.presses("amina", "Keep it") and len(school.places()) == 10
    school.says("amina", f"/pupils off {first.id}")
    assert school.presses("amina", "End this place") and len(school.places()) == 9
    school.says("amina", f"/pupils print {school.project}")
    assert "The cards of 9 pupils" in school.last("amina")
    school.says("amina", f"/pupils end {school.project}")
    assert school.presses("amina", "End them") and school.places() == []


def test_another_teachers_places_are_nobody_elses(school: School) -> None:
    first, *_rest = class_of(school, 2)
    for chat in ("joao", "ines"):
        for words in ("one {0}", "card {0}", "name {0}", "off {0}", "show {1}", "print {1}", "end {1}", "page {1}000"):
            school.says(chat, f"/pupils {words.format(first.id, school.project)}")
            assert school.last(chat) == "There is no such place of yours."
    school.says("ines", "/pupils 3")
    assert "You are in none yet" in school.last("ines")
    assert school.places()[0].code == first.code and len(school.places()) == 2
    school.says("amina", "/pupils one 99999999999999999999")
    assert "2 places" in school.last("amina")


def test_no_places_once_the_project_is_closed(school: School) -> None:
    first, *_rest = class_of(school, 1)
    school.says("amina", f"/pupils name {first.id}")
    with school.session() as session:
        projects.close(session, school.project, school.amina, school.now)
    school.says("amina", "/cancel")
    school.says("amina", "/pupils 3")
    assert "You are in none yet" in school.last("amina")
    school.now += timedelta(days=200)
    school.says("amina", f"/pupils print {school.project}")
    assert school.last("amina") == "There is no such place of yours."
