"""The world of a story: a database, one platform with its real server, and the bot between them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import App, StoredMarks
from bot.platforms.platform import Platform
from storage.database import Database
from storage.migrations import upgrade
from tests.cast import Actor, OnMatrix, OnTelegram, OnTerminal, OnWeb
from tests.servers.botapi import BotApi
from tests.servers.matrix_user import matrix_user
from tests.servers.synapse import Synapse

PLATFORMS = ("terminal", "web", "telegram", "matrix")


class World:
    """Everything a story needs. ``restart`` ends the bot as it is and starts another one on the same database."""

    def __init__(self, folder: Path, url: str, platforms: tuple[str, ...], *, synapse: Callable[[], Synapse]) -> None:
        self.folder, self.url, self.platforms = folder, url, platforms
        self._synapse = synapse
        self._stack = contextlib.AsyncExitStack()
        self._terminals: list[OnTerminal] = []
        self.api: BotApi | None = None
        self.server: Synapse | None = None
        self._bot_login: Any = None
        self._web_port = 0
        self.offset = timedelta()
        self.app: App | None = None

    async def __aenter__(self) -> World:
        if "telegram" in self.platforms:
            self.api = await self._stack.enter_async_context(BotApi.start())
        if "matrix" in self.platforms:
            self.server = self._synapse()
            self._bot_login = self.server.register(f"bot{self.folder.name.replace('_', '').lower()[:40]}", "secret")
        database = Database(self.url)
        upgrade(database.engine)
        database.close()
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()
        await self._stack.aclose()
        if self.api is not None:
            assert self.api.violations == []

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    async def start(self) -> None:
        """Start the bot."""
        self.database = Database(self.url)
        made = {name: getattr(self, f"_make_{name}")() for name in self.platforms}
        self.app = App(self.database, made, self.now)
        await self.app.start()
        if "web" in made:
            await made["web"].started.wait()
            self._web_port = made["web"].port

    async def stop(self) -> None:
        """Stop the bot as it is; what is not finished stays for the next one."""
        if self.app is not None:
            await self.app.stop()
            self.database.close()
            self.app = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def actor(self, name: str, platform: str | None = None, *, language: str = "en") -> Actor:
        """Somebody of the cast on a platform (the first one, if none is named)."""
        platform = platform or self.platforms[0]
        return Actor(name, await getattr(self, f"_on_{platform}")(name, language))

    def _make_terminal(self) -> Platform:
        if not self._terminals:
            self._terminals.append(OnTerminal("guest", "en"))
        return self._terminals[0].terminal()

    def _make_web(self) -> Platform:
        from bot.platforms.web import Web
        from storage.web import WebBook

        return Web(WebBook(self.database, self.now), port=self._web_port, now=self.now)

    def _make_telegram(self) -> Platform:
        from bot.platforms.telegram import Telegram

        assert self.api is not None
        return Telegram(
            token=self.api.token, api_url=self.api.url, marks=StoredMarks(self.database, "telegram"), now=self.now
        )

    def _make_matrix(self) -> Platform:
        from bot.platforms.matrix import Matrix

        assert self.server is not None
        return Matrix(
            homeserver=self.server.url,
            user=self._bot_login.user_id,
            password="secret",
            marks=StoredMarks(self.database, "matrix"),
            store_dir=self.folder / "matrix",
            encryption=False,
            now=self.now,
        )

    async def _on_terminal(self, _name: str, _language: str) -> OnTerminal:
        return self._terminals[0]

    async def _on_web(self, _name: str, language: str) -> OnWeb:
        ways = OnWeb(lambda: f"http://127.0.0.1:{self._web_port}", language)
        self._stack.push_async_callback(ways.close)
        return ways

    async def _on_telegram(self, name: str, language: str) -> OnTelegram:
        assert self.api is not None
        return OnTelegram(self.api, self.api.user(name, language_code=language, started=True))

    async def _on_matrix(self, name: str, _language: str) -> OnMatrix:
        assert self.server is not None
        login = f"{name}{self._bot_login.user_id[4:].split(':')[0]}{len(self._terminals)}".lower()
        user = await self._stack.enter_async_context(matrix_user(self.server, login))
        room = await user.direct_chat(self._bot_login.user_id)
        await user.ear.until(lambda: self._bot_login.user_id in _members(user, room))
        return OnMatrix(user, room)


def _members(user: Any, room: str) -> set[str]:
    return {
        h.source["state_key"]
        for h in user.ear.events
        if h.room_id == room and h.type == "m.room.member" and h.content.get("membership") == "join"
    }
