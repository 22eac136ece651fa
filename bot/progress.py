"""How far something is that takes its time, shown now and then; that it cannot be shown stops nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from bot.text import Count, Node, _, lines

log = logging.getLogger("twinbot.delivery")

EVERY = 1.0
"""So many seconds lie between two that are shown; what is done before the first is not worth one."""


def under_way(begun: Node, percent: int) -> Node:
    """What stands in a message while something is made: what it said at first, and the share that is done."""
    return lines(begun, _("So far: {n} %", n=Count(percent)))


class Progress:
    """Calls ``show`` with a share in percent while something goes on inside of it, and never with a smaller one.

    ``clock`` counts seconds and never goes back.
    """

    def __init__(
        self, show: Callable[[int], Awaitable[None]], every: float = EVERY, clock: Callable[[], float] | None = None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._show, self._every, self._clock = show, every, clock or self._loop.time
        self._news, self._over = asyncio.Event(), False
        self._percent, self._shown, self._again = 0, 0, self._clock() + every

    def report(self, percent: int) -> None:
        """Hear how much is done; from any thread."""
        self._loop.call_soon_threadsafe(self._hear, percent)

    def _hear(self, percent: int) -> None:
        self._percent = max(percent, self._percent)
        self._news.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="progress")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        # What is being shown is waited for, or it could come after what follows.
        self._over = True
        self._news.set()
        await self._task

    async def _run(self) -> None:
        while not self._over:
            await self._news.wait()
            self._news.clear()
            if self._percent > self._shown and self._clock() >= self._again:
                await self._say(self._percent)

    async def _say(self, percent: int) -> None:
        try:
            await self._show(percent)
        except Exception as error:
            log.info("how far something is could not be shown: %s", type(error).__name__)
        self._shown, self._again = percent, self._clock() + self._every
