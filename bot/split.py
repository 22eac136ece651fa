"""A text that is too long for a platform is split where a reader would pause."""

from __future__ import annotations

import re

from bot.text import Mention, Rendered
from bot.text.spans import cut

_SENTENCE_END = re.compile(r"[.!?…。؟](?=\s)|\n")


def units(text: str) -> int:
    """The length as Telegram counts it: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(rendered: Rendered, limit: int, first: int | None = None) -> list[Rendered]:
    """Split at a paragraph, else a sentence end, else a space, else anywhere; each part within ``limit`` units.

    ``first`` is the limit of the first part, if it has another one.
    """
    parts: list[Rendered] = []
    start, text = 0, rendered.text
    while units(text[start:]) > (most := limit if parts or first is None else first):
        cut = _cut(text, start, _reach(text, start, most))
        part = _part(rendered, start, cut)
        if part.text:
            parts.append(part)
        start = cut
        while start < len(text) and text[start].isspace():
            start += 1
    if start < len(text) or not parts:
        parts.append(_part(rendered, start, len(text)))
    return parts


def _reach(text: str, start: int, limit: int) -> int:
    """How far a part that begins at ``start`` may go."""
    used, position = 0, start
    while position < len(text):
        used += 2 if ord(text[position]) > 0xFFFF else 1
        if used > limit:
            break
        position += 1
    return position


def _cut(text: str, start: int, reach: int) -> int:
    window = text[start:reach]
    paragraph = window.rfind("\n\n")
    if paragraph > len(window) // 3:
        return start + paragraph
    ends = [match.end() for match in _SENTENCE_END.finditer(text, start, min(reach + 1, len(text)))]
    ends = [end for end in ends if start + len(window) // 3 < end <= reach]
    if ends:
        return ends[-1]
    space = window.rfind(" ")
    return start + space if space > 0 else reach


def _part(rendered: Rendered, start: int, end: int) -> Rendered:
    words = rendered.text[start:end].rstrip()
    end = start + len(words)
    mentions = [
        Mention(max(mention.start, start) - start, min(mention.end, end) - start, mention.person)
        for mention in rendered.mentions
        if mention.start < end and mention.end > start
    ]
    return Rendered(words, cut(rendered.spans, start, end), tuple(mentions))
