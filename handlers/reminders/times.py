"""The time of day that a line names: "10:30", "at 10", "half past nine", "in the morning", "10:00-11:30"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from handlers.reminders.days import days_named
from handlers.reminders.found import Found, number_of
from handlers.reminders.grammar import Parts, Sentence
from handlers.reminders.tokens import Token

_RANGES = ("time_from_to", "time_between", "time_range", "time_up_to", "time_till", "time_beside_day")
_WAYS = (*_RANGES, "time_past", "time", "time_at", "time_half", "time_maybe", "time_last", "time_first")
#: Ways that could mean something else, and count beside a day: "Tuesday 9-10", and not "pages 9-10".
_UNSURE = {"time_beside_day", "time_maybe"}
#: An hour up to this one, said without "in the morning", is one of the afternoon: nobody teaches at three at night.
_LATEST_AFTERNOON = 6
_AFTERNOON = time(14)


def find_time(sentence: Sentence, found: Found, now: datetime, *, asked: bool, literal: bool = False) -> None:
    """Look for the time of day. ``asked``: the line answers "at what time?", so that a bare number is an hour.

    ``literal``: "6" is six in the morning, whatever teachers usually mean.
    """
    for way in (*_WAYS, "time_number") if asked else _WAYS:
        for start, end, parts in sentence.fits(way):
            if found.at is None and _may_be(sentence, way, start, end, parts) and _read(found, parts, bare=not literal):
                sentence.remove(start, end)
    _words(sentence, found, now)


def _may_be(sentence: Sentence, way: str, start: int, end: int, parts: Parts) -> bool:
    """Whether a stretch is a time, by its numbers and by what stands around it."""
    tokens = sentence.tokens[start:end]
    if not all(_is_hour(tokens, _hour(part)) for part in parts.values()):
        return False
    if way == "time_first":
        return not days_named(sentence) and not any(map(sentence.is_taken, range(len(sentence.tokens))))
    return way not in _UNSURE or _beside_day(sentence, start, end, before=way == "time_maybe")


def _beside_day(sentence: Sentence, start: int, end: int, *, before: bool) -> bool:
    """Whether a day, a part of one or something understood stands before what begins here, or behind what ends."""
    ends = {last for _first, last in days_named(sentence)}
    starts = {first for first, _last in days_named(sentence)}
    while start > 0:
        token = sentence.tokens[start - 1]
        if start in ends or sentence.is_taken(start - 1) or "clock" in token:
            return True
        if not {"filler", "comma"} & token.senses.keys():
            break
        start -= 1
    return before and (end in starts or sentence.is_taken(end))


def _hour(part: Sequence[Token]) -> Token:
    """The token that has the hour: "half past *nine* in the morning"."""
    hours = [token for token in part if "time" in token or "number" in token]
    return next((token for token in hours if "past" not in token), hours[0])


def _is_hour(tokens: Sequence[Token], hour: Token) -> bool:
    """Whether it is a time, and neither a year nor a day: "8.12" is one only if something says so."""
    if "time" not in hour:
        return number_of(hour) <= 24
    return "date" not in hour or any("at" in token or "maybe_at" in token for token in tokens)


def _read(found: Found, parts: Parts, *, bare: bool) -> bool:
    """Take in a time, or one to another. What does not end after it begins is no range."""
    try:
        at = clock(parts["part"], bare=bare)
        if "end" in parts:
            at, found.ends = between(parts["part"], parts["end"], bare=bare)
    except NoRange:
        return False
    except ValueError:
        found.trouble = "no_such_time"
        return True
    found.at = at
    return True


class NoRange(Exception):
    """Two hours of which the second does not come after the first."""


def between(first: Sequence[Token], last: Sequence[Token], *, bare: bool) -> tuple[time, time]:
    """From one time to another. A half of the day that only the second names is meant for both, if that fits.

    An hour after which nothing else can be meant is one of the afternoon: "from 11 to 1". Raises NoRange, ValueError.
    """
    begins, ends = clock(first, bare=bare), clock(last, bare=False)
    if _half(first) is None and _half(last) is not None and "number" in _hour(first):
        begins = min((at for at in (clock(first, bare=False, half=_half(last)), begins) if at < ends), default=begins)
    if "time" in _hour(first) and "time" in _hour(last):
        return begins, ends
    # "From 11 to 1" ends after noon, and "at 10:00 to 3 schools" does not end.
    if ends <= begins and ends.hour < 12 and _half(last) is None and "time" not in _hour(first):
        ends = ends.replace(hour=ends.hour + 12)
    if ends <= begins:
        raise NoRange
    return begins, ends


def _half(part: Sequence[Token]) -> str | None:
    """The half of the day that the words of a time name: am or pm."""
    said = [token.senses.get("time", token.senses.get("half")) for token in part if "time" in token or "half" in token]
    return next((half for half in said if half in {"am", "pm"}), None)


def clock(part: Sequence[Token], *, bare: bool, half: str | None = None) -> time:
    """The time that an hour and the words around it say. Raises ValueError if no clock shows it.

    ``bare``: an hour without its half of the day may be one of the afternoon. ``half`` is meant where none is said.
    """
    token = _hour(part)
    hour, minute = (*token.numbers, 0)[:2] if token.numbers else (number_of(token), 0)
    half = _half(part) or half
    if "time" not in token:
        said = [number_of(other) for other in part if other.start > token.start and _is_minute(other)]
        minute = said[0] if said else minute
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif half is None and bare and "number" in token and 1 <= hour <= _LATEST_AFTERNOON:
        hour += 12
    return _moved(time(hour, minute), part, token)


def _is_minute(token: Token) -> bool:
    return "number" in token and "more" not in token and "half" not in token


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
            found.at, found.ends = _evening(found.at), found.ends and _evening(found.ends)
        if "today" in word:
            found.day = now.date() + timedelta(days=int(word.value("today")))


def _evening(at: time) -> time:
    return at.replace(hour=at.hour + 12) if at.hour < 12 else at
