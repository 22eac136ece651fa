"""The terminal: try every flow without any server."""

from __future__ import annotations

import getpass
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, ClassVar
from uuid import uuid4

from bot.platforms.platform import Ear, NotCarried, OnTyping, Pace, Post, Profile, RawUpdate, Unreadable
from bot.talk.messages import Attachment, FileKind, Heard

Write = Callable[[str], None]

_ANY = 1_000_000_000


class Terminal:
    """Lines in, lines out. ``lines`` yields what is typed; ``write`` shows an answer."""

    name: ClassVar[str] = "terminal"
    numbered: ClassVar[bool] = True
    limit: ClassVar[int] = 100_000
    caption: ClassVar[int] = 100_000
    pace: ClassVar[Pace] = Pace()

    def __init__(
        self, lines: AsyncIterator[str], write: Write, *, user: str | None = None, language: str | None = None
    ) -> None:
        self._lines, self._write, self._language = lines, write, language
        self._user = user or getpass.getuser()
        self.on_typing: OnTyping | None = None

    async def run(self, ear: Ear) -> None:
        """Hear each line until there are no more."""
        async for line in self._lines:
            event = uuid4().hex
            body = json.dumps({"user": self._user, "text": line, "language": self._language, "id": event})
            await ear([RawUpdate(event, self._user, body)])

    def read(self, body: Any) -> Heard | None:
        """A typed line."""
        if not isinstance(body, dict) or not isinstance(body.get("text"), str) or not isinstance(body.get("user"), str):
            raise Unreadable("a line needs a user and a text")
        heard = Heard(chat=body["user"], sender=body["user"], text=body["text"], language=body.get("language"))
        return replace(heard, id=body.get("id"))

    async def send(self, post: Post) -> str:
        """Write a message, its choices numbered. What is written stays: an edit shows while it offers a choice."""
        if post.marks is not None:
            self._write(f"{post.shown.text}\n")
            return ""
        known = post.edits or post.removes
        if known is not None and not post.shown.buttons:
            return known
        rows = [
            f"  {number}. {'☑ ' if button.chosen else ''}{button.label}"
            for number, button in enumerate(post.shown.buttons, 1)
        ]
        file = [] if post.shown.file is None else [f"[{post.shown.file.what.kind} {post.shown.file.what.name}]"]
        link = [] if post.shown.link is None else [f"  {post.shown.link[0]}: {post.shown.link[1]}"]
        self._write("\n".join((*file, post.shown.text, *link, *rows)) + "\n")
        return post.key

    async def largest(self, kind: FileKind) -> int:
        """Only its name is shown, so any file will do."""
        return _ANY

    def resends(self, what: Attachment) -> bool:
        """Nobody sends files here."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Nobody sends files here."""
        raise NotCarried("gone")

    async def typing(self, chat: str, on: bool) -> None:
        """Lines come whole."""

    async def introduce(self, profiles: Sequence[Profile]) -> None:
        """A terminal has no menu."""

    async def close(self) -> None:
        """Nothing to let go of."""
