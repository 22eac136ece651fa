"""What the tests of the Matrix platform share: an inbox in memory, and a bot that can be started again and again."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bot.platforms.matrix import Matrix
from bot.platforms.platform import Button, Post, RawUpdate, Shown, Unreadable
from bot.talk.messages import Heard
from tests.patience import PATIENCE
from tests.servers.matrix_user import MatrixUser
from tests.servers.synapse import Synapse, UserLogin

_names = count()
WAIT = PATIENCE


class Inbox:
    """Keeps updates and marks in one step, as the real intake does; ``broken`` makes storing fail."""

    def __init__(self) -> None:
        self.kept: dict[str, RawUpdate] = {}
        self.marks: dict[str, str] = {}
        self.broken = False
        self.failures = self.calls = 0
        self._news = asyncio.Condition()

    async def __call__(self, updates: Sequence[RawUpdate], marks: Mapping[str, str] | None = None) -> None:
        async with self._news:
            self.calls += 1
            self._news.notify_all()
            if self.broken:
                self.failures += 1
                raise OSError("the disk is full")
            for update in updates:
                assert update.event_id not in self.kept, "brought twice"
                self.kept[update.event_id] = update
            self.marks.update(marks or {})

    async def load(self) -> dict[str, str]:
        return dict(self.marks)

    async def save(self, marks: Mapping[str, str]) -> None:
        self.marks.update(marks)

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(WAIT), self._news:
            await self._news.wait_for(condition)


@dataclass
class Bot:
    """A bot account. ``running`` starts a process of it; what it has heard stays from one to the next."""

    server: Synapse
    login: UserLogin
    folder: Path
    encryption: bool = False
    inbox: Inbox = field(default_factory=Inbox)

    @property
    def user_id(self) -> str:
        return self.login.user_id

    def platform(self, **options: Any) -> Matrix:
        given: dict[str, Any] = {
            "homeserver": self.server.url,
            "user": self.login.user_id,
            "password": self.login.password,
            "marks": self.inbox,
            "store_dir": self.folder,
            "encryption": self.encryption,
        }
        return Matrix(**(given | options))

    @contextlib.asynccontextmanager
    async def running(self, **options: Any) -> AsyncIterator[Matrix]:
        """A platform that listens, from its first sync on; what ended it is raised at the end."""
        matrix = self.platform(**options)
        calls = self.inbox.calls
        task = asyncio.create_task(matrix.run(self.inbox))
        try:
            started = asyncio.create_task(matrix._ready.wait())
            await asyncio.wait([task, started], return_when=asyncio.FIRST_COMPLETED, timeout=WAIT)
            started.cancel()
            assert task.done() or self.inbox.calls >= calls
            yield matrix
        finally:
            task.cancel()
            try:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            finally:
                await matrix.close()

    def all(self) -> list[Heard]:
        """All that was said so far, without the first word that coming into a chat counts as."""
        reader = self.platform()
        found = []
        for update in self.inbox.kept.values():
            with contextlib.suppress(Unreadable):
                heard = reader.read(json.loads(update.body))
                if heard is not None and heard.event is None and json.loads(update.body)["what"] != "joined":
                    found.append(heard)
        return found

    def texts(self, room: str | None = None) -> list[str | None]:
        return [heard.text for heard in self.all() if room in (None, heard.chat)]

    async def hears(self, condition: Callable[[Heard], bool] | str) -> Heard:
        """Wait for something to be heard: a text, or whatever fits."""
        fits = (lambda heard: heard.text == condition) if isinstance(condition, str) else condition
        try:
            await self.inbox.until(lambda: any(map(fits, self.all())))
        except TimeoutError:
            raise AssertionError(f"not heard: {condition}, but {self.all()}") from None
        return next(heard for heard in self.all() if fits(heard))


def new_bot(server: Synapse, folder: Path, **options: Any) -> Bot:
    return Bot(server, server.register(f"bot{next(_names)}"), folder, **options)


def name(who: str) -> str:
    """A name that nobody else on this server has."""
    return f"{who}{next(_names)}"


async def chat(user: MatrixUser, bot: Bot) -> str:
    """A direct chat that the bot has come into."""
    room = await user.direct_chat(bot.user_id)
    await joined(user, bot, room)
    return room


async def joined(user: MatrixUser, bot: Bot, room: str) -> None:
    await user.hears(lambda h: h.source.get("state_key") == bot.user_id and h.content.get("membership") == "join")
    await bot.inbox.until(lambda: any(update.lane == room for update in bot.inbox.kept.values()))


def post(room: str, text: str = "Hello", *labels: str, key: str = "k", edits: str | None = None, **shown: Any) -> Post:
    buttons = tuple(Button(label.removeprefix("+"), f"p{i}", label.startswith("+")) for i, label in enumerate(labels))
    return Post(room, key, Shown(text, buttons=buttons, **shown), edits)
