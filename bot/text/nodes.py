"""The kinds of text: a catalog message with typed arguments, and the values that may stand in one.

Every node is frozen and turns into JSON and back, so that an outbox row holds the message itself and not
one reader's rendering of it. Nothing here knows a language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from bot.text.spans import Span, from_json, to_json

Json = Any


@dataclass(frozen=True)
class Text:
    """A message of the catalogs: ``id`` is the English sentence, with plain ``{names}`` for its arguments.

    ``plural`` is the English plural form; the argument ``n`` (a `Count`) then chooses the form. ``context``
    tells two equal English strings apart (pgettext).
    """

    id: str
    args: Mapping[str, Node] = field(default_factory=dict)
    context: str | None = None
    plural: str | None = None


@dataclass(frozen=True)
class Verbatim:
    """Words that somebody wrote; shown as they are, without control and bidi characters.

    ``person`` is who wrote them, so that they are found in what others were told when that person is erased. ``marks``
    are the stretches that they made stand out; in a sentence they do not.
    """

    words: str
    person: int | None = None
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Name:
    """A name of a person, school or town: one line, isolated from the direction of what surrounds it.

    ``person`` is whose name it is, so that it is found in what others were told when that person is erased.
    """

    words: str
    person: int | None = None


@dataclass(frozen=True)
class Count:
    """A whole number, written in the reader's own way."""

    value: int


@dataclass(frozen=True)
class When:
    """A moment (aware datetime), shown in the reader's language and time zone, or in the zone that is named.

    ``form``: "short" ("Tue 8 Dec 09:30"), "full" (the whole date and the time), "day" (the whole date) or "time".
    """

    moment: datetime
    form: Literal["short", "full", "day", "time"] = "short"
    zone: str | None = None


@dataclass(frozen=True)
class Day:
    """A calendar day, shown in the reader's language."""

    day: date


@dataclass(frozen=True)
class Month:
    """The month of a day, with its year, as the reader's language writes it."""

    day: date


@dataclass(frozen=True)
class Weekday:
    """A day of the week, 0 for Monday; its name comes from CLDR."""

    day: int


@dataclass(frozen=True)
class TimeOfDay:
    """What a clock shows, in minutes from midnight."""

    minutes: int


@dataclass(frozen=True)
class City:
    """The place that an IANA time zone is named by; its name comes from CLDR."""

    zone: str


@dataclass(frozen=True)
class Clocks:
    """What clocks show at a moment, one place after another: "10:00 Lisbon · 12:00 Athens"; the reader's own place
    comes first, if it is among the ``zones``."""

    moment: datetime
    zones: tuple[str, ...]


@dataclass(frozen=True)
class Country:
    """A country by its ISO 3166 code; its name comes from CLDR."""

    code: str


@dataclass(frozen=True)
class Language:
    """A language by its code; its name comes from CLDR, or is its own name where ``own`` is set."""

    code: str
    own: bool = False


@dataclass(frozen=True)
class Listed:
    """Several things in the reader's way of listing ("a, b and c")."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Joined:
    """Things one after another with ``between`` (a line break, a separator) and no grammar."""

    items: tuple[Node, ...]
    between: str = "\n"


@dataclass(frozen=True)
class Url:
    """A web address of ours, shown as it is; it stands on a line of its own, so that programs make a link of it."""

    address: str


@dataclass(frozen=True)
class Strong:
    """A part that stands out: a title, the name of a school on its card."""

    inner: Node


Node = (
    Text
    | Verbatim
    | Name
    | Count
    | When
    | Day
    | Month
    | Weekday
    | TimeOfDay
    | City
    | Clocks
    | Country
    | Language
    | Listed
    | Joined
    | Strong
    | Url
)


def _(message: str, /, **args: Node) -> Text:
    """Make a catalog message: ``_("Hello {name}", name=Name(x))``."""
    return Text(message, args)


def p_(context: str, message: str, /, **args: Node) -> Text:
    """Make a catalog message with a context, for short strings ("button", "title", "error")."""
    return Text(message, args, context)


def n_(singular: str, plural: str, n: int, /, **args: Node) -> Text:
    """Make a counted catalog message; ``{n}`` is the number in the reader's own way."""
    return Text(singular, {"n": Count(n), **args}, None, plural)


