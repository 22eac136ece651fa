"""Lines driven through turns alone: no platform, and screens that show what a platform would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.conversation import House
from bot.talk import Heard
from bot.text import Reader, decode, plain
from bot.turn import Hearing
from handlers import commands, listeners
from storage import links, partnerships, post, teachers
from storage.database import make_engine
from storage.models import Account, Base, Chat, Teacher
from storage.post import SENT, Parcel
from storage.schools import add_school
from storage.teachers import TeacherFacts
from tests.vault import VAULT

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_ISOLATES = str.maketrans("", "", "\u2068\u2069")


@dataclass
class Shown:
    """A message of the bot on a screen; ``choices`` are labels and what their buttons carry."""

    ref: str
    text: str
    choices: dict[str, str] = field(default_factory=dict)
    replies: str | None = None
    marks: list[str] = field(default_factory=list)
    file: dict[str, Any] | None = None


class Street:
    """People in their chats. What the bot says to a chat stands on its screen, in order, as far as it was not taken
    away; signs on what people wrote themselves are kept beside it."""

    def __init__(self) -> None:
        self.engine: Engine = make_engine("sqlite://", VAULT)
        Base.metadata.create_all(self.engine)
        table = commands()
        self.house = House(table, {"commands": table}, listeners())
        self.now = START
        self.screens: dict[str, list[Shown]] = {}
        self.marks: dict[tuple[str, str], list[str]] = {}
        self.turns = 0
        with self.session() as session:
            self.school = add_school(session, "PT", "Escola do Viso", "Viseu", "primary", now=START).id

    @contextmanager
    def session(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()

    def teacher(self, name: str, *chats: str, country: str = "PT") -> int:
        """A verified teacher with one or more accounts, each in a private chat of its own."""
        first, *others = [self.newcomer(chat) for chat in chats]
        with self.session() as session:
            for other in others:
                links.join(session, other, into=first, now=self.now)
            told = TeacherFacts(name, country, self.school, ("music",), ("en",), (9, 11), "Rivers")
            teachers.register(session, first, told, self.now)
            session.query(Teacher).filter_by(person_id=first).update({"status": "verified"})
        return first

    def newcomer(self, chat: str) -> int:
        """Somebody who has said hello; their person."""
        self.says(chat, "/start")
        with self.session() as session:
            return session.scalars(select(Account.person_id).where(Account.external_key == chat)).one()

    @property
    def chats(self) -> dict[str, int]:
        """The chats by their names, with the storage's numbers of them."""
        with self.session() as session:
            return {chat.external_id: chat.id for chat in session.query(Chat)}

    def partners(self, one: int, other: int) -> int:
        with self.session() as session:
            return partnerships.open_(session, one, other, self.now)

    def hears(self, chat: str, *, seconds: float = 5.0, **what: Any) -> str:
        """Somebody does something in their chat; the platform's id of it."""
        self.turns += 1
        self.now += timedelta(seconds=seconds)
        ref = what.pop("id", f"m{self.turns}")
        heard = Heard(chat=chat, sender=chat, id=ref, **what)
        with self.session() as session:
            turn = Hearing(self.house, session, "web", heard, key=f"u{self.turns}", now=self.now)
            parcels = turn.run()
        for parcel in parcels:
            self.deliver(parcel)
        return ref

    def says(self, chat: str, text: str, **more: Any) -> str:
        return self.hears(chat, text=text, **more)

    def presses(self, chat: str, label: str, *, under: str = "") -> bool:
        """Press the newest button that is called so, under a message with these words; False if there is none."""
        found = [one for one in self.screens.get(chat, []) if label in one.choices and under in one.text]
        if found:
            self.hears(chat, press=found[-1].choices[label], about=found[-1].ref)
        return bool(found)

    def screen(self, chat: str) -> list[str]:
        return [one.text for one in self.screens.get(chat, [])]

    def find(self, chat: str, words: str) -> Shown:
        return next(one for one in reversed(self.screens[chat]) if words in one.text)

    def deliver(self, parcel: Parcel) -> None:
        payload, screen = parcel.payload, self.screens.setdefault(parcel.chat, [])
        text = plain(decode(payload["body"]), Reader("en")).translate(_ISOLATES) if "body" in payload else ""
        options = [*payload.get("options", ()), *payload.get("controls", ())]
        choices = {plain(decode(label), Reader("en")).translate(_ISOLATES): press for label, press, _chosen in options}
        ref = f"r{parcel.id}"
        if "removes" in payload:
            screen[:] = [one for one in screen if one.ref != f"r{payload['removes']}"]
        elif "marks" in payload:
            self._mark(parcel.chat, payload["marks"], text)
        elif "edits" in payload:
            for one in screen:
                if one.ref == f"r{payload['edits']}":
                    one.text, one.choices = text, choices
        else:
            replies = payload.get("replies")
            shown = f"r{replies}" if isinstance(replies, int) else replies
            screen.append(Shown(ref, text, choices, shown, file=payload.get("file")))
        with self.session() as session:
            post.settle(session, [(parcel.id, SENT, ref, None)], self.now)

    def _mark(self, chat: str, marked: int | str, sign: str) -> None:
        if isinstance(marked, int):
            next(one for one in self.screens[chat] if one.ref == f"r{marked}").marks.append(sign)
        else:
            self.marks.setdefault((chat, marked), []).append(sign)

    def status(self, person: int, now: str) -> None:
        with self.session() as session:
            session.query(Teacher).filter_by(person_id=person).update({"status": now})
