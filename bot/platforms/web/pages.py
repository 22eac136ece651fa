"""The pages: templates filled for one reader, lines of the chat as HTML, and the files that go with them."""

from __future__ import annotations

import hashlib
import mimetypes
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from bot.platforms.platform import Shown
from bot.platforms.sniffing import SHOWN
from bot.platforms.web.book import Line, Quotes, shown_of
from bot.platforms.web.pupilbook import Nickname, Pupil
from bot.platforms.web.roombook import Place, Said
from bot.platforms.web.words import LONGEST, words
from bot.talk.messages import Attachment
from bot.talk.onetime import Sheet
from bot.text import Country, Language, Node, Reader, Span, When, plain, render
from bot.text.catalogs import available, nearest, seconds
from bot.text.emblems import EMBLEMS
from bot.text.spans import BLOCK, CODE, EMPHASIS, LINK, QUOTE, STRIKE, STRONG, as_html

_HERE = Path(__file__).parent
_EXCERPT, _REMEMBERED = 80, 200
#: The signs that the page of a room offers; others come from other doors.
OFFERED = ("👍", "❤️", "😂", "😮", "🎉", "👏")


@dataclass(frozen=True)
class View:
    """What one page shows. ``reader`` is who it is for, ``started`` whether they have an account.

    ``mark`` is the last change that is shown; ``older`` is the id before which more lines stand; ``live`` whether
    this is the newest page. ``waiting``: an answer is due; ``refresh`` is where a page without scripts looks for
    it. ``focus``: the text box gets it. ``notice`` names a word to show, ``draft`` is text that was not taken.
    ``quotes`` are the lines that others answer; ``answers`` and ``changes`` are the line that the next text is about.
    """

    reader: Reader
    started: bool = False
    lines: Sequence[Line] = ()
    mark: int = 0
    older: int | None = None
    live: bool = True
    waiting: bool = False
    refresh: str | None = None
    focus: bool = False
    notice: str | None = None
    draft: str = ""
    quotes: Quotes = field(default_factory=dict)
    answers: Line | None = None
    changes: Line | None = None


@dataclass(frozen=True)
class RoomView:
    """What the page of a room shows. ``others`` are the reader's rooms, ``older`` is the message before which more
    stand; ``answers`` and ``changes`` are the message that the next words are about; ``notice`` says what is wrong."""

    place: Place
    others: Sequence[Place]
    lines: Sequence[Said]
    older: int | None = None
    live: bool = True
    answers: Said | None = None
    changes: Said | None = None
    notice: str | None = None
    draft: str = ""


@dataclass(frozen=True)
class JoinView:
    """The page on which a card is typed: ``notice`` names a word to show, ``code`` is what was typed."""

    reader: Reader
    notice: str | None = None
    code: str = ""


