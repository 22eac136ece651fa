"""A line becomes tokens: phrases of a language with what they may mean, numbers, times, dates, and other words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from handlers.reminders.words import Lexicon, Senses
from storage.spelling import fold

_MARKS = "[\u0300-\u036f\u064b-\u065f\u0670\u0640]*"
_TOKEN = re.compile(
    rf"""
    (?P<iso>\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{4}}/\d{{1,2}}/\d{{1,2}}|\d{{4}}\.\s?\d{{1,2}}\.\s?\d{{1,2}}\.?)(?!\d)
    | (?P<date>\d{{1,2}}(?P<sep>[/.-])\d{{1,2}}(?P=sep)(?:\d{{4}}|\d{{2}})(?!\d)|\d{{1,2}}/\d{{1,2}}(?!\d)
        |\d{{1,2}}\.\s\d{{1,2}}\.(?:\s\d{{4}})?(?!\d))
    | (?P<clock>
        \d{{1,2}}\s?[:hH]\s?\d{{2}}(?![\d:])(?:\s?[aApP]\.?[mM]\b\.?)?|\d{{1,2}}\s?[aApP]\.?[mM]\b\.?|\d{{1,2}}[hH]\b)
    | (?P<dotted>\d{{1,2}}\.\d{{2}}(?!\d))
    | (?P<ordinal>\d{{1,2}}(?:-?(?:st|nd|rd|th|er|ère|e|go)\b|\.(?=\s\w)))
    | (?P<number>\d+)
    | (?P<word>(?:[^\W\d_]{_MARKS})+)
    | (?P<comma>[,،])
    | (?P<join>[;؛&+])
    | (?P<dash>(?!(?<=[^\W\d_][^\W\d_])-\d)(?:(?<!\d)-|-(?![^\W\d_]))|[–—])
    """,
    re.VERBOSE,
)
#: The sets of meanings that tokens have without any lexicon.
_SIGNED = ("", "time", "time date", "date", "and", "and comma", "dash")
_NUMBERS = ("number", "number minutes", "number year", "number ordinal nth")
LITERALS = {frozenset(meanings.split()) for meanings in (*_SIGNED, *_NUMBERS)}
_SIGNS: dict[str, Senses] = {"comma": {"and": "", "comma": ""}, "join": {"and": ""}, "dash": {"dash": ""}}
_DIGITS = re.compile(r"\d+")
#: The shortest word from which attached letters are taken off.
_SHORTEST = 3


@dataclass(frozen=True)
class Token:
    """A stretch of the line, what it may mean, the numbers in it, and how many words it is."""

    start: int
    end: int
    senses: Senses
    numbers: tuple[int, ...] = ()
    folded: str = field(default="", compare=False)
    words: int = field(default=1, compare=False)

    def __contains__(self, meaning: str) -> bool:
        return meaning in self.senses

    def value(self, meaning: str) -> str:
        """The value of a meaning it has."""
        return self.senses[meaning]


def tokens(line: str, lexicon: Lexicon) -> list[Token]:
    """The tokens of a line, phrases put together, the longest first."""
    single = [token for found in _TOKEN.finditer(line) for token in _read(found, lexicon)]
    joined: list[Token] = []
    index = 0
    while index < len(single):
        taken, token = _phrase(single, index, lexicon)
        joined.append(token)
        index += taken
    return joined


def _read(found: re.Match[str], lexicon: Lexicon) -> Iterator[Token]:
    kind, text = found.lastgroup, found.group()
    if found.group("date"):
        kind = "date"
    start, end = found.span()
    numbers = tuple(int(number[:9]) for number in _DIGITS.findall(text))
    if kind == "word":
        yield from _word(start, end, text, lexicon)
    elif kind == "clock":
        yield Token(start, end, {"time": "24" if not _twelve(text) else _twelve(text)}, numbers)
    elif kind == "dotted":
        yield Token(start, end, {"time": "24", "date": "dmy"} if _may_be_date(numbers) else {"time": "24"}, numbers)
    elif kind in {"iso", "date"}:
        yield Token(start, end, {"date": "ymd" if kind == "iso" else "dmy"}, numbers)
    elif kind == "ordinal":
        yield Token(start, end, {"number": text, "ordinal": "", "nth": str(numbers[0])}, numbers)
    elif kind == "number":
        more = {"year": ""} if len(text) == 4 else {"minutes": ""} if _may_be_minutes(text) else {}
        yield Token(start, end, {"number": str(numbers[0]), **more}, numbers)
    else:
        yield Token(start, end, _SIGNS[str(kind)])


def _twelve(text: str) -> str:
    """ "am" or "pm" where a time says so."""
    letters = "".join(sign for sign in text.casefold() if sign in "apm")
    return letters if letters in {"am", "pm"} else ""


def _may_be_date(numbers: tuple[int, ...]) -> bool:
    return 1 <= numbers[0] <= 31 and 1 <= numbers[1] <= 12


def _may_be_minutes(text: str) -> bool:
    return len(text) == 2 and text < "60"


def _word(start: int, end: int, text: str, lexicon: Lexicon) -> Iterator[Token]:
    """A word, the letters that are attached to a known word and that word, or a day and its part written in one."""
    folded = fold(text)
    if lexicon.senses(folded) is None:
        cut = _evening_of(text, lexicon)
        if cut is not None:
            for first, last in ((0, cut[0]), (cut[1], len(text))):
                word = fold(text[first:last])
                yield Token(start + first, start + last, lexicon.phrases[word], folded=word)
            return
        for letters, meaning in lexicon.attached.items():
            rest = text[len(letters) :]
            if text.startswith(letters) and len(rest) >= _SHORTEST:
                senses = lexicon.senses(fold(rest))
                if senses is not None and senses.keys() != {"filler"}:
                    yield Token(start, start + len(letters), {meaning: ""}, folded=letters)
                    yield Token(start + len(letters), end, senses, folded=fold(rest))
                    return
    yield Token(start, end, {}, folded=folded)


def _evening_of(text: str, lexicon: Lexicon) -> tuple[int, int] | None:
    """Where the name of a day ends in a word and a part of the day begins: "Freitag|abend", "fredag|s|kveld"."""
    for end in range(_SHORTEST, len(text) - _SHORTEST + 1):
        if "weekday" in lexicon.phrases.get(fold(text[:end]), ()):
            for letters in ("", *lexicon.links):
                rest = text[end + len(letters) :]
                if text[end:].startswith(letters) and "clock" in lexicon.phrases.get(fold(rest), ()):
                    return end, end + len(letters)
    return None


def _phrase(single: list[Token], index: int, lexicon: Lexicon) -> tuple[int, Token]:
    """The longest known phrase that begins here, as one token; how many tokens it takes. Hyphens in it do not count."""
    words: list[Token] = []
    best = 1, single[index]
    for taken, token in enumerate(single[index:], start=1):
        if "dash" in token and words:
            continue
        if not token.folded or len(words) == lexicon.longest:
            break
        words.append(token)
        senses = lexicon.senses(" ".join(word.folded for word in words))
        if senses is not None:
            both = {**token.senses, **senses} if len(words) == 1 else senses
            best = taken, Token(words[0].start, token.end, both, folded=words[0].folded, words=len(words))
    return best
