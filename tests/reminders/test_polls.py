"""A vote on common lesson hours: the last one to vote decides, or the clock; it becomes an appointment for all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.talk import News
from handlers.reminders.deciding import end_overdue
from handlers.reminders.polling import best, closing
from storage import partnerships, polls
from storage.blocks import block
from storage.database import Database
from storage.polls import Proposed
from tests.reminders.chat import Town
from tests.reminders.test_appointments import Three, at
from tests.vault import VAULT

NOW = datetime(2026, 10, 12, 8, tzinfo=UTC)
OWNER, ELENI, SALMA = 1, 2, 3


@pytest.fixture
def three(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Three]:
    """João asks Eleni and Salma, on Monday, 12 October 2026."""
    database = Database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path)}", VAULT)
    town = Town(database, at(10, 12, 9))
    joao, eleni, salma = town.teacher("João", "PT"), town.teacher("Eleni", "GR"), town.teacher("Salma", "TN")
    for partner in (eleni, salma):
        database.do(partial(partnerships.open_, a=joao.person, b=partner.person, now=town.now))
    made = Three(town, joao, eleni, salma)
    joao.commands("/when")
    joao.says("Eleni, Salma")
    assert joao.presses("Let all of us vote") == "What is the appointment about?"
    joao.says("songs")
    assert joao.presses("Let them vote").startswith("2 people are asked.")
    yield made
    database.close()


def overdue(three: Three) -> bool:
    """Let the chore look at the clock."""
    news: list[News] = []
    more = three.town.database.do(lambda s: end_overdue(s, three.town.now, news.append))  # type: ignore[arg-type]
    for one in news:
        three.town.heard(one.person, one)
    return more


def test_everybody_is_asked_in_everyones_time(three: Three) -> None:
    (text,) = three.told(three.eleni)
    lines = text.split("\n")
    assert lines[:3] == ["When shall we meet?", "João · School of João, Town", "songs"]
    assert lines[3] == "Friday, October 16, 2026 · 12:00 Athens · 10:00 Lisbon · 10:00 Tunis"
    assert len(lines) == 9
    assert lines[-1] == "The vote ends: Thu 15 Oct 11:00"
    assert three.told(three.joao) == []


def test_the_last_vote_decides(three: Three) -> None:
    three.presses(three.eleni, "Choose times")
    assert "Which of these times suit you?" in three.eleni.text
    options = three.eleni.options
    three.eleni.chooses(options[1])
    three.eleni.chooses(options[3])
    assert three.eleni.presses("✓ Done").startswith("Thank you. I tell you the time when it is decided.")
    assert three.told(three.joao) == ["Eleni: 2 of 5 times suit\nsongs"]
    three.presses(three.salma, "Choose times")
    three.salma.chooses(three.salma.options[3])
    assert three.salma.presses("✓ Done") == "Thank you. All have voted."
    for who in (three.joao, three.eleni, three.salma):
        text = three.told(who)[-1]
        assert text.startswith("The time is decided\nJoão · School of João, Town\nsongs")
        assert text.split("\n")[-3:] == ["João: yes", "Eleni: yes", "Salma: yes"]
    chosen = three.town.database.do(_poll)
    assert chosen.state == polls.DECIDED
    told = three.town.ring(chosen.slots[3].at)
    assert {person for person, _text in told} == {three.joao.person, three.eleni.person, three.salma.person}


def _poll(session: Session) -> polls.Asked:
    found = polls.get(session, 1)
    assert found is not None
    return found


def test_whom_the_time_does_not_suit_is_asked(three: Three) -> None:
    three.presses(three.eleni, "All of them suit")
    three.presses(three.salma, "None suits me")
    assert three.told(three.salma)[-1].endswith("Salma: not answered yet\nDo you come?")
    assert not three.told(three.eleni)[-1].endswith("Do you come?")
    assert three.presses(three.salma, "No").startswith("Noted: you do not come.")


def test_the_clock_decides_and_does_so_once(three: Three) -> None:
    three.presses(three.eleni, "All of them suit")
    three.town.now = at(10, 15, 8, 59)
    overdue(three)
    assert three.town.database.do(_poll).state == polls.OPEN
    three.town.now = at(10, 15, 9)
    overdue(three)
    overdue(three)
    assert [text.split("\n")[0] for text in three.told(three.salma)] == ["When shall we meet?", "The time is decided"]
    assert three.presses(three.salma, "Maybe").startswith("Noted: perhaps you come.")


def test_nothing_suits_anybody(three: Three) -> None:
    three.presses(three.eleni, "None suits me")
    three.presses(three.salma, "None suits me")
    assert three.told(three.joao)[-1] == "None of the times suits anybody:\nsongs"
    assert three.town.ring(at(12, 24, 9)) == []


def test_how_it_stands_and_decided_early(three: Three) -> None:
    three.presses(three.eleni, "All of them suit")
    assert "suits 2 of 3\n" in three.presses(three.joao, "How it stands")
    assert "Not voted yet: Salma" in three.joao.text
    assert three.joao.presses("Decide now") == "The vote is over."
    assert three.told(three.salma)[-1].startswith("The time is decided")
    assert three.salma.commands("/when all 1") == "That vote is over."
    assert three.salma.labels == ["Who comes?", "My reminders"]


def test_called_off(three: Three) -> None:
    three.presses(three.eleni, "All of them suit")
    assert three.presses(three.joao, "Call it off") == "This vote was called off:\nsongs"
    assert three.told(three.salma)[-1] == "This vote was called off:\nsongs"
    assert three.joao.commands("/when close 1") == "That vote is over."


def test_nobody_else_has_a_say(three: Three) -> None:
    stranger = three.town.teacher("Kasia", "PL")
    for argument in ("all 1", "show 1", "close 1", "vote 1", "zzz 1", "all", "all x", "all 99999999999", "all ²"):
        assert stranger.commands(f"/when {argument}") == "That vote is over."
    for argument in ("close 1", "drop 1"):
        assert three.eleni.commands(f"/when {argument}") == "That vote is over."
    assert three.town.database.do(_poll).state == polls.OPEN


def test_who_is_no_partner_any_more_has_no_say(three: Three) -> None:
    three.town.database.do(partial(block, blocker=three.salma.person, other=three.joao.person, now=three.town.now))
    assert three.salma.commands("/when all 1") == "That vote is over."
    three.presses(three.eleni, "All of them suit")
    assert "Salma" not in three.told(three.joao)[-1]
    assert len(three.told(three.salma)) == 1


slots_ = st.lists(
    st.builds(Proposed, st.integers(1, 60).map(lambda n: NOW + timedelta(hours=n)), st.integers(0, 9)),
    min_size=1,
    max_size=5,
)
votes_ = st.dictionaries(st.integers(2, 6), st.none() | st.lists(st.integers(0, 4), unique=True), max_size=5)


@given(slots_, votes_, st.integers(0, 70))
def test_no_other_time_suits_more(slots: list[Proposed], votes: dict[int, list[int] | None], hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    place = best(slots, {OWNER: range(len(slots)), **votes}, OWNER, now)
    suits = [sum(n in (chosen or ()) for chosen in votes.values()) for n in range(len(slots))]
    left = [n for n, slot in enumerate(slots) if slot.at > now and suits[n]]
    assert (place is None) == (not left)
    assert place is None or suits[place] == max(suits[n] for n in left)


def test_of_equals_the_nearest_to_lessons_and_then_the_soonest() -> None:
    slots = [
        Proposed(NOW + timedelta(days=2), 30),
        Proposed(NOW + timedelta(days=5)),
        Proposed(NOW + timedelta(days=4)),
    ]
    assert best(slots, {OWNER: (0, 1, 2), ELENI: (0, 1, 2), SALMA: None}, OWNER, NOW) == 2
    assert best(slots, {OWNER: (0, 1, 2), ELENI: (0, 1), SALMA: (0,)}, OWNER, NOW) == 0


@pytest.mark.parametrize(("days", "hours"), [(2, 24), (10, 72), (1, 1)])
def test_until_when_people_may_vote(days: int, hours: int) -> None:
    assert closing([Proposed(NOW + timedelta(days=days))], NOW) == NOW + timedelta(hours=hours)
