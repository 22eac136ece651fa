"""What is taken out of other people's words before they are kept or shown."""

from __future__ import annotations

import re
import unicodedata

FSI, PDI = "\u2068", "\u2069"

# Unicode's bidirectional controls (UAX #9, section 2) and the invisible characters used to disguise text.
_BIDI = {chr(c) for c in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
# The zero width joiner and non-joiner stay: Arabic script and emoji need them.
#: The mark of support. It is taken out of all words of people, so whatever shows it comes from support.
SHIELD = "\U0001f6e1"
_INVISIBLE = {"\u200b", "\u2060", "\ufeff", "\u00ad", "\u180e"}
_DROPPED_CATEGORIES = {"Cc", "Cs", "Co", "Cn"}

# What some system or header takes for more than a part of a name.
_NOT_IN_NAMES = re.compile(r'[<>:"|?*;%\x00-\x1f]')
_LONGEST_NAME, _LONGEST_ENDING = 100, 10


def clean(words: str, *, one_line: bool = False, limit: int | None = None) -> str:
    """Remove control, bidi and invisible characters; put one-line text on one line; cut it to ``limit``.

    Tabs become spaces. Line breaks stay unless ``one_line``. The result is NFC and stripped.
    """
    if words.isascii() and words.isprintable():
        # Most of what is cleaned is like this, and has nothing to clean but its spaces.
        plain = " ".join(words.split()) if one_line else words.strip()
        return plain if limit is None else plain[:limit].rstrip()
    kept = tame(words, one_line=one_line).strip()
    return kept if limit is None else kept[:limit].rstrip()


def tame(words: str, *, one_line: bool = False) -> str:
    """Like `clean`, with the spaces at both ends."""
    text = unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    if one_line:
        text = " ".join(text.split())
    return "".join(c for c in text if _stays(c))


def file_name(given: str | None, default: str) -> str:
    """The name of somebody's file as it may be shown and saved: no folders, one line, at most 100 characters.

    What stands behind the last dot stays when the rest is cut, for it says which program opens the file. Without a
    character that says something it is ``default``.
    """
    bare = re.split(r"[/\\]", given or "")[-1]
    name = _NOT_IN_NAMES.sub("_", clean(bare, one_line=True)).strip(". ")
    if not name:
        return default
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > _LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    return f"{stem[: _LONGEST_NAME - len(dot + ending)].rstrip()}{dot}{ending}"


def isolate(words: str) -> str:
    """Stand words between FSI and PDI, so that their direction does not disturb their surroundings."""
    return f"{FSI}{words}{PDI}"


def _stays(character: str) -> bool:
    if character == "\n":
        return True
    if character in _BIDI or character in _INVISIBLE or character == SHIELD:
        return False
    return unicodedata.category(character) not in _DROPPED_CATEGORIES
