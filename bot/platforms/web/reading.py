"""What a form of the page has said, as it was stored, becomes `Heard`."""

from __future__ import annotations

from typing import Any

from bot.platforms.platform import Json, Unreadable
from bot.platforms.web.roombook import PREFIX
from bot.talk.messages import Attachment, Heard, Unread

_TEXTS = ("text", "press", "language", "id", "about", "edits", "removes", "reaction")
_UNREAD: dict[str, Unread] = {"picture": "picture", "audio": "voice", "voice": "voice"}


def read(body: Json) -> Heard:
    """Understand what a form said. Raises Unreadable for anything a form of ours cannot have made."""
    if not isinstance(body, dict) or not isinstance(body.get("account"), str) or not body["account"]:
        raise Unreadable("not a form of the web chat")
    said: dict[str, Any] = {name: body.get(name) for name in _TEXTS}
    if not all(value is None or isinstance(value, str) for value in said.values()):
        raise Unreadable("a field of the wrong kind")
    files = _files(body.get("files"))
    does = [said[name] is not None for name in ("press", "removes", "reaction")]
    if sum((said["text"] is not None or bool(files), *does)) != 1:
        raise Unreadable("neither words nor a button, or both")
    unread = _UNREAD.get(files[0].kind, "file") if files else None
    room = body.get("room")
    if room is None:
        return Heard(body["account"], body["account"], files=files, unread=unread, **said)
    if not isinstance(room, str) or not room:
        raise Unreadable("not a room")
    return Heard(f"{PREFIX}{room}", body["account"], "group", files=files, unread=unread, addressed=False, **said)


def _files(value: Json) -> tuple[Attachment, ...]:
    try:
        return tuple(Attachment.from_json(one) for one in value or ())
    except (TypeError, KeyError, ValueError):
        raise Unreadable("a file that is none") from None
