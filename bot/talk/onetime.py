"""One-time links as their purposes see them: what a page shows, and what a press on it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.talk.chores import Tell
from bot.talk.messages import Option
from bot.text import Node


@dataclass(frozen=True)
class Sheet:
    """The page of a one-time link: a title, some lines, and what may be pressed.

    ``language`` is the reader's, where it is known. ``gone`` says that the link is of no use any more. ``enters`` is
    the web account that the browser speaks for from now on, and ``leads`` the page of ours where it goes then.
    """

    title: Node
    body: Node
    options: tuple[Option, ...] = ()
    language: str | None = None
    gone: bool = False
    enters: str | None = None
    leads: str | None = None


@dataclass(frozen=True)
class Visit:
    """Somebody with a ticket at a browser. ``person`` and ``data`` are what the ticket was made for.

    ``account`` is the web account that the browser speaks for, if it does. ``choice`` is what was chosen when the
    ticket was used, if it was. ``tell`` tells people something or writes a letter, after the commit.
    """

    session: Session
    now: datetime
    person: int | None
    data: Mapping[str, Any]
    account: str | None = None
    choice: str | None = None
    tell: Tell = lambda _news: None


@dataclass(frozen=True)
class Purpose:
    """What tickets of one kind are for.

    ``show`` makes the page and only reads: programs that look at links before people do must change nothing. ``act``
    does what was chosen, in the transaction that uses the ticket up; a sheet with options asks on, and leaves the
    ticket unused. ``after`` is the page of a used ticket, where there is more to say than that it is used.
    """

    name: str
    show: Callable[[Visit], Sheet]
    act: Callable[[Visit, str], Sheet]
    after: Callable[[Visit], Sheet] | None = None
