"""The kinds of answers: what people write and press, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.talk import Again, Kept, Kind, Said, Talk
from bot.text import Node, Reader, Text, Verbatim, encode, plain
from handlers.kinds.ages import OLDEST, YOUNGEST, ages_kind, ages_shown
from handlers.kinds.country import countries_kind, country_kind, likely_countries
from handlers.kinds.languages import languages_kind
from handlers.kinds.levels import level_kind, level_name
from handlers.kinds.line import Line
from handlers.kinds.names import PAGE
from handlers.kinds.school import Unlisted, school_in
from handlers.kinds.subjects import SUBJECTS, subject_name, subjects_kind
from handlers.kinds.typed import Within
from storage.models import School
from storage.reference import LEVELS, countries, languages, level_ages, subjects
from storage.schools import remove_school
from tests.talk import NOW, Chat, house, school


def words(node: Node) -> str:
    return plain(node, Reader()).translate(str.maketrans("", "", "\u2068\u2069"))


def asking(kind: Kind[Any]) -> Chat:
    """A chat with one question of this kind."""

    def flow(talk: Talk) -> None:
        talk.say(Verbatim(repr(talk.ask("it", Text("?"), kind))))

    chat = Chat(house(), flow)
    chat.begin()
    return chat


def answer(kind: Kind[Any], *lines: str) -> str:
    return asking(kind).says(*lines)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Poland", "PL"),
        ("polska", "PL"),
        ("Portgal", "PT"),
        ("PORTUGALIA", "PT"),
        ("🇬🇷", "GR"),
        ("gr", "GR"),
        ("Deutschland", "DE"),
        ("فرنسا", "FR"),
        ("Україна", "UA"),
        ("I teach in Italy", "IT"),
        ("Austria", "AT"),
        ("UK", "GB"),
    ],
)
def test_a_country_in_any_words(said: str, code: str) -> None:
    assert answer(country_kind(), said) == repr(code)


@pytest.mark.parametrize("said", ["Australia", "Brazil", "xyzzy", "...", "1", ""])
def test_no_country_of_the_programme(said: str) -> None:
    assert "did not find that among the countries" in answer(country_kind(), said)


def test_a_country_beside_a_likely_one_is_not_taken_for_it() -> None:
    chat = asking(country_kind("de"))
    assert "Austria" in chat.labels
    assert "did not find" in chat.says("Australia")


def test_two_countries_in_one_answer_become_a_choice() -> None:
    chat = asking(country_kind())
    assert "Which of these" in chat.says("Poland or Greece")
    assert chat.labels == ["Poland", "Greece"]
    assert chat.says("2") == "'GR'"


def test_likely_countries_come_from_the_language() -> None:
    assert asking(country_kind("pl")).labels == ["Poland"]
    assert asking(country_kind("fr")).labels == ["France", "Belgium", "Luxembourg", "Tunisia"]
    assert "GB" not in likely_countries("en")
    assert likely_countries("xx") == []
    assert likely_countries("sr_Latn") == ["RS", "BA"]
    chat = asking(country_kind("fr"))
    assert chat.presses("Belgium") == "'BE'"


def test_several_countries_in_one_line() -> None:
    assert answer(countries_kind(at_least=1), "Grecja, Portgal and 🇫🇮") == "['GR', 'PT', 'FI']"
    assert answer(countries_kind(), "done") == "[]"
    assert len(countries_kind().options(None)) == PAGE + 2


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("music", ["music"]),
        ("Maths, PE and biology", ["mathematics", "physical_education", "biology"]),
        ("english", ["foreign_languages"]),
        ("Informatics", ["ict"]),
        ("mathmatics; geografy", ["mathematics", "geography"]),
        ("Astronomy\nLaw", ["astronomy", "law"]),
        ("music, Music", ["music"]),
    ],
)
def test_subjects_in_a_line(said: str, codes: list[str]) -> None:
    assert answer(subjects_kind("primary"), said) == repr(codes)


@pytest.mark.parametrize("language", ["fr", "pl", "ar", "en"])
def test_subjects_by_their_names_in_other_languages(language: str) -> None:
    names = [plain(subject_name(code), Reader(language)) for code in ("biology", "music", "history")]
    assert answer(subjects_kind(None), ", ".join(names)) == "['biology', 'music', 'history']"


def test_each_subject_is_found_by_its_name() -> None:
    assert set(SUBJECTS) == set(subjects())
    for code in subjects():
        assert answer(subjects_kind(None), words(subject_name(code))) == repr([code])
        assert "," not in words(subject_name(code))


@pytest.mark.parametrize("level", [None, *LEVELS])
def test_the_usual_subjects_come_first_and_more_turns_to_all_the_others(level: str | None) -> None:
    chat = asking(subjects_kind(level))
    seen: list[str] = []
    for _page in range(len(subjects()) // PAGE):
        seen += [option.id for option in chat.options if not option.id.startswith("!")]
        chat.presses("More")
        # The list turns in its place.
        assert chat.messages[-1].instead is not None
    assert sorted(seen) == sorted(subjects())
    assert [o.id for o in chat.options][:PAGE] == seen[:PAGE]
    if level == "primary":
        assert seen[0] == "primary_school"


def test_ticks_stay_while_the_pages_turn() -> None:
    chat = asking(subjects_kind("primary"))
    chat.presses("Music")
    chat.presses("More")
    assert chat.options[0].chosen
    assert chat.labels[0] == "Music"
    chat.presses("Biology")
    assert chat.presses("✓ Done") == "['music', 'biology']"


def test_words_are_added_to_ticks_and_numbers_mean_boxes() -> None:
    chat = asking(subjects_kind("primary"))
    chat.presses("Music")
    assert chat.says("physics") == "['music', 'physics']"
    numbered = asking(subjects_kind("primary"))
    wanted = [numbered.options[0].id, numbered.options[2].id]
    assert numbered.says("1, 3") == repr(wanted)
    ticking = asking(subjects_kind("primary"))
    ticking.says("3")
    assert ticking.options[2].chosen
    assert ticking.says("done") == repr([wanted[1]])


def test_a_part_that_is_not_understood_is_said_and_the_rest_is_ticked() -> None:
    chat = asking(subjects_kind("primary"))
    assert chat.says("music, quidditch").startswith("I did not find: quidditch")
    assert [o.id for o in chat.options if o.chosen] == ["music"]
    assert "did not find that on the list" in chat.says("quidditch")
    assert [o.id for o in chat.options if o.chosen] == ["music"]


def test_too_many_and_too_few_are_said() -> None:
    chat = asking(subjects_kind("primary", at_most=2))
    assert "At most 2" in chat.says("music, art, law")
    assert sum(o.chosen for o in chat.options) == 2
    assert "At most 2" in chat.presses("Mathematics")
    chat.presses("Music")
    chat.presses("Art")
    assert "✓ Done" not in chat.labels
    assert "at least 1" in chat.chooses("!done")


def test_what_is_chosen_already_is_ticked_and_written_names_take_its_place() -> None:
    kind = subjects_kind("primary", chosen=["music", "law"])
    assert [o.id for o in asking(kind).options if o.chosen] == ["law", "music"]
    assert answer(kind, "physics") == "['physics']"
    chat = asking(kind)
    chat.presses("Law")
    assert chat.presses("✓ Done") == "['music']"


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("English", ["en"]),
        ("en fr de", ["en", "fr", "de"]),
        ("angielski, polski", ["en", "pl"]),
        ("français et allemand", ["fr", "de"]),
        ("Ελληνικά", ["el"]),
        ("العربية", ["ar"]),
        ("Germn", ["de"]),
    ],
)
def test_languages_in_any_words(said: str, codes: list[str]) -> None:
    assert answer(languages_kind("PL"), said) == repr(codes)


def test_the_countrys_languages_come_first() -> None:
    assert asking(languages_kind("BE")).labels[:4] == ["Dutch", "French", "German", "English"]
    assert asking(languages_kind(None)).labels[0] == "English"
    seen = {o.id for page in range(7) for o in languages_kind("BE").options({"ticked": [], "page": page})}
    assert set(languages()) <= seen


@pytest.mark.parametrize(
    ("said", "range_"),
    [
        ("11-13", (11, 13)),
        ("11 to 13", (11, 13)),
        ("from 13 down to 11", (11, 13)),
        ("12", (12, 12)),
        ("1 2 1 4", None),
        ("10, 11, 12", (10, 12)),
        ("١١-١٣", (11, 13)),
        ("6–8", (6, 8)),
        ("3", (3, 3)),
        ("eleven", None),
        ("2", None),
        ("35", None),
        ("-", None),
        ("", None),
        ("999999999999999999999", None),
    ],
)
def test_ages_in_any_form(said: str, range_: tuple[int, int] | None) -> None:
    heard = answer(ages_kind("primary"), said)
    assert heard == repr(range_) if range_ else "Please write ages" in heard


@pytest.mark.parametrize("level", [None, *LEVELS])
def test_ages_of_a_level_are_offered(level: str | None) -> None:
    for option in ages_kind(level).options(None):
        youngest, oldest = ages_kind(level).recall(
            _kept(ages_kind(level).read(Said(option=option.id, pressed=True), None))
        )
        assert YOUNGEST <= youngest < oldest <= OLDEST
        assert words(option.label) == f"{youngest}–{oldest}"
    if level:
        assert level_ages(level) in [
            ages_kind(level).recall([*map(int, o.id.split("-"))]) for o in ages_kind(level).options(None)
        ]
    assert words(ages_shown((12, 12))) == "12"


def _kept(result: Kept | Again) -> Any:
    assert isinstance(result, Kept)
    return result.value


def test_levels() -> None:
    assert answer(level_kind(), "lower secondary") == "'lower_secondary'"
    assert len({words(level_name(code)) for code in LEVELS}) == 5


def test_a_line_of_ones_own_and_the_offer() -> None:
    kind = Line(20, offer="Anna \u202eKowalska")
    chat = asking(kind)
    assert chat.labels == ["Anna Kowalska"]
    assert chat.presses("Anna Kowalska") == "'Anna Kowalska'"
    assert answer(kind, "1") == "'Anna Kowalska'"
    # Nearly the offer is not the offer.
    assert answer(kind, "Ana Kowalska") == "'Ana Kowalska'"
    assert "Please write it in words" in answer(kind, "…")
    assert "20 characters" in answer(kind, "x" * 21)
    assert asking(Line(20, offer="...")).labels == []


def test_an_offer_is_known_from_its_button_alone() -> None:
    button = Line(20, offer="Anna").options(None)[0].id
    assert _kept(Line(20).read(Said(option=button, pressed=True), None)) == "Anna"


def test_a_line_may_be_skipped() -> None:
    kind = Line(50, skip=True, lines=True)
    assert asking(kind).presses("Skip") == "''"
    assert answer(kind, "skip") == "''"
    assert answer(kind, "two\nlines") == repr("two\nlines")
    assert words(kind.show("")) == "–"


def test_an_answer_within_another_is_forgotten_with_it() -> None:
    first, second = Within(Line(20), "a", 1), Within(Line(20), "b", 1)
    kept = json.loads(json.dumps(_kept(first.read(Said("words"), None))))
    assert first.recall(kept) == "words"
    chat = asking(second)
    chat.stored = json.dumps({"flow": "flow", "run": "1", "answers": [["it", kept]]})
    assert chat.again() == "?"


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = house()
    yield made
    made.dispose()


def searching(engine: Engine, country: str = "PL") -> Chat:
    def flow(talk: Talk) -> None:
        found = talk.ask("school", Text("Which school?"), school_in(talk.session, country))
        day = talk.ask("day", Text("Which day?"), Line(20))
        talk.say(Verbatim(f"{found.name if isinstance(found, School) else found.words} {day}"))

    chat = Chat(engine, flow)
    chat.begin()
    return chat


def test_a_school_is_searched_and_chosen(engine: Engine) -> None:
    school(engine, "PL", "Szkoła Podstawowa nr 12", "Gdynia")
    school(engine, "PL", "Szkoła Podstawowa nr 13", "Gdynia")
    school(engine, "PL", "Liceum im. Kopernika", "Toruń")
    chat = searching(engine)
    assert chat.options == ()
    assert "Which of these" in chat.says("szkola gdynai")
    assert "Szkoła Podstawowa nr 12, Gdynia" in chat.labels
    assert chat.labels[-1] == "Add my school"
    # New words search anew, and a school that is merely like the words is never taken for them.
    chat.says("kopernik")
    assert chat.labels == ["Liceum im. Kopernika, Toruń", "Add my school"]
    chat.says("Szkoła Podstawowa nr 13, Gdynia")
    assert chat.state.asked == "school"
    assert chat.says("Szkoła Podstawowa nr 13, Gdynia") == "Which day?"
    assert chat.says("Monday") == "Szkoła Podstawowa nr 13 Monday"


def test_a_school_that_is_nowhere_can_be_added(engine: Engine) -> None:
    chat = searching(engine)
    assert "no school like that" in chat.says("Hogwarts")
    assert chat.labels == ["Add my school"]
    chat.presses("Add my school")
    assert chat.says("Monday") == "Hogwarts Monday"
    assert "Please write the name" in searching(engine).says("!?")


def test_a_school_that_is_removed_midway_is_asked_again(engine: Engine) -> None:
    number = school(engine, "PL", "Liceum im. Kopernika", "Toruń")
    chat = searching(engine)
    chat.says("kopernik")
    chat.says("1")
    with Session(engine) as session, session.begin():
        remove_school(session, number, now=NOW)
    assert chat.says("Monday").startswith("That school is no longer on the list.")
    chat.says("kopernik")
    assert chat.labels == ["Add my school"]


def test_a_school_that_is_removed_while_it_is_shown(engine: Engine) -> None:
    number = school(engine, "PL", "Liceum im. Kopernika", "Toruń")
    chat = searching(engine)
    chat.says("kopernik")
    with Session(engine) as session, session.begin():
        remove_school(session, number, now=NOW)
    assert chat.chooses(str(number)).startswith("That school is no longer on the list.")


def test_a_school_of_another_country_is_asked_again(engine: Engine) -> None:
    number = school(engine, "FR", "Lycée Victor Hugo", "Paris")
    chat = searching(engine, "PL")
    assert chat.chooses(str(number)).startswith("The country has changed")
    with Session(engine) as session:
        kind = school_in(session, "FR")
        kept = _kept(kind.read(Said(option="!add", pressed=True), {"words": "Lycée", "ids": []}))
        assert isinstance(kind.recall(kept), Unlisted)
    chat.stored = json.dumps({"flow": "flow", "run": "1", "answers": [["school", kept]]})
    assert chat.again().startswith("The country has changed")


KINDS: Sequence[Kind[Any]] = (
    country_kind("fr"),
    countries_kind(),
    subjects_kind("primary"),
    languages_kind("PL"),
    ages_kind("primary"),
    level_kind(),
    Line(30, offer="Anna", skip=True),
    Within(subjects_kind(None), "x"),
)


@given(
    kind=st.sampled_from(KINDS),
    lines=st.lists(
        st.one_of(
            st.text(max_size=400),
            st.sampled_from(["1", "2", "9", "10", "more", "done", "music, art", "Poland", "12", "🇵🇱🇬🇷", "skip", ",,;"]),
        ),
        max_size=6,
    ),
)
def test_any_words_are_kept_or_asked_about(kind: Kind[Any], lines: list[str]) -> None:
    """Whatever is written: what is kept survives JSON and can be recalled and shown, what is not says why."""
    draft: Any = None
    for line in lines:
        result = kind.read(Said(text=line), draft)
        if isinstance(result, Kept):
            value = kind.recall(json.loads(json.dumps(result.value)))
            assert encode(kind.show(value))
        else:
            draft = json.loads(json.dumps(result.draft))
            assert result.note is not None
            for option in kind.options(draft):
                assert plain(option.label, Reader())


def test_every_country_is_found_by_its_name() -> None:
    kind = country_kind()
    for code in countries():
        assert _kept(kind.read(Said(text=words(kind.show(code))), None)) == code
