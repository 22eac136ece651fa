"""Files of the chat on disk, under random names, each encrypted with a key of its own.

The key is not on the disk: it is part of the reference that stands with the line that shows the file. Once that line is
gone, nobody can open the file any more, whatever became of its bytes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

from bot.platforms.platform import NotCarried

log = logging.getLogger("twinbot.web")

_REF = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")
_PIECE = 64 * 1024
_BLOCK = 16


class Shelf:
    """A folder of files of at most ``most`` bytes each; without a folder nothing can be put there."""

    def __init__(self, folder: Path | None, most: int) -> None:
        self._folder, self.most = folder, most if folder is not None else 0

    async def put(self, content: BinaryIO) -> str:
        """Keep a file, read from its beginning; gives its reference. Raises `NotCarried`."""
        if self._folder is None:
            raise NotCarried("refused")
        return await asyncio.to_thread(self._put, self._folder, content)

    def _put(self, folder: Path, content: BinaryIO) -> str:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name, key = secrets.token_hex(16), secrets.token_bytes(32)
        cipher = _cipher(key, 0)
        content.seek(0)
        # Under its own name a file is always whole.
        fresh = folder / f"{name}.new"
        with fresh.open("xb") as file:
            while piece := content.read(_PIECE):
                file.write(cipher.update(piece))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(folder / name)
        return f"{name}.{urlsafe_b64encode(key).decode().rstrip('=')}"

    def size(self, ref: str) -> int | None:
        """How many bytes a file has; None if there is none."""
        path, _key = self._known(ref)
        try:
            return path.stat().st_size if path is not None else None
        except OSError:
            return None

    def pieces(self, ref: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes of a file from ``start`` to before ``end``. Raises `NotCarried` if it is not there."""
        path, key = self._known(ref)
        try:
            file = path.open("rb") if path is not None else None
        except OSError:
            file = None
        if file is None:
            raise NotCarried("gone")
        with file:
            first = start // _BLOCK
            cipher, skip, left = _cipher(key, first), start - first * _BLOCK, end - start
            file.seek(first * _BLOCK)
            while left > 0 and (piece := file.read(_PIECE)):
                clear = cipher.update(piece)[skip : skip + left]
                skip, left = 0, left - len(clear)
                yield clear

    async def fetch(self, ref: str, into: BinaryIO, most: int) -> None:
        """Write a file in clear. Raises `NotCarried`."""
        size = self.size(ref)
        if size is None:
            raise NotCarried("gone")
        if size > most:
            raise NotCarried("big", most)
        await asyncio.to_thread(into.writelines, self.pieces(ref, 0, size))

    def remove(self, ref: str) -> None:
        """Forget a file, if it is there."""
        path, _key = self._known(ref)
        if path is not None:
            path.unlink(missing_ok=True)

    def tidy(self, before: datetime) -> int:
        """Forget what was put there before a moment; gives how many that were."""
        gone = 0
        for path in self._folder.iterdir() if self._folder is not None and self._folder.is_dir() else ():
            if path.is_file() and path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _known(self, ref: str) -> tuple[Path | None, bytes]:
        """Where a file lies, and its key. A reference of any other shape leads nowhere."""
        found = _REF.fullmatch(ref)
        if found is None or self._folder is None:
            return None, b""
        return self._folder / found[1], urlsafe_b64decode(f"{found[2]}=")


def _cipher(key: bytes, block: int) -> CipherContext:
    """Counter mode, from a block on. No two files share a key, so all may count from zero."""
    return Cipher(algorithms.AES(key), modes.CTR(block.to_bytes(_BLOCK, "big"))).encryptor()
