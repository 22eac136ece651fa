"""A line in any language of the bot is read: what to tell, and when. Our own words first, dateparser for the rest."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.text.catalogs import available
from handlers.reminders import words
from handlers.reminders.days import find_day
from handlers.reminders.found import Found
from handlers.reminders.grammar import Sentence
from handlers.reminders.plans import Plan, Unfinished, put_together
from handlers.reminders.repeats import find_end, find_exceptions, find_leads, find_range, find_repeat
from handlers.reminders.times import find_time
from handlers.reminders.tokens import Token, tokens

#: Longer lines are not read for a time.
LONGEST = 600
Asked = Literal["day", "time"]
#: Words that lead to what something is about, and are no part of it.
_JOINS = {"call", "and", "dash"}


@dataclass(frozen=True)
class Reading:
    """What a line says: the words that are left of it, and the plan or what that still lacks."""

    words: str
    plan: Plan | Unfinished


def read(line: str, language: str, now: datetime, zone: str, asked: Asked | None = None) -> Reading:
    """Read a line that was said at this wall-clock time in a zone. ``asked`` is what it answers, if it is one thing."""
    found = understand(line, language, now, asked)
    return Reading(found.words, put_together(found, now, zone))


def understand(line: str, language: str, now: datetime, asked: Asked | None = None) -> Found:
    """The pieces of a line, in the language that says most of it: the reader's own, if no other one says more."""
    line = line[:LONGEST]
    own = best = _in_language(tokens(line, words.lexicon(language)), line, language, now, asked)
    for code in (code for code in available() if code != language):
        known = tokens(line, words.lexicon(code))
        # What knows no more words of the line than were understood need not be tried: figures say the same everywhere.
        if _known(known) > (0 if best.empty else best.understood):
            found = _in_language(known, line, code, now, asked)
            best = found if _says(found) > _says(best) else best
    return best if not best.empty else _by_dateparser(line, language, now) or own


def _known(line: list[Token]) -> int:
    """How many words of a line a language knows."""
    return sum(token.words for token in line if token.folded and token.senses)


def _says(found: Found) -> tuple[bool, int, int]:
    """How much of a line a language understands, in words: figures are the same in every one. Of neighbours that
    understand as much, the one counts that knows more of the rest."""
    return not found.empty, found.understood, found.known


def _in_language(known: list[Token], line: str, language: str, now: datetime, asked: Asked | None) -> Found:
    sentence = Sentence(known, language)
    found = Found()
    find_leads(sentence, found)
    find_exceptions(sentence, found, now)
    find_range(sentence, found)
    if found.repeat is None:
        find_repeat(sentence, found, now)
    find_end(sentence, found, now)
    find_time(sentence, found, now, asked=asked == "time")
    find_day(sentence, found, now, asked=asked == "day")
    found.understood, found.known = sentence.understood, _known(known)
    found.words = _rest(line, sentence)
    return found


def _rest(line: str, sentence: Sentence) -> str:
    """The words of a line that say nothing of time: what it is about."""
    pieces: list[str] = []
    index, every = 0, sentence.tokens
    while index < len(every):
        end = index
        while end < len(every) and not sentence.is_taken(end):
            end += 1
        if end > index:
            piece = _trimmed(every[index:end], last=end == len(every))
            pieces += [_text(line, piece)] if piece else []
        index = end + 1
    return " ".join(piece for piece in pieces if piece)


def _trimmed(piece: list[Token], *, last: bool) -> list[Token]:
    """A stretch without what only joined it to the time beside it, and without "remind me to"."""
    while piece and _JOINS & piece[0].senses.keys():
        piece = piece[1:]
    while piece and (_JOINS if last else {*_JOINS, "filler"}) & piece[-1].senses.keys():
        piece = piece[:-1]
    return piece


def _text(line: str, piece: list[Token]) -> str:
    return line[piece[0].start : piece[-1].end].strip(" \t\n,;:.،؛-–—")


def _by_dateparser(line: str, language: str, now: datetime) -> Found | None:
    """What dateparser finds in a line of which we know no word; it is imported for that alone."""
    with warnings.catch_warnings():
        # It asks Python for dates without a year, which a later version will refuse.
        warnings.simplefilter("ignore")
        from dateparser.search import search_dates

        code = language.split("_", maxsplit=1)[0]
        settings = {
            "RELATIVE_BASE": now,
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "RETURN_TIME_AS_PERIOD": True,
        }
        try:
            hits = search_dates(line, languages=[code], settings=settings) or []
        except ValueError:
            return None
    for text, at in hits:
        if len(text) >= 4 and any(sign.isdigit() for sign in text):
            rest = line.replace(text, " ", 1)
            timed = (at.hour, at.minute) != (now.hour, now.minute) and at.time() != datetime.min.time()
            return Found(
                " ".join(rest.split()), at.date(), at=at.time().replace(second=0, microsecond=0) if timed else None
            )
    return None
