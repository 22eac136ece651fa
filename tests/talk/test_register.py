"""/register, as a teacher goes through it: straight, with changes of mind, and at random."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.talk import Option, Talk, free_text
from bot.text import Text
from handlers.register import register
from storage import teachers
from storage.models import Person, School
from storage.schools import remove_school
from tests.talk import NOW, Chat, house, school

WORDS = [
    *("Amina", "Poland", "Polska", "frnace", "Austria", "gdynia", "lycee hugo", "nowhere", "music, maths"),
    *("english, pl", "10-12", "7", "1", "2", "3", "9", "We build bridges.", "yes", "done", "more", "skip"),
    *("", "🎈", "x" * 600),
]


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = house()
    _schools(made)
    yield made
    made.dispose()


def _schools(engine: Engine) -> None:
    school(engine, "PL", "Szkoła Podstawowa nr 12", "Gdynia")
    school(engine, "FR", "Lycée Victor Hugo", "Paris", "upper_secondary")


def amina(engine: Engine, *lines: str, name: str | None = None) -> Chat:
    chat = Chat(engine, register, name=name)
    chat.begin()
    chat.says(*lines)
    return chat


TO_SCHOOL = ("Amina", "poland", "gdynia", "1")
TO_REVIEW = (*TO_SCHOOL, "music, maths", "English and Polish", "10-12", "We sing\nwith neighbours.")


def known(engine: Engine) -> teachers.TeacherFacts:
    with Session(engine) as session:
        told = teachers.facts(session, 1)
    assert told is not None
    return told


def test_seven_questions_make_a_teacher(engine: Engine) -> None:
    chat = Chat(engine, register, name="Amina K.")
    assert chat.begin() == "1/7 · What may partner teachers call you?"
    assert chat.labels == ["Amina K."]
    assert chat.presses("Amina K.").startswith("2/7 · Which country")
    assert chat.says("Polnad").startswith("3/7 · Which school?")
    assert "Which of these" in chat.says("podstawowa gdynia")
    assert chat.presses("Szkoła Podstawowa nr 12, Gdynia").startswith("4/7 · What do you teach?")
    assert chat.labels[0] == "Primary subjects"
    chat.presses("Music")
    chat.presses("Mathematics")
    assert chat.presses("✓ Done").startswith("5/7 · Which languages")
    assert chat.labels[:2] == ["Polish", "English"]
    assert chat.says("English and Polish").startswith("6/7 · How old")
    assert chat.labels == ["6–8", "9–11", "6–11"]
    assert chat.says("10 to 12").startswith("7/7 · What are you looking for?")
    assert chat.says("We sing with our neighbours.").split("\n") == [
        "Is everything right?",
        "Name: Amina K.",
        "Country: Poland",
        "School: Szkoła Podstawowa nr 12, Gdynia · Primary",
        "Subjects: Music, Mathematics",
        "Languages: English, Polish",
        "Ages: 10–12",
        "Looking for: We sing with our neighbours.",
    ]
    assert len(chat.labels) == 8
    assert chat.presses("Save").startswith("Saved. Welcome, Amina K.!")
    assert chat.over
    assert [option.id for option in chat.options] == ["/verification", "/partners", "/profile"]
    told = known(engine)
    assert (told.name, told.country, told.ages) == ("Amina K.", "PL", (10, 12))
    assert (told.subjects, told.languages) == (("mathematics", "music"), ("en", "pl"))
    assert told.wish == "We sing with our neighbours."
    assert told.looking
    with Session(engine) as session:
        person = session.get(Person, 1)
        assert person is not None
        assert person.timezone == "Europe/Warsaw"


def test_nothing_is_written_before_the_end(engine: Engine) -> None:
    amina(engine, *TO_REVIEW)
    with Session(engine) as session:
        assert teachers.facts(session, 1) is None


def test_the_sentence_may_be_skipped(engine: Engine) -> None:
    chat = amina(engine, *TO_REVIEW[:-1])
    assert "Looking for: –" in chat.presses("Skip")
    chat.presses("Save")
    assert known(engine).wish == ""


def test_another_country_asks_for_the_school_again_and_for_nothing_else(engine: Engine) -> None:
    chat = amina(engine, *TO_REVIEW)
    assert "Which country" in chat.presses("Change: Country")
    text = chat.says("France")
    assert text.startswith("The country has changed")
    assert "3/7 · Which school?" in text
    chat.says("hugo")
    text = chat.says("1")
    assert "School: Lycée Victor Hugo, Paris · Upper secondary" in text
    assert "Subjects: Music, Mathematics" in text
    assert "Ages: 10–12" in text
    chat.presses("Save")
    assert known(engine).country == "FR"


def test_the_same_country_again_keeps_the_school(engine: Engine) -> None:
    chat = amina(engine, *TO_REVIEW)
    chat.presses("Change: Country")
    assert "School: Szkoła Podstawowa nr 12" in chat.says("PL")


@pytest.mark.parametrize(
    ("line", "said", "wanted"),
    [
        ("Name", "Amina Kot", "Name: Amina Kot"),
        ("Subjects", "art", "Subjects: Art"),
        ("Languages", "French", "Languages: French"),
        ("Ages", "8", "Ages: 8\n"),
        ("Looking for", "Friends.", "Looking for: Friends."),
    ],
)
def test_each_line_can_be_changed_before_saving(engine: Engine, line: str, said: str, wanted: str) -> None:
    chat = amina(engine, *TO_REVIEW)
    chat.presses(f"Change: {line}")
    text = chat.says(said)
    assert text.startswith("Is everything right?")
    assert wanted in text


def test_a_change_of_mind_about_the_change(engine: Engine) -> None:
    chat = amina(engine, *TO_REVIEW)
    chat.presses("Change: Country")
    chat.says("France")
    text = chat.back()
    assert text.startswith("Is everything right?")
    assert "Country: Poland" in text
    assert "Gdynia" in text


def test_a_school_that_is_not_there_is_added(engine: Engine) -> None:
    chat = amina(engine, "Amina", "Poland", "zielona akademia")
    assert "no school like that" in chat.text
    assert "full name" in chat.presses("Add my school")
    assert chat.labels == ["zielona akademia"]
    assert "town or village" in chat.says("Zielona Akademia")
    assert "Which level" in chat.says("Sopot")
    assert "4/7" in chat.says("Lower secondary")
    chat.says(*TO_REVIEW[4:])
    assert "School: Zielona Akademia, Sopot · Lower secondary" in chat.text
    chat.presses("Save")
    with Session(engine) as session:
        added = teachers.school_of(session, 1)
        assert added is not None
        assert (added.name, added.town, added.level, added.country) == (
            "Zielona Akademia",
            "Sopot",
            "lower_secondary",
            "PL",
        )
        assert added.added_by == 1
        assert added.id == known(engine).school


def test_a_school_that_is_there_after_all_is_offered(engine: Engine) -> None:
    chat = amina(engine, "Amina", "Poland", "zzzz")
    chat.presses("Add my school")
    text = chat.says("Szkola podstawowa nr. 12", "GDYNIA")
    assert "on the list already: Szkoła Podstawowa nr 12, Gdynia" in text
    assert chat.presses("That is my school").startswith("4/7")
    chat.says(*TO_REVIEW[4:])
    chat.presses("Save")
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(School)) == 2


def test_a_school_that_only_resembles_another_is_added(engine: Engine) -> None:
    chat = amina(engine, "Amina", "Poland", "zzzz")
    chat.presses("Add my school")
    chat.says("Szkola podstawowa nr. 12", "GDYNIA")
    assert "Which level" in chat.presses("Mine is another")
    chat.says("Primary", *TO_REVIEW[4:])
    chat.presses("Save")
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(School)) == 3


def test_somebody_else_adds_the_school_meanwhile(engine: Engine) -> None:
    chat = amina(engine, "Amina", "Poland", "zzzz")
    chat.presses("Add my school")
    chat.says("Zielona Akademia", "Sopot", "Primary", *TO_REVIEW[4:])
    number = school(engine, "PL", "Zielona Akademia", "Sopot")
    assert "on the list already" in chat.presses("Save")
    assert chat.presses("That is my school").startswith("Saved.")
    assert known(engine).school == number


def test_a_second_new_school_begins_from_nothing(engine: Engine) -> None:
    chat = amina(engine, "Amina", "Poland", "zzzz")
    chat.presses("Add my school")
    chat.says("Zielona Akademia", "Sopott", "Primary", *TO_REVIEW[4:])
    chat.presses("Change: School")
    chat.says("zzzz")
    assert "full name" in chat.presses("Add my school")
    assert "town or village" in chat.says("Zielona Akademia")
    assert "Which level" in chat.says("Sopot")
    assert "School: Zielona Akademia, Sopot · Vocational" in chat.says("Vocational")


def test_the_school_is_removed_while_the_rest_is_asked(engine: Engine) -> None:
    chat = amina(engine, *TO_SCHOOL)
    with Session(engine) as session, session.begin():
        number = session.scalars(select(School.id).where(School.country == "PL")).one()
        remove_school(session, number, now=NOW)
    text = chat.says("music")
    assert text.startswith("That school is no longer on the list.")
    assert "3/7" in text
    school(engine, "PL", "Liceum im. Kopernika", "Toruń")
    chat.says("kopernik")
    # The subjects were not lost.
    assert chat.says("1").startswith("5/7")


def test_back_goes_through_all_seven(engine: Engine) -> None:
    chat = amina(engine, *TO_REVIEW)
    for number in range(7, 0, -1):
        assert chat.back().startswith(f"{number}/7")
    assert chat.state.answers == []


def test_back_over_the_questions_of_a_new_school(engine: Engine) -> None:
    chat = amina(engine, "Amina", "Poland", "zzzz")
    chat.presses("Add my school")
    chat.says("Zielona Akademia", "Sopot")
    assert "town" in chat.back()
    assert "full name" in chat.back()
    assert "Which school" in chat.back()
    assert "Which country" in chat.back()


def test_who_is_registered_is_told(engine: Engine) -> None:
    amina(engine, *TO_REVIEW).presses("Save")
    chat = Chat(engine, register)
    assert "registered already" in chat.begin()
    assert chat.over
    assert chat.options[0].id == "/profile"


def test_registered_elsewhere_while_the_questions_were_open(engine: Engine) -> None:
    open_here, done_there = amina(engine, *TO_REVIEW), amina(engine, *TO_REVIEW)
    done_there.presses("Save")
    assert "registered already" in open_here.presses("Save")
    assert open_here.over


def test_a_question_that_a_new_version_inserts(engine: Engine) -> None:
    def newer(talk: Talk) -> None:
        talk.ask("hobby", Text("Your hobby?"), free_text())
        register(talk)

    chat = amina(engine, *TO_SCHOOL)
    chat.flows = {"flow": newer}
    assert chat.says("music") == "Your hobby?"
    assert chat.says("chess").startswith("5/7")


@pytest.mark.parametrize("language", ["fr", "pl", "ar"])
def test_it_can_be_gone_through_in_other_languages(engine: Engine, language: str) -> None:
    chat = Chat(engine, register, language=language)
    chat.begin()
    chat.says(*TO_REVIEW)
    assert chat.state.asked == "review"
    chat.language = "en"
    assert "Country: Poland" in chat.again()


Step = tuple[str, int | str]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("press"), st.integers(0, 20)),
        st.tuples(st.just("say"), st.sampled_from(WORDS)),
        st.tuples(st.just("say"), st.text(max_size=40)),
        st.tuples(st.just("back"), st.just(0)),
        st.tuples(st.just("again"), st.just(0)),
        st.tuples(st.just("language"), st.sampled_from(["en", "fr", "pl", "ar"])),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(begun=st.integers(0, len(TO_REVIEW)), steps=STEPS)
def test_a_random_walk_never_gets_stuck(begun: int, steps: list[Step]) -> None:
    """Wherever somebody starts from and whatever they do, one plain way still leads to the end."""
    engine = house()
    _schools(engine)
    chat = amina(engine, *TO_REVIEW[:begun])
    for step in steps:
        _take(chat, step)
        if chat.over:
            break
        assert chat.messages[-1].key == chat.state.asked
        assert chat.text.strip()
    chat.language = "en"
    _finish(chat)
    assert known(engine).name
    engine.dispose()


def _take(chat: Chat, step: Step) -> None:
    what, which = step
    if what == "press" and chat.options:
        chat.chooses(chat.options[int(which) % len(chat.options)].id)
    elif what == "say":
        chat.says(str(which))
    elif what == "back":
        chat.back()
    elif what == "language":
        chat.language = str(which)
    else:
        chat.again()


PLAIN = {
    "name": "Amina",
    "country": "Poland",
    "school_name": "Zielona Akademia",
    "school_town": "Sopot",
    "school_same": "That is my school",
    "school_level": "Primary",
    "ages": "10",
    "wish": "Friends.",
}


def _finish(chat: Chat) -> None:
    """Go straight on from wherever the walk has led."""
    for _question in range(40):
        if chat.over:
            return
        asked = str(chat.state.asked)
        if asked == "school":
            chat.says("zielona")
            chat.chooses("!add")
        elif asked in {"subjects", "languages"}:
            _untick(chat)
            chat.says("music" if asked == "subjects" else "English")
        elif asked == "review":
            chat.presses("Save")
        else:
            chat.says(PLAIN[asked])
    raise AssertionError(f"stuck at {chat.state.asked}: {chat.text}")


def _untick(chat: Chat) -> None:
    chat.again()
    ticked: list[Option] = [option for option in chat.options if option.chosen]
    for option in ticked:
        chat.chooses(option.id)
