"""The media of a homeserver: files fetched and put there, encrypted for rooms that are.

How an encrypted file is made is in the specification under "Sending encrypted attachments": AES in counter mode, its
key in the event that is itself encrypted, and a digest by which a file that was tampered with is found out.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from unpaddedbase64 import decode_base64, encode_base64

from bot.platforms.matrix.wire import Away, Refused, Wire
from bot.platforms.platform import FLOOD, File, NotCarried, TryLater
from bot.talk.messages import Attachment

Json = Any

_MEDIA, _OLD_MEDIA = "/_matrix/client/v1/media", "/_matrix/media/v3"
_PIECE = 64 * 1024
_AWAY_SECONDS, _LIMITED_SECONDS = 2.0, 5.0
# What a homeserver takes that does not say; and what nobody should have to download on a telephone.
_USUAL, _MOST = 50_000_000, 200_000_000
_ASKED_AGAIN = timedelta(hours=1)


class Media:
    """Files of one homeserver. ``now`` tells when its limits are to be asked for again."""

    def __init__(self, wire: Wire, now: Callable[[], datetime]) -> None:
        self._wire, self._now = wire, now
        self._largest: tuple[datetime, int] | None = None

    async def largest(self) -> int:
        """The most bytes of a file that the homeserver takes. Raises `TryLater`."""
        if self._largest is None or self._now() - self._largest[0] > _ASKED_AGAIN:
            told = (await self._either("config")).get("m.upload.size")
            usable = isinstance(told, int) and not isinstance(told, bool) and told > 0
            self._largest = self._now(), min(told if usable else _USUAL, _MOST)
        return self._largest[1]

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Download a file, in clear. Raises `NotCarried` or `TryLater`."""
        source = json.loads(what.ref)
        server, _slash, name = source["url"].removeprefix("mxc://").partition("/")
        if (what.size or 0) > most:
            raise NotCarried("big", most)
        path = f"download/{quote(server, safe='')}/{quote(name, safe='')}"
        if "key" not in source:
            await self._download(path, into, most)
        else:
            with TemporaryFile() as sealed:
                await self._download(path, sealed, most)
                if not await asyncio.to_thread(_opened, source, sealed, into):
                    raise NotCarried("gone")

    async def put(self, file: File, *, encrypted: bool) -> Json:
        """Upload a file; gives what an event says of where it lies. Raises `NotCarried` or `TryLater`."""
        assert file.open is not None
        with file.open() as content:
            if not encrypted:
                kind = file.what.mime or "application/octet-stream"
                return {"url": await self._upload(content, kind, file.what.name)}
            with TemporaryFile() as sealed:
                keys = await asyncio.to_thread(_sealed, content, sealed)
                return {"file": {**keys, "url": await self._upload(sealed, "application/octet-stream", None)}}

    async def _upload(self, content: BinaryIO, kind: str, name: str | None) -> str:
        query = {} if name is None else {"filename": name}
        size = content.seek(0, os.SEEK_END)
        content.seek(0)
        try:
            answer = await self._wire.upload(f"{_OLD_MEDIA}/upload", content, size, kind, query)
        except (Away, Refused) as error:
            raise _trouble(error, await self.largest() if getattr(error, "status", 0) == 413 else 0) from None
        if not isinstance(answer.get("content_uri"), str):
            raise NotCarried("refused")
        return str(answer["content_uri"])

    async def _download(self, path: str, into: BinaryIO, most: int) -> None:
        try:
            try:
                whole = await self._wire.download(f"{_MEDIA}/{path}", into, most)
            except Refused as refused:
                if refused.errcode != "M_UNRECOGNIZED":
                    raise
                whole = await self._wire.download(f"{_OLD_MEDIA}/{path}", into, most)
        except (Away, Refused) as error:
            raise _trouble(error, gone=True) from None
        if not whole:
            raise NotCarried("big", most)

    async def _either(self, path: str) -> Json:
        """Ask at the address of today, else at that of homeservers before 2024."""
        try:
            try:
                return await self._wire.call("GET", f"{_MEDIA}/{path}")
            except Refused as refused:
                if refused.limited:
                    raise
                return await self._wire.call("GET", f"{_OLD_MEDIA}/{path}")
        except (Away, Refused) as error:
            if isinstance(error, Refused) and not error.limited:
                return {}
            raise _trouble(error) from None


def _trouble(error: Away | Refused, most: int = 0, *, gone: bool = False) -> NotCarried | TryLater:
    if isinstance(error, Away):
        return TryLater(_AWAY_SECONDS, str(error))
    if error.limited or error.signed_out:
        return TryLater(error.retry_seconds or _LIMITED_SECONDS, FLOOD)
    if error.status == 413:
        return NotCarried("big", most)
    return NotCarried("gone" if gone else "refused")


def _cipher(key: bytes, iv: bytes) -> CipherContext:
    # Counter mode is the same in both directions.
    return Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()


def _sealed(clear: BinaryIO, into: BinaryIO) -> Json:
    """Encrypt a file; gives its keys as an event names them."""
    key, iv = os.urandom(32), os.urandom(8) + bytes(8)
    cipher, digest = _cipher(key, iv), hashlib.sha256()
    while piece := clear.read(_PIECE):
        sealed = cipher.update(piece)
        digest.update(sealed)
        into.write(sealed)
    known = {"kty": "oct", "key_ops": ["encrypt", "decrypt"], "alg": "A256CTR", "ext": True}
    return {
        "v": "v2",
        "key": {**known, "k": encode_base64(key, urlsafe=True)},
        "iv": encode_base64(iv),
        "hashes": {"sha256": encode_base64(digest.digest())},
    }


def _opened(source: Json, sealed: BinaryIO, into: BinaryIO) -> bool:
    """Decrypt a file; False if it is not the one that was sent, or the keys are none."""
    sealed.seek(0)
    try:
        key, iv, expected = (decode_base64(source[name]) for name in ("key", "iv", "sha256"))
        cipher = _cipher(key, iv)
    except ValueError:
        return False
    if _digest(sealed) != expected:
        return False
    sealed.seek(0)
    while piece := sealed.read(_PIECE):
        into.write(cipher.update(piece))
    return True


def _digest(content: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    while piece := content.read(_PIECE):
        digest.update(piece)
    return digest.digest()
