"""The time of day that a line names: "10:30", "at 10", "half past nine", "in the morning", "10:00-11:30"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from handlers.reminders.found import Found, number_of
from handlers.reminders.grammar import Parts, Sentence
from handlers.reminders.tokens import Token

_WAYS = ("time_range", "time_range_short", "time_past", "time", "time_at", "time_half")
#: Ways in which an hour is said without its half of the day.
_BARE = {"time_at", "time_number", "time_past"}
#: An hour up to this one, said without "in the morning", is one of the afternoon: nobody teaches at three at night.
_LATEST_AFTERNOON = 6
_AFTERNOON = time(14)


def find_time(sentence: Sentence, found: Found, now: datetime, *, asked: bool, literal: bool = False) -> None:
    """Look for the time of day. ``asked``: the line answers "at what time?", so that a bare number is an hour.

    ``literal``: "6" is six in the morning, whatever teachers usually mean.
    """
    for way in (*_WAYS, "time_number") if asked else _WAYS:
        for start, end, parts in sentence.fits(way):
            tokens = sentence.tokens[start:end]
            if found.at is None and _is_hour(tokens, parts["part"][0]):
                sentence.remove(start, end)
                _read(found, tokens, parts, bare=not literal and way in _BARE)
    _words(sentence, found, now)


def _is_hour(tokens: Sequence[Token], hour: Token) -> bool:
    """Whether it is a time, and neither a year nor a day: "8.12" is one only if something says so."""
    if "time" not in hour:
        return number_of(hour) <= 24
    return "date" not in hour or any("at" in token for token in tokens if token is not hour)


def _read(found: Found, tokens: Sequence[Token], parts: Parts, *, bare: bool) -> None:
    try:
        found.at = clock(tokens, parts["part"][0], bare=bare)
        if "end" in parts:
            found.ends = clock(parts["end"], parts["end"][0], bare=False)
    except ValueError:
        found.trouble = "no_such_time"


def clock(tokens: Sequence[Token], token: Token, *, bare: bool) -> time:
    """The time that an hour and the words around it say. Raises ValueError if no clock shows it."""
    hour, minute = (*token.numbers, 0)[:2] if token.numbers else (number_of(token), 0)
    half = token.senses.get("time") if "time" in token else None
    after = [other for other in tokens if other.start > token.start]
    for other in after:
        if "half" in other and half in {None, "24"}:
            half = other.value("half")
        elif "number" in other and "time" not in token and not minute:
            minute = number_of(other)
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif half is None and bare and "number" in token and 1 <= hour <= _LATEST_AFTERNOON:
        hour += 12
    return _moved(time(hour, minute), tokens, token)


def _moved(at: time, tokens: Sequence[Token], hour: Token) -> time:
    """The same with "half past", "less a quarter" and the like."""
    minutes = sum(int(token.value("more")) for token in tokens if "more" in token)
    minutes += sum(int(token.value("past")) for token in tokens if "past" in token and token is not hour)
    return (datetime.combine(date(2000, 1, 2), at) + timedelta(minutes=minutes)).time()


def _words(sentence: Sentence, found: Found, now: datetime) -> None:
    """Words for parts of the day: a time of their own, or what makes "at 8" eight in the evening; perhaps today's."""
    for tokens, _parts in sentence.take("time_word"):
        word = next(token for token in tokens if "clock" in token)
        said = time.fromisoformat(word.value("clock"))
        if found.at is None:
            found.at = said
        elif said >= _AFTERNOON and found.at.hour < 12:
            found.at = found.at.replace(hour=found.at.hour + 12)
        if "today" in word:
            found.day = now.date() + timedelta(days=int(word.value("today")))
