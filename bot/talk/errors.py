"""What a flow may raise, and what the engine raises at a flow that breaks its rules."""

from __future__ import annotations

from bot.talk.messages import Option
from bot.text import Node


class Excuse(Exception):
    """Cannot, because ...: ends the flow, undoes its turn, and is shown to the person as it is,
    with ways on under it."""

    def __init__(self, reason: Node, *options: Option) -> None:
        super().__init__(repr(reason))
        self.reason, self.options = reason, options


class Outdated(Exception):
    """A kept answer that is no longer true; the question is asked again with this note, or without a word."""

    def __init__(self, note: Node | None) -> None:
        super().__init__(repr(note))
        self.note = note


class FlowError(Exception):
    """A flow that breaks a rule of the engine: a key asked twice, a write before the last question."""
