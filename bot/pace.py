"""How fast messages may go to a chat: the generic cell rate algorithm, which needs one number a chat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.platforms.platform import Pace

_FORGET_ABOVE = 20_000


class Paces:
    """The pace of each chat of one platform. ``clock`` counts seconds and never goes back; ``pause`` waits."""

    def __init__(
        self,
        pace: Pace,
        clock: Callable[[], float] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pace, self._pause = pace, pause
        self._clock = clock or asyncio.get_running_loop().time
        self._arrivals: dict[str, float] = {}

    async def ready(self, chat: str, kind: str) -> None:
        """Wait until this chat may get another message, and count it."""
        seconds = self.delay(chat, kind)
        if seconds > 0:
            await self._pause(seconds)

    def delay(self, chat: str, kind: str) -> float:
        """Count a message to this chat; returns how many seconds it must still wait."""
        group = kind == "group"
        each = self._pace.group_seconds if group else self._pace.chat_seconds
        burst = self._pace.group_burst if group else self._pace.chat_burst
        if each <= 0:
            return 0.0
        now = self._clock()
        arrival = max(self._arrivals.get(chat, now), now)
        self._arrivals[chat] = arrival + each
        if len(self._arrivals) > _FORGET_ABOVE:
            self._arrivals = {c: at for c, at in self._arrivals.items() if at > now}
        return max(0.0, arrival - now - each * (burst - 1))
