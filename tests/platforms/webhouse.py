"""A web chat that really serves, with a small desk behind it, for the tests of the web platform."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.platform import Button, Post, RawUpdate, Shown
from bot.platforms.web import Web, words
from bot.talk.messages import Heard
from bot.text import catalogs
from storage.database import Database
from storage.models.base import Base
from storage.web import WebBook
from tests.vault import VAULT

Answer = Callable[["House", Heard], Awaitable[None]]


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class House:
    """A database, a web platform that can be stopped and started, and a desk that answers in its own task."""

    def __init__(self, db: Database, clock: Clock, answer: Answer, options: dict[str, Any]) -> None:
        self.db, self.clock, self.answer = db, clock, answer
        self.book = WebBook(db, clock)
        self.options = {"port": 0, **options}
        self.web = Web(self.book, now=clock, **self.options)
        self.heard: list[Heard] = []
        self.open = asyncio.Event()
        self.open.set()
        self.failing = False
        self.asked = ""
        self._known: set[str] = set()
        self._inbox: asyncio.Queue[Heard | None] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._numbers = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web.port}"

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self.web.run(self.ear)), asyncio.create_task(self._work())]
        started = asyncio.create_task(self.web.started.wait())
        await asyncio.wait({started, self._tasks[0]}, return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            started.cancel()
            self._tasks[0].result()

    async def stop(self) -> None:
        if not self._tasks:
            return
        self.open.set()
        self._inbox.put_nowait(None)
        serving, working = self._tasks
        self._tasks = []
        await working
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving

    async def restart(self) -> None:
        """Stop, and start a new one on the same port, as a new process would."""
        await self.stop()
        await self.begin_again()

    async def begin_again(self) -> None:
        """Start a new one on the port of the one that was stopped."""
        port = self.web.port
        self.web = Web(self.book, now=self.clock, **{**self.options, "port": port})
        await self.start()

    async def ear(self, updates: Sequence[RawUpdate], marks: Mapping[str, str] | None = None) -> None:
        if self.failing:
            raise OSError("no room on the disk")
        for update in updates:
            if update.event_id in self._known:
                continue
            self._known.add(update.event_id)
            heard = self.web.read(json.loads(update.body))
            assert heard is not None
            assert update.lane == heard.chat
            self.heard.append(heard)
            self._inbox.put_nowait(heard)

    async def tell(self, chat: str, text: str, *buttons: Button, edits: str | None = None, **shown: Any) -> str:
        self._numbers += 1
        post = Post(chat, f"key-{self._numbers}", Shown(text, buttons=tuple(buttons), **shown), edits)
        return await self.web.send(post)

    async def _work(self) -> None:
        while (heard := await self._inbox.get()) is not None:
            await self.open.wait()
            await self.answer(self, heard)


async def echo(house: House, heard: Heard) -> None:
    """Say what was heard."""
    await house.tell(heard.chat, f"You said: {heard.text or heard.press}")


@asynccontextmanager
async def serving(path: Path, answer: Answer = echo, **options: Any) -> AsyncIterator[House]:
    """A house on a fresh SQLite file, serving on a free port."""
    db = Database(f"sqlite:///{path / 'web.db'}", VAULT)
    Base.metadata.create_all(db.engine)
    house = House(db, Clock(), answer, options)
    try:
        await house.start()
        yield house
    finally:
        await house.stop()
        db.close()


def arabic(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Give the page an Arabic catalog of a few words, whatever the real catalogs have."""
    folder = path / "locales" / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    entries = {
        "Start": "ابدأ",
        "Send": "إرسال",
        "Help": "مساعدة",
        "Privacy": "الخصوصية",
        "Your message": "رسالتك",
        "Write here …": "اكتب هنا …",
        "Language": "اللغة",
        "Menu": "القائمة",
        "Conversation": "المحادثة",
        "Find a partner school for your class": "ابحث عن مدرسة شريكة لصفك",
        "Skip to the text box": "انتقل إلى مربع النص",
    }
    lines = ['msgid ""', 'msgstr ""', '"Content-Type: text/plain; charset=utf-8\\n"', ""]
    for english, own in entries.items():
        lines += ['msgctxt "web"', f'msgid "{english}"', f'msgstr "{own}"', ""]
    (folder / "messages.po").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(catalogs, "LOCALES", path / "locales")
    forget()


def forget() -> None:
    """Read the catalogs anew."""
    for cached in (catalogs.catalog, catalogs.available, words.words):
        cached.cache_clear()
