"""Working with other processes on one PostgreSQL: who does what, and what happens when that changes.

Everybody holds locks for their parts (`bot.mine`), which fall with the process. A part that is free is taken at the
next look; whoever has more than their share of the shards gives some, after what is in hand there has ended. So a
process that comes gets work within seconds, and one that goes, however it goes, is replaced within one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TypeVar

from bot.alone import migrate
from bot.herald import Herald
from bot.mine import Mine, number_of, shards, wanted
from bot.platforms.platform import Setback
from storage.database import Database, is_away
from storage.migrations import versions
from storage.shares import Seen, Shares

log = logging.getLogger("twinbot.together")

T = TypeVar("T")
#: Told which parts are ours now, and which of all others had before; which are not any more, and how many seconds what
#: is in hand there may take.
Given = Callable[[frozenset[str], float], Awaitable[None]]
Taken = Callable[[frozenset[str], frozenset[str]], Awaitable[None]]

# Seconds between two looks, and how long one may take: a server that says nothing has given our locks to others.
_LOOK, _PATIENCE = 0.5, 5.0
# So long what is in hand may take when it is given to others, and when it may be others' already.
_GRACE, _SHORT_GRACE = 3.0, 1.0
# So long after the database was away parts go only to those who had them: they know what was sent, and note it first.
_RETURN = 3.0
#: Said by whoever gives something to others.
FREE = "free"


class Together:
    """The parts of this process. ``taken`` and ``given`` do what follows when some become ours, or are ours no more;
    a part that is given goes to others only after that. ``heard`` is given what other processes tell."""

    def __init__(
        self,
        database: Database,
        mine: Mine,
        singles: Iterable[str],
        taken: Taken,
        given: Given,
        heard: Callable[[str], None],
    ) -> None:
        self._database, self._mine, self._taken, self._given = database, mine, taken, given
        self._parts = {number_of(part): part for part in (*singles, *shards())}
        self._shares = Shares(database.engine)
        self._before: frozenset[str] = frozenset()
        self._returned = float("-inf")
        self._look = asyncio.Event()
        self._hear = heard
        self._theirs: frozenset[str] = frozenset()
        self.herald = Herald(database, self._heard)
        mine.everything = False

    async def begin(self) -> None:
        """Join those who work. Tables are changed only while nobody else works: until then this process stands by."""
        waiting = False
        while not await asyncio.to_thread(self._join):
            if not waiting:
                log.info(
                    "other processes of twinbot run on this database with other tables; standing by until they end"
                )
                waiting = True
            await asyncio.sleep(_LOOK)

    async def stay(self) -> None:
        """Look again and again who does what, and take and give; until cancelled."""
        beside = [asyncio.create_task(self.herald.listen()), asyncio.create_task(self.herald.run())]
        try:
            while True:
                await self._round()
                self._look.clear()
                try:
                    async with asyncio.timeout(_LOOK):
                        await self._look.wait()
                except TimeoutError:
                    continue
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def end(self) -> None:
        """Give everything to others, and tell them."""
        self._mine.give(self._mine.parts)
        self._shares.close()
        self.herald.tell(FREE)
        try:
            async with asyncio.timeout(1):
                await self.herald.flush()
        except Exception as error:
            log.debug("others could not be told (%s); they see it by themselves", type(error).__name__)

    def _join(self) -> bool:
        """Join, after bringing the tables to today's if nobody else works. False: not now."""
        try:
            current, newest = versions(self._database.engine)
            if current == newest and self._shares.join():
                return True
            if current == newest or not self._shares.alone():
                return False
        except Exception as error:
            if not is_away(error):
                raise
            self._shares.close()
            return False
        migrate(self._database)
        self._shares.among_others()
        return True

    async def _round(self) -> None:
        """Look, and take and give; without a connection that has our locks, try to get one."""
        if not self._shares.joined:
            await self._return()
            return
        try:
            await self._change(await self._within(self._shares.look))
        except Exception as error:
            if not is_away(error) and not isinstance(error, TimeoutError):
                raise
            await self._cut_off()

    async def _within(self, ask: Callable[[], T]) -> T:
        async with asyncio.timeout(_PATIENCE):
            return await asyncio.to_thread(ask)

    async def _change(self, seen: Seen) -> None:
        """Take and give until the next look."""
        theirs = frozenset(self._parts[number] for number in seen.others if number in self._parts)
        self._theirs |= theirs
        free = frozenset(self._parts.values()) - theirs - self._mine.parts
        if asyncio.get_running_loop().time() - self._returned < _RETURN:
            free &= self._before
        take, give = wanted(self._parts.values(), self._mine.parts, free, seen.processes)
        if give:
            await self._give(frozenset(give))
        got = frozenset([part for part in sorted(take) if number_of(part) in seen.mine or await self._take(part)])
        if got:
            self._mine.take(got)
            log.info("takes %s", ", ".join(sorted(got)))
            await self._taken(got, self._theirs)

    async def _take(self, part: str) -> bool:
        return await self._within(partial(self._shares.take, number_of(part)))

    async def _give(self, parts: frozenset[str]) -> None:
        """Leave parts to others, once what is in hand has ended."""
        log.info("gives %s", ", ".join(sorted(parts)))
        self._mine.give(parts)
        await self._given(parts, _GRACE)
        for part in parts:
            await self._within(partial(self._shares.give, number_of(part)))
        self.herald.tell(FREE)

    async def _cut_off(self) -> None:
        """The database is away, and our locks have fallen with the connection: nothing is ours until it is back."""
        log.warning("the database is away; this process works on nothing until it is back")
        lost = self._before = self._mine.parts
        self._mine.give(lost)
        self._shares.close()
        await self._given(lost, _SHORT_GRACE)

    async def _return(self) -> None:
        if await asyncio.to_thread(self._back):
            self._returned = asyncio.get_running_loop().time()
            self._look.set()

    def _back(self) -> bool:
        """Whether the database is there again, and we are among those who work. Raises Setback if that cannot be."""
        try:
            current, newest = versions(self._database.engine)
            if current == newest:
                return self._shares.join()
        except Exception as error:
            if not is_away(error):
                raise
            self._shares.close()
            return False
        raise Setback("A newer twinbot has changed the tables while the database was away, so this one stops.")

    def _heard(self, words: str) -> None:
        if words == FREE:
            self._look.set()
        else:
            self._hear(words)
