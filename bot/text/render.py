"""A node becomes a string for one reader: language, time zone, direction; styles are kept as spans.

Spans instead of markup mean that nobody's words ever need escaping before the platform's own last step, and
that a long text can be cut anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import babel
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    get_datetime_format,
    get_timezone_location,
)
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.text.catalogs import parted, translate
from bot.text.cleaning import clean, isolate
from bot.text.nodes import (
    City,
    Clocks,
    Count,
    Country,
    Day,
    Joined,
    Language,
    Listed,
    Month,
    Name,
    Node,
    Strong,
    Text,
    TimeOfDay,
    Url,
    Verbatim,
    Weekday,
    When,
)
from bot.text.spans import LINK, Span, cleaned, moved

_RTL = {"ar", "he", "fa", "ur"}
# Only the comma of a bare enumeration; lists in sentences are Listed and follow CLDR.
_COMMAS = {"ar": "، "}
# A command in a text that runs from right to left keeps its slash on its left.
_COMMAND = re.compile(r"(?<![\w/])([/!][a-z]+)")


@dataclass(frozen=True)
class Reader:
    """Who reads: a language code of the catalogs and an IANA time zone.

    A code with a second language (`catalogs.SECONDS`) stays in ``chosen``, for texts alone; dates, numbers and names
    are those of ``language``.
    """

    language: str = "en"
    timezone: str = "UTC"
    chosen: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "chosen", self.language)
        object.__setattr__(self, "language", parted(self.language)[0])

    @property
    def direction(self) -> str:
        """``rtl`` or ``ltr``, as HTML's dir attribute wants it."""
        return "rtl" if self.language.split("_")[0] in _RTL else "ltr"


@dataclass(frozen=True)
class Mention:
    """A stretch of a rendered text that is somebody's name or words, in code points: ``[start, end)``."""

    start: int
    end: int
    person: int


@dataclass(frozen=True)
class Rendered:
    """A text as one reader sees it, without markup, the stretches that stand out, and those that are somebody's."""

    text: str
    spans: tuple[Span, ...] = ()
    mentions: tuple[Mention, ...] = ()


def render(node: Node, reader: Reader) -> Rendered:
    """Render a node for a reader. Never raises on another language's missing translation: English shows."""
    out = _Out(reader)
    out.add(node)
    return Rendered("".join(out.pieces), tuple(out.spans), tuple(out.mentions))


def plain(node: Node, reader: Reader) -> str:
    """Render a node to a bare string: labels, comparisons, logs."""
    if isinstance(node, Text) and not node.args:
        # The commonest label has nothing to fill in; braces are written twice only where there is something.
        return translate(reader.chosen, node.context, node.id, None, None)
    return render(node, reader).text


class _Out:
    """Collects the pieces and counts where each begins."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self.mentions: list[Mention] = []
        self.length = 0

    def put(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)

    def add(self, node: Node) -> None:
        writer = _WRITERS.get(type(node))
        if writer is not None:
            writer(self, node)
        else:
            self.put(_value(node, self.reader))

    def somebodys(self, node: Name | Verbatim) -> None:
        if isinstance(node, Verbatim) and node.marks:
            self.marked(node)
        else:
            self.put_of(node.person, _value(node, self.reader))

    def marked(self, node: Verbatim) -> None:
        words, marks = cleaned(node.words, node.marks)
        turned = self.reader.direction == "rtl"
        self.spans += moved(marks, self.length + (1 if turned else 0))
        self.put_of(node.person, isolate(words) if turned else words)

    def url(self, node: Url) -> None:
        self.spans.append(Span(self.length, self.length + len(node.address), LINK, node.address))
        self.put(node.address)

    def put_of(self, person: int | None, piece: str) -> None:
        if person is not None:
            self.mentions.append(Mention(self.length, self.length + len(piece), person))
        self.put(piece)

    def text(self, node: Text) -> None:
        count = node.args.get("n")
        n = count.value if isinstance(count, Count) and node.plural is not None else None
        template = translate(self.reader.chosen, node.context, node.id, node.plural, n)
        for literal, name, _spec, _conversion in _parsed(template):
            self.put(_COMMAND.sub("\u2066\\1\u2069", literal) if self.reader.direction == "rtl" else literal)
            if name is not None:
                self.argument(name, node)

    def argument(self, name: str, node: Text) -> None:
        value = node.args.get(name)
        if value is None:
            self.put("{" + name + "}")
        elif isinstance(value, Verbatim):
            self.put_of(value.person, isolate(clean(value.words)))
        else:
            self.add(value)

    def joined(self, node: Joined) -> None:
        between = _COMMAS.get(self.reader.language, node.between) if node.between == ", " else node.between
        for position, item in enumerate(node.items):
            if position:
                self.put(between)
            self.add(item)

    def strong(self, node: Strong) -> None:
        start = self.length
        self.add(node.inner)
        if self.length > start:
            self.spans.append(Span(start, self.length))


@lru_cache(maxsize=4096)
def _parsed(template: str) -> tuple[tuple[str, str | None, str | None, str | None], ...]:
    """Split a template into literals and argument names; templates repeat, so this is kept."""
    return tuple(Formatter().parse(template))


def _value(node: Node, reader: Reader) -> str:
    return _VALUES[type(node)](node, reader)


@lru_cache(maxsize=64)
def _locale(language: str) -> babel.Locale:
    return babel.Locale.parse(language)


def _country(node: Country, reader: Reader) -> str:
    return str(_locale(reader.language).territories.get(node.code, node.code))


def _language(node: Language, reader: Reader) -> str:
    first, second = (_language_name(code, node.own, reader) for code in parted(node.code))
    return f"{first} ({second})" if second else first


def _language_name(code: str, own: bool, reader: Reader) -> str:
    if own or not code:
        return _own_name(code) if code else ""
    return str(_locale(reader.language).languages.get(code, _own_name(code)))


@lru_cache(maxsize=128)
def _own_name(code: str) -> str:
    """A language's name in itself; CLDR writes some in lower case, which is kept."""
    try:
        return str(babel.Locale.parse(code).get_display_name() or code)
    except (babel.UnknownLocaleError, ValueError):
        return code


