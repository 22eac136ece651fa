"""The signs of several people on a message, in one line."""

from __future__ import annotations

from collections.abc import Mapping

from bot.text import Node, Verbatim

#: So many different signs are shown; the others are few and rare.
MOST = 8


def line(signs: Mapping[str, int]) -> Node | None:
    """The signs with how often each is there, the most frequent first; None for a single one, which the bot shows as a
    sign of its own."""
    if sum(signs.values()) < 2:
        return None
    shown = sorted(signs.items(), key=lambda pair: -pair[1])[:MOST]
    return Verbatim("  ".join(sign if number == 1 else f"{sign} {number}" for sign, number in shown))
