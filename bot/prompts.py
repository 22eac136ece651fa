"""Prompts: what the opaque payload of a button, a number, a label or a reaction chooses."""

from __future__ import annotations

import hmac
import secrets
from hashlib import blake2b

from sqlalchemy.orm import Session

from bot.talk import Option
from bot.talk.kinds import labelled
from bot.talk.talk import BACK, CANCEL
from bot.text import Reader, decode
from storage import dialogues
from storage.dialogues import Asked
from storage.people import Met
from storage.post import row_of

# A token has 96 random bits; guessing one within its chat and person is out of reach.
_TOKEN_BYTES = 12
_KEYCAP = "\ufe0f\u20e3"


def new_token() -> str:
    """A token for a new prompt: 16 characters of the URL-safe alphabet."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def payload(token: str, option: str) -> str:
    """What a button carries: the prompt's token and a digest of the option's id, never the id itself."""
    return f"{token}.{blake2b(f'{token}:{option}'.encode(), digest_size=6).hexdigest()}"


def chosen_by_payload(session: Session, met: Met, pressed: str) -> tuple[Asked | None, str | None]:
    """The prompt and option of a pressed button, if it was shown to this person in this chat."""
    asked = dialogues.prompt(session, met.chat, met.person, pressed.partition(".")[0])
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
