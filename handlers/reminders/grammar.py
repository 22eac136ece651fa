"""How dates, times and repeating are put into words: patterns over what tokens may mean, the same for all languages.

A pattern is a regular expression whose signs are meanings: ``<every>`` is any token that may mean "every". Each set of
meanings that a line has is one letter of the expression, so a word with two meanings fits both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from handlers.reminders.tokens import LITERALS, Token
from handlers.reminders.words import lexicon

Parts = dict[str, list[Token]]

_F = "<filler>*"
_AND = f"{_F}(?:<and>{_F})?(?:<every>{_F})?"
LAPSE = f"(?:(?:<number>{_F})?<unit>|<number>{_F}<units>|<lapse>)"
LAPSES = f"{LAPSE}(?:{_F}(?:<and>{_F})*{LAPSE})*"
_WEEKDAY = "(?:<weekday>|<weekdays>)"
_WEEKDAYS = f"{_WEEKDAY}(?:{_AND}{_WEEKDAY})*"
_MONTHDAY = f"(?:<year>{_F})?(?:(?!<year>)<number>{_F}<month>|<month>{_F}(?!<year>)<number>)"
_MONTHDAY += f"(?:{_F}<and>?{_F}<year>)?"
_DAY = f"(?:<date>|{_MONTHDAY}|<today>|<next>?<weekday>)"
# What follows makes a number no hour: "5 minutes", "9 December".
_ELSE = f"(?!{_F}(?:<unit>|<units>|<lapse>|<month>|<times>|<days>|<counted>))"
_AT = "(?:<at>|<maybe_at>)"
_BARE = f"(?!<ordinal>(?!{_F}(?:<hours>|<o'clock>)))(?!<year>)<number>"
_OCLOCK = f"(?:{_F}(?:<hours>|<o'clock>)(?:<minutes>{_ELSE})?)"
_AFTER = f"{_OCLOCK}?(?:{_F}<more>)?(?:{_F}<half>)?"
# An hour that shows what it is, one with words around it that do, and any.
_TIMED = f"(?:<time>{_AFTER}|<past>{_F}(?:<time>|{_BARE}){_AFTER}"
_TIMED += f"|{_BARE}{_OCLOCK}(?:{_F}<more>)?(?:{_F}<half>)?|{_BARE}(?:{_F}<more>)?{_F}<half>|{_BARE}{_F}<more>)"
_HOUR = f"(?:{_TIMED}|{_BARE}{_ELSE})"
_TO = f"{_F}(?:<dash>|<through>|<until>){_F}(?:{_AT}{_F})?"
# Words that do not also mean "at": "Monday 3 à 10:30" is no range.
_UP_TO = f"{_F}(?:<dash>|(?!<at>)(?!<maybe_at>)(?:<through>|<until>)){_F}(?:<at>{_F})?"
# The end of a length: "from 5 to 10 minutes".
_SOME = f"<number>{_F}(?!<hours>)(?:<unit>|<units>)"
_NOT_AT = "(?:(?<=<from>)|(?<!<at>)(?<!<maybe_at>)(?<!<at><filler>))"
_NO_LENGTH = "(?<!<in>)(?<!<in><filler>)(?<!<every>)(?<!<for>)"

PATTERNS = {
    # Notices ahead: "1 week, 1 day and 1 hour before", and in languages that say "before 1 week".
    "ahead": f"<ahead>{_F}{LAPSES}",
    # The number behind a day is its hour: "Tuesday 9 o'clock, 2 hours before".
    "before": f"(?!(?:(?<=<weekday>)|(?<=<today>)|(?<=<date>)|(?<=<month>))<number>{_F}<o'clock>)"
    f"(?<!<every>)(?<!<number>)(?<!<other>)(?:<in>{_F})?{LAPSES}{_F}<before>+",
    # Exceptions.
    "except_holidays": f"<and>?<except>{_F}(?P<part><holidays>(?:{_F}<and>?{_F}<holidays>)*)",
    "except_weekdays": f"<and>?<except>{_F}(?P<part>{_WEEKDAYS})",
    "except_days": f"<and>?<except>{_F}(?P<part>{_DAY}(?:{_F}<and>?{_F}{_DAY})*)",
    # The same in languages that put the word behind: "tatiller hariç".
    "holidays_excepted": f"(?P<part><holidays>(?:{_F}<and>?{_F}<holidays>)*){_F}<excepted>",
    "weekdays_excepted": f"(?P<part>{_WEEKDAYS}){_F}<excepted>",
    "days_excepted": f"(?P<part>{_DAY}(?:{_F}<and>?{_F}{_DAY})*){_F}<excepted>",
    # How long it goes on.
    "from_day_to_day": f"(?P<part>(?:<date>|{_MONTHDAY})){_F}(?:<through>|<dash>){_F}(?P<end>(?:<date>|{_MONTHDAY}))",
    "from_number_to_day": f"{_NOT_AT}(?P<part><number>){_F}(?:<through>|<dash>){_F}"
    f"(?P<end>(?!<year>)<number>{_F}<month>(?:{_F}<year>)?)",
    "day_till": f"(?P<part>{_DAY}){_F}<till>",
    "month_till": f"(?P<part><month>(?:{_F}<year>)?){_F}<till>",
    "during": f"(?P<part>{LAPSE}){_F}<during>",
    "until_day": f"<until>{_F}(?P<part>{_DAY})",
    "until_month": f"<until>{_F}(?P<part><month>(?:{_F}<year>)?)",
    "until_year": f"<until>{_F}(?P<part><year>)",
    "for": f"<for>{_F}(?P<part>{LAPSE})",
    "count": "(?P<part><number>)<times>",
    # Repeating.
    "every_second": f"<every>{_F}(?:<number>{_F})?<seconds>(?!{_F}(?:<unit>|<lapse>|{_WEEKDAY}|<month>|<days>|<nth>))",
    "every_nth": f"(?:<every>{_F})?<nth>{_F}(?P<part><weekday>|<unit>){_F}(?:<every>{_F})?<unit>",
    "every_month_nth": f"(?:<every>{_F})?<unit>{_F}<nth>{_F}(?P<part><weekday>|<unit>)",
    "every_rate": f"(?:<every>{_F})?(?:<number>{_F})?<rate>(?:{_F}(?P<part>{_WEEKDAYS}))?",
    # "The 15th of every month", "every 15th of the month".
    "every_monthday": f"<number>{_F}<every>{_F}<unit>(?!{_F}<number>)",
    "every_day_of": f"(?:<every>{_F})?(?P<part><number>)(?:{_F}<unit>)?{_F}<in_month>"
    f"|<every>{_F}(?P<part_><number>)(?:{_F}<unit>{_F}|<filler>+)<unit>",
    "every_month_on": f"(?:<every>{_F}<unit>|<adverb>){_F}(?:<on>{_F})?(?P<part><number>)"
    f"(?!{_F}(?:<unit>|<half>|<o'clock>|<times>|<month>))",
    "every_date": f"<every>{_F}(?P<part><number>{_F}<month>|<month>{_F}<number>)",
    "every_range": f"(?:<every>{_F})?<weekday>{_F}(?:<through>|<dash>){_F}<weekday>",
    "every_few": f"<every>{_F}(?:(?:<number>|<other>){_F})?(?:<unit>|<lapse>)(?:{_F}(?P<part>{_WEEKDAYS}))?"
    f"|<every>{_F}<number>{_F}<units>",
    "every_class": f"(?:<every>{_F})?<days>",
    "every_weekday": f"<every>{_F}<other>?{_F}(?P<part>{_WEEKDAYS})",
    "adverb": f"<adverb>(?:{_F}(?P<part>{_WEEKDAYS}))?",
    "weekdays": f"(?:<weekday>{_F}<and>{_F})*<weekdays>(?:{_AND}<weekdays>)*",
    # The time of day: from one to another, and one alone.
    "time_from_to": f"<from>{_F}(?P<part>{_HOUR}){_TO}(?P<end>{_HOUR})(?:{_F}<till>)?",
    "time_between": f"<between>{_F}(?P<part>{_HOUR}){_F}(?!<comma>)<and>{_F}(?:{_AT}{_F})?(?P<end>{_HOUR})",
    "time_range": f"(?:{_AT}{_F})?(?P<part>{_TIMED}){_TO}(?P<end>{_TIMED})",
    "time_up_to": f"(?:{_AT}{_F})?(?P<part>{_HOUR}){_UP_TO}(?P<end>{_TIMED})",
    "time_till": f"(?:{_AT}{_F})?(?P<part>{_HOUR}){_UP_TO}(?P<end>{_HOUR}){_F}<till>",
    "time_beside_day": f"(?:{_AT}{_F})?(?P<part>{_HOUR}){_UP_TO}(?P<end>{_HOUR})",
    "time_past": f"(?:{_AT}{_F})?(?P<part><past>{_F}(?:<time>|<number>)(?:{_F}<half>)?)",
    "time": f"(?:{_AT}{_F})?(?P<part><time>(?:{_F}<more>)?(?:{_F}<half>)?)",
    "time_at": f"(?!<in>{_F}<number>{_F}<unit>)<at>{_F}(?P<part>{_BARE}(?!{_F}(?:<month>|<counted>)|{_TO}{_SOME})"
    f"(?:{_F}<hours>(?:{_F}<number>)?)?{_AFTER})",
    "time_half": f"{_NO_LENGTH}(?P<part><number>(?:{_F}<hours>)?(?:{_F}<more>)?{_F}"
    f"(?:<half>|<o'clock>(?:<minutes>{_ELSE})?(?:{_F}<more>)?(?:{_F}<half>)?))(?!{_F}<later>)",
    "time_maybe": f"<maybe_at>{_F}(?P<part>{_TIMED}|{_BARE}(?!{_F}(?:<month>|<counted>)))",
    "time_last": f"<maybe_at>{_F}(?P<part>{_HOUR})$",
    "time_first": f"^{_F}<maybe_at>{_F}(?P<part>{_HOUR})",
    "time_word": f"(?:{_AT}{_F})?<clock>",
    "time_number": f"^{_F}(?P<part><number>(?:{_F}<hours>)?){_F}$",
    # The day.
    "day_date": f"{_F}<date>",
    "day_month": f"{_F}{_MONTHDAY}",
    "day_today": f"{_F}<today>",
    "day_later": f"(?P<part>{LAPSES}){_F}<later>",
    "day_in": f"<in>{_F}(?P<part>{LAPSES})(?:{_F}<later>)?",
    "day_week": f"{_F}(?:<next>{_F}<unit>|<unit>{_F}<next>)(?:{_F}(?P<part><weekday>))?",
    "day_weekday_week": f"{_F}(?P<part><weekday>){_F}(?:<next>{_F}<unit>|<unit>{_F}<next>)",
    "day_weekday_further": f"{_F}<next>?{_F}(?P<part><weekday>){_F}(?P<further><further>)(?!{_F}<number>)",
    "day_weekday": f"{_F}<next>?{_F}(?P<part><weekday>)(?:{_F}<next>)?",
    "day_of_month": f"<filler>{_F}(?P<part><ordinal>)(?:{_F}<unit>)?",
    # "The 15th", or a bare number with the time after it.
    "day_before_time": f"<filler>{_F}(?P<part><number>)(?=\x00)",
    "day_number": f"^{_F}(?P<part><number>){_F}$",
}
_MEANING = re.compile(r"<([a-z'_]+)>")
_TAKEN = "\x00"
_FIRST = 0xE000


class Sentence:
    """The tokens of a line in a language, of which recognisers take away what they have understood."""

    def __init__(self, tokens: Sequence[Token], language: str) -> None:
        self.tokens, self.language = list(tokens), language
        letters = _alphabet(language)
        self._signs = [letters[frozenset(token.senses)] for token in tokens]

    def take(self, *names: str) -> Iterator[tuple[list[Token], Parts]]:
        """Each stretch that one of these patterns fits: its tokens, and those of its parts. It is taken away."""
        for name in names:
            for start, end, parts in self.fits(name):
                self.remove(start, end)
                yield self.tokens[start:end], parts

    def fits(self, name: str) -> list[tuple[int, int, Parts]]:
        """Where a pattern fits, in the order of the line: from which token to which, and its parts."""
        return [
            (
                found.start(),
                found.end(),
                {part.strip("_"): self.tokens[found.start(part) : found.end(part)] for part in _named(found)},
            )
            for found in _compiled(name, self.language).finditer("".join(self._signs))
        ]

    def remove(self, start: int, end: int) -> None:
        """Take tokens away, as understood."""
        self._signs[start:end] = _TAKEN * (end - start)

    def is_taken(self, index: int) -> bool:
        """Whether the token at a place is understood; places before and after the line are not."""
        return 0 <= index < len(self._signs) and self._signs[index] == _TAKEN

    @property
    def understood(self) -> int:
        """How many words are understood, without figures: those are the same in every language."""
        taken = zip(self.tokens, self._signs, strict=True)
        return sum(token.words for token, sign in taken if token.folded and sign == _TAKEN)


def _named(found: re.Match[str]) -> list[str]:
    return [part for part, text in found.groupdict().items() if text]


@cache
def _alphabet(language: str) -> dict[frozenset[str], str]:
    """A letter for each set of meanings that a token of this language can have."""
    known = lexicon(language)
    sets = {frozenset(senses) for table in (known.phrases, known.bare) for senses in table.values()}
    sets |= {frozenset({meaning}) for meaning in known.attached.values()} | LITERALS
    return {meanings: chr(_FIRST + place) for place, meanings in enumerate(sorted(sets, key=sorted))}


@cache
def _compiled(name: str, language: str) -> re.Pattern[str]:
    """A pattern for the letters of a language."""
    alphabet = _alphabet(language)

    def letters(found: re.Match[str]) -> str:
        fitting = "".join(letter for meanings, letter in alphabet.items() if found[1] in meanings)
        return f"[{fitting}]" if fitting else r"[^\s\S]"

    # The names of groups are in angle brackets too.
    pattern = PATTERNS[name].replace("(?P<", "(?P\x01")
    return re.compile(_MEANING.sub(letters, pattern).replace("\x01", "<"))
