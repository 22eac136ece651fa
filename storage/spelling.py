"""Finding what somebody meant: lookups that forgive accents, case, spelling habits and typing errors.

A `Lexicon` holds phrases in any languages, each naming one id. Texts of people are folded before they are
compared, so "PORTUGALIA", "Португалія" and "Portgal" all meet the country they mean.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from babel import Locale
from rapidfuzz import process
from rapidfuzz.distance import OSA

from storage.reference import countries, rows

__all__ = ["Lexicon", "Match", "country_lexicon", "fold", "language_lexicon", "misspelt_country"]

_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "ø": "o", "ı": "i", "œ": "oe", "æ": "ae", "þ": "th", "ħ": "h", "ŋ": "n"}
    | {"ŧ": "t", "ə": "e", "ґ": "г", "ѝ": "и", "ـ": "", "ٱ": "ا", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي", "\u200c": ""}
    | {"\U0001f3f4": " ", "\U000e007f": " "}
    | {chr(0xE0000 + ord(letter)): letter for letter in "abcdefghijklmnopqrstuvwxyz"}
)
"""Letters that no Unicode decomposition takes to their plain form, and the tags inside the flag of Wales."""

_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_SEPARATORS = re.compile(r"[,;/\\|\n\r\t•·&+،؛、，]|\s-\s|(?<![^\W\d_])\d+[.)]")
_AL, _SHORTEST_WITH_AL = "ال", 4
"""The Arabic article, and the length from which it is taken off."""
_SHORT = 3
"""Phrases up to this length are codes ("PL", "UK"): they count only where they stand alone."""
_LONGEST = 64
"""Longer texts are not names, so they are never compared fuzzily. Also the most words read in one list."""
_CLEAR = 5.0
"""How far the best answer must lead the second to be taken without asking."""
_ARTICLES = frozenset(
    ("the", "la", "le", "les", "l", "der", "die", "das", "el", "los", "las", "il", "lo", "gli", "het", "η", "το")
)


@dataclass(frozen=True, slots=True)
class Match:
    """An id a text may mean. `score` is 100 for the phrase, 80 to 90 for its beginning, less for typos."""

    id: str
    score: float


def fold(text: str) -> str:
    """Reduce a text to what it has in common with other spellings of itself; folding twice changes nothing.

    Case, accents, Arabic vowel signs and alef forms, punctuation and repeated spaces disappear; a flag emoji
    becomes its country code.
    """
    text = _FLAG.sub(_flag_code, text)
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = (sign for sign in plain if not unicodedata.combining(sign))
    kept = (sign if sign.isalnum() else " " for sign in letters)
    return " ".join("".join(kept).translate(_LETTERS).split())


def _forms(folded: str) -> list[str]:
    """The ways in which a phrase is written: Arabic names come with their article and without it."""
    bare = " ".join(word.removeprefix(_AL) if len(word) > _SHORTEST_WITH_AL else word for word in folded.split())
    return [form for form in dict.fromkeys((folded, bare)) if form]


def _flag_code(flag: re.Match[str]) -> str:
    return f" {''.join(chr(ord(sign) - 0x1F1E6 + ord('a')) for sign in flag[0])} "


def _typos_allowed(length: int) -> int:
    """How many wrong, missing, extra or swapped letters a phrase of this length may have."""
    if length <= _SHORT:
        return 0
    return 1 if length < 8 else 2 if length < 12 else 3


class Lexicon:
    """Phrases that each name an id, findable from inexact text.

    `phrases` are (phrase, id) pairs. An id of None marks a decoy: a phrase known to mean something that is not
    on offer ("Australia" beside "Austria"), so that it is never taken for a typing error. `conjunctions` are
    words for "and" and "or" that part a list; those of all our languages if none are given.
    """

    __slots__ = ("_by_length", "_conjunctions", "_first_words", "_ids", "_most_words", "_sorted")

    def __init__(self, phrases: Iterable[tuple[str, str | None]], conjunctions: Iterable[str] | None = None) -> None:
        ids: dict[str, tuple[str | None, ...]] = {}
        for phrase, identity in phrases:
            for folded in _forms(fold(phrase)):
                if identity not in ids.get(folded, ()):
                    ids[folded] = (*ids.get(folded, ()), identity)
        self._ids = ids
        self._sorted = sorted(ids)
        self._by_length: dict[int, list[str]] = {}
        for folded in self._sorted:
            self._by_length.setdefault(len(folded), []).append(folded)
        self._first_words = frozenset(folded.partition(" ")[0] for folded in ids)
        self._most_words = max((folded.count(" ") + 1 for folded in ids), default=1)
        words = _conjunctions() if conjunctions is None else conjunctions
        self._conjunctions = frozenset(map(fold, words))

    def __len__(self) -> int:
        """How many distinct phrases there are, after folding."""
        return len(self._ids)

    def find(self, text: str) -> list[Match]:
        """Return what the text may mean, best first: the same phrase, else beginnings and typing errors."""
        return self._find(fold(text))

    def one(self, text: str) -> str | None:
        """Return the id the text means, or None when nothing, or no single id, is clearly the best."""
        return self._one(fold(text))

    def exact(self, text: str) -> str | None:
        """Return the id of the phrase that this text is, if it is one."""
        known = self._ids.get(fold(text), ())
        return known[0] if len(known) == 1 else None

    def find_all(self, text: str) -> list[str]:
        """Return the ids named in a list or sentence ("Poland, Greece and Spain"), in order, each once.

        Phrases are taken longest first, so "Bosnia and Herzegovina" stays one country. Unknown words are passed
        over.
        """
        whole = fold(text)
        if whole in self._ids:
            pieces: Iterable[str] = [whole]
        else:
            pieces = (piece for part in _SEPARATORS.split(text) for piece in self._pieces(fold(part).split()))
        found = (identity for piece in pieces for identity in self._named(piece.split()[:_LONGEST]))
        return list(dict.fromkeys(found))

    def _find(self, folded: str) -> list[Match]:
        best: dict[str | None, float] = {}
        for phrase, score in self._candidates(folded):
            for identity in self._ids[phrase]:
                best[identity] = max(score, best.get(identity, 0.0))
        decoy = best.pop(None, 0.0)
        matches = [Match(identity, score) for identity, score in best.items() if identity and score > decoy]
        return sorted(matches, key=lambda match: -match.score)

    def _one(self, folded: str) -> str | None:
        matches = self._find(folded)
        if not matches or (len(matches) > 1 and matches[0].score - matches[1].score < _CLEAR):
            return None
        return matches[0].id

    def _candidates(self, folded: str) -> Iterator[tuple[str, float]]:
        if folded in self._ids:
            yield folded, 100.0
        elif _SHORT <= len(folded) <= _LONGEST:
            yield from self._beginnings(folded)
            yield from self._misspelt(folded)

    def _beginnings(self, folded: str) -> Iterator[tuple[str, float]]:
        for index in range(bisect_left(self._sorted, folded), len(self._sorted)):
            phrase = self._sorted[index]
            if not phrase.startswith(folded):
                return
            yield phrase, 80.0 + 10.0 * len(folded) / len(phrase)

    def _misspelt(self, folded: str) -> Iterator[tuple[str, float]]:
        size = len(folded)
        allowed = _typos_allowed(size)
        if not allowed:
            return
        for length in range(max(size - allowed, _SHORT + 1), size + allowed + 1):
            near = process.extract(
                folded, self._by_length.get(length, ()), scorer=OSA.distance, score_cutoff=allowed, limit=8
            )
            for phrase, distance, _ in near:
                # In short words one wrong letter is a large part, so the first letter at least must be right.
                if size > 5 or phrase[0] == folded[0]:
                    yield phrase, 85.0 * (1.0 - distance / max(size, length))

    def _pieces(self, words: list[str]) -> Iterator[str]:
        """Part the words of one segment at conjunctions, but never inside a known phrase of several words."""
        if len(words) == 1 or self._only_codes(words):
            yield from words
            return
        words = [part for word in words for part in self._without_arabic_and(word)]
        start = index = 0
        while index < len(words):
            taken = self._longest_phrase(words, index)
            if taken > 1:
                # The article of a phrase ("el" Reino Unido) must not pass for a code.
                yield " ".join(word for word in words[start:index] if word not in _ARTICLES)
                yield " ".join(words[index : index + taken])
                start = index = index + taken
                continue
            if words[index] in self._conjunctions:
                yield " ".join(words[start:index])
                start = index + 1
            index += 1
        yield " ".join(words[start:])

    def _only_codes(self, words: list[str]) -> bool:
        """Whether "en fr de" is a row of codes; "fr et de" is not, though "et" is a code as well."""
        parted = len(words) % 2 == 1 and all(word in self._conjunctions for word in words[1::2])
        return not parted and all(len(word) <= _SHORT and word in self._ids for word in words)

    def _without_arabic_and(self, word: str) -> list[str]:
        joined = word.startswith("و") and word not in self._first_words and word[1:] in self._first_words
        return ["", word[1:]] if joined else [word]

    def _longest_phrase(self, words: list[str], index: int) -> int:
        for count in range(min(self._most_words, len(words) - index), 0, -1):
            if " ".join(words[index : index + count]) in self._ids:
                return count
        return 0

    def _named(self, words: list[str]) -> Iterator[str]:
        """Yield the ids named by one piece: by the whole of it if it can be, else by stretches of its words."""
        while len(words) > 1 and words[0] in _ARTICLES:
            words = words[1:]
        whole = self._one(" ".join(words))
        if whole:
            yield whole
            return
        index = 0
        while index < len(words) > 1:
            taken, identity = self._stretch(words, index)
            if identity:
                yield identity
            index += taken

    def _stretch(self, words: list[str], index: int) -> tuple[int, str | None]:
        for count in range(min(3, len(words) - index), 0, -1):
            phrase = " ".join(words[index : index + count])
            # A word of a sentence is not typed in part: only a whole phrase or a typing error counts.
            if len(phrase) > _SHORT and (phrase in self._ids or self._is_typo(phrase)):
                identity = self._one(phrase)
                if identity:
                    return count, identity
        return 1, None

    def _is_typo(self, phrase: str) -> bool:
        return len(phrase) > 5 and next(self._misspelt(phrase), None) is not None


@cache
def country_lexicon() -> Lexicon:
    """The 47 countries under their names in all our languages, codes, flags and other common names."""
    return Lexicon(_phrases("country"))


def misspelt_country(text: str, language: str) -> str | None:
    """The country whose name in a language differs by one wrong, missing, extra or swapped letter, if that is one only.

    For an answer to "which country?" alone: in the words of a sentence, short names would be found everywhere.
    """
    folded = fold(text)
    if not _SHORT <= len(folded) <= _LONGEST:
        return None
    names = _country_names(language)
    near = process.extract(folded, names.keys(), scorer=OSA.distance, score_cutoff=1, limit=2)
    codes = {names[name] for name, _distance, _place in near}
    return codes.pop() if len(codes) == 1 else None


@cache
def _country_names(language: str) -> dict[str, str]:
    """The countries by their folded names in one language."""
    names = Locale.parse(language).territories
    return {fold(names[code]): code for code in countries() if code in names}


@cache
def language_lexicon() -> Lexicon:
    """The 48 languages under their names in all our languages, autonyms, codes and other common names."""
    return Lexicon(_phrases("language"))


@cache
def _conjunctions() -> frozenset[str]:
    return frozenset(phrase for phrase, _ in _phrases("conjunction"))


def _phrases(kind: str) -> Iterator[tuple[str, str | None]]:
    """Read the generated names of one kind; a row without an id holds decoys."""
    for row in rows("names.csv"):
        if row["kind"] == kind:
            for phrase in row["phrases"].split("|"):
                yield phrase, row["id"] or None
