"""What a telephone writes into a film beside pictures and sound (where, when, with what) is blanked before it travels.

Films and recordings of the ISO family (MP4, M4A, MOV) consist of boxes in boxes. A box that says such things becomes
a free one of the same size, so nothing else in the file moves and nothing is made anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

_TELLING = (b"udta", b"meta", b"uuid")
_OUTER = (b"moov", b"trak")
_MOST_BOXES, _DEEPEST = 10_000, 4
_PIECE = 64 * 1024


def forget(film: BinaryIO) -> None:
    """Blank what a film says beside what it shows, in place. A file that is not built as it should is left as it is."""
    boxes = _boxes(film, 0, film.seek(0, os.SEEK_END))
    for kind, start, end in islice(boxes, _MOST_BOXES):
        if kind in _TELLING:
            _blank(film, start, end)


def _boxes(film: BinaryIO, start: int, end: int, depth: int = 0) -> Iterator[tuple[bytes, int, int]]:
    """Each box with the places where what is in it begins and ends; of the outer ones, those inside."""
    while start + 8 <= end:
        film.seek(start)
        head = film.read(16)
        size, kind, inner = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if size == 1:
            size, inner = int.from_bytes(head[8:16], "big"), start + 16
        after = end if size == 0 else start + size
        if not inner <= after <= end:
            return
        if kind in _OUTER and depth < _DEEPEST:
            yield from _boxes(film, inner, after, depth + 1)
        else:
            yield kind, inner, after
        start = after


def _blank(film: BinaryIO, start: int, end: int) -> None:
    """Turn a box into a free one. Its kind stands just before what is in it, or before a size of eight bytes."""
    film.seek(start - 8)
    wide = film.read(8)[4:] not in _TELLING
    film.seek(start - (12 if wide else 4))
    film.write(b"free")
    film.seek(start)
    left = end - start
    while left > 0:
        film.write(bytes(min(left, _PIECE)))
        left -= _PIECE
