"""Whether a platform works for us: while it does not, one message tries and the others wait for it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

log = logging.getLogger("twinbot.delivery")

#: So many failures in a row, of whatever chats, mean that the platform is in trouble and not a message.
MOST_IN_A_ROW = 10
LONGEST_WAIT = 300.0
#: The one that tries for all others does so more often.
LONGEST_TRY = 30.0


def backoff(seconds: float, tries: int, longest: float, spread: Callable[[], float] = random.random) -> float:
    """How long to wait before the next try: twice as long each time, shortened by up to half at random."""
    return min(max(seconds, 0.05) * 2.0 ** min(tries, 12), longest) * (1 - spread() / 2)


class Circuit:
    """The state of one account. Whoever sends asks `enter` first and tells what came of it; ``who`` is any object."""

    def __init__(self, name: str, pause: Callable[[float], Awaitable[None]], spread: Callable[[], float]) -> None:
        self._name, self._pause, self._spread = name, pause, spread
        self._closed = asyncio.Event()
        self._closed.set()
        self._failures = 0
        self._tries = 0
        self._prober: object | None = None

    @property
    def open(self) -> bool:
        """Whether the others wait."""
        return not self._closed.is_set()

    async def enter(self, who: object) -> None:
        """Wait until this one may try."""
        while self.open and self._prober is not who:
            await self._closed.wait()

    def worked(self) -> None:
        """The platform has answered, be it with a refusal."""
        self._failures = self._tries = 0
        self._close()

    async def failed(self, who: object, seconds: float, tries: int, *, everyone: bool = False) -> None:
        """Wait after a failure: ``seconds`` the first time. ``everyone``: nobody else need try meanwhile."""
        self._failures += 1
        if not self.open and (everyone or self._failures >= MOST_IN_A_ROW):
            self._closed.clear()
            self._prober = who
            log.warning("%s does not work now; one message tries again and again, the others wait", self._name)
        if self._prober is who:
            self._tries += 1
            await self._pause(backoff(seconds, self._tries - 1, max(LONGEST_TRY, seconds), self._spread))
        elif not self.open:
            await self._pause(backoff(seconds, tries, LONGEST_WAIT, self._spread))

    async def rest(self, who: object, seconds: float) -> None:
        """Wait for so long, and let nobody else try meanwhile: the account is asked to."""
        if not self.open:
            self._closed.clear()
            self._prober = who
        if self._prober is who:
            await self._pause(seconds)

    def leave(self, who: object) -> None:
        """This one tries no more; if it tried for all, let them see for themselves."""
        if self._prober is who:
            self._close()

    def _close(self) -> None:
        self._prober = None
        if self.open:
            log.info("%s: sending goes on", self._name)
            self._closed.set()
