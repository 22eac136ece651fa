"""The world of a story: a database, one platform with its real server, and the bot between them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import App, StoredMarks
from bot.platforms.platform import Pace, Platform
from bot.talk.commands import Commands
from storage import post
from storage.database import Database
from storage.migrations import upgrade
from tests.cast import Actor, OnMatrix, OnTelegram, OnTerminal, OnWeb
from tests.servers.botapi import BotApi
from tests.servers.matrix_user import MatrixUser, matrix_user
from tests.servers.smtp import Mailbox, smtp
from tests.servers.synapse import Synapse
from tests.vault import VAULT

PLATFORMS = ("terminal", "web", "telegram", "matrix")


class World:
    """Everything a story needs. ``restart`` ends the bot as it is and starts another one on the same database.

    At its end nothing may have gone wrong that the story did not announce: ``dead`` is how many updates are set
    aside, ``lost`` how many messages did not get through.
    """

    def __init__(self, folder: Path, url: str, platforms: tuple[str, ...], *, synapse: Callable[[], Synapse]) -> None:
        self.folder, self.url, self.platforms = folder, url, platforms
        self._synapse = synapse
        self._stack = contextlib.AsyncExitStack()
        self._terminals: list[OnTerminal] = []
        self.api: BotApi | None = None
        self.mailbox = Mailbox()
        self.server: Synapse | None = None
        self._bot_login: Any = None
        self._web_port = 0
        self.offset = timedelta()
        self.stands: datetime | None = None
        self.dead = self.lost = 0
        self._running: App | None = None

    async def __aenter__(self) -> World:
        if "telegram" in self.platforms:
            self.api = await self._stack.enter_async_context(BotApi.start())
        if "mail" in self.platforms:
            self.mailbox = await self._stack.enter_async_context(smtp())
        if "matrix" in self.platforms:
            self.server = self._synapse()
            self._bot_login = self.server.register(f"bot{self.folder.name.replace('_', '').lower()[:40]}", "secret")
        database = Database(self.url, VAULT)
        upgrade(database.engine)
        database.close()
        await self.start()
        return self

    async def __aexit__(self, error: object, *_more: object) -> None:
        if error is None and self._running is not None:
            await self._running.idle()
        await self.stop()
        await self._stack.aclose()
        if error is None:
            self._check()

    def _check(self) -> None:
        """Nothing went wrong in silence."""
        database = Database(self.url, VAULT)
        dead = [(letter.reason, letter.error_id) for letter in database.do(post.dead_updates)]
        lost = [row.error for row in database.do(post.failed_rows)]
        database.close()
        assert len(dead) == self.dead, dead
        assert len(lost) == self.lost, lost
        assert self.api is None or self.api.violations == []

    def now(self) -> datetime:
        """The moment in the story: ``offset`` ahead of ours, or of the moment at which time ``stands``."""
        return (self.stands or datetime.now(UTC)) + self.offset

    @property
    def app(self) -> App:
        """The bot that runs now."""
        assert self._running is not None
        return self._running

    async def start(self, commands: Commands | None = None) -> None:
        """Start the bot, with another table of commands if one is given."""
        self.database = Database(self.url, VAULT)
        made = {name: getattr(self, f"_make_{name}")() for name in self.platforms}
        self._running = App(self.database, made, self.now)
        if commands is not None:
            self.app.house.commands = self.app.house.extra["commands"] = commands
        await self.app.start()
        if "web" in made:
            await made["web"].started.wait()
            self._web_port = made["web"].port
            self.app.house.extra["address"] = self.address

    async def stop(self) -> None:
        """Stop the bot as it is; what is not finished stays for the next one."""
        if self._running is not None:
            await self._running.stop()
            self.database.close()
            self._running = None

    async def restart(self, commands: Commands | None = None) -> None:
        """Stop and start; a deploy brings another table of commands."""
        await self.stop()
        await self.start(commands)

    @property
    def address(self) -> str:
        """Where the web pages are."""
        return f"http://127.0.0.1:{self._web_port}"

    @property
    def bot(self) -> str:
        """The bot's id on Matrix."""
        return str(self._bot_login.user_id)

    async def join(self, room: str) -> None:
        """Bring the bot into a room of Matrix, as its operator does: it follows no invitation to a group."""
        assert self.server is not None
        async with aiohttp.ClientSession() as http:
            await MatrixUser(self.server.url, self._bot_login, http).join(room)

    def tick(self) -> None:
        """People need a second to say something; a test does not."""
        self.offset += timedelta(seconds=1)

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

        return Web(WebBook(self.database, self.now), port=self._web_port, files=self.folder / "files", now=self.now)

    def _make_mail(self) -> Platform:
        from bot.platforms.mail.mail import Mail
        from bot.platforms.mail.server import MailServer

        return Mail(MailServer("127.0.0.1", self.mailbox.port, "none", "bot@twinbot.example"), now=self.now)

    def _make_telegram(self) -> Platform:
        from bot.platforms.telegram import Telegram

        assert self.api is not None
        telegram = Telegram(
            token=self.api.token, api_url=self.api.url, marks=StoredMarks(self.database, "telegram"), now=self.now
        )
        # Nobody here is flooded by answers without a pause, and a story of a minute is told in a second.
        vars(telegram)["pace"] = Pace()
        return telegram

    def _make_matrix(self) -> Platform:
        from bot.platforms.matrix import Matrix

        assert self.server is not None
        return Matrix(
            homeserver=self.server.url,
            user=self.bot,
            password="secret",
            marks=StoredMarks(self.database, "matrix"),
            store_dir=self.folder / "matrix",
            encryption=False,
            now=self.now,
        )

    async def _on_terminal(self, _name: str, _language: str) -> OnTerminal:
        return self._terminals[0]

    async def _on_web(self, _name: str, language: str) -> OnWeb:
        ways = OnWeb(lambda: self.address, language, self.tick)
        self._stack.push_async_callback(ways.close)
        return ways

    async def _on_telegram(self, name: str, language: str) -> OnTelegram:
        assert self.api is not None
        return OnTelegram(self.api, self.api.user(name, language_code=language, started=True))

    async def _on_matrix(self, name: str, _language: str) -> OnMatrix:
        assert self.server is not None
        letters = name.lower().encode("ascii", "ignore").decode()
        login = f"{letters}{self.bot[4:].split(':')[0]}"
        user = await self._stack.enter_async_context(matrix_user(self.server, login))
        room = await user.direct_chat(self.bot)
        await user.ear.until(lambda: self.bot in _members(user, room))
        return OnMatrix(user, room)


def _members(user: Any, room: str) -> set[str]:
    return {
        h.source["state_key"]
        for h in user.ear.events
        if h.room_id == room and h.type == "m.room.member" and h.content.get("membership") == "join"
    }