class Pages:
    """Fills the templates. A missing value is an error, never a blank. ``most``: the bytes that a file may have."""

    def __init__(self, most: int = 0) -> None:
        self._most = most
        self._said: OrderedDict[Hashable, str] = OrderedDict()
        self.files = {path.name: _File.read(path) for path in (_HERE / "static").iterdir() if path.is_file()}
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            fresh=lambda: str(uuid4()), styled=styled, shown=shown_of, tag=tag, longest=LONGEST, file=self._address
        )
        self._templates.globals.update(most=most, attached=attached, weight=weight, excerpt=excerpt, showable=SHOWN)
        self._templates.globals.update(name=_name, say=plain, moment=_moment, offered=OFFERED)
        self._templates.globals.update(rich=_rich, reading=Reader)

    def chat(self, view: View) -> str:
        """The landing page for a newcomer, the conversation for everybody else."""
        return self.fill("chat.html", view.reader, view=view)

    def error(self, reader: Reader, title: str, sentence: str, way: str = "/") -> str:
        """A page with one sentence and the way back; both are names of words."""
        return self.fill("error.html", reader, title=title, sentence=sentence, way=way)

    def join(self, view: JoinView) -> str:
        """The page on which a pupil types the code of a card and chooses its pictures."""
        return self.fill("join.html", view.reader, view=view, emblems=EMBLEMS)

    def nicknames(self, reader: Reader, pupil: Pupil, names: Sequence[Nickname], notice: str | None) -> str:
        """The page on which a pupil chooses a nickname, or keeps the one of the card."""
        return self.fill("nickname.html", reader, pupil=pupil, names=names, notice=notice)

    def sheet(self, reader: Reader, sheet: Sheet) -> str:
        """The page of a one-time link."""
        body = render(sheet.body, reader)
        shown = Shown(body.text, body.spans)
        options = [(option.id, plain(option.label, reader)) for option in sheet.options]
        title = plain(sheet.title, reader)
        return self.fill("sheet.html", reader, title=title, body=shown, options=options, gone=sheet.gone)

    def players(self, reader: Reader, players: Sequence[object], sought: str) -> str:
        """The demo's list of fictional people, found by ``sought`` or the ones told something last."""
        return self.fill("players.html", reader, players=players, sought=sought, country=_country)

    def line(self, line: Line, quotes: Quotes, reader: Reader) -> str:
        """One line, as it is sent to an open page."""
        return self.fill("one.html", reader, line=line, quotes=quotes)

    def rooms(self, reader: Reader, places: Sequence[Place]) -> str:
        """The list of somebody's rooms."""
        return self.fill("rooms.html", reader, places=places)

    def room(self, view: RoomView) -> str:
        """The page of a room."""
        return self.fill("room.html", view.place.reader, view=view)

    def said(self, item: Said, place: Place) -> str:
        """One message of a room, as it is sent to an open page. Most who look at a room see the same."""
        reader, files = place.reader, (item.coming, *item.files)
        signs, may, open_ = item.signs, item.may, place.shut is None
        key = place.path, item.id, item.change, item.mine, signs, files, reader, open_, may
        html = self._said.get(key)
        if html is None:
            html = self._said[key] = self.fill("one_said.html", reader, item=item, place=place)
            while len(self._said) > _REMEMBERED:
                self._said.popitem(last=False)
        return html

    def words(self, reader: Reader) -> Mapping[str, str]:
        """The page's own words for a reader, by name."""
        return words(reader.language, max(1, self._most // 1_000_000))

    def static(self, request: Request) -> Response | None:
        """A file of the page; its address changes with its content, so browsers may keep it."""
        file = self.files.get(request.path_params["name"])
        if file is None:
            return None
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(file.content, media_type=file.media_type, headers=headers)

    def fill(self, template: str, reader: Reader, **values: Any) -> str:
        """A template, filled for a reader."""
        page = self._templates.get_template(template)
        return page.render(w=self.words(reader), reader=reader, languages=languages(), **values)

    def _address(self, name: str) -> str:
        return f"/static/{name}?v={self.files[name].version}"


@dataclass(frozen=True)
class _File:
    content: bytes
    media_type: str
    version: str

    @classmethod
    def read(cls, path: Path) -> _File:
        content = path.read_bytes()
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return cls(content, media_type, hashlib.sha256(content).hexdigest()[:12])


def styled(text: str, spans: Iterable[Span]) -> Markup:
    """A text as HTML, with what stands out in it. All words are escaped; a link tells its page not where it stood."""
    return Markup(as_html(text, spans, _TAGS, escape, escape))  # noqa: S704 - each piece is escaped


_TAGS = {
    STRONG: ("<strong>", "</strong>"),
    EMPHASIS: ("<em>", "</em>"),
    STRIKE: ("<s>", "</s>"),
    CODE: ("<code>", "</code>"),
    BLOCK: ("<pre>", "</pre>"),
    QUOTE: ("<blockquote>", "</blockquote>"),
    LINK: ('<a href="{url}" rel="noopener noreferrer nofollow ugc">', "</a>"),
}


def attached(line: Line) -> Attachment | None:
    """The file of a line."""
    return Attachment.from_json(line.content["file"]) if "file" in line.content else None


def weight(size: int | None) -> str:
    """The size of a file, as people know it from their telephones; empty if it is not known."""
    if not size:
        return ""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, size // 1000)} kB"


def excerpt(line: Line) -> str:
    """The beginning of a line, by which it is known again; for a file without words its name."""
    file, text = attached(line), " ".join(line.content["text"].split())
    if not text:
        return file.name if file is not None else ""
    return text if len(text) <= _EXCERPT else text[:_EXCERPT].rstrip() + "…"


def _name(place: Place) -> str:
    return plain(place.name, place.reader)


def _rich(node: Node, reader: Reader) -> Markup:
    shown = render(node, reader)
    return styled(shown.text, shown.spans)


def _moment(at: datetime, reader: Reader) -> str:
    return plain(When(at), reader)


def _country(code: str, reader: Reader) -> str:
    return plain(Country(code), reader)


def tag(language: str) -> str:
    """A catalog's language code as HTML writes it: ``sr_Latn`` is ``sr-Latn``."""
    return language.replace("_", "-")


def languages() -> Mapping[str, str]:
    """The languages to choose from, each by its own name with a capital, as in any list.

    It is the capital of titles: Georgian has none there, and the other ones it has are in few fonts.
    """
    names = {code: plain(Language(code, own=True), Reader(code)) for code in available()}
    return {code: name[:1].title() + name[1:] for code, name in names.items()}


def wanted_language(accept: str) -> str:
    """The catalog language that a browser's ``Accept-Language`` asks for first and that we have, with the second one
    that it asks for where that is a choice."""
    wanted = _by_preference(accept)
    for code in wanted:
        found = nearest(code)
        if found != "en" or code.lower().startswith("en"):
            pairs = seconds(found)
            return next((pairs[second] for second in map(nearest, wanted) if second in pairs), found)
    return "en"


def _by_preference(accept: str) -> list[str]:
    """The codes of the header, the most wanted first; those whose weight makes no sense come last."""
    weighed = []
    for part in accept[:500].split(","):
        code, _semicolon, weight = part.partition(";")
        try:
            q = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            q = 0.0
        weighed.append((q, code.strip()))
    return [code for q, code in sorted(weighed, key=lambda item: -item[0]) if q > 0 and code not in {"", "*"}]
