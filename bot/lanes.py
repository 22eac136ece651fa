"""Lanes: things of one key are handled one at a time, in order; lanes do not wait for each other.

A lane keeps a short queue in memory; what does not fit stays in the database and is fetched when the queue is
empty. So a flood in one lane costs the others nothing, and memory stays bounded.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from bot.tasks import Tasks


class Numbered(Protocol):
    """A thing in a lane; its id grows with its place in the order."""

    @property
    def id(self) -> int:
        """Its number in the order."""


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Numbered)

_SHORT = 50


@dataclass
class _Lane(Generic[V]):
    queue: deque[V] = field(default_factory=deque)
    last: int = 0
    behind: bool = False
    skipped: int = 0


class Lanes(Generic[K, V]):
    """Serial queues by key. ``handle`` takes one thing; ``more`` fetches what follows an id in a lane."""

    def __init__(
        self,
        tasks: Tasks,
        handle: Callable[[V], Awaitable[None]],
        more: Callable[[K, int, int], Awaitable[list[V]]],
    ) -> None:
        self._tasks, self._handle, self._more = tasks, handle, more
        self._lanes: dict[K, _Lane[V]] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, key: K, thing: V) -> None:
        """Queue a thing that is stored already."""
        lane = self._lane(key)
        if lane.behind or len(lane.queue) >= _SHORT:
            lane.behind = True
            lane.skipped += 1
        elif thing.id > lane.last:
            lane.queue.append(thing)
            lane.last = thing.id

    def wake(self, key: K) -> None:
        """Have a lane look in the database for what is waiting there."""
        lane = self._lane(key)
        lane.behind = True
        lane.skipped += 1

    async def idle(self) -> None:
        """Wait until no lane has anything to do."""
        await self._idle.wait()

    def _lane(self, key: K) -> _Lane[V]:
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane()
            self._idle.clear()
            self._tasks.start(f"lane {key}", self._work(key, lane))
        return lane

    async def _work(self, key: K, lane: _Lane[V]) -> None:
        try:
            while lane.queue or lane.behind:
                if not lane.queue:
                    await self._fetch(key, lane)
                else:
                    await self._handle(lane.queue.popleft())
        finally:
            self._lanes.pop(key, None)
            if not self._lanes:
                self._idle.set()

    async def _fetch(self, key: K, lane: _Lane[V]) -> None:
        """Take the next things from the database; the lane is up to date when nothing was skipped meanwhile."""
        skipped = lane.skipped
        found = await self._more(key, lane.last, _SHORT)
        lane.queue.extend(found)
        if found:
            lane.last = found[-1].id
        if len(found) < _SHORT and lane.skipped == skipped:
            lane.behind = False
