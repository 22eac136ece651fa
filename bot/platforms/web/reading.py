"""What a form of the page has said, as it was stored, becomes `Heard`."""

from __future__ import annotations

from typing import Any

from bot.platforms.platform import Json, Unreadable
from bot.talk.messages import Attachment, Heard, Unread

_TEXTS = ("text", "press", "language", "id", "about", "edits", "removes")
_UNREAD: dict[str, Unread] = {"picture": "picture", "audio": "voice", "voice": "voice"}


def read(body: Json) -> Heard:
    """Understand what a form said. Raises Unreadable for anything a form of ours cannot have made."""
    if not isinstance(body, dict) or not isinstance(body.get("account"), str) or not body["account"]:
        raise Unreadable("not a form of the web chat")
    said: dict[str, Any] = {name: body.get(name) for name in _TEXTS}
    if not all(value is None or isinstance(value, str) for value in said.values()):
        raise Unreadable("a field of the wrong kind")
    files = _files(body.get("files"))
    if sum((said["text"] is not None or bool(files), said["press"] is not None, said["removes"] is not None)) != 1:
        raise Unreadable("neither words nor a button, or both")
    unread = _UNREAD.get(files[0].kind, "file") if files else None
    return Heard(body["account"], body["account"], files=files, unread=unread, **said)


def _files(value: Json) -> tuple[Attachment, ...]:
    try:
        return tuple(Attachment.from_json(one) for one in value or ())
    except (TypeError, KeyError, ValueError):
        raise Unreadable("a file that is none") from None
