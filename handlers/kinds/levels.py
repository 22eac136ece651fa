"""The levels of schools, from the youngest pupils to the oldest."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from bot.talk import Option
from bot.talk.kinds import Choice
from bot.text import Node, Reader, p_, plain
from bot.text.catalogs import available
from handlers.kinds.names import Names
from storage.reference import LEVELS
from storage.spelling import Lexicon

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


# Translators: other words that teachers may write for a level, parted by "|"; also as they stand in a sentence.
_ALSO: dict[str, Node] = {
    "pre_primary": p_("other words for the level", "kindergarten|nursery school|preschool"),
    "primary": p_("other words for the level", "primary school|elementary school"),
    "lower_secondary": p_("other words for the level", "middle school|lower secondary school|junior high"),
    "upper_secondary": p_("other words for the level", "high school|upper secondary school|secondary school|lyceum"),
    "vocational": p_("other words for the level", "vocational school|technical school|trade school"),
}


@cache
def level_lexicon() -> Lexicon:
    """All levels under their names and other words for them, in all languages of the catalogs."""
    return Lexicon((phrase, code) for code in LEVELS for phrase in _phrases(code))


def _phrases(code: str) -> Iterator[str]:
    for reader in map(Reader, available()):
        yield plain(level_name(code), reader)
        yield from plain(_ALSO[code], reader).split("|")


def levels_kind(at_most: int) -> Names:
    """Some levels."""
    options = [Option(code, level_name(code)) for code in LEVELS]
    return Names(options, level_lexicon(), at_least=1, at_most=at_most)
