"""What Telegram's objects hold, as the house keeps it. Whatever is not as documented raises `Unreadable`."""

from __future__ import annotations

from typing import Any

from telegram import Chat, User

from bot.platforms.platform import Unreadable
from bot.platforms.telegram.raw import number
from bot.talk.messages import ChatKind


def who(sender: User) -> dict[str, Any]:
    """The account of somebody, with their name and language, as fields of `Heard`."""
    names = filter(None, (hint(sender.first_name), hint(sender.last_name)))
    language = hint(sender.language_code)
    return {"sender": str(integer(sender.id)), "language": language, "name": " ".join(names) or None}


def chat(of: Chat) -> str:
    """The id of a chat."""
    return str(integer(of.id))


def kind(of: Chat) -> ChatKind:
    """Whether a chat is private or a group."""
    if of.type not in ("private", "group", "supergroup"):
        raise Unreadable("a chat of a kind that we do not know")
    return "private" if of.type == "private" else "group"


def integer(value: object) -> int:
    """A number."""
    found = number(value)
    if found is None:
        raise Unreadable("an id that is no number")
    return found


def hint(value: object) -> str | None:
    """A text that may be missing or empty."""
    return None if value is None or value == "" else string(value) or None


def words(value: object) -> str:
    """A text that says something."""
    text = string(value)
    if not text:
        raise Unreadable("a text without a character")
    return text


def string(value: object) -> str:
    """A text as every database takes it: no lone surrogates, no NUL, which JSON may both carry."""
    if not isinstance(value, str):
        raise Unreadable("a text that is no text")
    return value.encode("utf-8", "replace").decode().replace("\0", "")
