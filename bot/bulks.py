"""What many get is taken from the database few at a time, at the rate at which it can leave."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from functools import partial

from bot.tasks import Tasks
from storage import bulk
from storage.database import Database
from storage.post import Parcel

log = logging.getLogger("twinbot.delivery")

#: How many may be under way where a rate is kept.
_MOST, _LEAST = 256, 4
_LONGEST_WAIT = 30.0


def room_for(rate: int, at_once: int = 128) -> int:
    """How many parcels may be under way: what leaves in half a second, for a pause is to be felt at once; ``at_once``
    where nothing limits the rate."""
    return at_once if rate == 0 else max(_LEAST, min(_MOST, rate // 2))


class Bulks:
    """The bulk of one platform. One thing at a time goes to a chat; ``send`` raises only while the database is away.

    ``send`` returns False for a parcel that has to wait: its chat was put off in the database. ``unwritten`` are rows
    that have ended, although the database does not know yet. ``ours`` says whether the account is this process's.
    """

    def __init__(
        self,
        database: Database,
        platform: str,
        room: int,
        send: Callable[[Parcel], Awaitable[bool]],
        unwritten: Collection[int],
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]],
        tasks: Tasks,
        ours: Callable[[], bool] = lambda: True,
    ) -> None:
        self._ours = ours
        self._works: set[asyncio.Task[None]] = set()
        self._database, self._platform, self._room = database, platform, room
        self._send, self._unwritten, self._now = send, unwritten, now
        self._pause, self._tasks = pause, tasks
        self._places: dict[int, int] = {}
        self._chats: dict[int, deque[Parcel]] = {}
        self._rows: set[int] = set()
        self._woken, self._freed, self._idle = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._busy = self._finishing = False
        self._idle.set()

    @property
    def under_way(self) -> int:
        """How many parcels are in memory."""
        return len(self._rows)

    def wake(self) -> None:
        """Look whether there is something to send."""
        self._woken.set()
        self._idle.clear()

    async def finish(self) -> None:
        """End what is under way and take nothing more."""
        self._finishing = True
        while self._rows:
            self._freed.clear()
            await self._freed.wait()

    async def leave(self, seconds: float) -> None:
        """End what is under way if the account is not ours any more; what takes longer is broken off."""
        if self._works and not self._ours():
            _done, late = await asyncio.wait(self._works, timeout=seconds)
            for work in late:
                work.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def idle(self) -> None:
        """Wait until all is sent that may be sent now."""
        await self._idle.wait()

    async def run(self) -> None:
        """Send what waits, until cancelled."""
        failures = 0
        while True:
            await self._woken.wait()
            self._woken.clear()
            self._busy = True
            try:
                await self._round()
                failures = 0
            except Exception as error:
                log.error("bulk of %s waits and tries again (%s)", self._platform, type(error).__name__)
                self._woken.set()
                await self._pause(min(2.0**failures, _LONGEST_WAIT))
                failures = min(failures + 1, 10)
            self._busy = False
            self._rest()

    async def _round(self) -> None:
        """Go through all rows once."""
        more = True
        while more and not self._finishing and self._ours():
            while len(self._rows) > self._room // 2:
                self._freed.clear()
                await self._freed.wait()
            more = await self._take(self._room - len(self._rows))

    async def _take(self, limit: int) -> bool:
        """Take some rows and send them; whether there may be more."""
        # What has ended, and is noted while we read, would seem to be neither under way nor unwritten any more.
        known = self._rows | set(self._unwritten)
        unit = partial(bulk.take, platform=self._platform, places=self._places, limit=limit, now=self._now())
        found, self._places = await self._database.read(unit)
        if not self._ours():
            return False
        for parcel in found:
            if parcel.id not in known:
                self._start(parcel)
        return any(self._places.values())

    def _start(self, parcel: Parcel) -> None:
        self._rows.add(parcel.id)
        waiting = self._chats.get(parcel.chat_id)
        if waiting is not None:
            waiting.append(parcel)
            return
        self._chats[parcel.chat_id] = deque([parcel])
        work = self._tasks.start(f"bulk {parcel.chat_id}", self._work(parcel.chat_id))
        self._works.add(work)
        work.add_done_callback(self._works.discard)

    async def _work(self, chat: int) -> None:
        """Send what is there for a chat, in order."""
        waiting, failures = self._chats[chat], 0
        try:
            while waiting and not self._finishing and self._ours():
                try:
                    going = await self._send(waiting[0])
                except Exception:
                    log.error("bulk waits and tries again", exc_info=failures == 0)
                    await self._pause(min(2.0**failures, _LONGEST_WAIT))
                    failures = min(failures + 1, 10)
                    continue
                if not going:
                    break
                self._done(waiting.popleft())
        finally:
            del self._chats[chat]
            for parcel in waiting:
                self._done(parcel)
            self._rest()

    def _done(self, parcel: Parcel) -> None:
        self._rows.discard(parcel.id)
        self._freed.set()

    def _rest(self) -> None:
        if not self._rows and not self._busy and not self._woken.is_set():
            self._idle.set()
