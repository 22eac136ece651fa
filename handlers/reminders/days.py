"""The days that a line names: dates, days of the week, today and tomorrow, "in three days"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from handlers.reminders.found import Found, Roll, days_in, lapses, number_of, weekdays
from handlers.reminders.grammar import Parts, Sentence
from handlers.reminders.tokens import Token

#: The ways of naming a day, the surest first.
_WAYS = (
    "day_date",
    "day_month",
    "day_in",
    "day_later",
    "day_today",
    "day_weekday_week",
    "day_week",
    "day_weekday_further",
    "day_weekday",
    "day_of_month",
    "day_before_time",
)

#: The one that takes its hour for a day.
_UNSURE = "day_before_time"

Named = tuple[date, Roll | None]


class NoSuchDay(ValueError):
    """A day that no calendar has, such as 31 June."""


def find_day(sentence: Sentence, found: Found, now: datetime, *, asked: bool) -> None:
    """Look for the day: of several that are named, the one at an edge of the line or beside the time.

    ``asked``: the line answers "which day?", so that a bare number is a day of the month.
    """
    ways = (*_WAYS, "day_number") if asked else _WAYS
    fits = [(way, *fit) for way in ways for fit in sentence.fits(way) if _may_be(way, fit[2])]
    if not fits or found.day is not None:
        return
    way, start, end, parts = max(
        fits, key=lambda fit: (_standing(sentence, fit[1], _with_weekday(sentence, fit)), fit[2] - fit[1])
    )
    sentence.remove(start, end)
    tokens = sentence.tokens[start:end]
    try:
        if way in {"day_in", "day_later"}:
            _later(found, parts, now)
        else:
            found.day, found.rolls = named_day(tokens, parts, now)
    except NoSuchDay:
        found.trouble = "no_such_day"
    except OverflowError:
        found.trouble = "too_far"
    if way in {"day_date", "day_month"}:
        _compare(sentence, found, start, end)


def days_named(sentence: Sentence) -> list[tuple[int, int]]:
    """Where days are named that nothing has understood yet: from which token to which."""
    return [(start, end) for way in _WAYS if way != _UNSURE for start, end, _parts in sentence.fits(way)]


def _may_be(way: str, parts: Parts) -> bool:
    """Whether a number that nothing calls a day may be one."""
    return way != _UNSURE or 1 <= number_of(parts["part"][0]) <= 31


def _compare(sentence: Sentence, found: Found, start: int, end: int) -> None:
    """A day of the week beside a date says the same once more, or something is wrong."""
    for first, last, parts in sentence.fits("day_weekday"):
        if _joined(sentence, last, start) or _joined(sentence, end, first):
            sentence.remove(min(first, end), max(last, start))
            if found.day is not None and weekdays(parts["part"]) != (found.day.weekday(),):
                found.trouble = "other_weekday"


def _joined(sentence: Sentence, end: int, start: int) -> bool:
    """Whether what begins here follows what ends there, with nothing but a comma between: "Sunday, 3 May"."""
    return end <= start and all("comma" in token or "filler" in token for token in sentence.tokens[end:start])


def _standing(sentence: Sentence, start: int, end: int) -> int:
    """How likely it is that a day is the one that is meant, by where it stands."""
    beside = sentence.is_taken(start - 1) or sentence.is_taken(end)
    edge = start == 0 or end == len(sentence.tokens)
    return 2 * beside + edge


def _with_weekday(sentence: Sentence, fit: tuple[str, int, int, Parts]) -> int:
    """Where a date ends, with the day of the week that some languages put behind it: "9 Aralık Çarşamba"."""
    way, _start, end, _parts = fit
    behind = [last for first, last, _p in sentence.fits("day_weekday") if first == end]
    return behind[0] if behind and way in {"day_date", "day_month"} else end


def _later(found: Found, parts: Parts, now: datetime) -> None:
    """ "In 3 days" is a day, "in 2 hours" is a time."""
    then, short = now, False
    for lapse in lapses(parts["part"]):
        then = lapse.after(then)
        short = short or lapse.unit in {"minute", "hour"}
    if short:
        found.exact = then.replace(second=0, microsecond=0)
    else:
        found.day = then.date()


def named_day(tokens: Sequence[Token], parts: Parts, now: datetime) -> Named:
    """The day that tokens name, and whether it may be a later one if it has passed. Raises NoSuchDay."""
    for token in tokens:
        if "date" in token:
            return _written(token, now)
    month = next((token for token in tokens if "month" in token), None)
    if month is not None:
        return _of_month(tokens, month, now)
    # A weekday before "in a week": in some languages one word says both "in a week" and "next week's".
    if any("weekday" in token for token in tokens):
        return _weekday(tokens, parts, now)
    today = next((token for token in tokens if "today" in token), None)
    if today is not None:
        return now.date() + timedelta(days=int(today.value("today"))), None
    return _week_or_number(tokens, now)


def _written(token: Token, now: datetime) -> Named:
    if token.value("date") == "ymd":
        year, month, day = token.numbers
        return _day(year, month, day), None
    day, month, *years = token.numbers
    if not years:
        return _rolling(month, day, now)
    return _day(years[0] if years[0] > 99 else 2000 + years[0], month, day), None


def _of_month(tokens: Sequence[Token], month: Token, now: datetime) -> Named:
    years = [token.numbers[0] for token in tokens if "year" in token]
    days = [number_of(token) for token in tokens if "number" in token and "year" not in token and token is not month]
    number = int(month.value("month"))
    if years:
        return _day(years[0], number, days[0]), None
    return _rolling(number, days[0], now)


def _rolling(month: int, day: int, now: datetime) -> Named:
    """A date without its year: this year's, or the next one's if it has passed. 29 February is the next there is."""
    if not 1 <= month <= 12 or not 1 <= day <= (29 if month == 2 else days_in(2001, month)):
        raise NoSuchDay
    if (month, day) == (2, 29):
        year = next(y for y in range(now.year, now.year + 9) if days_in(y, 2) == 29 and date(y, 2, 29) >= now.date())
        return date(year, 2, 29), None
    this = date(now.year, month, day)
    return (this, "year") if this >= now.date() else (this.replace(year=now.year + 1), None)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NoSuchDay from None


def _weekday(tokens: Sequence[Token], parts: Parts, now: datetime) -> Named:
    """The next such day, or one a week after it; with "next week", that of the week of the coming Monday."""
    wanted = int(next(token for token in tokens if "weekday" in token).value("weekday"))
    ahead = (wanted - now.weekday()) % 7
    if "further" in parts:
        return now.date() + timedelta(days=ahead + int(parts["further"][0].value("further"))), None
    if any("week" in {token.senses.get("unit"), token.senses.get("next")} for token in tokens):
        monday = now.date() + timedelta(days=7 - now.weekday())
        return monday + timedelta(days=wanted), None
    if any("next" in token for token in tokens):
        return now.date() + timedelta(days=ahead or 7), None
    return now.date() + timedelta(days=ahead), "week"


def _week_or_number(tokens: Sequence[Token], now: datetime) -> Named:
    """ "Next week" is a week from today, "next month" a month; a bare number is the next such day of a month."""
    units = [lapse for lapse in lapses(tokens) if lapse.unit in {"day", "week", "month", "year"}]
    if units and any("next" in token for token in tokens):
        return units[0].after(now).date(), None
    number = next(number_of(token) for token in tokens if "number" in token)
    if not 1 <= number <= 31:
        raise NoSuchDay
    first = now.date().replace(day=1)
    for _month in range(12):
        if number <= days_in(first.year, first.month) and first.replace(day=number) >= now.date():
            return first.replace(day=number), None
        first = (first + timedelta(days=32)).replace(day=1)
    raise NoSuchDay
