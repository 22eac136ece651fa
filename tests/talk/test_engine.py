"""The rules of the conversation engine, each on the smallest flow that shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from bot.talk import (
    Change,
    Excuse,
    Flow,
    FlowError,
    Outdated,
    Said,
    Talk,
    Turn,
    advance,
    free_text,
    go,
    one_of,
    some_of,
)
from bot.talk.kinds import Choice, Words
from bot.talk.messages import Option
from bot.talk.state import State
from bot.text import Reader, Text, Verbatim, _, p_
from bot.text.catalogs import available
from storage.models import Person
from storage.people import set_language
from tests.talk import NOW, Chat, house

RED = Option("red", _("Red"))
BLUE = Option("blue", _("Blue"))
GREEN = Option("green", _("Green"))


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = house()
    yield made
    made.dispose()


def words(text: str) -> Text:
    """A sentence of a test."""
    return Text(text)


def trip(talk: Talk) -> None:
    """Where to, when, sure?"""
    talk.say(words("Hello."))
    place = talk.ask("place", words("Where to?"), free_text(at_most=20))
    colour = talk.ask("colour", words("Which colour?"), one_of(RED, BLUE))
    day = talk.ask("day", words("Which day?"), free_text(at_most=20))
    rows = [
        Change("place", words("Place"), Verbatim(place)),
        Change("colour", words("Colour"), Verbatim(colour)),
        Change("day", words("Day"), Verbatim(day)),
    ]
    talk.review("review", words("All right?"), rows, words("Go"))
    talk.say(words("Off we go."))


def asks(*keys: str) -> Flow:
    """A flow that asks for these in order, and then says what it heard."""

    def flow(talk: Talk) -> None:
        heard = [talk.ask(key, words(f"{key}?"), free_text()) for key in keys]
        talk.say(Verbatim(" ".join(heard)))

    return flow


def test_questions_come_in_order_and_what_was_heard_is_not_said_again(engine: Engine) -> None:
    chat = Chat(engine, trip)
    assert chat.begin() == "Hello.\nWhere to?"
    assert chat.says("Oslo") == "Which colour?"
    assert chat.labels == ["Red", "Blue"]
    assert chat.says("Red") == "Which day?"
    assert chat.says("Monday").startswith("All right?\nPlace: Oslo\nColour: red\nDay: Monday")
    assert chat.says("Go") == "Off we go."
    assert chat.over


def test_an_answered_question_can_be_closed_with_its_answer(engine: Engine) -> None:
    chat = Chat(engine, trip)
    chat.begin()
    chat.says("Oslo")
    # The answer stands in the person's own words just below, so it is not said twice.
    assert _closed(chat) == ("Where to?", "shown-place")
    chat.presses("Red")
    assert _closed(chat) == ("Which colour?\n✓ Red", "shown-colour")


def _closed(chat: Chat) -> tuple[str, str | None]:
    assert chat.outcome is not None
    assert chat.outcome.answered is not None
    return chat._plain(chat.outcome.answered.body), chat.outcome.answered.instead


def test_a_question_repeated_stays_open_and_says_hello_no_more_than_it_did(engine: Engine) -> None:
    chat = Chat(engine, trip)
    chat.begin()
    chat.says("Oslo")
    assert chat.again() == "Which colour?"
    assert chat.answers == {"place": "Oslo"}


def test_back_takes_answers_away_in_the_order_of_the_flow(engine: Engine) -> None:
    chat = Chat(engine, trip)
    chat.begin()
    chat.says("Oslo", "Red")
    assert chat.back() == "Which colour?"
    assert chat.back() == "Hello.\nWhere to?"
    assert "first question" in chat.back()
    assert chat.says("Rome") == "Which colour?"
    assert chat.answers == {"place": "Rome"}


def test_whether_there_is_a_way_back_is_told(engine: Engine) -> None:
    chat = Chat(engine, trip)
    chat.begin()
    assert not chat.messages[-1].back
    chat.says("Oslo")
    assert chat.messages[-1].back


def test_change_this_asks_one_question_and_comes_back_to_the_summary(engine: Engine) -> None:
    chat = Chat(engine, trip)
    chat.begin()
    chat.says("Oslo", "Red", "Monday")
    assert chat.presses("Change: Colour") == "Which colour?"
    assert "Colour: blue\nDay: Monday" in chat.says("Blue")
    assert chat.says("Go") == "Off we go."


def test_back_in_a_change_brings_the_summary_as_it_was(engine: Engine) -> None:
    chat = Chat(engine, trip)
    chat.begin()
    chat.says("Oslo", "Red", "Monday")
    chat.presses("Change: Place")
    assert chat.messages[-1].back
    assert "Place: Oslo" in chat.back()
    assert chat.back() == "Which day?"


def test_back_after_a_change_undoes_the_change(engine: Engine) -> None:
    chat = Chat(engine, trip)
    chat.begin()
    chat.says("Oslo", "Red", "Monday")
    chat.presses("Change: Place")
    assert "Place: Rome" in chat.says("Rome")
    assert "Place: Oslo" in chat.back()
    assert chat.back() == "Which day?"


def test_two_changes_are_undone_one_at_a_time_at_most(engine: Engine) -> None:
    chat = Chat(engine, trip)
    chat.begin()
    chat.says("Oslo", "Red", "Monday")
    chat.presses("Change: Place")
    chat.says("Rome")
    chat.presses("Change: Day")
    chat.says("Friday")
    assert "Place: Rome\nColour: red\nDay: Monday" in chat.back()


class Open(Words):
    """A place that may close."""

    closed: ClassVar[set[str]] = set()

    def recall(self, kept: Any) -> str:
        if kept in self.closed:
            raise Outdated(words(f"{kept} is closed now."))
        return str(kept)


def test_an_answer_that_is_true_no_more_is_asked_again_with_its_note(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flow(talk: Talk) -> None:
        place = talk.ask("place", words("Where to?"), Open(at_most=20))
        day = talk.ask("day", words("Which day?"), free_text())
        talk.say(Verbatim(f"{place} {day}"))

    chat = Chat(engine, flow)
    chat.begin()
    chat.says("Oslo")
    monkeypatch.setattr(Open, "closed", {"Oslo"})
    assert chat.says("Monday") == "Oslo is closed now.\nWhere to?"
    # What was said meanwhile is not lost: it answers its own question as soon as that is reached.
    assert chat.says("Rome") == "Rome Monday"


def test_an_option_that_ceased_while_it_was_shown_leaves_the_question_open(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flow(talk: Talk) -> None:
        talk.say(
            Verbatim(talk.ask("place", words("Where to?"), Open(at_most=20, offers=[Option("Oslo", words("Oslo"))])))
        )

    chat = Chat(engine, flow)
    chat.begin()
    monkeypatch.setattr(Open, "closed", {"Oslo"})
    assert chat.presses("Oslo") == "Oslo is closed now.\nWhere to?"
    assert chat.answers == {}
    assert chat.says("Rome") == "Rome"


def test_a_note_of_an_outdated_answer_may_be_silent(engine: Engine) -> None:
    class Fickle(Words):
        def recall(self, kept: Any) -> str:
            if kept == "old":
                raise Outdated(None)
            return str(kept)

    def flow(talk: Talk) -> None:
        talk.say(Verbatim(talk.ask("a", words("a?"), Fickle(at_most=9))))

    chat = Chat(engine, flow)
    state = State("flow", answers=[("a", "old")])
    chat.stored = json.dumps(state.to_json())
    assert chat.again() == "a?"


@pytest.mark.parametrize(
    ("before", "after", "said", "then"),
    [
        # Inserted before the open question: the answer waits for its own.
        (("a", "b"), ("a", "new", "b"), ["1", "2"], "new?"),
        # Inserted after it.
        (("a", "b"), ("a", "b", "new"), ["1", "2"], "new?"),
        # Inserted before all of them.
        (("a", "b"), ("new", "a", "b"), ["1", "2"], "new?"),
        # The open question is gone: what was said to it is passed over.
        (("a", "b", "c"), ("a", "c"), ["1", "2"], "c?"),
        # An answered question is gone.
        (("a", "b", "c"), ("b", "c"), ["1", "2"], "c?"),
        # The order has changed.
        (("a", "b", "c"), ("b", "c", "a"), ["1", "2"], "c?"),
    ],
)
def test_a_new_version_meets_an_open_dialogue(
    engine: Engine, before: tuple[str, ...], after: tuple[str, ...], said: list[str], then: str
) -> None:
    chat = Chat(engine, asks(*before))
    chat.begin()
    chat.says(*said[:-1])
    chat.flows = {"flow": asks(*after)}
    assert chat.says(said[-1]) == then
    known = {"a": "1", "b": "2"}
    left = [key for key in after if key not in known]
    chat.says(*(f"{key}!" for key in left))
    assert chat.text == " ".join(known.get(key, f"{key}!") for key in after)


def test_an_answer_that_waits_survives_storage_and_yields_to_back(engine: Engine) -> None:
    chat = Chat(engine, asks("a", "b"))
    chat.begin()
    chat.says("1")
    chat.flows = {"flow": asks("a", "new", "b")}
    chat.says("2")
    assert chat.state.pending == ("b", Said("2"))
    assert chat.back() == "a?"
    assert chat.state.pending is None
    assert chat.says("1", "x") == "b?"


def test_a_write_before_the_last_question_is_refused(engine: Engine) -> None:
    def core(talk: Talk) -> None:
        talk.session.execute(update(Person).values(language="pl"))
        talk.ask("a", words("a?"), free_text())

    def orm(talk: Talk) -> None:
        talk.session.add(Person(language="pl", created_at=NOW, active_at=NOW))
        talk.ask("a", words("a?"), free_text())

    def flushed(talk: Talk) -> None:
        talk.session.add(Person(language="pl", created_at=NOW, active_at=NOW))
        talk.session.flush()
        talk.ask("a", words("a?"), free_text())

    for flow in (core, orm, flushed):
        with pytest.raises(FlowError, match="wrote before its question 'a'"):
            Chat(engine, flow).begin()


def test_a_write_after_the_last_question_is_kept(engine: Engine) -> None:
    def flow(talk: Talk) -> None:
        set_language(talk.session, talk.person, talk.ask("a", words("a?"), free_text()))

    chat = Chat(engine, flow)
    chat.begin()
    chat.says("fr")
    with Session(engine) as session:
        person = session.get(Person, 1)
        assert person is not None
        assert person.language == "fr"


def test_what_was_written_before_the_flow_began_is_not_held_against_it(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        session.execute(update(Person).values(active_at=NOW))
        session.add(Person(language="pl", created_at=NOW, active_at=NOW))
        outcome = advance(asks("a"), Turn(session, 1, Reader(), NOW), State("flow"), None)
    assert outcome.messages[-1].key == "a"


def test_back_where_a_new_version_asks_nothing_more_undoes_the_last_answer_and_writes_nothing(engine: Engine) -> None:
    def shorter(talk: Talk) -> None:
        language = talk.ask("a", words("a?"), free_text())
        set_language(talk.session, talk.person, language)

    chat = Chat(engine, asks("a", "b"))
    chat.begin()
    chat.says("fr")
    chat.flows = {"flow": shorter}
    assert chat.back() == "a?"
    with Session(engine) as session:
        assert session.get_one(Person, 1).language == "en"


def test_a_key_asked_twice_is_refused(engine: Engine) -> None:
    chat = Chat(engine, asks("a", "a"))
    chat.begin()
    with pytest.raises(FlowError, match="'a' is asked twice"):
        chat.says("1")


def test_answers_that_never_settle_are_refused(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(FlowError, match="never settle"):
        advance(_always_changing, Turn(session, 1, Reader(), NOW), State("flow"), None)


def _always_changing(talk: Talk) -> None:
    talk._state.keep("review", "change:x")
    talk.review("review", words("?"), [Change("x", words("x"), words("y"))], words("Go"))


def test_boxes_are_ticked_in_a_draft_and_done_ends_it(engine: Engine) -> None:
    def flow(talk: Talk) -> None:
        chosen = talk.ask("colours", words("Colours?"), some_of(RED, BLUE, GREEN, at_least=1, at_most=2))
        talk.say(Verbatim("+".join(chosen)))

    chat = Chat(engine, flow)
    chat.begin()
    assert chat.labels == ["Red", "Blue", "Green"]
    assert chat.presses("Red") == "Colours?"
    assert [option.chosen for option in chat.options] == [True, False, False, False]
    # A box is ticked where it stands; a sentence to it comes below.
    assert chat.messages[-1].instead == "shown-colours"
    chat.presses("Blue")
    assert "At most 2" in chat.presses("Green")
    assert chat.messages[-1].instead is None
    chat.presses("Red")
    assert chat.state.draft == ["blue"]
    assert chat.presses("✓ Done") == "blue"


def test_a_draft_is_of_its_question_alone(engine: Engine) -> None:
    def flow(talk: Talk) -> None:
        talk.ask("first", words("1?"), some_of(RED, BLUE))
        talk.ask("second", words("2?"), some_of(RED, BLUE))

    chat = Chat(engine, flow)
    chat.begin()
    chat.presses("Red")
    chat.presses("✓ Done")
    assert not any(option.chosen for option in chat.options)
    chat.presses("Blue")
    chat.back()
    assert chat.state.draft is None


@pytest.mark.parametrize("said", ["2", "2.", "2)", " 2 ", "٢", "Blue", "blue", "BLUE!", "Bluee"])
def test_an_option_is_chosen_by_number_or_label(engine: Engine, said: str) -> None:
    def flow(talk: Talk) -> None:
        talk.say(Verbatim(talk.ask("colour", words("?"), one_of(Option("purple", words("Purple")), BLUE))))

    chat = Chat(engine, flow)
    chat.begin()
    assert chat.says(said) == "blue"


@pytest.mark.parametrize("said", ["0", "3", "-1", "99", "", "   ", "x"])
def test_what_means_no_option_is_asked_about(engine: Engine, said: str) -> None:
    chat = Chat(engine, trip)
    chat.begin()
    chat.says("Oslo")
    assert chat.says(said) == "Please choose one of the answers.\nWhich colour?"


def test_a_label_counts_in_every_language_of_the_catalogs(engine: Engine) -> None:
    def flow(talk: Talk) -> None:
        talk.say(Verbatim("yes" if talk.confirm("sure", words("Sure?")) else "no"))

    for language in available():
        label = Chat(engine, flow, language=language)._plain(p_("button", "Yes"))
        chat = Chat(engine, flow, language="en")
        chat.begin()
        assert chat.says(label) == "yes"


def test_numbers_may_be_answers_of_their_own(engine: Engine) -> None:
    class Numbers(Choice):
        reads_numbers = True

    def flow(talk: Talk) -> None:
        talk.say(Verbatim(talk.ask("n", words("?"), Numbers([RED, BLUE]))))

    chat = Chat(engine, flow)
    chat.begin()
    assert "Please choose" in chat.says("1")


def test_numbers_in_a_list_choose_from_it_whatever_else_they_could_be(engine: Engine) -> None:
    class Numbers(Choice):
        reads_numbers = True

    def flow(talk: Talk) -> None:
        talk.say(Verbatim(talk.ask("n", words("?"), Numbers([RED, BLUE]))))

    def turn(session: Session) -> Turn:
        return Turn(session, 1, Reader(), NOW, numbered=True)

    with Session(engine) as session:
        state = State("flow")
        advance(flow, turn(session), state, None)
        again = advance(flow, turn(session), state, Said(text="3"))
        assert again.state is not None
        outcome = advance(flow, turn(session), state, Said(text="2"))
    assert outcome.messages[-1].body == Verbatim(BLUE.id)


def test_an_excuse_ends_the_flow_with_ways_on(engine: Engine) -> None:
    def flow(talk: Talk) -> None:
        talk.say(words("Not to be seen."))
        raise Excuse(words("Not today."), go("help", words("Help")))

    chat = Chat(engine, flow)
    assert chat.begin() == "Not today."
    assert chat.options == (Option("/help", words("Help")),)
    assert chat.over


def test_a_flow_starts_from_what_then_gave_it(engine: Engine) -> None:
    def first(talk: Talk) -> None:
        talk.ask("a", words("a?"), free_text())
        talk.then("second", page=2)

    def second(talk: Talk) -> None:
        assert talk.start("missing", "x") == "x"
        talk.ask("b", Verbatim(f"page {talk.start('page')}"), free_text())

    chat = Chat(engine, {"first": first, "second": second})
    chat.begin("first")
    assert chat.says("1") == "page 2"
    assert chat.state.flow == "second"
    # The page is no question, so there is nothing to go back to.
    assert "first question" in chat.back()


def test_a_state_is_the_same_after_json() -> None:
    state = State(
        "flow",
        asked="b",
        answers=[("a", {"x": [1, None]}), ("c", "é")],
        draft={"ticked": ["red"], "page": 1},
        token="t",
        before=[("a", 1)],
        pending=("z", Said("words", "red")),
    )
    assert State.from_json(json.loads(json.dumps(state.to_json()))) == state
    empty = State("flow")
    assert State.from_json(json.loads(json.dumps(empty.to_json()))) == empty
    assert set(empty.to_json()) == {"flow", "run", "answers"}


def test_dialogues_of_one_flow_are_told_apart() -> None:
    assert State("flow", asked="a").question != State("flow", asked="a").question
