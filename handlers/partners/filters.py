"""What a teacher looks for, as questions with an "any" and as words in one line ("Greece, music, 10-12")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

from bot.talk import Again, Kept, Kind, Option, Said
from bot.talk.kinds import labelled
from bot.text import Node, Reader, _, p_, plain
from bot.text.catalogs import available
from handlers.kinds.ages import ages_kind
from handlers.kinds.country import countries_kind
from handlers.kinds.languages import languages_kind
from handlers.kinds.subjects import subject_name, subjects_kind
from storage.partners import Candidate, Filter, Wishes
from storage.reference import subjects
from storage.spelling import Lexicon, country_lexicon, language_lexicon

T = TypeVar("T")

MOST = 10
YOUNGEST, OLDEST = 3, 20
#: A line longer than this is a story, not a search; its beginning is read.
LONGEST_LINE = 300
ANY: dict[Filter, Node] = {
    # Translators: these buttons open a filter: to any country, any subject, ...
    "countries": p_("button", "Any country"),
    "subjects": p_("button", "Any subject"),
    "languages": p_("button", "Any language"),
    "ages": p_("button", "Any age"),
}
_ANY = "any"
_PARTS = re.compile(r"[,;/\n،؛、]")
_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_EXACT, _TYPO = 100.0, 80.0


class OrAny(Kind[T]):
    """The kind of a filter: another kind with "any" before its options.

    ``first`` is what is set already, such as the boxes that are ticked. Names that are written take its place, and
    are the whole answer; boxes add to it.
    """

    def __init__(self, name: Filter, kind: Kind[T], nothing: T, first: Any = None) -> None:
        self._name, self._kind, self._nothing, self._first = name, kind, nothing, first
        self.reads_numbers = kind.reads_numbers

    def options(self, draft: Any) -> Sequence[Option]:
        """Any, then what the kind itself offers."""
        return (Option(_ANY, ANY[self._name]), *self._kind.options(self._first if draft is None else draft))

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """Any, or what the kind understands."""
        if said.option == _ANY or _means_any(said.text):
            return Kept(_ANY)
        written = None if said.pressed else named(said.text or "").codes.get(self._name)
        if written:
            return Kept(written[:MOST])
        if draft is None and said.option is not None:
            draft = self._first
        return self._kind.read(said, draft)

    def recall(self, kept: Any) -> T:
        """What was kept, as the kind has it; raises Outdated as the kind does."""
        return self._nothing if kept == _ANY else self._kind.recall(kept)

    def show(self, value: T) -> Node:
        """The answer in words; nothing chosen means any."""
        return self._kind.show(value) if value else ANY[self._name]


@dataclass
class Named:
    """What a line of words names, by filter, and the parts of it that mean nothing here."""

    codes: dict[str, list[str]] = field(default_factory=dict)
    ages: tuple[int, int] | None = None
    unknown: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.codes) or self.ages is not None

    def add(self, name: str, code: str) -> None:
        """Take a code into a filter, once."""
        codes = self.codes.setdefault(name, [])
        if code not in codes:
            codes.append(code)

    def over(self, wishes: Wishes) -> Wishes:
        """The wishes with each filter that was named in the place of the earlier one."""
        changes: dict[str, Any] = {name: tuple(codes) for name, codes in self.codes.items()}
        if self.ages is not None:
            changes["ages"] = self.ages
        return replace(wishes, **changes)


def named(line: str) -> Named:
    """Read countries, subjects, languages and ages out of a line, in any of our languages, typos forgiven."""
    found = Named()
    numbers: list[int] = []
    for part in _PARTS.split(line[:LONGEST_LINE]):
        years = [int(number) for number in _NUMBER.findall(part) if YOUNGEST <= int(number) <= OLDEST]
        numbers += years
        words = _NUMBER.sub(" ", part).strip(" -–—.+")
        if not (words and _read_part(words, found)) and not years and part.strip():
            found.unknown.append(part.strip())
    if numbers:
        found.ages = min(numbers), max(numbers)
    return found


def _read_part(part: str, found: Named) -> bool:
    """Read one part: as the name of one thing if it can be, else word by word."""
    whole = _best(part)
    if whole is not None:
        found.add(*whole)
        return True
    named_here = list(_in_sentence(part.split()))
    for name, code in named_here:
        found.add(name, code)
    return bool(named_here)


def _in_sentence(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what stretches of up to four words name, the longest first. Short words and beginnings do not count:
    "in" is no India, and half a word is a word of its own."""
    index = 0
    while index < len(words):
        for count in range(min(4, len(words) - index), 0, -1):
            phrase = " ".join(words[index : index + count])
            hit = _best(phrase, in_sentence=True) if len(phrase) > 3 else None
            if hit is not None:
                yield hit
                index += count - 1
                break
        index += 1


def _best(phrase: str, *, in_sentence: bool = False) -> tuple[str, str] | None:
    """The one thing that a phrase names best, with its filter. Between equals the country comes first."""
    hits: list[tuple[float, str, str]] = []
    for name, lexicon in _lexicons().items():
        code = lexicon.one(phrase)
        score = lexicon.find(phrase)[0].score if code is not None else 0.0
        if code is not None and (not in_sentence or score == _EXACT or (score < _TYPO and len(phrase) > 5)):
            hits.append((score, name, code))
    best = max(hits, key=lambda hit: hit[0], default=None)
    return None if best is None else best[1:]


def question(name: Filter, me: Candidate) -> tuple[Node, Kind[Any]]:
    """The question for one filter, with what is set already, and its kind."""
    wishes = me.wishes
    if name == "countries":
        places = OrAny(name, countries_kind(at_least=1), [], list(wishes.countries))
        return _("Which countries should your partners be in? Choose some, or write them with commas."), places
    if name == "subjects":
        taught = subjects_kind(None, at_least=1, at_most=MOST)
        return _("Which subjects should your partners teach?"), OrAny(name, taught, [], list(wishes.subjects))
    if name == "languages":
        spoken = languages_kind(me.country, at_least=1, at_most=MOST)
        return _("Which language do you want to work in?"), OrAny(name, spoken, [], list(wishes.languages))
    return _("How old should your partners' pupils be? For example: 10-12"), OrAny(name, ages_kind(None), None)


@cache
def _lexicons() -> dict[Filter, Lexicon]:
    return {"countries": country_lexicon(), "languages": language_lexicon(), "subjects": _subject_lexicon()}


def _subject_lexicon() -> Lexicon:
    """Subjects under their names in all languages of the catalogs; of "Mathematics / Geometry" each part counts."""
    names = ((plain(subject_name(code), Reader(language)), code) for language in available() for code in subjects())
    return Lexicon((phrase, code) for name, code in names for phrase in (name, *name.split(" / ")))


def _means_any(text: str | None) -> bool:
    # Translators: what somebody may write instead of choosing "Any country", "Any subject" and so on.
    return text is not None and labelled(text, (Option(_ANY, p_("answer", "any")),), Reader()) is not None
