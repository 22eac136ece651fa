"""Older pupils in private chats: how they come in, what they can do there, and what is left when they go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.guessing import CardTries
from bot.talk import Attachment
from bot.text import Reader, plain
from bot.text.emblems import EMBLEMS
from handlers.pupils.chatting import pupil_chore
from handlers.rights.ending import erasing_chore
from storage import cards, pupils
from storage.models import Account, Chat, Person, Pupil, PupilChat, Utterance
from storage.pupils import Place
from tests.projects.classroom import GROUP, ClassRoom

NAME = "Maria-Zqsilva"
WHO = "Blue Heron 4 · Escola do Viso · 🇵🇹"


class Grown(ClassRoom):
    """The class room, whose cards open it on Telegram too."""

    def __init__(self) -> None:
        super().__init__()
        self.house.extra |= {"card_tries": CardTries(), "address": "https://twinbot.example"}
        with self.session() as session:
            session.execute(update(Pupil).where(Pupil.id == self.heron).values(elsewhere=True))
        self.frees(self.heron)

    def card(self, pupil: int) -> Place:
        with self.session() as session:
            found = pupils.find(session, pupil, self.now)
        assert found is not None
        return found

    def writes(self, text: str, chat: str = "maria", **what: Any) -> str:
        """Somebody writes to the bot on Telegram; the platform's id of it."""
        return self.at("telegram", chat, chat, kind="private", name=NAME, text=text, seconds=1, **what)

    def shows(self, card: Place, pictures: list[int] | None = None, chat: str = "maria") -> None:
        """Type a code and choose pictures."""
        self.writes(f"/join {cards.grouped(card.code)}", chat)
        chosen = card.pictures if pictures is None else pictures
        self.writes(", ".join(plain(EMBLEMS[number].name, Reader("en")) for number in chosen), chat)

    def comes_in(self) -> None:
        self.shows(self.card(self.heron))
        self.writes("Blue Heron 4")

    def last(self, chat: str = "maria") -> str:
        return self.screens[chat][-1].text


@pytest.fixture
def room() -> Iterator[Grown]:
    made = Grown()
    yield made
    made.close()


def others(card: Place) -> list[int]:
    return [number for number in range(cards.PICTURES) if number not in card.pictures][: cards.CHOSEN]


def test_the_private_chat_is_the_class_room(room: Grown) -> None:
    room.comes_in()
    assert "You are in your class room." in room.last() and "Blue Heron 4" in room.last()
    mine = room.writes("Good morning!")
    assert room.screen(GROUP)[-1].endswith("\nGood morning!") and room.words(room.fox) == ["Good morning!"]
    assert "Good morning!" not in "".join(room.screen("maria"))
    room.page("amina", text="Welcome, heron")
    assert room.last().endswith("\nWelcome, heron") and room.last().startswith("Amina · ")
    # An answer to what came finds it, an edit changes it everywhere, and what a command is stays one.
    room.writes("Thank you", about=room.screens["maria"][-1].ref)
    assert [line.quoted for line in room.sees("amina")][-1] == "Welcome, heron"
    room.at("telegram", "maria", "maria", kind="private", edits=mine, text="Good evening!")
    assert room.words("amina")[0] == "Good evening!" and room.screen(GROUP)[0].endswith("\nGood evening!")
    for line in ("/profile", "/register", "/mydata", "/line", "/join x", "/privacy"):
        room.writes(line)
        assert "What you write here goes to your class room." in room.last(), line
    assert len(room.words("amina")) == 3


def test_what_waits_reaches_nobody_before_and_does_not_come_back(room: Grown) -> None:
    with room.session() as session:
        session.execute(update(Pupil).where(Pupil.id == room.heron).values(holds=None))
    room.comes_in()
    room.writes("Hello?")
    assert room.last() == "Waits until your teacher has read it"
    assert room.words(room.fox) == [] and room.screen(GROUP) == []
    before = len(room.screen("maria"))
    assert room.presses("ines", "Let out all: 1") and room.words(room.fox) == ["Hello?"]
    assert len(room.screen("maria")) == before, "It stands there already."


