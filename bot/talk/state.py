"""Where a dialogue stands, in a form that a person can read in the database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.talk.kinds import Said

Json = Any


@dataclass
class State:
    """One dialogue: its flow, the key asked, the ordered pairs of key and kept answer.

    ``run`` tells this dialogue from an earlier one of the same flow, so that an old button is not misread.
    ``draft`` is how far the open question got; ``token`` names the prompt that shows it. ``before`` holds the
    answers as they were before "change this", so that back undoes the change. ``pending`` is an answer given to
    ``asked`` while a newer version of the flow asks something else first. ``summary`` is the digest of the answers
    that were last shown to be agreed to.
    """

    flow: str
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    asked: str | None = None
    answers: list[tuple[str, Json]] = field(default_factory=list)
    draft: Json = None
    token: str | None = None
    before: list[tuple[str, Json]] | None = None
    pending: tuple[str, Said] | None = None
    summary: str | None = None

    @property
    def question(self) -> str:
        """What names the open question among all dialogues: flow, run and key."""
        return f"{self.flow}:{self.run}:{self.asked}"

    def answer(self, key: str) -> tuple[bool, Json]:
        """Whether the key has an answer, and which."""
        for known, value in self.answers:
            if known == key:
                return True, value
        return False, None

    def keep(self, key: str, value: Json) -> None:
        """Put an answer at the end, in the place of an earlier one if there is one."""
        self.forget(key)
        self.answers.append((key, value))

    def forget(self, key: str) -> None:
        """Take an answer back."""
        self.answers = [pair for pair in self.answers if pair[0] != key]

    def to_json(self) -> dict[str, Json]:
        """The state as JSON, without what is empty."""
        whole = {
            "flow": self.flow,
            "run": self.run,
            "asked": self.asked,
            "answers": [list(pair) for pair in self.answers],
            "draft": self.draft,
            "token": self.token,
            "before": None if self.before is None else [list(pair) for pair in self.before],
            "pending": None
            if self.pending is None
            else [self.pending[0], self.pending[1].text, self.pending[1].option],
            "summary": self.summary,
        }
        return {key: value for key, value in whole.items() if value is not None}

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> State:
        """The state from its JSON."""
        before, pending = data.get("before"), data.get("pending")
        return cls(
            flow=data["flow"],
            run=data["run"],
            asked=data.get("asked"),
            answers=[(key, value) for key, value in data.get("answers", [])],
            draft=data.get("draft"),
            token=data.get("token"),
            before=None if before is None else [(key, value) for key, value in before],
            pending=None if pending is None else (pending[0], Said(pending[1], pending[2])),
            summary=data.get("summary"),
        )
