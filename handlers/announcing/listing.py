"""A list of people as an officer writes or sends it: a line each, or the first column of a table. No I/O."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Sequence

from bot.text.cleaning import clean

#: The largest file that is read, in bytes.
LARGEST = 1_000_000
#: What the first cell of a table may say instead of naming anybody.
_HEADS = frozenset({"account", "accounts", "email", "e-mail", "mail", "name", "names", "teacher", "teachers"})
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: A line: its number in what was sent, and whom it names.
Row = tuple[int, str]


def rows_of(text: str) -> list[Row]:
    """The lines that name somebody, with their numbers; the head of a table is none."""
    sign = _separator(text)
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        cell = clean(_cell(line, sign), one_line=True)
        if cell and not (number == 1 and cell.casefold() in _HEADS):
            found.append((number, cell))
    return found


def text_of(content: bytes) -> str | None:
    """A file as text, in whichever of the usual encodings it is; None for one that is no text."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        # What spreadsheets write on Windows. Five of its bytes mean nothing.
        return content.decode("cp1252", "replace")


def _separator(text: str) -> str:
    """What stands between the columns: of the signs that may, the one that the first line has most of."""
    first = next(iter(text.splitlines()), "")
    return max((";", "\t", ","), key=first.count)


def _cell(line: str, sign: str) -> str:
    """The first column of a line that is a row of a table."""
    try:
        cells: Sequence[str] = next(csv.reader([line], delimiter=sign), [])
    except csv.Error:
        cells = [line]
    return next((cell for cell in cells if cell.strip()), "")
