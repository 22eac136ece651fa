"""An update before it is understood: its identity, its lane and the presses it wants answered at once.

Everything here looks at JSON of any shape and never fails, for whatever came must be stored.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from bot.platforms.platform import RawUpdate

Json = Any

ALLOWED = (
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "my_chat_member",
    # Both are asked for by name, and come where the bot is an administrator.
    "chat_member",
    "chat_join_request",
)


def raw(update: Json) -> RawUpdate:
    """An update as it is stored.

    Telegram starts its numbers anew at a random place after a quiet week, so that a number can come back and
    mean something else. The event id is therefore the number and a hash of the content: an update that is
    delivered again is the same text and is passed over, another one under a used number is not.
    """
    body = _text(update)
    digest = hashlib.sha256(body.encode()).hexdigest()[:16]
    return RawUpdate(f"{_bounded(update_id(update))}:{digest}", _lane(update), body)


def update_id(update: Json) -> int | None:
    """Telegram's number of an update, None if it has none."""
    return number(update.get("update_id")) if isinstance(update, dict) else None


def press_id(update: Json) -> str | None:
    """The id of the button press in an update, which answerCallbackQuery wants."""
    found = inside(update, "callback_query", "id")
    return found if isinstance(found, str) else None


def number(value: Json) -> int | None:
    """A JSON integer; true and false are none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(update: Json) -> str:
    try:
        return json.dumps(update, separators=(",", ":"))
    except RecursionError:
        return json.dumps({"update_id": update_id(update), "nested": "too deeply"})


def _lane(update: Json) -> str:
    """The chat, else the person, whose order an update keeps; empty if it names neither."""
    for kind in ALLOWED:
        for path in (("chat",), ("message", "chat"), ("from",)):
            found = number(inside(update, kind, *path, "id"))
            if found is not None:
                return _bounded(found)
    return ""


def _bounded(value: int | None) -> str:
    """A number as text; Telegram's have at most 52 bits, so a longer one is only cut to fit its column."""
    return "" if value is None else format(value % 10**24 if abs(value) >= 10**24 else value, "d")


def inside(value: Json, *path: str) -> Json:
    """What stands at the end of a path through objects; None where it leads nowhere."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
