"""Teachers in front of the reminder flows, through the engine alone, with a clock that the test moves."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Excuse, News, Said, Turn, advance
from bot.talk.messages import Message, Option
from bot.talk.state import State
from bot.text import Reader, decode, encode, plain
from handlers import commands
from storage.database import Database
from storage.models import Person
from tests.reminders.bell import Bell
from tests.reminders.people import teacher

_ISOLATES = str.maketrans("", "", "\u2068\u2069")


class Town:
    """Teachers, one database, one clock. ``news`` is what somebody was told outside of their own turn."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now
        self.bell = Bell(database, quiet=True)
        self.news: list[tuple[int, str, tuple[Option, ...]]] = []

    def teacher(self, name: str, country: str, language: str = "en", *, town: str = "Town") -> Teacher:
        unit = partial(teacher, country=country, name=name, town=town, language=language)
        return Teacher(self, self.database.do(unit), name, language)

    def heard(self, person: int, news: News) -> None:
        reader = Reader("en", self.timezone(person))
        self.news.append((person, _plain(news.body, reader), news.options))

    def timezone(self, person: int) -> str:
        return self.database.do(partial(_zone, person=person))

    def ring(self, now: datetime) -> list[tuple[int, str]]:
        """Let the clock go on; gives who was told what."""
        self.now, before = now, len(self.bell.told)
        self.bell.at(now)
        return [(person, text) for person, text, _options in self.bell.told[before:]]


class Teacher:
    """A person who talks; a state lives as JSON between two turns."""

    def __init__(self, town: Town, person: int, name: str, language: str) -> None:
        self.town, self.person, self.name, self.language = town, person, name, language
        self.stored: str | None = None
        self.messages: list[Message] = []

    def commands(self, line: str) -> str:
        """Write a command, or press what does the same."""
        word, _space, argument = line.removeprefix("/").partition(" ")
        return self._turn(State(word), None, argument)

    def says(self, *lines: str) -> str:
        for line in lines:
            self._turn(self.state, Said(text=line), "")
        return self.text

    def presses(self, label: str) -> str:
        """Press a button of the last message, which may be a way on."""
        return self.chooses(next(option for option in self.options if self.plain(option.label) == label))

    def chooses(self, option: Option) -> str:
        if option.id.startswith("/"):
            return self.commands(option.id)
        return self._turn(self.state, Said(option=option.id, pressed=True), "")

    @property
    def state(self) -> State:
        assert self.stored is not None, f"the flow has ended with: {self.text}"
        return State.from_json(json.loads(self.stored))

    @property
    def over(self) -> bool:
        return self.stored is None

    @property
    def text(self) -> str:
        return "\n".join(self.plain(message.body) for message in self.messages)

    @property
    def options(self) -> tuple[Option, ...]:
        return self.messages[-1].options

    @property
    def labels(self) -> list[str]:
        return [self.plain(option.label) for option in self.options]

    @property
    def reader(self) -> Reader:
        return Reader(self.language, self.town.timezone(self.person))

    def plain(self, node: Any) -> str:
        return _plain(node, self.reader)

    def _turn(self, state: State, said: Said | None, argument: str) -> str:
        try:
            news = self.town.database.do(partial(self._run, state=state, said=said, argument=argument))
        except Excuse as excuse:
            self.messages, self.stored = [Message(excuse.reason, excuse.options)], None
        else:
            for one in news:
                self.town.heard(one.person, one)
        return self.text

    def _run(self, session: Session, state: State, said: Said | None, argument: str) -> list[News]:
        table, self.messages, news = commands(), [], []
        while True:
            turn = Turn(
                session,
                self.person,
                Reader(self.language, _zone(session, self.person)),
                self.town.now,
                argument=argument,
                pressed=bool(said and said.pressed),
                extra={"address": "https://twinbot.example"},
            )
            outcome = advance(table[state.flow].flow, turn, state, said)
            self.messages += outcome.messages
            news += [one for one in outcome.news if isinstance(one, News)]
            said, argument = None, ""
            if outcome.follow is None:
                self.stored = None if outcome.state is None else json.dumps(outcome.state.to_json())
                return news
            session.flush()
            word, start = outcome.follow
            state = State(word, answers=list(start.items()))


def _zone(session: Session, person: int) -> str:
    return session.get_one(Person, person, populate_existing=True).timezone


def _plain(node: Any, reader: Reader) -> str:
    # Through JSON, as every message goes on its way to a reader.
    return plain(decode(json.loads(json.dumps(encode(node)))), reader).translate(_ISOLATES)
