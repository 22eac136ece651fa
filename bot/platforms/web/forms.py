"""What the forms of the page say: a text, a button under a message, one of the page's own buttons."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.platforms.web.guard import Refused
from bot.platforms.web.pages import languages
from bot.platforms.web.words import LONGEST
from bot.text.cleaning import clean

_EVENT = re.compile(r"[A-Za-z0-9-]{8,64}")
_PAYLOAD = re.compile(r"[\x21-\x7e]{1,48}")


@dataclass(frozen=True)
class Said:
    """What a form says: ``heard`` goes to the desk, ``shown`` is how the person's own line ``ref`` then reads."""

    event: str
    heard: Mapping[str, Any]
    ref: str | None = None
    shown: dict[str, Any] | None = None


def text_of(form: Mapping[str, str]) -> str:
    """The words of a form, perhaps none. Raises Refused (422) if they are too long."""
    text = clean(form.get("text", ""))
    if len(text) > LONGEST:
        raise Refused(422, "long")
    return text


def pressed(form: Mapping[str, str]) -> Said:
    """A button's payload. The desk closes the question with the answer in it, so no own line is shown.

    Raises Refused (400) if no button of ours has such a payload.
    """
    payload = form.get("press", "")
    if not _PAYLOAD.fullmatch(payload):
        raise Refused(400, "odd")
    return Said(unique(form, payload), {"press": payload})


def commanded(form: Mapping[str, str]) -> Said:
    """A command that a button of the page itself stands for. Raises Refused (400) if there is no such button."""
    word, _space, argument = form.get("command", "").partition(" ")
    if word not in {"start", "help", "privacy", "language"} or (argument and argument not in languages()):
        raise Refused(400, "odd")
    text = f"/{word} {argument}".rstrip()
    return Said(unique(form, text), {"text": text})


def unique(form: Mapping[str, str], content: str) -> str:
    """What makes a form's sending one event: its own id and what it says. Raises Refused (400) for an odd id.

    Sent twice it is one; the same page sent once more with other words, after going back to it, is another.
    """
    event = form.get("event", "")
    if not _EVENT.fullmatch(event):
        raise Refused(400, "odd")
    return f"{event}.{hashlib.sha256(content.encode()).hexdigest()[:12]}"
