"""How fast messages may go: to a chat by the generic cell rate algorithm, from an account by the places of a second."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import count

from bot.platforms.platform import Pace

_FORGET_ABOVE = 20_000

#: What is called a second: a little more than one, for on the way two messages may come closer together.
SECOND = 1.002
# Over so many seconds what is even spreads the places of one. The difference takes up timers that ring late: a place
# that is late once would otherwise be late in each second that follows.
_EVEN = 1.006
# So late bulk may be and still make up for it, and by which share the way to the next place is then shorter.
_SLACK, _HURRY = 0.2, 0.5
# So late a timer may ring at any time, in seconds.
_TIMER = 0.005


class Budget:
    """What an account may send: at most ``rate`` messages in any second.

    What is ``even`` takes places that are spread over the second, from what the others leave.
    """

    def __init__(self, rate: int) -> None:
        self._each = _EVEN / rate
        self._times: deque[float] = deque(maxlen=rate)
        self._even_at = float("-inf")

    def earliest(self, even: bool, now: float) -> float:
        """When the next message may leave, in seconds of the clock."""
        full = len(self._times) == self._times.maxlen
        free = max(now, self._times[0] + SECOND) if full else now
        return max(free, self._even_at) if even else free

    def take(self, now: float) -> None:
        """A message leaves."""
        self._times.append(now)
        planned = max(self._even_at, now - _SLACK) + self._each
        self._even_at = max(planned, now + self._each * (1 - _HURRY) - _TIMER)

    def rest(self, until: float) -> None:
        """Nothing even leaves before this."""
        self._even_at = max(self._even_at, until)

    def fill(self, now: float) -> None:
        """All places of this second are taken."""
        self._times.extend([now] * (self._times.maxlen or 0))


class Account:
    """The budget of an account, and who waits for a place in it: the lowest lane goes first, then who came first.

    Lanes from ``even_from`` on are sent evenly. ``clock`` counts seconds and never goes back.
    """

    def __init__(self, rate: int, even_from: int, clock: Callable[[], float]) -> None:
        self._budget = Budget(rate) if rate else None
        self._even_from, self._clock = even_from, clock
        self._rests_until = float("-inf")
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None

    async def ready(self, lane: int) -> None:
        """Wait for a place."""
        now = self._clock()
        if not self._waiting and self._earliest(lane, now) <= now:
            self._take(now)
            return
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (lane, next(self._numbers), place))
        self._grant()
        await place

    def rest(self, seconds: float) -> None:
        """Send no bulk for so long."""
        self._rests_until = max(self._rests_until, self._clock() + seconds)

    def fill(self) -> None:
        """Somebody else may have taken all places of this second."""
        if self._budget is not None:
            self._budget.fill(self._clock())

    def _earliest(self, lane: int, now: float) -> float:
        even = lane >= self._even_from
        at = now if self._budget is None else self._budget.earliest(even, now)
        return max(at, self._rests_until) if even else at

    def _take(self, now: float) -> None:
        if self._budget is not None:
            self._budget.take(now)

    def _grant(self) -> None:
        """Give places to those whose time has come, and come back for the next."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            lane, _number, place = self._waiting[0]
            now = self._clock()
            at = self._earliest(lane, now)
            if at > now and not place.done():
                self._timer = asyncio.get_running_loop().call_later(at - now, self._grant)
                return
            heapq.heappop(self._waiting)
            if not place.done():  # Whoever was cancelled meanwhile takes no place.
                self._take(now)
                place.set_result(None)


class Paces:
    """The pace of each chat of one platform, and of its account. ``clock`` counts seconds and never goes back;
    ``pause`` waits. Lanes from ``even_from`` on leave evenly, from what the others leave."""

    def __init__(
        self,
        pace: Pace,
        clock: Callable[[], float] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        even_from: int = 2,
    ) -> None:
        self._pace, self._pause = pace, pause
        self._clock = clock or asyncio.get_running_loop().time
        self._arrivals: dict[str, float] = {}
        self.account = Account(pace.account_rate, even_from, self._clock)

    async def ready(self, chat: str, kind: str, lane: int = 0) -> None:
        """Wait until this chat may get another message, and count it."""
        seconds = self.delay(chat, kind)
        if seconds > 0:
            await self._pause(seconds)
        await self.account.ready(lane)

    def kept(self, chat: str, kind: str) -> bool:
        """Whether a chat has got so little of late that a platform's "too much" cannot be about it."""
        each = self._each(kind)
        return each > 0 and self._arrivals.get(chat, 0.0) - self._clock() <= each

    def delay(self, chat: str, kind: str) -> float:
        """Count a message to this chat; returns how many seconds it must still wait."""
        each = self._each(kind)
        if each <= 0:
            return 0.0
        burst = self._pace.group_burst if kind == "group" else self._pace.chat_burst
        now = self._clock()
        arrival = max(self._arrivals.get(chat, now), now)
        self._arrivals[chat] = arrival + each
        if len(self._arrivals) > _FORGET_ABOVE:
            self._arrivals = {c: at for c, at in self._arrivals.items() if at > now}
        return max(0.0, arrival - now - each * (burst - 1))

    def _each(self, kind: str) -> float:
        return self._pace.group_seconds if kind == "group" else self._pace.chat_seconds
