"""Prompts: what the opaque payload of a button, a number, a label or a reaction chooses."""

from __future__ import annotations

import hmac

from sqlalchemy.orm import Session

from bot.talk import Option
from bot.talk.kinds import labelled
from bot.talk.pressing import new_token, payload
from bot.talk.talk import BACK, CANCEL
from bot.text import Reader, decode
from storage import dialogues
from storage.announcing import answers
from storage.dialogues import Asked
from storage.people import Met
from storage.post import row_of

__all__ = ["chosen_by_payload", "chosen_by_reaction", "chosen_by_words", "new_token", "payload"]

_KEYCAP = "\ufe0f\u20e3"


def chosen_by_payload(session: Session, met: Met, pressed: str) -> tuple[Asked | None, str | None]:
    """The prompt and option of a pressed button, if it was shown to this person in this chat, or to many."""
    token = pressed.partition(".")[0]
    asked = dialogues.prompt(session, met.chat, met.person, token) or answers.asked(session, token)
    if asked is None:
        return None, None
    for option, _label in asked.options:
        if hmac.compare_digest(payload(asked.token, option).encode(), pressed.encode()):
            return asked, option
    return asked, None


def chosen_by_reaction(session: Session, met: Met, about: str, said: str) -> tuple[Asked | None, str | None]:
    """The prompt shown by a message, and the option that a keycap emoji, number or label on it means."""
    row = row_of(session, met.chat, about)
    asked = None if row is None else dialogues.prompt_of_row(session, met.chat, met.person, row)
    if asked is None and row is not None:
        asked = answers.asked_by_row(session, row)
    if asked is None:
        return None, None
    return asked, _option(asked, said, Reader(met.language))


def chosen_by_words(session: Session, met: Met, text: str, reader: Reader) -> str | None:
    """The option of the newest prompt that a bare number or a label means."""
    asked = None if met.last is None else dialogues.prompt(session, met.chat, met.person, met.last)
    return None if asked is None else _option(asked, text, reader)


def _option(asked: Asked, said: str, reader: Reader) -> str | None:
    shown = [Option(option, decode(label)) for option, label in asked.options if option not in {BACK, CANCEL}]
    number = said.strip().replace(_KEYCAP, "").replace("\u20e3", "").rstrip(".)")
    if number.isdecimal() and 1 <= int(number) <= len(shown):
        return shown[int(number) - 1].id
    return labelled(said, shown, reader)
