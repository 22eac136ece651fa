"""How long to wait before the homeserver is asked again, and one line in the log for each outage."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.platforms.matrix.wire import RETRY_SECONDS, Away, Refused

log = logging.getLogger("twinbot.matrix")

Pause = Callable[[float], Awaitable[None]]
T = TypeVar("T")

LONGEST_SECONDS = 30.0


class Patience:
    """Waits that double from half a second up to half a minute, each shortened at random."""

    def __init__(self, pause: Pause, trouble: str = "the homeserver does not do what it should") -> None:
        self._pause, self._trouble = pause, trouble
        self._failures = 0

    async def after(self, error: Exception) -> None:
        """Wait after a failure; as long as the homeserver says, if it says."""
        if self._failures == 0:
            about = error if isinstance(error, Away | Refused) else type(error).__name__
            log.warning("%s (%s); trying again until it does", self._trouble, about)
        seconds = min(LONGEST_SECONDS, 0.5 * 2.0 ** min(self._failures, 10)) * random.uniform(0.5, 1)
        self._failures += 1
        if isinstance(error, Refused) and error.limited:
            seconds = error.retry_seconds or RETRY_SECONDS
        await self._pause(seconds)

    def rest(self) -> None:
        """It worked: begin with short waits again."""
        if self._failures:
            log.info("it works again: %s no more", self._trouble)
        self._failures = 0


async def insist(call: Callable[[], Awaitable[T]], pause: Pause) -> T:
    """Call until the homeserver is there and has time. Raises `Refused` for any other refusal."""
    patience = Patience(pause)
    while True:
        try:
            result = await call()
        except Away as away:
            await patience.after(away)
        except Refused as refused:
            if not refused.limited:
                raise
            await patience.after(refused)
        else:
            patience.rest()
            return result
