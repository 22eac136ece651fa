"""What the tests of the Telegram platform share: an inbox in memory, pauses without waiting, a running platform."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from bot.platforms.platform import Button, Post, RawUpdate, Shown
from bot.platforms.telegram import Telegram
from bot.talk.messages import Heard
from bot.text import Span
from tests.patience import PATIENCE
from tests.servers.botapi import BotApi
from tests.servers.botapi.world import Bell


class Inbox:
    """Keeps updates and marks in one step, as the real intake does; ``broken`` makes storing fail."""

    def __init__(self) -> None:
        self.kept: dict[str, RawUpdate] = {}
        self.marks: dict[str, str] = {}
        self.broken = False
        self.failures = 0
        self.bell = Bell()

    async def __call__(self, updates: Sequence[RawUpdate], marks: Mapping[str, str] | None = None) -> None:
        if self.broken:
            self.failures += 1
            self.bell.ring()
            raise OSError("the disk is full")
        for update in updates:
            self.kept.setdefault(update.event_id, update)
        self.marks.update(marks or {})
        self.bell.ring()

    async def load(self) -> dict[str, str]:
        return dict(self.marks)

    async def save(self, marks: Mapping[str, str]) -> None:
        self.marks.update(marks)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(update.body) for update in self.kept.values()]

    async def until(self, condition: Callable[[], Any]) -> Any:
        return await self.bell.until(condition, PATIENCE)

    async def holds(self, count: int) -> list[Any]:
        """Wait for so many updates and return their JSON, in the order of arrival."""
        await self.until(lambda: len(self.kept) >= count)
        assert len(self.kept) == count
        return self.bodies


class Pauses:
    """Remembers how long it should have waited; while ``held`` a pause lasts until `go` is called."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.held = False
        self.bell = Bell()
        self._gate = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.bell.ring()
        if self.held:
            self._gate.clear()
            await self._gate.wait()
        else:
            await asyncio.sleep(0)

    async def reached(self, count: int) -> None:
        await self.bell.until(lambda: len(self.seconds) >= count, PATIENCE)

    def go(self) -> None:
        self._gate.set()


def platform(api: BotApi, inbox: Inbox, **options: Any) -> Telegram:
    """A platform of the test server's bot that does not run."""
    return Telegram(**({"token": api.token, "marks": inbox, "api_url": api.url, "pause": Pauses()} | options))


@contextlib.asynccontextmanager
async def running(api: BotApi, inbox: Inbox, **options: Any) -> AsyncIterator[Telegram]:
    """A platform that listens; what ended it is raised at the end."""
    telegram = platform(api, inbox, **options)
    task = asyncio.create_task(telegram.run(inbox))
    try:
        yield telegram
    finally:
        task.cancel()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        finally:
            await telegram.close()


async def heard(telegram: Telegram, inbox: Inbox, count: int) -> list[Heard | None]:
    """What the platform understands of the first so many updates."""
    return [telegram.read(body) for body in await inbox.holds(count)]


def post(
    chat: object, text: str = "Hello", *spans: Span, buttons: Sequence[Button] = (), edits: str | None = None
) -> Post:
    return Post(str(chat), "key", Shown(text, spans, tuple(buttons)), edits)
