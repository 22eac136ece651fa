"""What a flow may raise, and what the engine raises at a flow that breaks its rules."""

from __future__ import annotations

from bot.talk.messages import Given, Option
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


class NoFile(Exception):
    """A file came in answer to a question that takes none."""


class FileWanted(Exception):
    """A flow has to look into a file: it is fetched, at most so many bytes of it, and the turn begins again with it."""

    def __init__(self, given: Given, most: int) -> None:
        super().__init__(f"{given.what.kind} of {given.platform}")
        self.given, self.most = given, most


class FlowError(Exception):
    """A flow that breaks a rule of the engine: a key asked twice, a write before the last question."""
