"""What goes into a turn and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.talk.letters import Letter
from bot.talk.messages import Message, Option
from bot.talk.relaying import Do, Relayed
from bot.talk.state import State
from bot.text import Node, Reader

Json = Any


@dataclass(frozen=True)
class Change:
    """One line of a summary: the key it answers ("" if it cannot be changed), its label, the answer in words."""

    key: str
    label: Node
    value: Node


@dataclass(frozen=True)
class News:
    """Something told to another person, outside of what they are doing.

    ``options`` under it are ways on (see `go`). ``later`` is how long it waits before it is sent. News of the same
    ``token`` (see `bot.talk.pressing`) are one message, which changes in place where the platform can edit. With a
    ``chat`` it is said in that group, to which ``person`` belongs, and there in the topic ``thread``.
    """

    person: int
    body: Node
    options: tuple[Option, ...] = ()
    later: timedelta | None = None
    token: str | None = None
    chat: int | None = None
    thread: str | None = None


@dataclass
class Turn:
    """What the flow sees of the one it talks with, and where it writes.

    ``argument`` is what was written after the command; ``name`` the platform's hint of what they are called;
    ``chat`` is the storage's id of the chat, ``about`` the platform's id of the message replied to, if it is a reply.
    ``roles`` is what they are (see `storage.people.roles_of`). ``pressed`` says that a button or reaction began this
    turn, so that a list may change in place. ``shown`` are the ids of what was offered under the open question, where
    a bare number was written; ``numbered`` says that they stood there with numbers. ``extra`` is what the running
    program lets flows know (see `Talk`).
    """

    session: Session
    person: int
    reader: Reader
    now: datetime
    platform: str = "terminal"
    argument: str = ""
    name: str | None = None
    pressed: bool = False
    shown: Sequence[str] = ()
    numbered: bool = False
    roles: frozenset[str] = frozenset()
    chat: int = 0
    about: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Outcome:
    """What a turn came to: what to say, and the state to keep (None: the flow has ended).

    ``answered`` is the prompt that was answered, with the answer in words, so that it can be closed in place; None if
    what follows takes its place.
    ``follow`` is the flow that comes next, with the answers it starts from. ``news`` is what others are to be told,
    in their chats or by e-mail, and what is to be done on a platform; ``relayed`` is what is brought to them of what
    somebody said.
    """

    messages: list[Message]
    state: State | None
    answered: Message | None = None
    follow: tuple[str, dict[str, Json]] | None = None
    news: tuple[News | Letter | Do, ...] = ()
    relayed: tuple[Relayed, ...] = ()
