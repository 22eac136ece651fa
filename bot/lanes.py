"""Lanes: things of one key are handled one at a time, in order; lanes do not wait for each other.

A lane keeps a short queue in memory; what does not fit stays in the database and is fetched when the queue is
empty. So a flood in one lane costs the others nothing, and memory stays bounded.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
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

log = logging.getLogger("twinbot.lanes")

_SHORT = 50
# So many things that were fetched are remembered, because their `put` may come just after.
_REMEMBERED = 10_000
_LONGEST_WAIT = 30.0


@dataclass
class _Lane(Generic[V]):
    queue: deque[V] = field(default_factory=deque)
    last: int = 0
    behind: bool = False
    woken: int = 0
    meanwhile: list[V] | None = None


class Lanes(Generic[K, V]):
    """Serial queues by key. ``handle`` takes one thing; ``more`` fetches what follows an id in a lane.

    If one of them raises, the lane waits and tries the same again: they raise only while the database is away.
    ``pause`` waits for so many seconds. ``ours`` says whether a lane is for this process; what is put into another one
    stays in the database.
    """

    def __init__(
        self,
        tasks: Tasks,
        handle: Callable[[V], Awaitable[None]],
        more: Callable[[K, int, int], Awaitable[list[V]]],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        ours: Callable[[K], bool] = lambda _key: True,
    ) -> None:
        self._tasks, self._handle, self._more, self._pause, self._ours = tasks, handle, more, pause, ours
        self._lanes: dict[K, _Lane[V]] = {}
        self._works: dict[K, asyncio.Task[None]] = {}
        self._fetched: OrderedDict[int, None] = OrderedDict()
        self._idle = asyncio.Event()
        self._idle.set()
        self._finishing = False

    def put(self, key: K, thing: V) -> None:
        """Queue a thing that is stored already."""
        if thing.id in self._fetched:
            del self._fetched[thing.id]
        else:
            self._queue(self._lane(key), thing)

    def wake(self, key: K) -> None:
        """Have a lane look in the database for what is waiting there, also for what was committed late."""
        lane = self._lane(key)
        lane.behind, lane.last = True, 0
        lane.woken += 1

    async def finish(self) -> None:
        """End what is in hand and begin nothing more; the rest stays in the database."""
        self._finishing = True
        await self._idle.wait()

    async def leave(self, seconds: float) -> None:
        """End what is in hand in lanes that are not ours any more; what takes longer is broken off."""
        gone = [work for key, work in self._works.items() if not self._ours(key)]
        if gone:
            _done, late = await asyncio.wait(gone, timeout=seconds)
            for work in late:
                work.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    @property
    def busy(self) -> bool:
        """Whether any lane has something to do."""
        return bool(self._lanes)

    async def idle(self) -> None:
        """Wait until no lane has anything to do."""
        await self._idle.wait()

    def _lane(self, key: K) -> _Lane[V]:
        lane = self._lanes.get(key)
        if lane is None:
            lane = _Lane()
            if self._finishing or not self._ours(key):
                return lane
            self._lanes[key] = lane
            self._idle.clear()
            self._works[key] = self._tasks.start(f"lane {key}", self._work(key, lane))
        return lane

    def _queue(self, lane: _Lane[V], thing: V) -> None:
        """Put a thing into a lane, or leave it to the next fetch.

        On PostgreSQL a commit with a lower id may come after one with a higher id. No fetch would find it any
        more, so it is queued although its place in the order has passed.
        """
        if lane.meanwhile is not None:
            lane.meanwhile.append(thing)
        elif thing.id < lane.last:
            lane.queue.append(thing)
        elif lane.behind or len(lane.queue) >= _SHORT:
            lane.behind = True
        else:
            lane.queue.append(thing)
            lane.last = thing.id

    async def _work(self, key: K, lane: _Lane[V]) -> None:
        try:
            failures = 0
            while (lane.queue or lane.behind) and not self._finishing and self._ours(key):
                failures = await self._step(key, lane, failures)
        finally:
            self._lanes.pop(key, None)
            self._works.pop(key, None)
            if not self._lanes:
                self._idle.set()

    async def _step(self, key: K, lane: _Lane[V], failures: int) -> int:
        """Handle the next thing, or fetch more. Returns how often this has failed in a row."""
        try:
            if lane.queue:
                await self._handle(lane.queue[0])
                lane.queue.popleft()
            else:
                await self._fetch(key, lane)
        except Exception:
            # Once with its trace, for it may be a fault of ours; an outage need not fill the log with it.
            log.error("a lane waits and tries again", exc_info=failures == 0)
            await self._pause(min(2.0**failures, _LONGEST_WAIT))
            return min(failures + 1, 10)
        return 0

    async def _fetch(self, key: K, lane: _Lane[V]) -> None:
        """Take the next things from the database, then queue what was put meanwhile and not found there."""
        woken, lane.meanwhile = lane.woken, []
        try:
            found = await self._more(key, lane.last, _SHORT)
            lane.queue.extend(found)
            if found:
                lane.last = found[-1].id
                self._remember(found)
            lane.behind = len(found) >= _SHORT
            if lane.woken != woken:
                lane.behind, lane.last = True, 0
        finally:
            meanwhile, lane.meanwhile = lane.meanwhile, None
            for thing in meanwhile:
                self.put(key, thing)

    def _remember(self, found: list[V]) -> None:
        self._fetched.update((thing.id, None) for thing in found)
        while len(self._fetched) > _REMEMBERED:
            self._fetched.popitem(last=False)
