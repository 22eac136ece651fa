"""Buttons, codes of /link and one-time links: what is guessed, changed, replayed or somebody else's opens nothing.

By day 20,000 tries; 1,000,000 with --nightly.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.prompts import chosen_by_payload, new_token, payload
from storage import dialogues, links, onetime, people
from storage.dialogues import Asked
from storage.people import Met
from tests.talk import NOW, house

OPTIONS = ("yes", "no", "/partners", "/requests show 7")
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(house(), expire_on_commit=False) as made:
        yield made


@pytest.fixture
def tries(request: pytest.FixtureRequest) -> int:
    return 1_000_000 if request.config.getoption("--nightly") else 20_000


def met(session: Session, name: str) -> Met:
    return people.meet(session, "web", name, name, "private", now=NOW, language="en")


def shown_to(session: Session, who: Met) -> str:
    """Show a prompt; its token."""
    token = new_token()
    dialogues.show(session, who.chat, who.person, Asked(token, "flow:1:key", [(o, "x") for o in OPTIONS], None), NOW)
    return token


def changed(word: str, dice: random.Random) -> str:
    """The same with one character that is another."""
    place = dice.randrange(len(word))
    other = dice.choice(URL_SAFE.replace(word[place], ""))
    return word[:place] + other + word[place + 1 :]


def opens(session: Session, who: Met, pressed: str) -> bool:
    _asked, option = chosen_by_payload(session, who, pressed)
    return option is not None


def test_buttons_open_for_the_one_they_were_shown_to_and_nobody_else(session: Session, tries: int) -> None:
    amina, eve = met(session, "amina"), met(session, "eve")
    token, own = shown_to(session, amina), shown_to(session, eve)
    good = [payload(token, option) for option in OPTIONS]
    assert all(opens(session, amina, each) for each in good)
    dice = random.Random(5)
    for turn in range(tries):
        right = good[turn % len(good)]
        forged = (
            right,
            f"{own}.{right.partition('.')[2]}",
            f"{secrets.token_urlsafe(12)}.{secrets.token_hex(6)}",
            f"{own}.{secrets.token_hex(6)}",
        )
        assert not opens(session, eve, forged[turn % 4])
        assert not opens(session, amina, changed(right, dice))


def test_codes_of_link_are_not_guessed(session: Session, tries: int) -> None:
    amina = met(session, "amina")
    code = links.make_code(session, amina.person, NOW)
    session.flush()
    assert links.find(session, code, NOW) is not None
    dice = random.Random(6)
    letters = code.replace("-", "")
    for _turn in range(tries):
        place, other = dice.randrange(len(letters)), dice.choice(links.ALPHABET)
        guess = letters[:place] + other + letters[place + 1 :]
        assert guess == letters or links.find(session, guess, NOW) is None
    assert links.find(session, code, NOW + links.LIFETIME + timedelta(seconds=1)) is None


def test_a_guesser_of_codes_is_stopped_after_a_few(session: Session) -> None:
    eve = met(session, "eve")
    for _guess in range(links.GUESSES):
        assert links.may_guess(session, eve.person, NOW)
        links.count_guess(session, eve.person, NOW)
        session.flush()
    assert not links.may_guess(session, eve.person, NOW)


def test_one_time_links_are_not_guessed_and_not_used_twice(session: Session, tries: int) -> None:
    amina = met(session, "amina")
    token = onetime.make(session, "sign_in", now=NOW, lifetime=timedelta(minutes=10), person=amina.person)
    session.flush()
    dice = random.Random(7)
    for _turn in range(tries):
        assert onetime.find(session, changed(token, dice)) is None
    found = onetime.find(session, token)
    assert found is not None and found.person == amina.person
    assert onetime.use(session, found, "yes", NOW)
    assert not onetime.use(session, found, "yes", NOW)
