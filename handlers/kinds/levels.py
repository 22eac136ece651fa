"""The levels of schools, from the youngest pupils to the oldest."""

from __future__ import annotations

from bot.talk import Option
from bot.talk.kinds import Choice
from bot.text import Node, p_
from storage.reference import LEVELS

# Translators: levels of schools, by the usual age of their pupils: 3-6, 6-11, 11-15, 15-19, and 15-20 for a trade.
_NAMES: dict[str, Node] = {
    "pre_primary": p_("school level", "Pre-primary"),
    "primary": p_("school level", "Primary"),
    "lower_secondary": p_("school level", "Lower secondary"),
    "upper_secondary": p_("school level", "Upper secondary"),
    "vocational": p_("school level", "Vocational"),
}


def level_name(code: str) -> Node:
    """What a level is called. Raises KeyError for a code that is none."""
    return _NAMES[code]


def level_kind() -> Choice:
    """One level."""
    return Choice([Option(code, level_name(code)) for code in LEVELS])
