"""Listening to platforms: each where its account is ours, and standing by where another process has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from bot.desk import Desk
from bot.mine import Mine
from bot.platforms.platform import Bystander, Platform, Shared
from bot.tasks import Tasks


class Attending:
    """The tasks that listen. ``introduce`` tells a platform who the bot is."""

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        desk: Desk,
        mine: Mine,
        tasks: Tasks,
        introduce: Callable[[Platform], Coroutine[Any, Any, None]],
    ) -> None:
        self._platforms, self._desk, self._mine, self._tasks = platforms, desk, mine, tasks
        self._introduce = introduce
        self._listening: dict[str, list[asyncio.Task[Any]]] = {}

    async def attend(self, name: str) -> None:
        """Listen, or stand by, as it has to be now."""
        platform = self._platforms[name]
        before = self._listening.get(name, [])
        if isinstance(platform, Shared) and before:
            return
        await _cancelled(before)
        ear = partial(self._desk.hear, name)
        if name in self._mine or isinstance(platform, Shared):
            hearing = self._tasks.start(name, platform.run(ear), vital=True)
            self._listening[name] = [hearing, self._tasks.start(f"introduce {name}", self._introduce(platform))]
        elif isinstance(platform, Bystander):
            self._listening[name] = [self._tasks.start(f"{name} stands by", platform.stand_by(ear), vital=True)]
        else:
            self._listening[name] = []

    def deafen(self) -> None:
        """Hear nothing more."""
        for task in self._all():
            task.cancel()

    async def ended(self) -> None:
        """Wait until all that listened has ended well."""
        await asyncio.gather(*self._all(), return_exceptions=True)

    def _all(self) -> list[asyncio.Task[Any]]:
        return [task for tasks in self._listening.values() for task in tasks]


async def _cancelled(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
