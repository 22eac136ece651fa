"""What is done without anybody asking: work that comes round, and may tell people something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk.letters import Letter
from bot.talk.relaying import Do, Relayed
from bot.talk.turns import News

#: Tell a person something, write an e-mail, or have a deed done; all of it after the commit.
Tell = Callable[[News | Letter | Do], None]
#: The same, and bring something to a room.
TellAll = Callable[[News | Letter | Do | Relayed], None]


@dataclass(frozen=True)
class Chore:
    """Work that is done every ``seconds``, in one transaction each time.

    ``work`` finds what is due at a moment, does a limited amount of it, and returns whether more of it waits; then it
    is called again at once, in another transaction. It must be harmless to run it twice.
    """

    name: str
    seconds: int
    work: Callable[[Session, datetime, TellAll], bool]
