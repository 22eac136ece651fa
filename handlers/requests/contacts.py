"""Whether words hold a way out of the bot: a link, an e-mail address, a username, a telephone number.

A first message to somebody who has not agreed to anything yet may hold none. This reminds the well-meaning and is no
lock: who wants to get around it can.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Contact = Literal["link", "address", "phone"]

_AT = re.compile(r"\S\s?@\s?\S|(?<!\S)@\w{3,}|[([{]\s?at\s?[)\]}]", re.IGNORECASE)
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://|\bwww\d?\.|\b(?:t|wa|m)\.me/", re.IGNORECASE)
# Endings of the countries of the programme and those that everybody knows; "song.It" is a sentence without a space.
_ENDINGS = (
    "com|org|net|edu|info|eu|io|app|me|tv|dev|link|online|site|school|uk|"
    "al|am|at|az|ba|be|bg|ch|cy|cz|de|dk|ee|es|fi|fr|ge|gr|hr|hu|ie|il|is|it|jo|lb|li|lt|lu|lv|"
    "md|mk|mt|nl|no|pl|ps|pt|ro|rs|se|si|sk|tn|tr|ua|va"
)
_DOMAIN = re.compile(rf"\b[\w-]{{2,}}\.(?:{_ENDINGS}|{_ENDINGS.upper()})\b(?!\.\w)")
# Dates and school years have as many digits as a telephone number.
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"\b(?:{_DAY}[./-]{_MONTH}[./-](?:{_YEAR}|\d\d)|{_YEAR}[./-]{_MONTH}[./-]{_DAY}|{_YEAR}\s?[/–-]\s?(?:{_YEAR}|\d\d))\b"
)
_DIGITS = re.compile(r"\+?\d(?:[\s().\-–/]{0,2}\d)*")
_PHONE_DIGITS = 7


def contact_in(words: str) -> Contact | None:
    """The first kind of contact that words hold, or None."""
    text = "".join(map(_western, unicodedata.normalize("NFKC", words)))
    if _AT.search(text):
        return "address"
    if _SCHEME.search(text) or _DOMAIN.search(text):
        return "link"
    return "phone" if any(map(_is_phone, _DIGITS.findall(_DATE.sub("~", text)))) else None


def _western(sign: str) -> str:
    """A digit of any script as one of 0 to 9; any other sign as it is."""
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign


def _is_phone(run: str) -> bool:
    return sum(sign.isdecimal() for sign in run) >= _PHONE_DIGITS
