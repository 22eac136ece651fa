"""What stands on a pupil's card: a code that is easy to type, and three of twelve pictures.

Codes have 60 random bits, in an alphabet in which no two signs look alike. What is typed instead of another is read as
meant: small letters, O for 0, I and L for 1, spaces and dashes, and Greek or Cyrillic letters that look the same.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Collection

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 12, 4
PICTURES, CHOSEN = 12, 3

_GREEK = dict(zip("ΑΒΕΖΗΚΜΝΟΡΤΥΧΙ", "ABEZHKMN0PTYX1", strict=True))
_CYRILLIC = dict(zip("АВЕКМНОРСТУХЗІЈЅ", "ABEKMH0PCTYX31JS", strict=True))
_MEANT = str.maketrans({**_GREEK, **_CYRILLIC, "O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """A code that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def new_pictures() -> list[int]:
    """Three different pictures, by their numbers. Their order says nothing: small children remember pictures, and a
    page without scripts cannot tell in which order boxes were ticked."""
    return sorted(secrets.SystemRandom().sample(range(PICTURES), CHOSEN))


def grouped(code: str) -> str:
    """A code as it is printed, in groups."""
    return "-".join(code[place : place + GROUP] for place in range(0, len(code), GROUP))


def read_code(typed: str) -> str | None:
    """The code that somebody means; None if it cannot be one."""
    plain = unicodedata.normalize("NFKC", typed[:100]).upper().translate(_MEANT)
    signs = "".join(_digit(sign) for sign in plain if sign.isalnum())
    return signs if len(signs) == LENGTH and set(signs) <= set(ALPHABET) else None


def same(kept: Collection[int], given: Collection[int]) -> bool:
    """Whether these are the pictures of a card, in any order."""
    return len(given) == CHOSEN and sorted(kept) == sorted(given)


def _digit(sign: str) -> str:
    """A digit of any script, such as Arabic, as ours."""
    return str(unicodedata.digit(sign)) if sign.isdecimal() else sign
