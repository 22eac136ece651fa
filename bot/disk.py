"""Small files that must be whole after a crash: written beside the old one, safe on disk, then given its name."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkstemp


@contextlib.contextmanager
def written(path: Path, text: str) -> Iterator[Path]:
    """A new file beside ``path`` that only its owner can read, for the block to give it that name. Raises OSError.

    The new file is on disk before the block begins, and its name is when all has ended. The file of a process that was
    killed in between stays behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = mkstemp(prefix=f"{path.name}.", dir=path.parent)
    made = Path(name)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        yield made
    finally:
        made.unlink(missing_ok=True)
    _sync(path.parent)


def replace(path: Path, text: str) -> None:
    """Give a file this content: all of it, or none."""
    with written(path, text) as made:
        made.replace(path)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
