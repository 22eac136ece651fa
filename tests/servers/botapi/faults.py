"""Failures on demand, and Telegram's real rates when they are switched on."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from .wire import Refusal

Kind = Literal["flood", "blocked", "migrated", "refused", "error", "gateway", "drop_before", "drop_after", "slow"]


@dataclass
class Fault:
    """What happens to the next `times` calls of a method ("*": any), optionally only for one chat.

    - flood: 429 with retry_after seconds; blocked: 403; migrated: 400 with migrate_to; error: 500; gateway: 502
    - refused: `code` and `description` as given
    - drop_before: the connection falls and nothing was done; drop_after: it falls although it was done
    - slow: it is done at once and answered after `delay` real seconds, or with delay None at `release()`
    """

    method: str
    kind: Kind
    chat_id: int | None = None
    times: int | None = 1
    retry_after: int = 1
    migrate_to: int = 0
    code: int = 400
    description: str = "Bad Request: refused on demand"
    delay: float | None = None
    met: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def concerns(self, method: str, chat_id: object) -> bool:
        """Whether this call meets the fault."""
        return (
            self.method in ("*", method)
            and (self.chat_id is None or self.chat_id == chat_id)
            and (self.times is None or self.met < self.times)
        )

    def release(self) -> None:
        """Let the slow answers go."""
        self.released.set()

    async def hold(self) -> None:
        """Wait as long as a slow answer has to."""
        if self.delay is None:
            await self.released.wait()
        else:
            await asyncio.sleep(self.delay)

    def refuse(self) -> None:
        """Raise the refusal of this kind; the kinds that only concern the connection raise nothing."""
        if self.kind == "flood":
            raise flood(self.retry_after)
        if self.kind == "blocked":
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if self.kind == "migrated":
            raise upgraded(self.migrate_to)
        if self.kind == "refused":
            raise Refusal(self.code, self.description)
        if self.kind in ("error", "gateway"):
            raise Refusal(500, "Internal Server Error") if self.kind == "error" else Refusal(502, "Bad Gateway")


def flood(seconds: int) -> Refusal:
    """Telegram's 429: try again after so many seconds."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def upgraded(chat_id: int) -> Refusal:
    """The answer about a group that has become a supergroup."""
    return Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat_id)


@dataclass
class Rates:
    """Sliding windows: a burst in a private chat then one a second, 20 a minute a group, 30 a second in all.

    Telegram does not publish its exact algorithm; these are its published figures. Times are seconds of the clock.
    """

    burst: int = 3
    per_group: int = 20
    per_account: int = 30
    seen: dict[int, deque[float]] = field(default_factory=dict)
    refused: int = 0

    def take(self, chat_id: int, now: float) -> None:
        """Count one message, or raise the 429 that it would get."""
        account, chat = (self.seen.setdefault(key, deque()) for key in (0, chat_id))
        group = chat_id < 0
        most, window = (self.per_group, 60.0) if group else (self.burst, float(self.burst))
        wait = max(_wait(account, self.per_account, 1.0, now), _wait(chat, most, window, now))
        if wait > 0:
            self.refused += 1
            raise flood(math.ceil(wait))
        account.append(now)
        chat.append(now)


def _wait(times: deque[float], most: int, window: float, now: float) -> float:
    while times and times[0] <= now - window:
        times.popleft()
    return times[0] + window - now if len(times) >= most else 0.0
