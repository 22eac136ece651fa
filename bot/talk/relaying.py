"""What people say to each other through the bot, as data: flows and listeners give it, the relay brings it.

An utterance is what somebody said to others; it stands in the database (see `storage.relay`). In each chat to which it
is brought it has a copy there, which follows it: its edits, the reactions to it, and that it was taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.talk.messages import Attachment, Option
from bot.text import Node


@dataclass(frozen=True)
class PassOn:
    """Bring an utterance to ``person``, in the private chat where they spoke last, or to the chat ``chat``.

    ``body`` says who speaks and what. ``answers`` is the utterance that it replies to: the copy refers to it where
    that chat has it, and begins with ``quote`` where it has not. ``options`` are ways on. ``file`` lies on the platform
    ``source``. ``thread`` is the topic of a chat to which it goes. With a ``token`` (see `bot.talk.pressing`) the
    options are no one's own: whoever is in the chat may press them. ``reads`` are the language and time zone in which
    it is said, where it is not in the chat's own.
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
    thread: str | None = None
    token: str | None = None
    reads: tuple[str, str] | None = None


@dataclass(frozen=True)
class Rewrite:
    """The words of an utterance are others now: change all its copies, or that in one ``chat``; and what may be chosen
    under them, if there are ``options`` (with their ``token``)."""

    utterance: int
    body: Node
    chat: int | None = None
    options: tuple[Option, ...] | None = None
    token: str | None = None


@dataclass(frozen=True)
class TakeBack:
    """An utterance was taken back: all its copies go, where the platform still lets them; ``origin`` means that it also
    goes where it was said, which its author's program has not done by itself."""

    utterance: int
    origin: bool = False


@dataclass(frozen=True)
class Mark:
    """Put a small sign on an utterance as it stands in a chat: that it went out, or somebody's reaction to it.

    Where a platform has only emoji for that, ``emoji`` is put there; where it has not this one, ``otherwise`` is said.
    Where neither is there, a sign that was put before is taken away.
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


@dataclass(frozen=True)
class Do:
    """Do something on the platform of a chat, after the commit: open a room, invite somebody, let nobody write.

    ``what`` names it in the platform's list of deeds, ``args`` is JSON of its own. ``key`` is unique: a deed that is in
    the outbox under it already is not put there again. It is done until the platform has an answer; done twice it does
    no harm, unless ``again`` is False: then it is not repeated when nobody knows whether it was done. What became of it
    is told to the listeners (see `Listener.did`). ``body`` is what is said or called so by the way, in ``language``.
    """

    chat: int
    key: str
    what: str
    args: Mapping[str, Any] = field(default_factory=dict)
    again: bool = True
    body: Node | None = None
    language: str = "en"


Relayed = PassOn | Rewrite | TakeBack | Mark | Stir
