"""What may be written after a command: a word and a number, such as "/requests show 12"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.talk import Talk

Acts = Mapping[str, Callable[[Talk, int], None]]


def acted(talk: Talk, word: str, acts: Acts, told: Mapping[str, Any]) -> bool:
    """Do what was ``told`` to the command ``word``. False: nothing was, so it does what it does alone."""
    if told:
        # Begun anew with what was written, so that it is still there if a question has to be asked.
        talk.then(word, **told)
        return True
    for name, act in acts.items():
        number = talk.start(name)
        if number is not None:
            act(talk, int(number))
            return True
    return False


def told_number(acts: Acts, act: str, number: str) -> dict[str, Any]:
    """An act of these with its number; nothing for any other words."""
    # A longer number is none of ours, and more than a database can hold.
    known = act in acts and number.isascii() and number.isdecimal() and len(number) < 10
    return {act: int(number)} if known else {}
