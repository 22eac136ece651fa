"""How a line says that something repeats, until when, when not, and how long ahead to tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from handlers.reminders.days import NoSuchDay, named_day
from handlers.reminders.found import Found, Lapse, Repeat, days_in, lapses, number_of, weekdays
from handlers.reminders.grammar import Parts, Sentence
from handlers.reminders.tokens import Token

_DAY_KEYS = ("date", "month", "today", "weekday")


def find_leads(sentence: Sentence, found: Found) -> None:
    """Notices ahead: "1 week, 1 day and 1 hour before"."""
    for tokens, _parts in sentence.take("ahead", "before"):
        found.leads += [lapse.minutes for lapse in lapses(tokens)]


def find_exceptions(sentence: Sentence, found: Found, now: datetime) -> None:
    """What is left out: holidays, days of the week, single days."""
    for _tokens, _parts in sentence.take("except_holidays", "holidays_excepted"):
        found.but_holidays = True
    for _tokens, parts in sentence.take("except_weekdays", "weekdays_excepted"):
        found.without = weekdays(parts["part"])
    for _tokens, parts in sentence.take("except_days", "days_excepted"):
        for piece in _pieces(parts["part"]):
            _guarded(found, piece, now, found.skipped.append)


def find_end(sentence: Sentence, found: Found, now: datetime) -> None:
    """How long it goes on: from day to day, until a day or a month, for some weeks, so many times."""
    for _tokens, parts in sentence.take("from_day_to_day"):
        _guarded(found, parts["part"], now, lambda day: setattr(found, "day", day))
        first = datetime.combine(found.day or now.date(), time())
        _guarded(found, parts["end"], first, lambda day: setattr(found, "until", day))
    for _tokens, parts in sentence.take("from_number_to_day"):
        month = [token for token in parts["end"] if "number" not in token or "month" in token or "year" in token]
        _guarded(found, [*parts["part"], *month], now, lambda day: setattr(found, "day", day))
        first = datetime.combine(found.day or now.date(), time())
        _guarded(found, parts["end"], first, lambda day: setattr(found, "until", day))
    for _tokens, parts in sentence.take("until_day", "day_till"):
        _guarded(found, parts["part"], now, lambda day: setattr(found, "until", day))
    for _tokens, parts in sentence.take("until_month", "month_till"):
        found.until = _end_of_month(parts["part"], now)
    for _tokens, parts in sentence.take("until_year"):
        if 1 <= number_of(parts["part"][0]) <= 9999:
            found.until = date(number_of(parts["part"][0]), 12, 31)
    for _tokens, parts in sentence.take("for", "during"):
        found.span = lapses(parts["part"])[0]
    for _tokens, parts in sentence.take("count"):
        found.count = number_of(parts["part"][0])


def find_repeat(sentence: Sentence, found: Found, now: datetime) -> None:
    """The first way of repeating that fits."""
    for way, make in _WAYS.items():
        for start, end, parts in sentence.fits(way):
            tokens = sentence.tokens[start:end]
            repeat = make(tokens, parts)
            if repeat is None:
                continue
            sentence.remove(start, end)
            if way == "every_date":
                _guarded(found, parts["part"], now, lambda day: setattr(found, "day", day))
            if repeat == TOO_OFTEN:
                found.trouble = "too_often"
            elif repeat != ONCE:
                found.repeat = repeat
            return


#: Days that people count where they mean weeks: "cada 15 días los lunes".
_WEEKS = {7: 1, 14: 2, 15: 2, 21: 3, 28: 4}
#: "Every minute" and the like.
TOO_OFTEN = Repeat("hour", 0)
#: A weekend without "every" is the next one.
ONCE = Repeat("day", 0)


def _guarded(found: Found, tokens: Sequence[Token], now: datetime, put: Callable[[date], None]) -> None:
    try:
        put(named_day(tokens, {}, now)[0])
    except NoSuchDay:
        found.trouble = "no_such_day"


def _pieces(tokens: Sequence[Token]) -> list[list[Token]]:
    """Part a row of days at their joining words; a number before a month belongs to it."""
    pieces: list[list[Token]] = [[]]
    for token in tokens:
        known = any(key in piece for piece in pieces[-1] for key in _DAY_KEYS)
        if "and" in token and known:
            pieces.append([])
        elif "filler" not in token:
            pieces[-1].append(token)
    return [piece for piece in pieces if any(key in token for token in piece for key in _DAY_KEYS)]


def _end_of_month(tokens: Sequence[Token], now: datetime) -> date:
    """ "Until June" is to its last day; of the next June there is."""
    month = int(next(token for token in tokens if "month" in token).value("month"))
    years = [token.numbers[0] for token in tokens if "year" in token]
    year = years[0] if years else now.year + (month < now.month)
    year = min(max(year, 1), 9999)
    return date(year, month, days_in(year, month))


def _second(_tokens: Sequence[Token], _parts: Parts) -> Repeat:
    """ "Every second", and not "every second Tuesday"."""
    return TOO_OFTEN


def _nth(tokens: Sequence[Token], parts: Parts) -> Repeat | None:
    """ "The first Monday of each month", "the last day of the month"."""
    place = int(next(token for token in tokens if "nth" in token).value("nth"))
    middle = parts["part"][0]
    month = any(token.senses.get("unit") == "month" for token in tokens if token is not middle)
    if not month or not -1 <= place <= 31:
        return None
    if "weekday" in middle and place <= 4:
        return Repeat("month", days=weekdays([middle]), nth=place)
    return Repeat("month", monthday=place) if middle.senses.get("unit") == "day" else None


def _monthday(tokens: Sequence[Token], _parts: Parts) -> Repeat | None:
    """ "The 15th of every month"."""
    number = number_of(next(token for token in tokens if "number" in token))
    return Repeat("month", monthday=number) if tokens[-1].senses.get("unit") == "month" and 1 <= number <= 31 else None


def _day_of(tokens: Sequence[Token], parts: Parts) -> Repeat | None:
    """ "Every 15th of the month", and not "every 15th month"."""
    number, said = number_of(parts["part"][0]), [token.senses.get("unit") for token in tokens]
    known = set(said) <= {None, "day", "month"} and said[-1] == "month"
    return Repeat("month", monthday=number) if known and 1 <= number <= 31 else None


def _month_on(tokens: Sequence[Token], parts: Parts) -> Repeat | None:
    """ "Every month on the 15th"."""
    said = [token for token in tokens if token.senses.get("unit") == "month" or token.senses.get("adverb") == "1 month"]
    number = number_of(parts["part"][0])
    return Repeat("month", monthday=number) if said and 1 <= number <= 31 else None


def _rate(tokens: Sequence[Token], parts: Parts) -> Repeat | None:
    """ "2 haftada bir": once in two weeks."""
    number, unit = next(token for token in tokens if "rate" in token).value("rate").split()
    said = [number_of(token) for token in tokens if "number" in token and "rate" not in token]
    lapse = Lapse(int(number) * (said[0] if said else 1), unit)  # type: ignore[arg-type]
    return _stepping(lapse, weekdays(parts.get("part", [])))


def _date(_tokens: Sequence[Token], _parts: Parts) -> Repeat:
    """ "Every 3 December"."""
    return Repeat("year")


def _range(tokens: Sequence[Token], _parts: Parts) -> Repeat:
    """ "From Monday to Friday"."""
    first, last = [int(token.value("weekday")) for token in tokens if "weekday" in token][:2]
    return Repeat("week", days=tuple(sorted((first + n) % 7 for n in range((last - first) % 7 + 1))))


def _few(tokens: Sequence[Token], parts: Parts) -> Repeat | None:
    """ "Every two weeks on Tuesday"."""
    days = parts.get("part", [])
    return _stepping(lapses([token for token in tokens if token not in days])[0], weekdays(days))


def _class(tokens: Sequence[Token], _parts: Parts) -> Repeat | None:
    """ "On school days"."""
    days = tuple(map(int, next(token for token in tokens if "days" in token).value("days").split()))
    return Repeat("week", days=days)


def _weekday(tokens: Sequence[Token], parts: Parts) -> Repeat:
    """ "Every Tuesday", "every other Tuesday and Thursday"."""
    return Repeat("week", 2 if any("other" in token for token in tokens) else 1, weekdays(parts["part"]))


def _adverb(tokens: Sequence[Token], parts: Parts) -> Repeat | None:
    """ "Daily", "weekly on Tuesday"."""
    number, unit = next(token for token in tokens if "adverb" in token).value("adverb").split()
    return _stepping(Lapse(int(number), unit), weekdays(parts.get("part", [])))  # type: ignore[arg-type]


def _plural(tokens: Sequence[Token], _parts: Parts) -> Repeat:
    """ "Tuesdays and Thursdays"."""
    return Repeat("week", days=weekdays(tokens))


def _stepping(lapse: Lapse, days: tuple[int, ...]) -> Repeat | None:
    if lapse.unit == "minute" or lapse.number < 1:
        return TOO_OFTEN
    if days:
        weeks = lapse.number if lapse.unit == "week" else _WEEKS.get(lapse.number) if lapse.unit == "day" else None
        return None if weeks is None else Repeat("week", weeks, days)
    return Repeat(lapse.unit, lapse.number)


_WAYS: dict[str, Callable[[Sequence[Token], Parts], Repeat | None]] = {
    "every_second": _second,
    "every_nth": _nth,
    "every_month_nth": _nth,
    "every_rate": _rate,
    "every_monthday": _monthday,
    "every_day_of": _day_of,
    "every_month_on": _month_on,
    "every_date": _date,
    "every_few": _few,
    "every_class": _class,
    "every_range": _range,
    "every_weekday": _weekday,
    "adverb": _adverb,
    "weekdays": _plural,
}


def find_range(sentence: Sentence, found: Found) -> None:
    """Days from one to another, looked for early: the word between them also means "until"."""
    for start, end, parts in sentence.fits("every_range"):
        if found.repeat is None:
            found.repeat = _range(sentence.tokens[start:end], parts)
            sentence.remove(start, end)


def days_but(repeat: Repeat, without: tuple[int, ...]) -> Repeat:
    """The same without some days of the week: "every day except Sunday"."""
    days = repeat.days or (tuple(range(7)) if repeat.step == "day" and repeat.interval == 1 else ())
    left = tuple(day for day in days if day not in without)
    return Repeat("week", repeat.interval, left) if left and left != days else repeat


def after_span(start: datetime, span: Lapse) -> date:
    """The last day of something that goes on for so long from its start."""
    return (span.after(start) - timedelta(days=1)).date()