def test_wrong_pictures_are_counted_and_tell_nothing(room: Grown) -> None:
    card = room.card(room.heron)
    room.shows(card, others(card))
    wrong = room.last()
    assert "do not fit together" in wrong
    room.shows(Place(**{**vars(card), "code": "0123456789AB"}), others(card))
    assert room.last() == wrong, "An unknown code is asked for its pictures too."
    for number in range(3):
        room.now += timedelta(minutes=2)
        room.shows(card, others(card), f"guest{number}")
    assert any("chose wrong pictures several times" in text for text in room.screen("ines"))
    for _number in range(5):
        room.shows(card, others(card), "guest")
    room.shows(card, None, "guest")
    assert "too many wrong tries from here" in room.last("guest")
    for number in range(12):
        room.shows(card, others(card), f"more{number}")
    room.shows(card)
    assert "too many wrong tries with this card" in room.last()
    room.now += timedelta(hours=1)
    room.comes_in()
    assert "You are in your class room." in room.last()


def test_who_is_not_let_in(room: Grown) -> None:
    room.shows(room.card(room.fox))
    assert room.last() == "This card is for the web page:\nhttps://twinbot.example/join"
    room.writes("/join 1", "joao")
    assert "This is a teacher's account." in room.last("joao")
    room.at("web", "maria", "maria", kind="private", text="/join 1")
    assert "This card is for the web page:" in room.last()


def test_out_at_once_and_nothing_is_left(room: Grown) -> None:
    room.comes_in()
    room.writes("Hello")
    with room.session() as session:
        pupils.replace(session, room.ines, room.heron)
    said = len(room.screen("maria"))
    room.page("amina", text="After the end")
    assert len(room.screen("maria")) == said
    room.writes("Still here?")
    assert "Your card opens the class room no more" in room.last() and "Still here?" not in room.words("amina")
    room.chore(pupil_chore.work)
    # A new card opens it again; going by oneself leaves nothing, too, but what was said under the nickname.
    room.comes_in()
    room.page("amina", text="Again")
    assert room.last().endswith("\nAgain")
    room.writes("/leave")
    assert "I forget you" in room.last()
    room.page("amina", text="Gone")
    assert room.last() != "Gone"
    for _step in range(8):
        room.now += timedelta(minutes=11)
        room.chore(erasing_chore.work)
    with room.session() as session:
        assert session.scalars(select(PupilChat.chat_id)).all() == []
        assert session.scalars(select(Account.id).where(Account.external_key == "maria")).all() == []
        assert session.scalars(select(Chat.id).where(Chat.external_key == "maria")).all() == []
        assert session.scalars(select(Person.id).where(Person.erased_at.is_not(None))).all()
    assert room.words("amina")[0] == "Hello" and next(line.name for line in room.sees("amina")) == "Blue Heron 4"


def test_a_card_that_ends_by_itself_ends_the_chat(room: Grown) -> None:
    room.comes_in()
    room.now = room.card(room.heron).expires_at
    room.page("amina", text="After the end")
    assert "After the end" not in room.last()
    room.chore(pupil_chore.work)
    assert "Your card opens the class room no more" in room.last()


def test_something_is_wrong(room: Grown) -> None:
    room.comes_in()
    room.page("amina", text="Unkind")
    room.writes("/report", about=room.screens["maria"][-1].ref)
    assert "Reported." in room.last()
    assert any("Unkind" in text for text in room.screen("joao"))


def test_a_pupil_votes(room: Grown) -> None:
    room.comes_in()
    room.page("amina", text="/poll Where? | Lisbon | Athens")
    shown = room.screens["maria"][-1]
    assert "Where?" in shown.text
    label = next(label for label in shown.choices if "Athens" in label)
    room.at("telegram", "maria", "maria", kind="private", press=shown.choices[label], about=shown.ref)
    assert "1" in room.screens["maria"][-1].text
    assert [who for line in room.sees("amina") for _place, who in line.votes] == [(0, room.heron)]


def test_a_file_loses_its_name(room: Grown) -> None:
    room.comes_in()
    room.writes("The first waits otherwise")
    file = Attachment("file", "f1", f"{NAME}.pdf", "application/pdf", 1000)
    room.at("telegram", "maria", "maria", kind="private", unread="file", files=(file,), text="Our plan")
    shown = room.screens[GROUP][-1].file
    assert shown is not None and shown["name"] == "file.pdf" and shown["anew"]
    with room.session() as session:
        kept = [session.scalars(select(Utterance.files)).all(), session.scalars(select(Utterance.words)).all()]
    assert NAME not in repr(kept) and "maria" not in repr(kept)
