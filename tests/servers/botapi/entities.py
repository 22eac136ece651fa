"""Text and its entities, counted in UTF-16 code units as Telegram counts them."""

from __future__ import annotations

import html
import re
from typing import Any

from .wire import Json, bad

_PLAIN_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
_TOKEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s[^<>]*)?)>|(<)|([^<]+)")
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#[xX][0-9a-fA-F]+);")
_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]+)|(?P<email>[\w.+-]+@[\w-]+\.[\w.-]+\w)"
    r"|(?<![\w/@])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<![\w@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{3,31})(?!\w)"
)


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def found(text: str) -> list[Json]:
    """The entities that Telegram finds by itself: commands, mentions, links and mail addresses."""
    if not any(mark in text for mark in "/@"):
        return []
    return [
        {"type": str(hit.lastgroup), "offset": units(text[: hit.start()]), "length": units(hit.group())}
        for hit in _FOUND.finditer(text)
    ]


def _attribute(attributes: str, name: str) -> str | None:
    hit = re.search(rf"""\b{name}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", attributes)
    return html.unescape(next(group for group in hit.groups() if group is not None)) if hit else None


def _opened(tag: str, attributes: str) -> Json:
    if tag == "a":
        return {"type": "text_link", "url": _attribute(attributes, "href") or ""}
    if tag == "tg-emoji":
        return {"type": "custom_emoji", "custom_emoji_id": _attribute(attributes, "emoji-id") or ""}
    if tag == "span" and _attribute(attributes, "class") == "tg-spoiler":
        return {"type": "spoiler"}
    if tag == "blockquote" and re.search(r"\bexpandable\b", attributes):
        return {"type": "expandable_blockquote"}
    if tag not in _PLAIN_TAGS:
        raise bad(f'can\'t parse entities: Unsupported start tag "{tag}"')
    entity: Json = {"type": _PLAIN_TAGS[tag]}
    if tag == "code" and (language := _attribute(attributes, "class")):
        entity["language"] = language.removeprefix("language-")
    return entity


def _closed(stack: list[tuple[str, Json]], tag: str, end: int, done: list[Json]) -> None:
    if not stack or stack[-1][0] != tag:
        raise bad(f'can\'t parse entities: Unexpected end tag "{tag}"')
    entity = stack.pop()[1]
    language = entity.pop("language", None) if tag == "code" else None
    if language and stack and stack[-1][0] == "pre":
        stack[-1][1]["language"] = language
        return
    if end > entity["offset"] and entity.get("url") != "":
        done.append(entity | {"length": end - entity["offset"]})


def from_html(source: str) -> tuple[str, list[Json]]:
    """Telegram's HTML as plain text and entities. Raises Refusal where Telegram cannot parse it."""
    text, at = [], 0
    stack: list[tuple[str, Json]] = []
    done: list[Json] = []
    for closing, tag, attributes, stray, plain in _TOKEN.findall(source):
        if stray:
            raise bad("can't parse entities: a '<' that begins no tag must be written as &lt;")
        if plain:
            words = _REFERENCE.sub(lambda hit: html.unescape(hit.group()), plain)
            text.append(words)
            at += units(words)
        elif closing:
            _closed(stack, tag.lower(), at, done)
        else:
            stack.append((tag.lower(), _opened(tag.lower(), attributes) | {"offset": at}))
    if stack:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{stack[-1][0]}\"")
    return "".join(text), sorted(done, key=lambda entity: (entity["offset"], -entity["length"]))


def check(text: str, entities: list[Json]) -> None:
    """Refuse entities that reach outside their text or begin or end inside a surrogate pair."""
    data = text.encode("utf-16-le", "surrogatepass")
    size = len(data) // 2
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if start < 0 or entity["length"] <= 0 or end > size:
            raise bad(f"can't parse entities: {entity['type']} at {start}..{end} is outside the text of {size}")
        for edge in (start, end):
            if edge < size and 0xDC <= data[2 * edge + 1] <= 0xDF:
                raise bad(f"can't parse entities: {entity['type']} splits a surrogate pair at {edge}")


def read(source: str, parse_mode: str | None, given: list[Json] | None) -> tuple[str, list[Json]]:
    """Text and entities of an outgoing text, as Telegram would store them. Raises Refusal."""
    entities: list[Json]
    if parse_mode and parse_mode.lower() == "html":
        text, entities = from_html(source)
    elif parse_mode:
        raise bad(f"unsupported parse_mode {parse_mode!r} (this test server reads HTML and explicit entities)")
    else:
        text, entities = source, list(given or [])
    check(text, entities)
    text = text.rstrip()
    size = units(text)
    kept = [clip for entity in entities if (clip := _clipped(entity, size))]
    covered = [(e["offset"], e["offset"] + e["length"]) for e in kept if e["type"] in ("code", "pre", "text_link")]
    for extra in found(text):
        if not any(start <= extra["offset"] < end for start, end in covered):
            kept.append(extra)
    return text, sorted(kept, key=lambda entity: entity["offset"])


def _clipped(entity: Json, size: int) -> dict[str, Any] | None:
    length = min(entity["length"], size - entity["offset"])
    return entity | {"length": length} if length > 0 else None
