"""Countries of the programme, by name in any of our languages, by flag, or by ISO code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.talk import Again, Kept, Kind, Option, Outdated, Said
from bot.text import Country, Node, _
from handlers.kinds.names import Names
from handlers.kinds.typed import typed
from storage.reference import countries, languages
from storage.spelling import country_lexicon, misspelt_country

_OFFERED = 5


class OneCountry(Kind[str]):
    """One country. A few likely ones are buttons; where words may mean several, the draft holds those instead.

    In the reader's language one typing error is forgiven in any name, however short.
    """

    def __init__(self, likely: Sequence[str], language: str | None = None) -> None:
        self._language = language
        self._likely = [code for code in likely if code in countries()]

    def options(self, draft: Any) -> list[Option]:
        """The likely ones, or those that the words may have meant."""
        return [Option(code, Country(code)) for code in draft or self._likely]

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """A name, flag or code; a sentence that names one country is understood as well."""
        words = typed(said)
        if words is None:
            return Kept(said.option) if said.option in countries() else Again(_("Please choose one of the answers."))
        code = self._named(words)
        if code is not None:
            return Kept(code)
        meant = country_lexicon().find_all(words) or [match.id for match in country_lexicon().find(words)]
        if len(meant) == 1:
            return Kept(meant[0])
        if meant:
            return Again(_("Which of these do you mean?"), meant[:_OFFERED])
        return Again(_("I did not find that among the countries of eTwinning. Please write it another way."), draft)

    def _named(self, words: str) -> str | None:
        """What words name for sure: a name as it is written, one of the reader's misspelt, or the clearly nearest."""
        code = country_lexicon().exact(words)
        if code is None and self._language is not None:
            code = misspelt_country(words, self._language)
        return code or country_lexicon().one(words)

    def recall(self, kept: Any) -> str:
        """The code, while the country is known."""
        if kept not in countries():
            raise Outdated(_("That country is no longer on the list. Please choose again."))
        return str(kept)

    def show(self, value: str) -> Node:
        """The country's name in the reader's language."""
        return Country(value)


def likely_countries(language: str) -> list[str]:
    """Countries whose schools teach in a language, those that take part today first of all."""
    codes = (language, language.split("_", maxsplit=1)[0])
    known = next((languages()[code] for code in codes if code in languages()), None)
    if known is None:
        return []
    places = [code for code in (*known.countries, *known.minority_in) if countries()[code].active]
    return places[:_OFFERED]


def country_kind(language: str | None = None) -> OneCountry:
    """One country; those where ``language`` is at home are offered as buttons."""
    return OneCountry(likely_countries(language) if language else (), language)


def countries_kind(at_least: int = 0, at_most: int = 10) -> Names:
    """Some countries."""
    options = [Option(code, Country(code)) for code, place in countries().items() if place.active]
    options += [Option(code, Country(code)) for code, place in countries().items() if not place.active]
    return Names(options, country_lexicon(), at_least=at_least, at_most=at_most)
