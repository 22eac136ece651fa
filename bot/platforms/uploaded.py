"""What a platform has of files that many get: each is uploaded once, and then sent again as it lies there."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 16


class Uploaded(Generic[T]):
    """Where files lie, by the names that they share (see `bot.platforms.platform.File`). It is forgotten with the
    process, which costs one more upload."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, T] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    def known(self, name: str) -> T | None:
        """Where a file lies, if that is known."""
        return self._known.get(name)

    def lock(self, name: str) -> asyncio.Lock:
        """To be held by whoever uploads a file, so that others wait for that instead of uploading it too."""
        if len(self._locks) > _MOST:
            self._locks = {known: lock for known, lock in self._locks.items() if lock.locked()}
        return self._locks.setdefault(name, asyncio.Lock())

    def note(self, name: str, where: T) -> None:
        """A file lies there from now on."""
        self._known[name] = where
        while len(self._known) > _MOST:
            self._known.popitem(last=False)

    def forget(self, name: str) -> None:
        """It lies there no more."""
        self._known.pop(name, None)

    async def once(self, name: str, upload: Callable[[], Awaitable[T]]) -> T:
        """Where a file lies; uploaded by the first who asks."""
        async with self.lock(name):
            where = self._known.get(name)
            if where is None:
                where = await upload()
                self.note(name, where)
            return where
