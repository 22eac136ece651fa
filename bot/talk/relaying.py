"""What people say to each other through the bot, as data: flows and listeners give it, the relay brings it.

An utterance is what somebody said to others; it stands in the database (see `storage.relay`). In each chat to which it
is brought it has a copy there, which follows it: its edits, the reactions to it, and that it was taken back.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.talk.messages import Attachment, Option
from bot.text import Node


@dataclass(frozen=True)
class PassOn:
    """Bring an utterance to ``person``, in the private chat where they spoke last, or to the chat ``chat``.

    ``body`` says who speaks and what. ``answers`` is the utterance that it replies to: the copy refers to it where
    that chat has it, and begins with ``quote`` where it has not. ``options`` are ways on. ``file`` lies on the platform
    ``source``.
    """

    utterance: int
    body: Node
    person: int | None = None
    chat: int | None = None
    options: tuple[Option, ...] = ()
    file: Attachment | None = None
    source: str | None = None
    answers: int | None = None
    quote: Node | None = None


@dataclass(frozen=True)
class Rewrite:
    """The words of an utterance are others now: change all its copies."""

    utterance: int
    body: Node


@dataclass(frozen=True)
class TakeBack:
    """An utterance was taken back: all its copies go, where the platform still lets them."""

    utterance: int


@dataclass(frozen=True)
class Mark:
    """Put a small sign on an utterance as it stands in a chat: that it went out, or somebody's reaction to it.

    Where a platform has only emoji for that, ``emoji`` is put there; where it has not this one, ``otherwise`` is said.
    """

    utterance: int
    chat: int
    sign: Node
    emoji: str
    otherwise: Node | None = None


@dataclass(frozen=True)
class Stir:
    """There is something new to look for in a chat whose pages read it by themselves: nothing is sent there."""

    chat: int


Relayed = PassOn | Rewrite | TakeBack | Mark | Stir
