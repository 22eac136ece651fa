"""/profile: the card, and each change of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from handlers.profile import profile
from storage import teachers
from storage.models import Person, Teacher
from storage.schools import remove_school
from storage.teachers import TeacherFacts
from tests.talk import NOW, Chat, house, school


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = house()
    school(made, "PL", "Szkoła Podstawowa nr 12", "Gdynia")
    school(made, "PL", "Liceum im. Kopernika", "Toruń", "upper_secondary")
    school(made, "FR", "Lycée Victor Hugo", "Paris", "upper_secondary")
    told = TeacherFacts("Amina", "PL", 1, ("music",), ("en", "pl"), (10, 12), "We sing.")
    with Session(made) as session, session.begin():
        teachers.register(session, 1, told, NOW)
    yield made
    made.dispose()


@pytest.fixture
def chat(engine: Engine) -> Chat:
    opened = Chat(engine, {"profile": profile})
    opened.begin()
    return opened


def known(engine: Engine) -> TeacherFacts:
    with Session(engine) as session:
        told = teachers.facts(session, 1)
    assert told is not None
    return told


def test_the_card_shows_every_line(chat: Chat) -> None:
    assert chat.text.split("\n") == [
        "Your profile",
        "Name: Amina",
        "Country: Poland",
        "School: Szkoła Podstawowa nr 12, Gdynia · Primary",
        "Subjects: Music",
        "Languages: English, Polish",
        "Ages: 10–12",
        "Looking for: We sing.",
        "Others can find you once you are verified.",
        "You are not verified yet: you can look, and not write to others.",
    ]
    assert len(chat.labels) == 9


@pytest.mark.parametrize(
    ("line", "said", "shown"),
    [
        ("Name", "Amina Kot", "Name: Amina Kot"),
        ("Subjects", "physics, art", "Subjects: Art, Physics"),
        ("Languages", "French", "Languages: French"),
        ("Ages", "6-8", "Ages: 6–8"),
        ("Looking for", "A class by the sea.", "Looking for: A class by the sea."),
    ],
)
def test_a_line_is_changed_and_the_card_comes_back(
    engine: Engine, chat: Chat, line: str, said: str, shown: str
) -> None:
    before = known(engine)
    chat.presses(f"Change: {line}")
    assert "/7" not in chat.text
    text = chat.says(said)
    assert text.startswith("Saved.\nYour profile")
    assert shown in text
    assert known(engine) != before
    # It is still a card that can be used.
    assert "What may partner teachers call you?" in chat.presses("Change: Name")


def test_boxes_stand_as_they_are(engine: Engine, chat: Chat) -> None:
    chat.presses("Change: Languages")
    assert {label for label, option in zip(chat.labels, chat.options, strict=True) if option.chosen} == {
        "English",
        "Polish",
    }
    chat.presses("German")
    chat.presses("✓ Done")
    assert known(engine).languages == ("de", "en", "pl")


def test_a_question_takes_the_place_of_the_card(chat: Chat) -> None:
    chat.presses("Change: Ages")
    assert chat.messages[-1].instead == "shown-choice"
    chat.presses("6–8")
    assert chat.text.startswith("Saved.")


def test_back_leaves_a_line_as_it_was(engine: Engine, chat: Chat) -> None:
    before = chat.text
    chat.presses("Change: Name")
    assert chat.back() == before
    assert known(engine).name == "Amina"


def test_another_school_of_the_country(engine: Engine, chat: Chat) -> None:
    chat.presses("Change: School")
    chat.says("kopernik")
    assert "School: Liceum im. Kopernika, Toruń · Upper secondary" in chat.says("1")
    assert known(engine).school == 2


def test_a_new_school_from_the_profile(engine: Engine, chat: Chat) -> None:
    chat.presses("Change: School")
    chat.says("zzzz")
    chat.presses("Add my school")
    assert "School: Zielona Akademia, Sopot · Primary" in chat.says("Zielona Akademia", "Sopot", "Primary")
    assert known(engine).school == 4


def test_another_country_brings_another_school_and_time(engine: Engine, chat: Chat) -> None:
    chat.presses("Change: Country")
    assert "Which school?" in chat.says("France")
    # Nothing is half saved.
    assert known(engine).country == "PL"
    chat.says("hugo")
    text = chat.says("1")
    assert "Country: France" in text
    assert "Lycée Victor Hugo" in text
    with Session(engine) as session:
        person = session.get(Person, 1)
        assert person is not None
        assert person.timezone == "Europe/Paris"


def test_the_same_country_changes_nothing(engine: Engine, chat: Chat) -> None:
    before = known(engine)
    chat.presses("Change: Country")
    assert "Your profile" in chat.says("Poland")
    assert known(engine) == before


def test_not_looking_now_and_again(engine: Engine, chat: Chat) -> None:
    assert "nobody finds you" in chat.presses("Not looking now")
    assert not known(engine).looking
    assert "Not looking now" not in chat.labels
    assert "Others can find you once you are verified." in chat.says("looking again")
    assert known(engine).looking


def test_a_removed_school_is_said(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        remove_school(session, 1, now=NOW)
    chat = Chat(engine, {"profile": profile})
    assert "taken off the list" in chat.begin()


def test_a_stranger_is_sent_to_register(engine: Engine, chat: Chat) -> None:
    with Session(engine) as session, session.begin():
        session.execute(delete(Teacher))
    for text in (chat.says("1"), Chat(engine, {"profile": profile}).begin()):
        assert "no profile yet" in text
    assert chat.over
    assert [option.id for option in chat.options] == ["/register"]
