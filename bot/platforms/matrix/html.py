"""The HTML of a message becomes plain text with what stands out in it. Anybody may have written it.

Only what the specification allows is looked at, and of that only what other platforms can show; all else is its text.
"""

from __future__ import annotations

from html.parser import HTMLParser

from bot.text.spans import BLOCK, CODE, EMPHASIS, LINK, MOST, QUOTE, STRIKE, STRONG, Span, tidy

_HEADS = ("h1", "h2", "h3", "h4", "h5", "h6")
_STYLES = {
    **dict.fromkeys(("b", "strong", *_HEADS), STRONG),
    **dict.fromkeys(("i", "em"), EMPHASIS),
    **dict.fromkeys(("s", "del", "strike"), STRIKE),
    "code": CODE,
    "pre": BLOCK,
    "blockquote": QUOTE,
    "a": LINK,
}
_LINES = {*_HEADS, "p", "div", "pre", "blockquote", "ul", "ol", "li", "table", "tr", "details"}
# What is quoted for programs that know no replies, and what is no text at all.
_SILENT = {"mx-reply", "script", "style", "head", "title", "template"}
_VOID = {"br", "hr", "img", "wbr", "meta", "link", "input"}
#: Deeper than this the specification lets nobody go.
_DEEPEST = 100
_LONGEST = 40_000
_MOST_SPANS = 5 * MOST


def read_html(source: str) -> tuple[str, tuple[Span, ...]] | None:
    """The text of some HTML, and its spans; None where it is too much."""
    if len(source) > _LONGEST:
        return None
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.result()


class _Reader(HTMLParser):
    """Collects text and spans. Elements that are never closed end with the text; ends of nothing are let be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._length = 0
        self._breaks = 0
        self._spans: list[Span] = []
        self._open: list[tuple[str, int, str | None]] = []
        self._silent = 0
        self._lists: list[int | None] = []
        self._deep = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "hr"):
            self._put("\n")
        if tag in _VOID or self._deep:
            return
        if len(self._open) >= _DEEPEST:
            self._deep = True
            return
        if tag in _LINES:
            self._new_line()
        if tag in _SILENT:
            self._silent += 1
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        if tag == "li":
            self._put(self._bullet())
        self._open.append((tag, self._length, dict(attrs).get("href")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if any(tag == opened for opened, _at, _url in self._open):
            while self._end() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        plain = any(tag == "pre" for tag, _at, _url in self._open)
        self._put(data if plain else data.replace("\n", " ") if data.strip("\n") else "")

    def result(self) -> tuple[str, tuple[Span, ...]]:
        """The text without lines at its ends, and what stands out in it."""
        while self._open:
            self._end()
        whole = "".join(self._pieces)
        begin = len(whole) - len(whole.lstrip())
        text = whole.strip()
        spans = [
            Span(max(one.start - begin, 0), min(one.end - begin, len(text)), one.style, one.url) for one in self._spans
        ]
        return text, tidy(text, spans)

    def _end(self) -> str:
        """The innermost element ends."""
        tag, start, url = self._open.pop()
        if tag in _SILENT:
            self._silent -= 1
        if tag in ("ul", "ol"):
            self._lists.pop()
        style, end = _STYLES.get(tag), self._length - (self._breaks if tag in _LINES else 0)
        in_block = any(opened == "pre" for opened, _at, _url in self._open)
        if style is not None and end > start and len(self._spans) < _MOST_SPANS and not (style == CODE and in_block):
            self._spans.append(Span(start, end, style, url if style == LINK else None))
        if tag in _LINES:
            self._new_line()
        return tag

    def _put(self, piece: str) -> None:
        if piece and not self._silent:
            self._pieces.append(piece)
            self._length += len(piece)
            trailing = len(piece) - len(piece.rstrip("\n"))
            self._breaks = self._breaks + trailing if trailing == len(piece) else trailing

    def _new_line(self) -> None:
        if self._pieces and not self._pieces[-1].endswith("\n"):
            self._put("\n")

    def _bullet(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "• "
        self._lists[-1] = number + 1
        return f"{number}. "
