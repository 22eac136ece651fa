"""Languages that somebody works in, by their names in any of our languages."""

from __future__ import annotations

from collections.abc import Sequence

from bot.talk import Option
from bot.text import Language
from handlers.kinds.names import Names
from storage.reference import countries, languages
from storage.spelling import language_lexicon

#: What teachers of different countries most often work in together, offered after the country's own.
COMMON = ("en", "fr", "de", "es", "it")


def languages_kind(country: str | None, at_least: int = 1, at_most: int = 6, *, chosen: Sequence[str] = ()) -> Names:
    """Some languages: those of the country's schools and the common ones first."""
    own = countries()[country].languages if country is not None and country in countries() else ()
    options = [Option(code, Language(code)) for code in languages()]
    return Names(options, language_lexicon(), at_least=at_least, at_most=at_most, likely=(*own, *COMMON), chosen=chosen)
