"""The web chat as a platform: a browser's forms come in, lines of the chat go out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, ClassVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from bot.platforms.platform import (
    CalendarFeeds,
    CannotEdit,
    Ear,
    File,
    Json,
    OnTyping,
    Pace,
    Post,
    Profile,
    Shown,
    Tickets,
)
from bot.platforms.uploaded import Uploaded
from bot.platforms.web.announcing import Announcing
from bot.platforms.web.announcingbook import AnnouncingBook
from bot.platforms.web.book import Book, Content, content_of
from bot.platforms.web.calendar import CalendarDoor
from bot.platforms.web.chat import Chat
from bot.platforms.web.entrance import Entrance
from bot.platforms.web.guard import Headers, Refused
from bot.platforms.web.hub import Hub
from bot.platforms.web.joining import Joining, PupilSessions
from bot.platforms.web.pages import Pages
from bot.platforms.web.pupilbook import PupilBook
from bot.platforms.web.reading import read
from bot.platforms.web.roombook import PREFIX, RoomBook
from bot.platforms.web.rooms import Rooms, handed_to_desk, told_at_once
from bot.platforms.web.server import Server, listen
from bot.platforms.web.sessions import Sessions
from bot.platforms.web.shelf import Shelf
from bot.platforms.web.taking import Taking
from bot.talk.messages import Attachment, FileKind, Heard

log = logging.getLogger("twinbot.web")

_HOUR = 3600
_KEEP_ROOMS = timedelta(days=730)
# What stays with a line when its words are changed.
_STAYS = ("file", "quote", "signs")


class Web:
    """Serves the chat page and is the platform behind it.

    ``book`` keeps sessions and lines. ``public_url`` is the address that people use, if it is another than
    ``host`` and ``port``; with https there, cookies are kept to https. ``healthy`` answers ``/healthz``.
    ``extra_routes`` are served beside our own (another platform's webhook). Every ``poll`` seconds open pages learn
    what other processes wrote; every ``heartbeat`` seconds a silent stream gets a sign of life; a page without
    scripts is held back up to ``patience`` seconds for the answer it waits for. Files of at most ``most`` bytes lie in
    the folder ``files`` and are forgotten after ``keep``, with the lines that show them; without a folder none are
    taken.

    ``app`` is the ASGI application. ``started`` is set once it listens, on ``port``.
    """

    name: ClassVar[str] = "web"
    numbered: ClassVar[bool] = False
    limit: ClassVar[int] = 20_000
    caption: ClassVar[int] = 10_000
    pace: ClassVar[Pace] = Pace(at_once=16)

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
        files: Path | None = None,
        most: int = 20_000_000,
        keep: timedelta = timedelta(days=90),
    ) -> None:
        self.host, self.port = host, port
        self.on_typing: OnTyping | None = None
        self._together = False
        self._now, self._keep, self._shelf = now, keep, Shelf(files, most)
        self._shared: Uploaded[str] = Uploaded()
        self.started = asyncio.Event()
        self._book, self._poll, self._hub = book, poll, Hub()
        https = (public_url or "").startswith("https://")
        pages, sessions = Pages(self._shelf.most), Sessions(book, https=https)
        self._chat = Chat(
            book,
            self._hub,
            pages,
            sessions,
            self._shelf,
            public_url=public_url,
            now=now,
            healthy=healthy,
            heartbeat=heartbeat,
            patience=patience,
        )
        self._taking = Taking(book, self._hub, sessions, self._shelf, public_url=public_url, now=now)
        self._entrance = Entrance(pages, sessions, self._hub, public_url=public_url, now=now)
        self._announcing = Announcing(pages, sessions, self._hub, public_url=public_url, now=now)
        self._calendars = CalendarDoor(now)
        # What rooms show stays as long as they do; after so long nobody is in any of them.
        self._kept = Shelf(None if files is None else files / "rooms", most)
        room = partial(Rooms, self._hub, pages, public_url=public_url, now=now, heartbeat=heartbeat, patience=patience)
        self._pupils = PupilSessions(https=https)
        self._joining = Joining(pages, self._pupils, self._hub, public_url=public_url, now=now)
        self._rooms = room(sessions, self._shelf, self._kept)
        self._classes = room(self._pupils, self._shelf, self._kept, base="class", outside="/join")
        starlette = Starlette(
            routes=[
                *extra_routes,
                *self._entrance.routes(),
                *self._calendars.routes(),
                *self._rooms.routes(),
                *self._announcing.routes(),
                *self._joining.routes(),
                *self._classes.routes(),
                *self._taking.routes(),
                *self._chat.routes(),
            ],
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

    def publish(self, feeds: CalendarFeeds) -> None:
        """Let calendar programs read; ``feeds`` has the calendars."""
        self._calendars.feeds = feeds

    def house(self, rooms: RoomBook) -> None:
        """Let people into rooms; ``rooms`` has them."""
        self._rooms.book = rooms

    def announce_with(self, announcements: AnnouncingBook) -> None:
        """Let officers write announcements; ``announcements`` has them."""
        self._announcing.book = announcements

    def echo(self, told: Callable[[str], None], name: Callable[[str], str]) -> None:
        """Tell other processes, which have pages open too. They may listen at the same address."""
        self._hub.told, self._hub.name, self._together = told, name, True

    def news(self, name: str) -> None:
        """Wake the open pages of a chat in which another process has put something."""
        self._hub.news(name)

    def admit(self, pupils: PupilBook) -> None:
        """Let pupils in; ``pupils`` has their places, and the rooms as they see them."""
        self._pupils.book = self._classes.book = pupils
        self._classes.mouth = partial(told_at_once, pupils)

    async def run(self, ear: Ear) -> None:
        """Serve until cancelled; then open pages are let go at once. Raises Setback if the port is taken."""
        listening = listen(self.host, self.port, together=self._together)
        self.port = listening.getsockname()[1]
        self._taking.ear, self._taking.on_typing = ear, self.on_typing
        self._rooms.mouth, self._announcing.ear = partial(handed_to_desk, ear), ear
        self._hub.open()
        server = Server(self.app, self.started.set)
        serving = asyncio.create_task(server.serve([listening]), name="web server")
        polling = asyncio.create_task(self._look_around(), name="web poll")
        tidying = asyncio.create_task(self._tidy(), name="web tidies files")
        try:
            await asyncio.wait({serving, polling}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.started.clear()
            self._hub.close()
            polling.cancel()
            tidying.cancel()
            server.should_exit = True
            await asyncio.gather(serving, polling, tidying, return_exceptions=True)
            self._taking.ear = self._rooms.mouth = self._announcing.ear = None
        serving.result()

    def read(self, body: Json) -> Heard | None:
        """Understand what a form said. Raises Unreadable for anything a form of ours cannot have made."""
        return read(body)

    async def send(self, post: Post) -> str:
        """Show, change or take away a line in every open page of the chat; its key is its id. Raises `SendError`."""
        if post.chat.startswith(PREFIX):
            return await self._to_room(post)
        if post.removes is not None:
            return await self._remove(post, post.removes)
        if post.marks is not None:
            return await self._mark(post, post.marks)
        content = content_of(post.shown)
        ref = post.edits or post.key
        before = await self._book.line(post.chat, ref) if post.edits or post.shown.file or post.replies_to else None
        if post.edits is not None:
            if before is None or before.content.get("gone"):
                raise CannotEdit("there is no such line")
            kept: Content = {name: before.content[name] for name in _STAYS if name in before.content}
            await self._book.edit(post.chat, ref, {**content, **kept})
        elif before is None:
            await self._book.put(post.chat, ref, {**content, **await self._beside(post)}, mine=False)
        self._hub.wake(post.chat)
        return ref

    async def _to_room(self, post: Post) -> str:
        """A room's page reads what is said by itself; only files come this way, and what becomes of them."""
        book = self._rooms.book
        if book is None:
            raise CannotEdit("no rooms here")
        if post.removes is not None:
            gone = await book.forget(post.removes)
            if gone is not None:
                self._kept.remove(gone.ref)
        elif post.edits is None and post.marks is None:
            file, what = post.shown.file, None
            if file is not None and file.open is not None:
                with file.open() as content:
                    what = replace(file.what, ref=await self._kept.put(content))
            await book.arrive(post.key, what)
        self._hub.wake(post.chat)
        return post.edits or post.removes or post.key

    async def _beside(self, post: Post) -> Content:
        """What stands with the words: a file, and the line they answer."""
        answered = await self._book.line(post.chat, post.replies_to) if post.replies_to is not None else None
        beside: Content = {} if answered is None else {"quote": answered.id}
        if post.shown.file is not None and post.shown.file.open is not None:
            file = post.shown.file
            beside["file"] = replace(file.what, ref=await self._put_by(file)).to_json()
            if file.shared is not None:
                beside["file"]["shared"] = True
        return beside

    async def _put_by(self, file: File) -> str:
        """Put a file on the shelf; what many get lies there once."""
        if file.shared is None:
            return await self._on_shelf(file)
        known = self._shared.known(file.shared)
        if known is not None and self._shelf.size(known) is None:
            self._shared.forget(file.shared)
        return await self._shared.once(file.shared, partial(self._on_shelf, file))

    async def _on_shelf(self, file: File) -> str:
        assert file.open is not None
        with file.open() as content:
            return await self._shelf.put(content)

    async def _mark(self, post: Post, ref: str) -> str:
        """Put a sign under a line, once."""
        line = await self._book.line(post.chat, ref)
        if line is None or line.content.get("gone"):
            raise CannotEdit("there is no such line")
        sign = content_of(post.shown)
        signs = [known for known in line.content.get("signs", ()) if known["text"] != sign["text"]]
        await self._book.edit(post.chat, ref, {**line.content, "signs": [*signs, sign]})
        self._hub.wake(post.chat)
        return ""

    async def _remove(self, post: Post, ref: str) -> str:
        line = await self._book.line(post.chat, ref)
        if line is not None:
            if "file" in line.content and not line.content["file"].get("shared"):
                self._shelf.remove(line.content["file"]["ref"])
            empty = content_of(Shown("", language=line.content["language"], direction=line.content["direction"]))
            await self._book.edit(post.chat, ref, {**empty, "gone": True})
            self._hub.wake(post.chat)
        return ref

    async def largest(self, kind: FileKind) -> int:
        """What the settings say."""
        return self._shelf.most

    def resends(self, what: Attachment) -> bool:
        """Never: what people send lies here as they sent it, and each line has a file of its own."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Write a file that came with a form. Raises `NotCarried`."""
        await self._shelf.fetch(what.ref, into, most)

    async def fetch_kept(self, ref: str, into: BinaryIO, most: int) -> None:
        """Write a cleaned file that a room shows. Raises `NotCarried`."""
        await self._kept.fetch(ref, into, most)

    async def typing(self, chat: str, on: bool) -> None:
        """Tell the open pages of a chat that somebody writes, or no longer."""
        self._hub.typing(chat, on)

    def stir(self, chat: str) -> None:
        """Wake the open pages of a room."""
        self._hub.wake(chat)

    async def introduce(self, profiles: Sequence[Profile]) -> None:
        """Nothing to do: the page introduces itself in each reader's language."""

    async def close(self) -> None:
        """Let open pages go."""
        self._hub.close()

    async def _tidy(self) -> None:
        """Forget old files, now and every hour."""
        while True:
            try:
                await asyncio.to_thread(self._shelf.tidy, self._now() - self._keep)
                await asyncio.to_thread(self._kept.tidy, self._now() - _KEEP_ROOMS)
            except OSError:
                log.exception("old files could not be tidied away; it will be tried again")
            await asyncio.sleep(_HOUR)

    async def _room_changes(self) -> dict[str, int]:
        """The last changes of the rooms that somebody looks at."""
        addresses = [chat.removeprefix(PREFIX) for chat in self._hub.chats if chat.startswith(PREFIX)]
        if self._rooms.book is None or not addresses:
            return {}
        found = await self._rooms.book.changes(addresses)
        return {f"{PREFIX}{address}": change for address, change in found.items()}

    async def _look_around(self) -> None:
        """Wake pages for what another process wrote to their chats."""
        while True:
            await asyncio.sleep(self._poll)
            if not self._hub.chats:
                continue
            try:
                self._hub.compare({**await self._book.changes(self._hub.chats), **await self._room_changes()})
            except Exception:
                log.exception("could not look for news of other processes; open pages are told later")