def lines(*items: Node | None) -> Joined:
    """Put things on lines of their own, leaving out those that are None."""
    return Joined(tuple(item for item in items if item is not None))


def entry(label: Node, value: Node) -> Text:
    """A line of a card: what it is, and its value."""
    # Translators: a line of a card, such as "Name: Amina"; only what stands between the two is to be translated.
    return p_("card", "{label}: {value}", label=label, value=value)


def encode(node: Node) -> Json:
    """Turn a node into plain JSON: a list whose first item is the tag of its kind."""
    return _ENCODERS[type(node)](node)


def decode(data: Json) -> Node:
    """Turn the JSON of `encode` back into the node. Raises ValueError for a tag it does not know."""
    tag, *rest = data
    try:
        make = _DECODERS[tag]
    except KeyError:
        raise ValueError(f"unknown text tag {tag!r}") from None
    return make(rest)


def _encode_text(node: Text) -> Json:
    args = {name: encode(value) for name, value in node.args.items()}
    return ["t", node.id, args, node.context, node.plural]


def _decode_text(rest: list[Json]) -> Text:
    message, args, context, plural = rest
    return Text(message, {name: decode(value) for name, value in args.items()}, context, plural)


def _all(items: Iterable[Node]) -> list[Json]:
    return [encode(item) for item in items]


def _back(items: Iterable[Json]) -> tuple[Node, ...]:
    return tuple(decode(item) for item in items)


def _encode_verbatim(node: Verbatim) -> Json:
    if node.marks:
        return ["v", node.words, node.person, to_json(node.marks)]
    return ["v", node.words] if node.person is None else ["v", node.words, node.person]


def _decode_verbatim(rest: list[Json]) -> Verbatim:
    words, person, marks = [*rest, None, None][:3]
    return Verbatim(words, person, from_json(marks or ()))


_ENCODERS: dict[type, Callable[[Any], Json]] = {
    Text: _encode_text,
    Verbatim: _encode_verbatim,
    Name: lambda n: ["name", n.words] if n.person is None else ["name", n.words, n.person],
    Count: lambda n: ["n", n.value],
    When: lambda n: ["when", n.moment.isoformat(), n.form, n.zone],
    Day: lambda n: ["day", n.day.isoformat()],
    Month: lambda n: ["month", n.day.isoformat()],
    Weekday: lambda n: ["weekday", n.day],
    TimeOfDay: lambda n: ["time", n.minutes],
    City: lambda n: ["city", n.zone],
    Clocks: lambda n: ["clocks", n.moment.isoformat(), list(n.zones)],
    Country: lambda n: ["country", n.code],
    Language: lambda n: ["language", n.code, n.own],
    Listed: lambda n: ["list", _all(n.items)],
    Joined: lambda n: ["join", _all(n.items), n.between],
    Strong: lambda n: ["strong", encode(n.inner)],
    Url: lambda n: ["url", n.address],
}

_DECODERS: dict[str, Callable[[list[Json]], Node]] = {
    "t": _decode_text,
    "v": _decode_verbatim,
    "name": lambda r: Name(*r),
    "n": lambda r: Count(r[0]),
    "when": lambda r: When(datetime.fromisoformat(r[0]), *r[1:]),
    "day": lambda r: Day(date.fromisoformat(r[0])),
    "month": lambda r: Month(date.fromisoformat(r[0])),
    "weekday": lambda r: Weekday(r[0]),
    "time": lambda r: TimeOfDay(r[0]),
    "city": lambda r: City(r[0]),
    "clocks": lambda r: Clocks(datetime.fromisoformat(r[0]), tuple(r[1])),
    "country": lambda r: Country(r[0]),
    "language": lambda r: Language(r[0], r[1]),
    "list": lambda r: Listed(_back(r[0])),
    "join": lambda r: Joined(_back(r[0]), r[1]),
    "strong": lambda r: Strong(decode(r[0])),
    "url": lambda r: Url(r[0]),
}
