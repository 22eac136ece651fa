"""What a teacher looks for, as questions with an "any" and as words in one line ("Greece, music, 10-12")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

from bot.talk import Again, Kept, Kind, Option, Said
from bot.talk.kinds import fold
from bot.text import Node, Reader, _, p_, plain
from bot.text.catalogs import available
from handlers.kinds.ages import OLDEST, YOUNGEST, ages_kind
from handlers.kinds.country import countries_kind
from handlers.kinds.languages import languages_kind
from handlers.kinds.levels import level_lexicon, levels_kind
from handlers.kinds.projects import kind_lexicon, kinds_kind
from handlers.kinds.subjects import subject_lexicon, subjects_kind
from handlers.kinds.typed import typed
from handlers.partners.outside import outside
from storage.partners import Candidate, Filter, Wishes
from storage.spelling import Lexicon, country_lexicon, language_lexicon

T = TypeVar("T")

MOST = 10
#: A line longer than this is a story, not a search; its beginning is read.
LONGEST_LINE = 300
ANY: dict[Filter, Node] = {
    # Translators: these buttons open a filter: to any country, any subject, ...
    "countries": p_("button", "Any country"),
    "subjects": p_("button", "Any subject"),
    "languages": p_("button", "Any language"),
    "ages": p_("button", "Any age"),
    "levels": p_("button", "Any kind of school"),
    "kinds": p_("button", "Any project"),
}
_ANY = "any"
_PARTS = re.compile(r"[,;/\n،؛、]")
_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_EXACT, _TYPO = 100.0, 80.0
_SHORTEST = 3
#: In the place of a filter's name: a country that takes no part.
OUTSIDE = "outside"


class OrAny(Kind[T]):
    """The kind of a filter: another kind with "any" after its options, so that theirs keep their numbers.

    ``first`` is what is set already, such as the boxes that are ticked: a choice adds to it, words that are written
    take its place.
    """

    def __init__(self, name: Filter, kind: Kind[T], nothing: T, first: Any = None) -> None:
        self._name, self._kind, self._nothing, self._first = name, kind, nothing, first
        self.reads_numbers = kind.reads_numbers

    def options(self, draft: Any) -> Sequence[Option]:
        """What the kind itself offers, then any."""
        return (*self._kind.options(self._first if draft is None else draft), Option(_ANY, ANY[self._name]))

    def read(self, said: Said, draft: Any) -> Kept | Again:
        """Any, or what the kind understands."""
        if said.option == _ANY or _means_any(said.text):
            return Kept(_ANY)
        if draft is None and typed(said) is None:
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
    #: Countries that take no part in the programme.
    outside: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.codes or self.outside) or self.ages is not None

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
        # Beside a number stand words such as "years" more often than names: there, half a name does not count.
        if not (words and _read_part(words, found, whole=not years)) and not years and part.strip():
            found.unknown.append(part.strip())
    if numbers:
        found.ages = min(numbers), max(numbers)
    return found


def _read_part(part: str, found: Named, *, whole: bool) -> bool:
    """Read one part: as the name of one thing (``whole``) if it can be, else word by word."""
    one = _best(part) if whole else None
    named_here = [one] if one is not None else list(_in_sentence(part.split()))
    for name, code in named_here:
        if name == OUTSIDE:
            found.outside += [code] if code not in found.outside else []
        else:
            found.add(name, code)
    return bool(named_here)


def _in_sentence(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what stretches of up to four words name, the longest first. Short words and beginnings do not count:
    "in" is no India, and half a word is a word of its own. Three letters are a subject ("art") or nothing."""
    index = 0
    while index < len(words):
        for count in range(min(4, len(words) - index), 0, -1):
            phrase = " ".join(words[index : index + count])
            hit = _best(phrase, in_sentence=True) if len(phrase) >= _SHORTEST else None
            if hit is not None:
                yield hit
                index += count - 1
                break
        index += 1


def _best(phrase: str, *, in_sentence: bool = False) -> tuple[str, str] | None:
    """The one thing that a phrase names best, with its filter. Between equals the country comes first."""
    hits: list[tuple[float, str, str]] = []
    for name, lexicon in _lexicons().items():
        if in_sentence and len(phrase) == _SHORTEST and name != "subjects":
            continue
        code = lexicon.one(phrase)
        score = lexicon.find(phrase)[0].score if code is not None else 0.0
        if code is not None and (not in_sentence or score == _EXACT or _is_typo(name, phrase, score)):
            hits.append((score, name, code))
    best = max(hits, key=lambda hit: hit[0], default=None)
    if best is None or best[0] < _EXACT:
        elsewhere = outside(phrase)
        if elsewhere is not None:
            return OUTSIDE, elsewhere
    return None if best is None else best[1:]


def question(name: Filter, me: Candidate) -> tuple[Node, Kind[Any]]:
    """The question for one filter, with what is set already, and its kind."""
    wishes = me.wishes
    if name == "countries":
        places = OrAny(name, countries_kind(1, MOST), [], list(wishes.countries))
        return _("Which countries should your partners be in? Choose some, or write them with commas."), places
    if name == "subjects":
        taught = OrAny(name, subjects_kind(me.level, 1, MOST), [], list(wishes.subjects))
        return _("Which subjects should your partners teach?"), taught
    if name == "languages":
        spoken = OrAny(name, languages_kind(me.country, 1, MOST), [], list(wishes.languages))
        return _("Which language do you want to work in?"), spoken
    if name == "levels":
        schools = OrAny(name, levels_kind(MOST), [], list(wishes.levels))
        return _("Which kind of school should your partners be at?"), schools
    if name == "kinds":
        planned = OrAny(name, kinds_kind(MOST), [], list(wishes.kinds))
        return _("What kind of project are you planning?"), planned
    return _("How old should your partners' pupils be? For example: 10-12"), OrAny(name, ages_kind(me.level), None)


def _is_typo(name: Filter, phrase: str, score: float) -> bool:
    """Whether a word of a sentence is a name misspelt. Subjects have everyday names ("cooking" beside "looking"), so
    only their longer ones are trusted."""
    return score < _TYPO and len(phrase) > (8 if name == "subjects" else 5)


@cache
def _lexicons() -> dict[Filter, Lexicon]:
    return {
        "countries": country_lexicon(),
        "languages": language_lexicon(),
        "levels": level_lexicon(),
        "subjects": subject_lexicon(),
        "kinds": kind_lexicon(),
    }


def _means_any(text: str | None) -> bool:
    # Translators: what somebody may write instead of choosing "Any country", "Any subject" and so on: the words
    # of your language for it, parted by "|".
    words = p_("answer", "any|all|anything|does not matter")
    known = {fold(word) for code in available() for word in plain(words, Reader(code)).split("|")}
    return text is not None and fold(text) in known
