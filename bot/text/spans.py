"""Stretches of a text that stand out, in the words of no platform: what people mark in what they write.

Spans are data beside the plain text, never markup within it. So whatever somebody types stays what it is, and each
platform writes them in its own way at its last step.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from bot.text.cleaning import clean, tame

STRONG, EMPHASIS, STRIKE, CODE, BLOCK, QUOTE, LINK = "strong", "em", "strike", "code", "pre", "quote", "link"
#: What begins first where several begin at once and end together, from the outermost.
STYLES = (QUOTE, BLOCK, LINK, STRONG, EMPHASIS, STRIKE, CODE)
#: More stand out nowhere; Telegram takes as many.
MOST = 100
_LONGEST_ADDRESS = 2000
# Addresses of people in other programs: nobody's account is to travel with a word.
_OF_PEOPLE = ("matrix.to", "t.me", "telegram.me", "telegram.dog")
_LIKE_ADDRESS = re.compile(r"\S+\.\S\S+|\S+:/\S*")


@dataclass(frozen=True)
class Span:
    """A stretch of a text that stands out, in code points: ``[start, end)``. ``url`` is where a link leads."""

    start: int
    end: int
    style: str = STRONG
    url: str | None = None


def tidy(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans that can be shown: within the text, each inside another or beside it, in the order of their beginnings.

    Where two overlap, the later one is cut in two. Nothing stands out inside code, and nothing twice in the same way.
    A link stays only if it leads to a page and its words do not say that it leads elsewhere.
    """
    known = [one for one in spans if _shows(text, one)][:MOST]
    waiting = [(_place(one), one) for one in known]
    heapq.heapify(waiting)
    kept: list[Span] = []
    around: list[Span] = []
    while waiting and len(kept) < MOST:
        one = heapq.heappop(waiting)[1]
        while around and around[-1].end <= one.start:
            around.pop()
        if around and one.end > around[-1].end:
            rest = replace(one, start=around[-1].end)
            one = replace(one, end=around[-1].end)
            heapq.heappush(waiting, (_place(rest), rest))
        # What a cut leaves may be nothing but spaces, or words that say that a link leads elsewhere.
        if not _shows(text, one) or any(outer.style in (CODE, BLOCK, one.style) for outer in around):
            continue
        kept.append(one)
        around.append(one)
    return tuple(kept)


def _place(span: Span) -> tuple[int, int, int, str]:
    return span.start, -span.end, STYLES.index(span.style), span.url or ""


def _shows(text: str, span: Span) -> bool:
    stretch = text[span.start : span.end] if 0 <= span.start < span.end <= len(text) else ""
    if not stretch.strip() or span.style not in STYLES:
        return False
    return honest(stretch, span.url) if span.style == LINK else span.url is None


def honest(words: str, address: str | None) -> bool:
    """Whether words may lead to an address: to a page, and not to another one than the words name."""
    site = site_of(address)
    if site is None or any(site == each or site.endswith(f".{each}") for each in _OF_PEOPLE):
        return False
    named = words.strip()
    if _LIKE_ADDRESS.fullmatch(named) is None:
        return True
    return site_of(named if "://" in named else f"https://{named}") == site


def hidden(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans without links that lead where their words say: most programs make links of addresses by themselves."""
    return [one for one in spans if one.style != LINK or one.url != text[one.start : one.end]]


def site_of(address: str | None) -> str | None:
    """The host of a web address; None for any other, and for one that hides where it leads."""
    if not address or len(address) > _LONGEST_ADDRESS or not address.isascii() or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
        host, user = parts.hostname, parts.username
    except ValueError:
        return None
    plain = " " not in address and "\\" not in address and user is None
    return host.removeprefix("www.") if host and plain and parts.scheme in ("http", "https") else None


def cleaned(words: str, spans: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
    """Clean words as `clean` does, with the spans where they belong then; none where that cannot be said."""
    whole = clean(words)
    if not spans or whole == words:
        return whole, tidy(whole, spans)
    cuts = sorted({0, len(words), *(min(max(at, 0), len(words)) for one in spans for at in (one.start, one.end))})
    places, text = {}, ""
    for start, end in zip(cuts, [*cuts[1:], len(words)], strict=True):
        places[start] = len(text)
        text += tame(words[start:end])
    begin = len(text) - len(text.lstrip())
    if text.strip() != whole:
        return whole, ()
    moved = [
        replace(one, start=_within(places[one.start] - begin, whole), end=_within(places[one.end] - begin, whole))
        for one in spans
        if one.start in places and one.end in places
    ]
    return whole, tidy(whole, moved)


def _within(at: int, text: str) -> int:
    return min(max(at, 0), len(text))


def moved(spans: Iterable[Span], by: int) -> tuple[Span, ...]:
    """The spans of a text that stands so many characters further on."""
    return tuple(replace(one, start=one.start + by, end=one.end + by) for one in spans)


def cut(spans: Iterable[Span], start: int, end: int) -> tuple[Span, ...]:
    """The spans of a stretch of a text, counted from its beginning."""
    return tuple(
        replace(one, start=max(one.start, start) - start, end=min(one.end, end) - start)
        for one in spans
        if one.start < end and one.end > start
    )


def to_json(spans: Iterable[Span]) -> list[Any]:
    """As JSON: start, end, style, and the address of a link."""
    return [[one.start, one.end, one.style, *([] if one.url is None else [one.url])] for one in spans]


def from_json(data: Iterable[Any]) -> tuple[Span, ...]:
    """Back from `to_json`."""
    return tuple(Span(*each) for each in data)


def nested(text: str, spans: Iterable[Span]) -> Iterator[str | tuple[Span, bool]]:
    """The text in pieces; between them each span where it begins (True) and where it ends (False), one in another."""
    around: list[Span] = []
    done = 0
    for one in tidy(text, spans):
        while around and around[-1].end <= one.start:
            ended = around.pop()
            yield text[done : ended.end]
            yield ended, False
            done = ended.end
        yield text[done : one.start]
        yield one, True
        done = one.start
        around.append(one)
    for ended in reversed(around):
        yield text[done : ended.end]
        yield ended, False
        done = ended.end
    yield text[done:]


def as_html(
    text: str,
    spans: Iterable[Span],
    tags: Mapping[str, tuple[str, str]],
    escape: Callable[[str], str],
    attribute: Callable[[str], str],
) -> str:
    """A text as HTML. ``tags`` has what begins and ends a style; ``{url}`` in it is the address of a link.

    ``escape`` is for text and ``attribute`` for addresses. What stands on lines of its own takes the line breaks at
    its edges with it.
    """
    made: list[str] = []
    parts = [part for part in nested(text, spans) if part]
    for position, part in enumerate(parts):
        if not isinstance(part, str):
            span, begins = part
            opening, closing = tags[span.style]
            made.append(opening.replace("{url}", attribute(span.url or "")) if begins else closing)
            continue
        after = position > 0 and _own_line(parts[position - 1], begins=False)
        before = position + 1 < len(parts) and _own_line(parts[position + 1], begins=True)
        words = part.removeprefix("\n") if after else part
        made.append(escape(words.removesuffix("\n") if before else words))
    return "".join(made)


def _own_line(part: str | tuple[Span, bool], *, begins: bool) -> bool:
    return not isinstance(part, str) and part[1] is begins and part[0].style in (QUOTE, BLOCK)
