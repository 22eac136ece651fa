"""/requests: both directions in one list; each opens to be answered or taken back. A suggestion leads here to ask."""

from __future__ import annotations

from typing import Any

from bot.talk import Talk
from handlers.requests.answering import accept, decline, show, withdraw
from handlers.requests.asking import ask
from handlers.requests.listing import listing

_ACTS = {"ask": ask, "show": show, "accept": accept, "decline": decline, "withdraw": withdraw}


def requests(talk: Talk) -> None:
    """Lists the requests of a teacher, or does something with one of them."""
    told = _told(talk.turn.argument)
    if told:
        # Begun anew with what was written, so that it is still there if a question has to be asked.
        talk.then("requests", **told)
        return
    for name, act in _ACTS.items():
        number = talk.start(name)
        if number is not None:
            act(talk, int(number))
            return
    listing(talk)


def _told(argument: str) -> dict[str, Any]:
    """What stands after the command, such as "show 12"; anything else is left aside."""
    act, _space, number = argument.partition(" ")
    # A longer number is none of ours, and more than a database can hold.
    known = act in _ACTS and number.isascii() and number.isdecimal() and len(number) < 10
    return {act: int(number)} if known else {}
