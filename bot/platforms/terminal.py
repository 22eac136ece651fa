"""The terminal: try every flow without any server."""

from __future__ import annotations

import getpass
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, ClassVar
from uuid import uuid4

from bot.platforms.platform import Ear, Pace, Post, Profile, RawUpdate, Unreadable
from bot.talk.messages import Heard

Write = Callable[[str], None]


class Terminal:
    """Lines in, lines out. ``lines`` yields what is typed; ``write`` shows an answer."""

    name: ClassVar[str] = "terminal"
    numbered: ClassVar[bool] = True
    limit: ClassVar[int] = 100_000
    pace: ClassVar[Pace] = Pace()

    def __init__(
        self, lines: AsyncIterator[str], write: Write, *, user: str | None = None, language: str | None = None
    ) -> None:
        self._lines, self._write, self._language = lines, write, language
        self._user = user or getpass.getuser()

    async def run(self, ear: Ear) -> None:
        """Hear each line until there are no more."""
        async for line in self._lines:
            body = json.dumps({"user": self._user, "text": line, "language": self._language})
            await ear([RawUpdate(uuid4().hex, self._user, body)])

    def read(self, body: Any) -> Heard | None:
        """A typed line."""
        if not isinstance(body, dict) or not isinstance(body.get("text"), str) or not isinstance(body.get("user"), str):
            raise Unreadable("a line needs a user and a text")
        return Heard(chat=body["user"], sender=body["user"], text=body["text"], language=body.get("language"))

    async def send(self, post: Post) -> str:
        """Write a message, its choices numbered. An edit is only worth showing while it still offers a choice."""
        if post.edits is not None and not post.shown.buttons:
            return post.edits
        rows = [
            f"  {number}. {'☑ ' if button.chosen else ''}{button.label}"
            for number, button in enumerate(post.shown.buttons, 1)
        ]
        self._write("\n".join((post.shown.text, *rows)) + "\n")
        return post.key

    async def introduce(self, profiles: Sequence[Profile]) -> None:
        """A terminal has no menu."""

    async def close(self) -> None:
        """Nothing to let go of."""
