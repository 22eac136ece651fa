"""Buttons, codes of /link and one-time links: what is guessed, changed, replayed or somebody else's opens nothing.

By day 20,000 tries; 1,000,000 with --nightly.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.conversation import House
from bot.guessing import MOST, PERIOD, Guesses
from bot.prompts import chosen_by_payload, new_token, payload
from bot.talk import Heard
from bot.text import Reader, decode, plain
from bot.turn import Hearing
from handlers import commands
from storage import dialogues, links, onetime, people
from storage.dialogues import Asked
from storage.people import Met
from storage.schools import add_school
from storage.verification import codes
from tests.talk import NOW, house

OPTIONS = ("yes", "no", "/help", "/requests show 7")
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


def presses(session: Session, rooms: House, name: str, carried: str, at: datetime = NOW) -> str:
    """What is said to a press."""
    heard = Heard(name, name, press=carried)
    parcels = Hearing(rooms, session, "web", heard, key=secrets.token_hex(8), now=at).run()
    return "\n".join(plain(decode(parcel.payload["body"]), Reader("en")) for parcel in parcels)


def test_a_guesser_of_buttons_is_slowed_and_nobody_else(session: Session, tries: int) -> None:
    rooms = House(table := commands(), {"commands": table})
    amina, eve = met(session, "amina"), met(session, "eve")
    good, others = payload(shown_to(session, eve), "/help"), payload(shown_to(session, amina), "/help")
    heard = [
        presses(session, rooms, "eve", f"{secrets.token_urlsafe(12)}.{secrets.token_hex(6)}") for _turn in range(MOST)
    ]
    assert all("too old" in each for each in heard[:-1])
    assert "Too many buttons that open nothing. For 10 minutes" in heard[-1]
    # Whatever is tried now, also by chance the right one, is not even looked at.
    for _turn in range(tries // 100):
        assert presses(session, rooms, "eve", good, NOW + PERIOD - timedelta(seconds=1)) == ""
    assert "What I can do for you" in presses(session, rooms, "amina", others)
    assert "What I can do for you" in presses(session, rooms, "eve", good, NOW + PERIOD)


def test_an_honest_hand_is_not_slowed(session: Session) -> None:
    rooms = House(table := commands(), {"commands": table})
    good = payload(shown_to(session, met(session, "amina")), "/help")
    for turn in range(3 * MOST):
        at = NOW + turn * timedelta(minutes=1)
        assert "too old" in presses(session, rooms, "amina", "old.button", at)
        assert "What I can do for you" in presses(session, rooms, "amina", good, at)


def test_of_very_many_guessers_the_last_are_remembered() -> None:
    guesses = Guesses(most=1)
    for person in range(12_000):
        assert guesses.count((1, person), NOW)
    assert guesses.too_many((1, 11_999), NOW)
    assert not guesses.too_many((1, 0), NOW)
    assert not guesses.too_many((1, 11_999), NOW + PERIOD)


def test_codes_sent_by_mail_are_not_guessed(session: Session) -> None:
    amina = met(session, "amina")
    school = add_school(session, "PT", "Escola", "Viseu", "primary", now=NOW)
    code = codes.make(session, amina.person, school.id, "amina@escola.example", "escola.example", NOW)
    session.flush()
    for turn in range(codes.GUESSES + 3):
        row = codes.active(session, amina.person, school.id, NOW)
        assert (row is None) == (turn >= codes.GUESSES)
        if row is not None:
            wrong = changed_code(code)
            assert codes.guess(session, row, wrong) == ("gone" if turn == codes.GUESSES - 1 else "wrong")
            assert turn < codes.GUESSES - 1 or codes.guess(session, row, code) == "gone"


def test_one_mailbox_proves_one_teacher_however_it_is_written_and_whoever_asked_first(session: Session) -> None:
    """Both may ask for a code before either has entered one; "+" in an address leads to the same mailbox."""
    school = add_school(session, "PT", "Escola", "Viseu", "primary", now=NOW)
    rows = []
    for name, address in (("amina", "Amina@escola.example"), ("eve", "amina+eve@escola.example")):
        who = met(session, name)
        assert not codes.used_by_other(session, who.person, address)
        code = codes.make(session, who.person, school.id, address, "escola.example", NOW)
        session.flush()
        row = codes.active(session, who.person, school.id, NOW)
        assert row is not None
        rows.append((row, code))
    assert [codes.guess(session, row, code) for row, code in rows] == ["right", "taken"]
    mallory = met(session, "mallory")
    assert codes.used_by_other(session, mallory.person, "amina+mallory@escola.example")
    assert codes.active(session, met(session, "eve").person, school.id, NOW) is None


def changed_code(code: str) -> str:
    """A code with another first letter."""
    return ("B" if code[0] == "A" else "A") + code[1:]


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
