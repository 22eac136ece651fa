"""/requests: both directions in one list; each opens to be answered or taken back. A suggestion leads here to ask."""

from __future__ import annotations

from typing import Any

from bot.talk import Talk
from handlers.acts import acted, told_number
from handlers.requests.answering import accept, decline, show, withdraw
from handlers.requests.asking import ask
from handlers.requests.listing import listing

_ACTS = {"ask": ask, "show": show, "accept": accept, "decline": decline, "withdraw": withdraw}


def requests(talk: Talk) -> None:
    """Lists the requests of a teacher, or does something with one of them."""
    if not acted(talk, "requests", _ACTS, _told(talk.turn.argument)):
        listing(talk)


def _told(argument: str) -> dict[str, Any]:
    """What stands after the command, such as "show 12"; anything else is left aside."""
    act, _space, number = argument.partition(" ")
    return told_number(_ACTS, act, number)
