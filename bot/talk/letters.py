"""E-mail as a flow sees it: what is written to an address, outside of any chat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bot.text import Node

# RFC 5321 knows more forms, such as quoted local parts; nobody's school uses them, and each is a way to trick a server.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_LONGEST_LOCAL, _LONGEST = 64, 254


@dataclass(frozen=True)
class Letter:
    """An e-mail to one address, in one language.

    ``link`` is a web address of ours that the letter leads to, ``label`` the words on it; in ``subject`` and ``body``
    nothing becomes a link. After ``until`` it is worthless and is not sent any more.
    """

    address: str
    subject: Node
    body: Node
    language: str = "en"
    link: str | None = None
    label: Node | None = None
    until: datetime | None = None
    of: int | None = None


def mail_address(words: str) -> str | None:
    """An e-mail address in the form in which it is kept and written to, or None for what is none.

    The domain is in lower case and in its ASCII form (``müller.de`` is ``xn--mller-kva.de``).
    """
    local, _at, domain = words.strip().removeprefix("mailto:").rpartition("@")
    try:
        domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        return None
    address = f"{local}@{domain}"
    right = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)
    return address if right and len(local) <= _LONGEST_LOCAL and len(address) <= _LONGEST else None