def _when(node: When, reader: Reader) -> str:
    local = node.moment.astimezone(ZoneInfo(node.zone or reader.timezone))
    locale = _locale(reader.language)
    if node.form == "time":
        return format_time(local, "HH:mm", locale=locale)
    if node.form == "day":
        return format_date(local, "full", locale=locale)
    if node.form == "full":
        # CLDR's pattern for a date and a time beside each other, with its own comma where a script has one.
        pattern = str(get_datetime_format("medium", locale=locale))
        day, at = format_date(local, "full", locale=locale), format_time(local, "HH:mm", locale=locale)
        return pattern.replace("{1}", day).replace("{0}", at)
    return format_datetime(local, "EEE d MMM HH:mm", locale=locale)


def _weekday(node: Weekday, reader: Reader) -> str:
    return str(_locale(reader.language).days["stand-alone"]["wide"][node.day])


def _time_of_day(node: TimeOfDay, reader: Reader) -> str:
    return format_time(time(node.minutes // 60 % 24, node.minutes % 60), "HH:mm", locale=_locale(reader.language))


def _city(node: City, reader: Reader) -> str:
    return str(get_timezone_location(node.zone, locale=_locale(reader.language), return_city=True))


def _clocks(node: Clocks, reader: Reader) -> str:
    zones = sorted(dict.fromkeys(node.zones), key=lambda zone: zone != reader.timezone)
    shown = (f"{_when(When(node.moment, 'time', zone), reader)} {_city(City(zone), reader)}" for zone in zones)
    return " · ".join(shown)


_VALUES: dict[type, Callable[[Any, Reader], str]] = {
    Verbatim: lambda n, r: isolate(clean(n.words)) if r.direction == "rtl" else clean(n.words),
    Name: lambda n, _r: isolate(clean(n.words, one_line=True)),
    Count: lambda n, r: format_decimal(n.value, locale=_locale(r.language)),
    When: _when,
    Day: lambda n, r: format_date(n.day, "long", locale=_locale(r.language)),
    Month: lambda n, r: format_skeleton("yMMMM", n.day, locale=_locale(r.language)),
    Weekday: _weekday,
    TimeOfDay: _time_of_day,
    City: _city,
    Clocks: _clocks,
    Country: _country,
    Language: _language,
    # Between isolates some programs would make them part of the link.
    Listed: lambda n, r: format_list([plain(i, r) for i in n.items], locale=_locale(r.language)),
}

_WRITERS: dict[type, Callable[[_Out, Any], None]] = {
    Text: _Out.text,
    Joined: _Out.joined,
    Strong: _Out.strong,
    Url: _Out.url,
    Name: _Out.somebodys,
    Verbatim: _Out.somebodys,
}
