"""Flows driven through the engine alone, without desk or platform; states live as JSON between two turns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.talk import Excuse, Flow, Message, Option, Said, Turn, advance
from bot.talk.state import State
from bot.talk.talk import step_back
from bot.talk.turns import Outcome
from bot.text import Reader, decode, encode, plain
from storage.database import make_engine
from storage.models import Base, Person
from storage.schools import add_school
from tests.vault import VAULT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_ISOLATES = str.maketrans("", "", "\u2068\u2069")


_houses: list[Engine] = []


def house() -> Engine:
    """A database in memory, with one person; `demolish` closes it after the test."""
    engine = make_engine("sqlite://", VAULT)
    _houses.append(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add(Person(id=1, language="en", created_at=NOW, active_at=NOW))
    return engine


def demolish() -> None:
    """Close the databases of a test."""
    while _houses:
        _houses.pop().dispose()


def school(engine: Engine, country: str, name: str, town: str, level: str = "primary") -> int:
    """Put a school on the list; its id."""
    with Session(engine) as session, session.begin():
        return add_school(session, country, name, town, level, now=NOW).id


class Chat:
    """A person in front of the flows. Each turn has a session of its own, and the state as it was stored."""

    def __init__(
        self, engine: Engine, flows: Mapping[str, Flow] | Flow, *, language: str = "en", name: str | None = None
    ) -> None:
        self.engine, self.language, self.name = engine, language, name
        self.flows: dict[str, Flow] = dict(flows) if isinstance(flows, Mapping) else {"flow": flows}
        self.stored: str | None = None
        self.messages: list[Message] = []
        self.outcome: Outcome | None = None

    @property
    def state(self) -> State:
        assert self.stored is not None, "the flow has ended"
        return State.from_json(json.loads(self.stored))

    @property
    def over(self) -> bool:
        return self.stored is None

    @property
    def answers(self) -> dict[str, Any]:
        return dict(self.state.answers)

    @property
    def text(self) -> str:
        """What was said in the last turn, as it reads."""
        return "\n".join(self._plain(message.body) for message in self.messages)

    @property
    def options(self) -> tuple[Option, ...]:
        return self.messages[-1].options

    @property
    def labels(self) -> list[str]:
        return [self._plain(option.label) for option in self.options]

    def begin(self, flow: str | None = None) -> str:
        return self._turn(State(flow or next(iter(self.flows))), None)

    def says(self, *lines: str) -> str:
        for line in lines:
            self._turn(self.state, Said(text=line))
        return self.text

    def presses(self, label: str) -> str:
        chosen = next(option for option in self.options if self._plain(option.label) == label)
        return self.chooses(chosen.id)

    def chooses(self, option: str) -> str:
        return self._turn(self.state, Said(option=option, pressed=True))

    def again(self) -> str:
        """The open question is asked again, as after an interruption."""
        return self._turn(self.state, None)

    def back(self) -> str:
        return self._turn(self.state, None, back=True)

    def _turn(self, state: State, said: Said | None, *, back: bool = False) -> str:
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                self._run(session, state, said, back=back)
        except Excuse as excuse:
            self.messages, self.stored, self.outcome = [Message(excuse.reason, excuse.options)], None, None
        return self.text

    def _run(self, session: Session, state: State, said: Said | None, *, back: bool) -> None:
        turn = Turn(session, 1, Reader(self.language), NOW, name=self.name, pressed=bool(said and said.pressed))
        flow = self.flows[state.flow]
        self.outcome = step_back(flow, turn, state) if back else advance(flow, turn, state, said)
        self.messages = list(self.outcome.messages)
        if self.outcome.follow is not None:
            word, start = self.outcome.follow
            state = State(word, answers=list(start.items()))
            session.flush()
            following = advance(self.flows[word], turn, state, None)
            self.messages += following.messages
            self.stored = self._store(following.state)
        else:
            self.stored = self._store(self.outcome.state)

    def _store(self, state: State | None) -> str | None:
        if state is None:
            return None
        # The desk notes which prompt shows the open question.
        state.token = f"shown-{state.asked}"
        return json.dumps(state.to_json())

    def _plain(self, node: Any) -> str:
        # Through JSON, as every message goes on its way to a reader.
        return plain(decode(json.loads(json.dumps(encode(node)))), Reader(self.language)).translate(_ISOLATES)
