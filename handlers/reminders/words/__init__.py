"""The words of dates and repeating, language by language: the CSV files beside this module, and CLDR's names.

A row is a meaning, its value where it has one, and the words for it, parted by ";". A new language needs a file and
no code. README.md beside the files says what each meaning is for.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import babel

from bot.text.catalogs import chain
from storage.spelling import fold

#: What a word or phrase may mean: the name of the meaning, and its value.
Senses = Mapping[str, str]

MEANINGS = frozenset(
    (
        *("call", "attached", "filler", "and"),
        *("today", "at", "clock", "half", "o'clock", "past", "more", "in", "next", "weekday", "month"),
        *("every", "other", "through", "adverb", "days", "weekdays", "nth"),
        *("until", "for", "times", "seconds", "except", "holidays", "ahead", "before"),
        *("later", "till", "during", "excepted", "rate"),
        *("from", "between", "maybe_at", "on", "in_month", "counted", "further"),
        *("unit", "units", "link", "lapse", "number"),
    )
)
_AL, _SHORTEST_WITH_AL = "ال", 4


@dataclass(frozen=True)
class Lexicon:
    """The phrases of a language, folded. ``bare`` has those of Arabic without their articles; ``attached`` are
    letters that are written in one with the word that follows, and what they mean; ``links`` are letters that join
    the name of a day to a part of it in one word."""

    language: str
    phrases: Mapping[str, Senses]
    bare: Mapping[str, Senses]
    attached: Mapping[str, str]
    links: tuple[str, ...] = ()
    longest: int = field(default=1)

    def senses(self, folded: str) -> Senses | None:
        """What a folded phrase may mean, with or without its articles."""
        found = self.phrases.get(folded)
        if found is None:
            without = bare(folded)
            found = self.phrases.get(without) or self.bare.get(without)
        return found


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a file of words, in the order of their codes."""
    return tuple(
        sorted(file.name.removesuffix(".csv") for file in files(__name__).iterdir() if file.name[-4:] == ".csv")
    )


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language; CLDR's names alone where nobody has written a file."""
    phrases: dict[str, dict[str, str]] = {}
    attached: dict[str, str] = {}
    links: list[str] = []
    for meaning, value, words in _rows(language):
        for word in words:
            if meaning == "attached":
                attached[word] = value
            elif meaning == "link":
                links.append(word)
            else:
                senses = phrases.setdefault(fold(word), {})
                senses.setdefault(meaning, value)
                senses.update(_also(meaning, value))
    stripped = {bare(phrase): senses for phrase, senses in phrases.items()}
    longest = max((phrase.count(" ") + 1 for phrase in phrases), default=1)
    return Lexicon(language, MappingProxyType(phrases), MappingProxyType(stripped), attached, tuple(links), longest)


def _also(meaning: str, value: str) -> dict[str, str]:
    """What follows from a meaning: "at 9 hours" is a time in many languages, and "9 o'clock thirty" names minutes."""
    if (meaning, value) == ("unit", "hour"):
        return {"hours": ""}
    return {"minutes": ""} if meaning == "number" and 10 <= int(value) < 60 else {}


def bare(folded: str) -> str:
    """A folded phrase without Arabic's articles."""
    if _AL not in folded:
        return folded
    return " ".join(w.removeprefix(_AL) if len(w) > _SHORTEST_WITH_AL else w for w in folded.split())


def _rows(language: str) -> Iterator[tuple[str, str, list[str]]]:
    for code in chain(language):
        if code in languages():
            yield from file_rows(code)
            break
    yield from _cldr(language)


def file_rows(language: str) -> Iterator[tuple[str, str, list[str]]]:
    """The rows of a language's file: meaning, value, words."""
    text = files(__name__).joinpath(f"{language}.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        yield row["meaning"], row["value"], [word.strip() for word in row["words"].split(";")]


def _cldr(language: str) -> Iterator[tuple[str, str, list[str]]]:
    """Names of days and months in every form that CLDR has; of the short ones, those of months alone.

    The short name of a day is an everyday word in many languages ("jeu" is a game), so files name the safe ones.
    """
    locale = babel.Locale.parse(language)
    for form in ("format", "stand-alone"):
        for day, name in locale.days[form]["wide"].items():
            yield "weekday", str(day), [name]
        for width in ("wide", "abbreviated"):
            for month, name in locale.months[form][width].items():
                if not name.isdecimal():
                    yield "month", str(month), [name.rstrip(".")]
