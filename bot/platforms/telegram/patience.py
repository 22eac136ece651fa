"""How long to wait before trying again, and calls that are tried until they succeed."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.platforms.platform import Setback
from bot.platforms.telegram.transport import Flood

log = logging.getLogger("twinbot.telegram")

Pause = Callable[[float], Awaitable[None]]
T = TypeVar("T")

LONGEST_SECONDS = 30.0


class Refused(Setback):
    """Telegram refuses this very call; trying it again changes nothing."""


class Patience:
    """Waits that double from one second up to half a minute, each shortened at random so that bots spread out."""

    def __init__(self, pause: Pause) -> None:
        self._pause = pause
        self._failures = 0

    async def after(self, error: Exception) -> None:
        """Wait after a failure; after a 429 as long as Telegram says."""
        seconds = min(LONGEST_SECONDS, 2.0 ** min(self._failures, 10)) * random.uniform(0.5, 1)
        self._failures += 1
        await self._pause(error.seconds if isinstance(error, Flood) else seconds)

    def rest(self) -> None:
        """It worked: begin with short waits again."""
        self._failures = 0


def bad_token() -> Setback:
    """The token is wrong or was revoked: only the operator can help."""
    return Setback(
        "TWINBOT_TELEGRAM_TOKEN: Telegram does not accept this token; copy it again from @BotFather "
        "(it looks like 123456789:AA...), or ask there for a new one."
    )


async def insist(what: str, call: Callable[[], Awaitable[T]], pause: Pause) -> T:
    """Call until it succeeds. Raises `Refused`, or another `Setback` if the token is not accepted."""
    patience = Patience(pause)
    while True:
        try:
            return await call()
        except InvalidToken:
            raise bad_token() from None
        except BadRequest as error:
            raise Refused(f"Telegram refuses {what}: {error.message}") from None
        except TelegramError as error:
            log.warning("%s failed, trying again: %s", what, error.message)
            await patience.after(error)
