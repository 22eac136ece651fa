"""Files on Telegram: which a message brings, and in which form one is sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.platforms.platform import File, Unreadable
from bot.platforms.telegram.raw import number
from bot.talk.messages import Attachment, FileKind
from bot.text.cleaning import clean, file_name

Json = Any

#: What the Bot API lets a bot fetch and send, in bytes. (A server of one's own takes more; these hold everywhere.)
MOST_FETCHED = 20_000_000
MOST_SENT = 50_000_000
UNKNOWN = "application/octet-stream"
_MOST_PHOTO = 10_000_000
# A photo has at most so many pixels along both sides together, and is not this many times longer than wide.
_PHOTO_SIDES, _PHOTO_RATIO = 10_000, 20

# Telegram's numbers have at most 52 bits.
_LARGEST_NUMBER = 2**52
_FILE_ID = re.compile(r"[\x21-\x7e]{1,500}")

_PHOTOS = ("image/jpeg", "image/png", "image/webp")
_VOICES = ("audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a")
_AUDIOS = ("audio/mpeg", "audio/mp4", "audio/x-m4a")


@dataclass(frozen=True)
class _Part:
    """A field of a message that holds a file. An animation also has a document, so the order counts."""

    field: str
    kind: FileKind
    name: str
    mime: str | None = None


_PARTS = (
    _Part("photo", "picture", "picture.jpg", "image/jpeg"),
    _Part("animation", "video", "animation.mp4", "video/mp4"),
    _Part("sticker", "picture", "sticker.webp", "image/webp"),
    _Part("voice", "voice", "voice.ogg", "audio/ogg"),
    _Part("video_note", "video", "video.mp4", "video/mp4"),
    _Part("video", "video", "video.mp4", "video/mp4"),
    _Part("audio", "audio", "audio.mp3", "audio/mpeg"),
    _Part("document", "file", "file"),
)


def attachments(message: Json) -> tuple[Attachment, ...]:
    """The file of a message, if it has one that can be sent on. Raises `Unreadable` for one that is none."""
    for part in _PARTS:
        found = message.get(part.field)
        if found:
            # The sizes of a photo grow; the last one is the photo itself.
            data = found[-1] if part.field == "photo" and isinstance(found, list) else found
            if not isinstance(data, dict):
                raise Unreadable("a file that is none")
            return () if data.get("is_animated") or data.get("is_video") else (_attachment(part, data),)
    return ()


def sent(message: Json) -> Attachment | None:
    """The file of a message that was sent; None where Telegram does not say."""
    try:
        found = attachments(message) if isinstance(message, dict) else ()
    except Unreadable:
        return None
    return found[0] if found else None


def _attachment(part: _Part, data: Json) -> Attachment:
    ref, name, mime = data.get("file_id"), data.get("file_name"), data.get("mime_type")
    if not isinstance(ref, str) or not _FILE_ID.fullmatch(ref):
        raise Unreadable("a file without its id")
    return Attachment(
        part.kind,
        f"{part.field}:{ref}",
        file_name(name if isinstance(name, str) else None, part.name),
        clean(mime, one_line=True, limit=100) if isinstance(mime, str) else part.mime,
        size=_measure(data, "file_size"),
        width=_measure(data, "width"),
        height=_measure(data, "height"),
        duration=_measure(data, "duration"),
    )


def _measure(data: Json, field: str) -> int | None:
    """A number that can be one."""
    found = number(data.get(field))
    return found if found is not None and 0 < found < _LARGEST_NUMBER else None


def file_id(what: Attachment) -> str:
    """Telegram's own id of a file that was heard here."""
    return what.ref.partition(":")[2]


def resends(what: Attachment) -> bool:
    """Whether a file can be sent again by its id: only as what it was, and only where it can have a caption."""
    return what.ref.partition(":")[0] in _AGAIN


@dataclass(frozen=True)
class Method:
    """How a file is sent: the method, and the name of the parameter that holds it."""

    name: str
    parameter: str


_PHOTO, _AUDIO, _DOCUMENT = (
    Method("sendPhoto", "photo"),
    Method("sendAudio", "audio"),
    Method("sendDocument", "document"),
)
_VOICE, _VIDEO = Method("sendVoice", "voice"), Method("sendVideo", "video")
_AGAIN = {
    "photo": _PHOTO,
    "animation": Method("sendAnimation", "animation"),
    "voice": _VOICE,
    "video": _VIDEO,
    "audio": _AUDIO,
    "document": _DOCUMENT,
}


def method(file: File) -> Method:
    """Telegram shows a file as what it is only in some forms; all others go as documents."""
    if file.open is None:
        return _AGAIN[file.what.ref.partition(":")[0]]
    return next((found for fits, found in _METHODS[file.what.kind] if fits(file.what)), _DOCUMENT)


def _is_photo(what: Attachment) -> bool:
    if what.mime not in _PHOTOS or not what.width or not what.height:
        return False
    long, short = max(what.width, what.height), min(what.width, what.height)
    fits = long + short <= _PHOTO_SIDES and long <= _PHOTO_RATIO * short
    return fits and (what.size or 0) <= _MOST_PHOTO


def _of(*mimes: str) -> Callable[[Attachment], bool]:
    return lambda what: (what.mime or "").partition(";")[0] in mimes


_METHODS: dict[FileKind, list[tuple[Callable[[Attachment], bool], Method]]] = {
    "picture": [(_is_photo, _PHOTO)],
    "voice": [(_of(*_VOICES), _VOICE), (_of(*_AUDIOS), _AUDIO)],
    "video": [(_of("video/mp4"), _VIDEO)],
    "audio": [(_of(*_AUDIOS), _AUDIO)],
    "file": [],
}
