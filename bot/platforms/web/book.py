"""What the web chat needs kept, and in what shape it gets it back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from bot.platforms.platform import Button, Shown
from bot.text import Mention
from bot.text.spans import STRONG, from_json, to_json

Content = dict[str, Any]


class Line(Protocol):
    """A line of a chat as it is kept. ``change`` grows with every line and every edit of the chat."""

    @property
    def id(self) -> int:
        """Where it stands among the lines of its chat."""

    @property
    def ref(self) -> str:
        """Its stable name in its chat."""

    @property
    def content(self) -> Content:
        """What `content_of` made of it."""

    @property
    def mine(self) -> bool:
        """Whether the person at the browser said it."""

    @property
    def change(self) -> int:
        """The number of its last change."""

    @property
    def created_at(self) -> datetime:
        """When it was said."""


class Book(Protocol):
    """Where sessions and lines are kept. Every call is committed when it returns."""

    async def account(self, token_hash: str) -> str | None:
        """The account that a browser speaks for, if it is signed in."""

    async def sign_in(self, token_hash: str, account: str) -> str:
        """Let a browser speak for an account; if it speaks for one already, that one stays and is given back."""

    async def sign_out(self, token_hash: str) -> None:
        """Forget a browser."""

    async def put(self, chat: str, ref: str, content: Content, *, mine: bool) -> int:
        """Add a line, once for each ``ref``; gives the number of the change that brought it."""

    async def edit(self, chat: str, ref: str, content: Content) -> bool:
        """Change a line; False if there is none."""

    async def line(self, chat: str, ref: str) -> Line | None:
        """A line by its stable name."""

    async def numbered(self, chat: str, ids: Collection[int]) -> Sequence[Line]:
        """Those lines of a chat that have one of these ids."""

    async def latest(self, chat: str, before: int | None, limit: int) -> Sequence[Line]:
        """The last lines, oldest first; with ``before``, those before that line's id."""

    async def since(self, chat: str, change: int, limit: int) -> Sequence[Line]:
        """The lines that are new or edited since a change, in the order of their changes."""

    async def changes(self, chats: Collection[str]) -> Mapping[str, int]:
        """The number of the last change of each of these chats that has any."""


#: Lines that others answer, by id.
Quotes = Mapping[int, Line]


async def quoted(book: Book, chat: str, lines: Sequence[Line]) -> Quotes:
    """The lines that these answer. They are looked up each time: what was taken back or erased is quoted no more."""
    wanted = {line.content["quote"] for line in lines if "quote" in line.content}
    return {line.id: line for line in await book.numbered(chat, wanted)} if wanted else {}


def content_of(shown: Shown) -> Content:
    """Turn what delivery rendered into JSON; the file, the line it answers and the like are put in beside it."""
    content = {
        "text": shown.text,
        "spans": _spans(shown),
        "mentions": [[mention.start, mention.end, mention.person] for mention in shown.mentions],
        "buttons": [asdict(button) for button in shown.buttons],
        "language": shown.language,
        "direction": shown.direction,
    }
    content |= {} if shown.link is None else {"link": list(shown.link)}
    return {**content, "answerable": True} if shown.answerable else content


def _spans(shown: Shown) -> list[list[Any]]:
    """What stands out; what does so in the usual way is start and end alone."""
    return [one[:2] if one[2:] == [STRONG] else one for one in to_json(shown.spans)]


def shown_of(content: Content) -> Shown:
    """Turn the JSON of `content_of`, or of a person's own line (only ``text``), back into what is shown."""
    return Shown(
        content["text"],
        from_json(content.get("spans", ())),
        tuple(Button(**button) for button in content.get("buttons", ())),
        content.get("language", ""),
        content.get("direction", "auto"),
        tuple(Mention(*stretch) for stretch in content.get("mentions", ())),
        link=tuple(content["link"]) if "link" in content else None,
    )
