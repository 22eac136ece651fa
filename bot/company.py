"""The desk, delivery and the platforms in the company of other processes: what each tells, and does at a change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from bot.attending import Attending
from bot.delivery import Delivery, Key
from bot.desk import Desk
from bot.mine import HOUSE, Mine
from bot.platforms.platform import Platform, Shared
from bot.together import Together
from storage.database import Database
from storage.models.base import CHAT
from storage.sealing import Digest


class Company:
    """Lets the parts of one program work with those of others. ``work`` says which are ours."""

    def __init__(
        self,
        database: Database,
        mine: Mine,
        platforms: Mapping[str, Platform],
        desk: Desk,
        delivery: Delivery,
        attending: Attending,
    ) -> None:
        self._platforms, self._desk, self._delivery, self._attending = platforms, desk, delivery, attending
        self.work = Together(database, mine, (HOUSE, *platforms), self._taken, self._given, self._heard)
        self._tell = self.work.herald.tell
        desk.elsewhere, delivery.elsewhere, desk.moved = self._updates_wait, self._messages_wait, self._moved
        digest = partial(database.vault.digest, place=CHAT)
        for platform in self._shared():
            platform.echo(self._news, digest)

    async def sweep(self) -> None:
        """Look for what nobody told us of: who should have may have died before.

        What waits to be sent comes first, so that it leaves before what follows it.
        """
        await self._delivery.recover()
        await self._desk.recover()

    def _updates_wait(self, platform: str, lane: str) -> None:
        self._tell(f"updates {platform} {lane}")

    def _messages_wait(self, key: Key) -> None:
        part, chat, lane = key
        self._tell(f"messages {part} {chat} {lane}")

    def _news(self, name: str) -> None:
        self._tell(f"news {name}")

    def _moved(self) -> None:
        self._delivery.forget_references()
        self._tell("moved")

    def _heard(self, words: str) -> None:
        match words.split():
            case ["updates", platform, lane]:
                self._desk.wake(platform, Digest(lane))
            case ["messages", part, chat, lane]:
                self._delivery.wake((part, int(chat), int(lane)))
            case ["news", name]:
                for shared in self._shared():
                    shared.news(name)
            case ["moved"]:
                self._delivery.forget_references()

    def _shared(self) -> list[Shared]:
        return [platform for platform in self._platforms.values() if isinstance(platform, Shared)]

    async def _taken(self, parts: frozenset[str], inherited: frozenset[str]) -> None:
        accounts = sorted(parts & self._platforms.keys())
        for name in inherited.intersection(accounts):
            self._delivery.begin_slowly(name)
        await self.sweep()
        for name in accounts:
            await self._attending.attend(name)

    async def _given(self, parts: frozenset[str], seconds: float) -> None:
        accounts = sorted(parts & self._platforms.keys())
        await asyncio.gather(self._desk.lanes.leave(seconds), self._delivery.leave(seconds))
        for name in accounts:
            await self._attending.attend(name)
