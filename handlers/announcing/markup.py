"""What an officer may write: plain text with *bold* words and links, and what is wrong with it. No I/O."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.text import Joined, Node, Strong, Verbatim, _, n_

#: The longest text of one language, in characters; with what stands around it, it fits into one message everywhere.
LONGEST = 3000

_LINK = re.compile(r"\bhttps?:\S*", re.IGNORECASE)
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+")
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
    return None if broken is None else _("This link leads nowhere: {link}", link=Verbatim(broken[:60]))


def is_link(address: str) -> bool:
    """Whether an address can be opened: with http or https, and the name of a place on the internet."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme.lower() not in {"http", "https"} or (port is not None and port == 0):
        return False
    return _HOST.fullmatch(parts.hostname or "") is not None and not any(sign.isspace() for sign in address)
