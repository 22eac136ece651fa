"""One typing error in the name of a country, in each language: that country is found first."""

from __future__ import annotations

from random import Random

from babel import Locale

from bot.talk import Kept, Said
from handlers.kinds.country import country_kind
from storage.reference import countries, languages

EACH = 6
GOAL, OF_EACH_LANGUAGE = 0.99, 0.98


def misspelt(name: str, letters: str, chance: Random) -> str:
    """A name with a letter left out, put in, replaced by another, or two that have changed places."""
    place = chance.randrange(len(name) - 1)
    before, after = name[:place], name[place:]
    typo = chance.choice(letters)
    return before + chance.choice((after[1:], typo + after, typo + after[1:], after[1] + after[0] + after[2:]))


def found_first(language: str, chance: Random) -> tuple[int, int]:
    """Of how many misspelt names in a language the first that is found is the one that was meant, and of how many."""
    kind = country_kind(language)
    names = {code: name for code, name in Locale.parse(language).territories.items() if code in countries()}
    letters = "".join(sorted({letter for name in names.values() for letter in name.casefold() if letter.isalpha()}))
    right = 0
    for code, name in names.items():
        for _typo in range(EACH):
            answer = kind.read(Said(text=misspelt(name, letters, chance)), None)
            first = [answer.value] if isinstance(answer, Kept) else answer.draft or [None]
            right += first[0] == code  # type: ignore[index]
    return right, EACH * len(names)


def test_one_typing_error_finds_the_country_first() -> None:
    found = {language: found_first(language, Random(language)) for language in languages()}
    poor = {language: right / of for language, (right, of) in found.items() if right < OF_EACH_LANGUAGE * of}
    assert not poor
    assert sum(right for right, _of in found.values()) >= GOAL * sum(of for _right, of in found.values())
