"""The web chat as a platform: a browser's forms come in, lines of the chat go out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import BinaryIO, ClassVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from bot.platforms.platform import CannotEdit, Ear, Json, NotCarried, OnTyping, Pace, Post, Profile, Tickets, Unreadable
from bot.platforms.web.book import Book, content_of
from bot.platforms.web.chat import Chat
from bot.platforms.web.entrance import Entrance
from bot.platforms.web.guard import Headers, Refused
from bot.platforms.web.hub import Hub
from bot.platforms.web.pages import Pages
from bot.platforms.web.server import Server, listen
from bot.platforms.web.sessions import Sessions
from bot.talk.messages import Attachment, FileKind, Heard

log = logging.getLogger("twinbot.web")


class Web:
    """Serves the chat page and is the platform behind it.

    ``book`` keeps sessions and lines. ``public_url`` is the address that people use, if it is another than
    ``host`` and ``port``; with https there, cookies are kept to https. ``healthy`` answers ``/healthz``.
    ``extra_routes`` are served beside our own (another platform's webhook). Every ``poll`` seconds open pages learn
    what other processes wrote; every ``heartbeat`` seconds a silent stream gets a sign of life; a page without
    scripts is held back up to ``patience`` seconds for the answer it waits for.

    ``app`` is the ASGI application. ``started`` is set once it listens, on ``port``.
    """

    name: ClassVar[str] = "web"
    numbered: ClassVar[bool] = False
    limit: ClassVar[int] = 20_000
    caption: ClassVar[int] = 10_000
    pace: ClassVar[Pace] = Pace()

    def __init__(
        self,
        book: Book,
        *,
        now: Callable[[], datetime],
        host: str = "127.0.0.1",
        port: int = 8080,
        public_url: str | None = None,
        healthy: Callable[[], bool] = lambda: True,
        extra_routes: Sequence[BaseRoute] = (),
        poll: float = 3.0,
        heartbeat: float = 15.0,
        patience: float = 3.0,
    ) -> None:
        self.host, self.port = host, port
        self.on_typing: OnTyping | None = None
        self.started = asyncio.Event()
        self._book, self._poll, self._hub = book, poll, Hub()
        https = (public_url or "").startswith("https://")
        pages, sessions = Pages(), Sessions(book, https=https)
        self._chat = Chat(
            book,
            self._hub,
            pages,
            sessions,
            public_url=public_url,
            now=now,
            healthy=healthy,
            heartbeat=heartbeat,
            patience=patience,
        )
        self._entrance = Entrance(pages, sessions, self._hub, public_url=public_url, now=now)
        starlette = Starlette(
            routes=[*extra_routes, *self._entrance.routes(), *self._chat.routes()],
            exception_handlers={
                HTTPException: self._chat.missing,
                Refused: self._chat.refused,
                Exception: self._chat.broken,
            },
        )
        self.app = Headers(starlette, https=https)

    def open_to(self, tickets: Tickets) -> None:
        """Let one-time links be used; ``tickets`` knows what they are for."""
        self._entrance.tickets = tickets

    async def run(self, ear: Ear) -> None:
        """Serve until cancelled; then open pages are let go at once. Raises Setback if the port is taken."""
        listening = listen(self.host, self.port)
        self.port = listening.getsockname()[1]
        self._chat.ear = ear
        self._hub.open()
        server = Server(self.app, self.started.set)
        serving = asyncio.create_task(server.serve([listening]), name="web server")
        polling = asyncio.create_task(self._look_around(), name="web poll")
        try:
            await asyncio.wait({serving, polling}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.started.clear()
            self._hub.close()
            polling.cancel()
            server.should_exit = True
            await asyncio.gather(serving, polling, return_exceptions=True)
            self._chat.ear = None
        serving.result()

    def read(self, body: Json) -> Heard | None:
        """Understand what a form said. Raises Unreadable for anything a form of ours cannot have made."""
        try:
            account, text, press = body["account"], body.get("text"), body.get("press")
            language = body.get("language")
        except (TypeError, KeyError, AttributeError):
            raise Unreadable("not a form of the web chat") from None
        optional = (text, press, language)
        if not isinstance(account, str) or not account or not all(v is None or isinstance(v, str) for v in optional):
            raise Unreadable("a field of the wrong kind")
        if (text is None) == (press is None):
            raise Unreadable("neither words nor a button, or both")
        return Heard(account, account, text=text, press=press, language=language)

    async def send(self, post: Post) -> str:
        """Show a line, or change one, in every open page of the chat; its key is its id. Raises CannotEdit."""
        content = content_of(post.shown)
        ref = post.edits or post.key
        if post.edits is None:
            await self._book.put(post.chat, ref, content, mine=False)
        elif not await self._book.edit(post.chat, ref, content):
            raise CannotEdit("there is no such line")
        self._hub.wake(post.chat)
        return ref

    async def largest(self, kind: FileKind) -> int:
        """Not yet."""
        raise NotCarried("refused")

    def resends(self, what: Attachment) -> bool:
        """Not yet."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Not yet."""
        raise NotCarried("gone")

    async def typing(self, chat: str, on: bool) -> None:
        """Not yet."""

    async def introduce(self, profiles: Sequence[Profile]) -> None:
        """Nothing to do: the page introduces itself in each reader's language."""

    async def close(self) -> None:
        """Let open pages go."""
        self._hub.close()

    async def _look_around(self) -> None:
        """Wake pages for what another process wrote to their chats."""
        while True:
            await asyncio.sleep(self._poll)
            if not self._hub.chats:
                continue
            try:
                self._hub.compare(await self._book.changes(self._hub.chats))
            except Exception:
                log.exception("could not look for news of other processes; open pages are told later")
