"""What became of sent messages is noted many at a time: one commit for all that arrived meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from bot.logs import without_ids
from storage import post
from storage.database import Database

log = logging.getLogger("twinbot.delivery")

_REMEMBERED = 10_000
_LONGEST_WAIT = 10.0


class Settling:
    """Collects results and writes them. ``references`` remembers the platform's ids of the newest messages."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database, self._now, self._pause = database, now, pause
        #: Rows whose end is known and not written yet: the database still has them as waiting.
        self.unwritten: set[int] = set()
        self._results: list[tuple[int, int, str | None, str | None]] = []
        self._waiting = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self.references: OrderedDict[int, str] = OrderedDict()

    def note(self, row: int, state: int, reference: str | None, error: str | None) -> None:
        """Note the end of an outbox row. What a platform says of an error may name people; that is not kept."""
        self._results.append((row, state, reference, error and without_ids(error)))
        self.unwritten.add(row)
        self._empty.clear()
        self._waiting.set()
        if reference:
            self.references[row] = reference
            if len(self.references) > _REMEMBERED:
                self.references.popitem(last=False)

    async def settled(self) -> None:
        """Wait until everything that was noted is written."""
        await self._empty.wait()

    async def run(self) -> None:
        """Write what is noted, until cancelled."""
        failures = 0
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            try:
                await self.flush()
                failures = 0
            except Exception as error:
                waiting, kind = len(self._results), type(error).__name__
                log.error("results of %s outbox rows could not be written; trying again (%s)", waiting, kind)
                self._waiting.set()
                await self._pause(min(2.0**failures, _LONGEST_WAIT))
                failures = min(failures + 1, 10)

    async def flush(self) -> None:
        """Write what is noted now. Raises what the database raises; the results are then kept for another try."""
        results, self._results = self._results, []
        try:
            if results:
                await self._database.write(partial(post.settle, results=results, now=self._now()))
        except BaseException:
            self._results = results + self._results
            raise
        self.unwritten.difference_update(row for row, *_end in results)
        if not self._results:
            self._empty.set()
