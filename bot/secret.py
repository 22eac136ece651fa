"""The secret key that contact data is sealed with: from the environment, or from a file that the first start makes."""

from __future__ import annotations

import binascii
import contextlib
import os
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot import disk
from storage.sealing import KEY_BYTES

_HEAD = (
    "# The secret key of twinbot. Keep a copy apart from the database: without it contact data cannot be read.\n"
    "# The newest comes first; older ones open backups that were made in their time.\n"
)


class KeyTrouble(Exception):
    """The secret key is missing, wrong or unreadable; the sentence says what to do."""


def new() -> bytes:
    """A key that nobody had before."""
    return os.urandom(KEY_BYTES)


def encoded(key: bytes) -> str:
    """A key as it stands in a file or in the environment."""
    return urlsafe_b64encode(key).decode()


def decoded(text: str) -> bytes | None:
    """The key that a text is, or None if it is none. Both alphabets of base64 will do, also without padding."""
    standard = text.strip().translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        key = b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


class KeyFile:
    """The file with the keys, the newest first. It is only ever replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def present(self) -> list[bytes]:
        """The keys in it; none if there is no file. Raises `KeyTrouble`."""
        try:
            lines = self.path.read_text().splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise KeyTrouble(f"{self.path} cannot be read: {getattr(error, 'strerror', 'not a text')}.") from None
        found = [decoded(line) for line in lines if line.strip() and not line.startswith("#")]
        if not found or None in found:
            raise KeyTrouble(f"{self.path} should have a key a line: 32 bytes in url-safe base64. Put back your copy.")
        return [key for key in found if key is not None]

    def create(self) -> list[bytes]:
        """Make a key, unless another process was quicker; then its key counts."""
        with self._written([new()]) as made, contextlib.suppress(FileExistsError):
            os.link(made, self.path)
        return self.present()

    def replace(self, keys: Sequence[bytes]) -> None:
        """Have these keys in the file and no others; without any there is no file."""
        if not keys:
            self.path.unlink(missing_ok=True)
            return
        with self._written(keys) as made:
            made.replace(self.path)

    @contextlib.contextmanager
    def _written(self, keys: Sequence[bytes]) -> Iterator[Path]:
        """A new file beside the old one, to be given its name."""
        try:
            with disk.written(self.path, _HEAD + "".join(f"{encoded(key)}\n" for key in keys)) as made:
                yield made
        except OSError as error:
            raise KeyTrouble(f"{self.path} cannot be written: {error.strerror}. Set TWINBOT_STATE_DIR.") from None
