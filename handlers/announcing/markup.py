"""What an officer may write: plain text with *bold* words and links, and what is wrong with it. No I/O."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.text import Joined, Node, Strong, Verbatim, _, n_

#: The longest text of one language, in characters; with what stands around it, it fits into one message everywhere.
LONGEST = 3000

_LINK = re.compile(r"\bhttps?:\S*", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Names that nobody else can look up (RFC 2606, RFC 6762, RFC 8375, ICANN's for private use).
_AT_HOME = frozenset({"local", "localhost", "internal", "invalid", "test", "example", "lan", "home", "arpa", "onion"})
LONGEST_LINK = 500
_BULLET = re.compile(r"(?m)^\* ")
_CLOSING = ".,;:!?)»”\"'"


def shown(words: str) -> Node:
    """The text as it is shown. Stars that have no partner are shown as they are."""
    rows = [_row(row) for row in _BULLET.sub("• ", words).split("\n")]
    return Joined(tuple(rows), "\n")


def _row(row: str) -> Node:
    if row.count("*") % 2:
        return Verbatim(row)
    pieces = [(place % 2 == 1, piece) for place, piece in enumerate(row.split("*")) if piece.strip()]
    whole: Node = Verbatim("")
    for place, (strong, piece) in enumerate(pieces):
        part: Node = Strong(Verbatim(piece.strip())) if strong else Verbatim(piece.strip())
        # Somebody's words are shown without the spaces around them.
        apart = place > 0 and (piece[0].isspace() or pieces[place - 1][1][-1].isspace())
        whole = part if place == 0 else Joined((whole, part), " " if apart else "")
    return whole


def trouble(words: str) -> Node | None:
    """What is wrong with a text; None if nothing is."""
    if len(words) > LONGEST:
        return n_("Please keep it to {n} character.", "Please keep it to {n} characters.", LONGEST)
    for number, row in enumerate(_BULLET.sub("• ", words).split("\n"), 1):
        if row.count("*") % 2:
            return n_(
                "In line {n} a star has no partner. Bold words stand between two stars, *like this*.",
                "In line {n} a star has no partner. Bold words stand between two stars, *like this*.",
                number,
            )
    broken = next((link for link in _LINK.findall(words) if not is_link(link.rstrip(_CLOSING))), None)
    return None if broken is None else _nowhere(broken)


def link_trouble(address: str) -> Node | None:
    """What is wrong with the address of a button; None if nothing is."""
    if address.lower().startswith("http://"):
        return _(
            "The link has to begin with https://, so that nobody can change the page on the way: {link}",
            link=_cut(address),
        )
    return None if is_link(address) and len(address) <= LONGEST_LINK else _nowhere(address)


def is_link(address: str) -> bool:
    """Whether an address can be opened: with http or https, and the name of a place on the internet."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme.lower() not in {"http", "https"} or port == 0 or any(sign.isspace() for sign in address):
        return False
    # Whoever stands before an @ is no part of the place, and only there to mislead.
    return "@" not in parts.netloc and _is_host(host)


def _is_host(host: str) -> bool:
    """Whether a name can be looked up: labels as the DNS has them, and no end of a network at home."""
    try:
        labels = host.encode("idna").decode().lower().removesuffix(".").split(".")
    except UnicodeError:
        return False
    right = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    return right and not labels[-1].isdigit() and labels[-1] not in _AT_HOME and len(host) < 254


def _nowhere(link: str) -> Node:
    return _("This link leads nowhere: {link}", link=_cut(link))


def _cut(link: str) -> Node:
    return Verbatim(link[:60])
