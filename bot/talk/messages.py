"""What is heard and what is said, as the engine and the platforms exchange it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.text import Node

ChatKind = Literal["private", "group"]

# Why a message cannot be read; the desk answers each with a sentence.
Unread = Literal["file", "picture", "sticker", "voice", "location", "contact", "encrypted", "other"]


@dataclass(frozen=True)
class Heard:
    """One thing somebody did in a chat, in the words of no platform.

    Just one of ``text``, ``press`` (the opaque payload of a button), ``reaction`` (an emoji put on the message
    ``about``) and ``unread`` says what it was; ``about`` with ``text`` is a reply to that message.
    """

    chat: str
    sender: str
    kind: ChatKind = "private"
    text: str | None = None
    press: str | None = None
    reaction: str | None = None
    unread: Unread | None = None
    about: str | None = None
    addressed: bool = True
    language: str | None = None
    name: str | None = None
    moved_to: str | None = None
    gone: bool = False


@dataclass(frozen=True)
class Option:
    """Something to choose. ``id`` is the answer, or a command such as ``/partners``; it is never shown."""

    id: str
    label: Node
    chosen: bool = False


@dataclass(frozen=True)
class Message:
    """Something the bot says, with what may be chosen under it.

    ``key`` names the question it asks, if it asks one, and ``back`` says whether a question came before it.
    ``instead`` is the prompt token of an earlier message that this one takes the place of, where the platform can
    edit.
    """

    body: Node
    options: tuple[Option, ...] = ()
    key: str | None = None
    instead: str | None = None
    back: bool = False


def go(command: str, label: Node) -> Option:
    """Offer a way on: a button that does what writing the command would do."""
    return Option(f"/{command}", label)
