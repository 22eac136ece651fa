"""What a file really is, told by its first bytes; what senders say of it may be wrong, or meant to deceive."""

from __future__ import annotations

from bot.talk.messages import FileKind

#: So many bytes at the beginning are enough to tell.
ENOUGH = 64
UNKNOWN = "application/octet-stream"

_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"fLaC", "audio/flac"),
    (b"%PDF-", "application/pdf"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
# The brands of ISO media files, by their first letters.
_BRANDS = ((b"heic", b"heix", b"hevc", b"mif1", b"msf1"), (b"avif", b"avis"), (b"M4A ", b"M4B "), (b"qt  ",))
_OF_BRANDS = ("image/heic", "image/avif", "audio/mp4", "video/quicktime")

#: What a browser may show by itself. Nothing here can hold a script.
SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"),
        *("audio/ogg", "audio/mpeg", "audio/mp4", "audio/wav", "audio/flac"),
        *("video/mp4", "video/webm", "video/quicktime"),
    }
)


def sniff(head: bytes) -> str:
    """The type of a file of which ``head`` are the first bytes; `UNKNOWN` for all that only its name can tell."""
    for beginning, mime in _BEGINNINGS:
        if head.startswith(beginning):
            return mime
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return next((m for b, m in zip(_BRANDS, _OF_BRANDS, strict=True) if brand in b), "video/mp4")
    return UNKNOWN


def kind_of(mime: str) -> FileKind:
    """What people would call a file of this type."""
    kinds: dict[str, FileKind] = {"image": "picture", "audio": "audio", "video": "video"}
    return kinds.get(mime.partition("/")[0], "file") if mime in SHOWN else "file"
