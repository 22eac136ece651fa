"""What stands out in a text: Telegram's entities count UTF-16 code units, our spans code points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from telegram import MessageEntity

from bot.text.spans import BLOCK, CODE, EMPHASIS, LINK, QUOTE, STRIKE, STRONG, Span, hidden, tidy

Json = Any

_TYPES = {
    STRONG: MessageEntity.BOLD,
    EMPHASIS: MessageEntity.ITALIC,
    STRIKE: MessageEntity.STRIKETHROUGH,
    CODE: MessageEntity.CODE,
    BLOCK: MessageEntity.PRE,
    QUOTE: MessageEntity.BLOCKQUOTE,
    LINK: MessageEntity.TEXT_LINK,
}
_STYLES = {kind: style for style, kind in _TYPES.items()} | {MessageEntity.EXPANDABLE_BLOCKQUOTE: QUOTE}


def entities(text: str, spans: Iterable[Span]) -> list[Json]:
    """Spans as entities, in their order. Telegram lets nothing else stand out where code is, nor in its neighbours."""
    found = tidy(text, hidden(text, spans))
    if not found:
        return []
    code = [one for one in found if one.style in (CODE, BLOCK)]
    return [_entity(text, piece) for one in found for piece in (_beside(one, code) if one not in code else [one])]


def _beside(span: Span, code: Sequence[Span]) -> list[Span]:
    """A span without what is code in it; quotes hold code as they are."""
    if span.style == QUOTE:
        return [span]
    edges = [span.start, *(at for one in code if span.start <= one.start < span.end for at in (one.start, one.end))]
    edges.append(span.end)
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [replace(span, start=start, end=end) for start, end in pairs if start < end]


def _entity(text: str, span: Span) -> Json:
    offset, length = units(text[: span.start]), units(text[span.start : span.end])
    entity = {"type": str(_TYPES[span.style]), "offset": offset, "length": length}
    return entity if span.url is None else {**entity, "url": span.url}


def spans(text: str, found: Iterable[MessageEntity]) -> tuple[Span, ...]:
    """What somebody made stand out; what has no place in other programs is plain there: mentions, spoilers, emoji."""
    known = [one for one in found if one.type in _STYLES]
    if not known:
        return ()
    # Where each code point begins, in code units: one after the last as well.
    begins = [0, *accumulate(2 if character > "\uffff" else 1 for character in text)]
    places = {unit: point for point, unit in enumerate(begins)}
    made = [
        Span(places[one.offset], places[one.offset + one.length], _STYLES[one.type], one.url)
        for one in known
        if one.offset in places and one.offset + one.length in places
    ]
    return tidy(text, made)


def units(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)
