"""Who takes what people say to each other and not to the bot: listeners, and what they see and say.

A turn asks its listeners at several points. First, before any command or question: is this about something that a
listener has passed on (an edit, a removal, a reply, a reaction)? Then, when no question is open: has the person chosen
to talk to others here? At last, when nobody understood the words: may they be meant for others?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy.orm import Session

from bot.talk.chores import Tell, TellAll
from bot.talk.letters import Letter
from bot.talk.messages import Heard, Message, Option
from bot.talk.relaying import Do, Relayed
from bot.talk.turns import News
from bot.text import Node, Reader


@dataclass
class Listening:
    """What a listener sees of one thing that was heard, and what it wants done; it is done if the listener takes it.

    ``chat`` is the storage's id of the chat, ``last`` the token of what the bot offered there last.
    """

    session: Session
    heard: Heard
    person: int
    chat: int
    platform: str
    reader: Reader
    now: datetime
    roles: frozenset[str] = frozenset()
    last: str | None = None
    messages: list[Message] = field(default_factory=list)
    news: list[News | Letter | Do] = field(default_factory=list)
    relayed: list[Relayed] = field(default_factory=list)

    def say(self, body: Node, *options: Option, instead: str | None = None) -> None:
        """Say something to the person; options under it are ways on.

        ``instead`` is the token of an earlier offer that it takes the place of, where the platform can edit.
        """
        self.messages.append(Message(body, options, instead=instead))

    def tell(self, person: int, body: Node, *options: Option, later: timedelta | None = None) -> None:
        """Tell another person something, where they were last heard."""
        self.news.append(News(person, body, options, later))

    def do(self, deed: Do) -> None:
        """Have something done on a platform, after the commit."""
        self.news.append(deed)

    def relay(self, what: Relayed) -> None:
        """Bring to others what was said, or what became of it."""
        self.relayed.append(what)


#: Says whether it has taken what was heard: then nobody else sees it. If not, it has written nothing.
Take = Callable[[Listening], bool]
#: When a listener is asked, named as its fields.
When = Literal["earlier", "stop", "words", "stray"]

#: Whether all that is said in a group concerns a listener: the session, the platform's name, its id of the group.
Attends = Callable[[Session, str, str], bool]
#: Where it is to be shown that somebody writes: the session, the platform and its id of the chat where they do.
Shows = Callable[[Session, str, str], list[tuple[str, str]]]


class Lost(Protocol):
    """Hears of an outbox row that did not get through, or not whole, and may tell people of it."""

    def __call__(self, session: Session, row: int, error: str, now: datetime, tell: Tell) -> None:
        """``error`` is as it stands in the row, such as "unreachable: ..." or "file: big"."""


@dataclass(frozen=True)
class Done:
    """What became of a deed (see `Do`) in the chat ``chat``, by the number of its outbox row.

    ``result`` is what the platform says of it; None if it was not done, and ``error`` then begins with "rejected",
    "unreachable", "cannot" or, where nobody knows whether it was done, "outcome unknown".
    """

    row: int
    chat: int
    platform: str
    what: str
    args: Mapping[str, Any]
    result: Mapping[str, Any] | None = None
    error: str | None = None


class Did(Protocol):
    """Hears what became of a deed, once, in the transaction that notes it; may tell people, and have more done."""

    def __call__(self, session: Session, done: Done, now: datetime, tell: TellAll) -> None:
        """Deeds of others are let be."""


def _nowhere(_session: Session, _platform: str, _chat: str) -> bool:
    return False


def _to_nobody(_session: Session, _platform: str, _chat: str) -> list[tuple[str, str]]:
    return []


def _nothing(_heard: Listening) -> None:
    return None


def _silently(session: Session, row: int, error: str, now: datetime, tell: Tell) -> None:
    return None


def _not_ours(session: Session, done: Done, now: datetime, tell: TellAll) -> None:
    return None


@dataclass(frozen=True)
class Listener:
    """Takes what is said to others.

    ``earlier`` is about something passed on before: an edit, a removal, a reply, a reaction. ``stop`` is a "cancel" or
    "back" where no question is open. ``words`` are words or files in a chat where the person has chosen to talk to
    others, ``stray`` are those that nobody understood.

    Where it ``attends``, it is given the words in a group that are not for the bot. ``back`` is called when somebody
    speaks in a chat to which nothing could be sent, ``lost`` when something did not get through, ``did`` when a
    deed was done or not, and ``typing`` says where it is shown that somebody writes. ``happens`` is given what happened
    to any group while nobody said anything (see `Event`); ``person`` and ``chat`` are 0 then where they are unknown,
    and nothing can be said to anybody but with ``tell``, ``do`` and ``relay``.
    """

    earlier: Take
    stop: Take
    words: Take
    stray: Take
    attends: Attends = _nowhere
    back: Callable[[Listening], None] = _nothing
    lost: Lost = _silently
    typing: Shows = _to_nobody
    did: Did = _not_ours
    happens: Callable[[Listening], None] = _nothing
