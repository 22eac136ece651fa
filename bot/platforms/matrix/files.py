"""Files in events: what a message brings, and how one is written."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.platforms.matrix.rooms import inside
from bot.platforms.platform import File
from bot.talk.messages import Attachment, FileKind
from bot.text.cleaning import clean, file_name

Json = Any

_MXC = re.compile(r"mxc://[A-Za-z0-9.:\[\]-]{1,255}/[A-Za-z0-9._~=-]{1,255}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_=-]{8,100}")
_VOICE = "org.matrix.msc3245.voice"
_KINDS: dict[str, FileKind] = {
    "m.image": "picture",
    "m.file": "file",
    "m.audio": "audio",
    "m.video": "video",
    "m.sticker": "picture",
}
_NAMES: dict[FileKind, str] = {
    "picture": "picture",
    "file": "file",
    "voice": "voice.ogg",
    "audio": "audio",
    "video": "video",
}
_TYPES: dict[FileKind, str] = {
    "picture": "m.image",
    "file": "m.file",
    "voice": "m.audio",
    "audio": "m.audio",
    "video": "m.video",
}
_LARGEST_NUMBER = 2**52
#: What of a message with a file stays when the words under it are changed.
KEPT = ("msgtype", "filename", "url", "file", "info", _VOICE)


def attachment(content: Json, kind: str) -> Attachment | None:
    """The file of a message or sticker; None if it has none that could be fetched."""
    source = _source(content)
    if source is None or kind not in _KINDS:
        return None
    what: FileKind = "voice" if kind == "m.audio" and isinstance(inside(content, _VOICE), dict) else _KINDS[kind]
    name, mime = inside(content, "filename") or inside(content, "body"), inside(content, "info", "mimetype")
    milliseconds = _number(content, "duration")
    return Attachment(
        what,
        json.dumps(source, separators=(",", ":"), sort_keys=True),
        file_name(name if isinstance(name, str) else None, _NAMES[what]),
        clean(mime, one_line=True, limit=100) if isinstance(mime, str) else None,
        size=_number(content, "size"),
        width=_number(content, "w"),
        height=_number(content, "h"),
        duration=None if milliseconds is None else milliseconds / 1000,
    )


def caption(content: Json) -> str | None:
    """What is written under a file; clients that know captions name the file apart from the words."""
    words, name = inside(content, "body"), inside(content, "filename")
    return words if isinstance(words, str) and isinstance(name, str) and name and words != name else None


def written(file: File, source: Json, words: str) -> Json:
    """The content of a message with a file, which lies where ``source`` says."""
    what = file.what
    info = {"mimetype": what.mime, "size": what.size, "w": what.width, "h": what.height}
    if what.duration is not None:
        info["duration"] = int(what.duration * 1000)
    content: Json = {"msgtype": _TYPES[what.kind], "body": words or what.name, "filename": what.name, **source}
    if what.kind == "voice":
        content[_VOICE] = {}
    return {**content, "info": {name: value for name, value in info.items() if value is not None}}


def _source(content: Json) -> Json | None:
    """Where a file lies, and the keys if it is encrypted; only what is needed, and only if it can be right."""
    file = inside(content, "file")
    url = inside(content, "url") if file is None else inside(file, "url")
    if not isinstance(url, str) or not _MXC.fullmatch(url):
        return None
    if file is None:
        return {"url": url}
    key, iv, digest = inside(file, "key", "k"), inside(file, "iv"), inside(file, "hashes", "sha256")
    if not all(
        isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9+/_=-]{8,100}", value) for value in (key, iv, digest)
    ):
        return None
    return {"url": url, "key": key, "iv": iv, "sha256": digest}


def _number(content: Json, name: str) -> int | None:
    found = inside(content, "info", name)
    fits = isinstance(found, int | float) and not isinstance(found, bool) and 0 < found < _LARGEST_NUMBER
    return int(found) or None if fits else None
