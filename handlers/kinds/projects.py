"""The kinds of projects that teachers look for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from bot.talk import Option
from bot.text import Node, Reader, p_, plain
from bot.text.catalogs import available
from handlers.kinds.names import Names
from storage.reference.bits import kinds
from storage.spelling import Lexicon

# Translators: kinds of projects that two classes do together, as short names.
_NAMES: dict[str, Node] = {
    "letters": p_("project kind", "Letters"),
    "video": p_("project kind", "Video meetings"),
    "language_practice": p_("project kind", "Language practice"),
    "science": p_("project kind", "Experiments"),
    "arts": p_("project kind", "Art and music"),
    "heritage": p_("project kind", "Culture and heritage"),
    "environment": p_("project kind", "Environment"),
    "coding": p_("project kind", "Coding and making"),
    "reading": p_("project kind", "Reading"),
    "sport_health": p_("project kind", "Sport and health"),
}

# Translators: other words that teachers may write for a kind of project, parted by "|"; also as they stand in a
# sentence of your language. No words that are the name of a school subject.
_ALSO: dict[str, Node] = {
    "letters": p_("other words for the project", "letter exchange|pen pals|pen friends|correspondence|postcards"),
    "video": p_("other words for the project", "video|video calls|video call|videoconference|online meetings"),
    "language_practice": p_("other words for the project", "language exchange|conversation practice|tandem"),
    "science": p_("other words for the project", "experiment|science project|measurements|research"),
    "arts": p_("other words for the project", "art project|exhibition|choir|songs"),
    "heritage": p_("other words for the project", "culture|heritage|traditions|recipes|festivals|local history"),
    "environment": p_("other words for the project", "nature|green project|recycling|garden"),
    "coding": p_("other words for the project", "robots|maker|inventions|apps"),
    "reading": p_("other words for the project", "books|reading diary|book club|stories|fairy tales"),
    "sport_health": p_("other words for the project", "games|healthy food|sports challenge"),
}


def kind_name(code: str) -> Node:
    """What a kind of project is called. Raises KeyError for a code that is none."""
    return _NAMES[code]


@cache
def kind_lexicon() -> Lexicon:
    """All kinds of projects under their names and other words for them, in all languages of the catalogs."""
    return Lexicon((phrase, code) for code in kinds() for phrase in _phrases(code))


def _phrases(code: str) -> Iterator[str]:
    for reader in map(Reader, available()):
        yield plain(kind_name(code), reader)
        yield from plain(_ALSO[code], reader).split("|")


def kinds_kind(at_most: int) -> Names:
    """Some kinds of projects."""
    options = [Option(code, kind_name(code)) for code in kinds()]
    return Names(options, kind_lexicon(), at_least=1, at_most=at_most)
