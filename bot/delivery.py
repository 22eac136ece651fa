"""Committed messages leave from here: chat by chat in order, at the pace a platform allows, until they arrive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType

from bot.dispatch import Dispatch
from bot.files import Carrier
from bot.lanes import Lanes
from bot.logs import without_ids
from bot.pace import Paces
from bot.platforms.platform import (
    FLOOD,
    CannotEdit,
    Moved,
    OutcomeUnknown,
    Platform,
    Rejected,
    Source,
    TryLater,
    Unreachable,
)
from bot.settling import Settling
from bot.tasks import Tasks
from storage import people, post
from storage.database import Database, is_away
from storage.post import FAILED, SENT, UNKNOWN, Parcel

log = logging.getLogger("twinbot.delivery")

# An answer whose outcome is unknown is sent again this often; a double is better than silence.
_UNKNOWN_TRIES = 3
_FAULT_TRIES = 6
# A platform that is there for others and does not take a message with a file after so many tries gets it without.
_FILE_TRIES = 8
_LONGEST_WAIT = 300.0

End = tuple[int, str | None, str | None]


@dataclass
class _Tries:
    """How often one parcel has failed, by the kind of failure."""

    later: int = 0
    unknown: int = 0
    faults: int = 0


class Delivery:
    """Sends parcels. Each chat is a lane of its own, so one slow chat delays nobody else.

    ``pause`` waits for so many seconds; ``sources`` make files that no platform has.
    """

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        tasks: Tasks,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        sources: Mapping[str, Source] = MappingProxyType({}),
    ) -> None:
        self.database, self.platforms, self.now, self._pause = database, platforms, now, pause
        self.lanes: Lanes[int, Parcel] = Lanes(tasks, self._handle, self._more, pause)
        self.settling = Settling(database, now, pause)
        self.settling.deliver = self.put
        self.carrier = Carrier({**platforms, **sources}, pause)
        self._paces = {name: Paces(platform.pace, pause=pause) for name, platform in platforms.items()}
        self._open = {name: asyncio.Event() for name in platforms}
        for gate in self._open.values():
            gate.set()
        tasks.start("settling", self.settling.run())
        self._tasks = tasks

    def put(self, parcels: Sequence[Parcel]) -> None:
        """Send parcels that are committed."""
        for parcel in parcels:
            if parcel.platform in self.platforms:
                self.lanes.put(parcel.chat_id, parcel)

    async def recover(self) -> None:
        """Wake the chats for which an earlier run left something."""
        for chat in await self.database.read(partial(post.chats_waiting, now=self.now())):
            self.lanes.wake(chat)

    async def due(self) -> None:
        """Wake the chats in which something was to be sent later, and is due now."""
        for chat in await self.database.read(partial(post.chats_due, now=self.now())):
            self.lanes.wake(chat)

    async def _more(self, chat: int, after: int, limit: int) -> list[Parcel]:
        # What is sent and not noted yet still waits in the database; reading it again would send it twice.
        ended = set(self.settling.unwritten)
        unit = partial(post.waiting_parcels, chat=chat, after=after, limit=limit, now=self.now())
        found = await self.database.read(unit)
        return [parcel for parcel in found if parcel.platform in self.platforms and parcel.id not in ended]

    async def _handle(self, parcel: Parcel) -> None:
        """See one parcel through to its end, whatever happens on the way. Raises only while the database is away."""
        tries, end = _Tries(), None
        platform, paces = self.platforms[parcel.platform], self._paces[parcel.platform]
        with Dispatch(parcel, platform, paces, self.carrier, self._references) as dispatch:
            while end is None:
                await self._open[parcel.platform].wait()
                try:
                    end = self._too_late(parcel) or await self._try(parcel, dispatch, tries)
                except Exception as error:
                    if is_away(error):
                        raise
                    log.exception("outbox row %s: %s failed", parcel.id, parcel.platform)
                    end = await self._after_fault(tries, error)
        for row, references in dispatch.parts():
            self.settling.note_parts(row, references)
        self.settling.note(parcel.id, *end)

    def _too_late(self, parcel: Parcel) -> End | None:
        """How a parcel ends that nobody has any use for by now."""
        until = parcel.payload.get("until")
        return (FAILED, None, "too late") if until and self.now() > datetime.fromisoformat(until) else None

    async def _after_fault(self, tries: _Tries, error: Exception) -> End | None:
        """A fault of ours or of a library: tried again a few times, longer apart each time."""
        tries.faults += 1
        if tries.faults >= _FAULT_TRIES:
            return FAILED, None, f"fault: {type(error).__name__}"
        await self._pause(2.0 ** (tries.faults - 1))
        return None

    async def _try(self, parcel: Parcel, dispatch: Dispatch, tries: _Tries) -> End | None:
        """Try once. Gives how it ended (state, the platform's id, error), or None to try again."""
        try:
            return SENT, await dispatch.send(), dispatch.missing
        except TryLater as error:
            if tries.later >= _FILE_TRIES and not error.everyone and error.reason != FLOOD:
                dispatch.leave_file()
            await self._wait(parcel, error, tries)
        except Moved as error:
            await self._move(parcel, error.chat)
        except Unreachable as error:
            unit = partial(people.lose_chat, platform=parcel.platform, chat=parcel.chat, now=self.now())
            await self.database.write(unit)
            return FAILED, None, f"unreachable: {error.reason}"
        except CannotEdit as error:
            return FAILED, None, f"cannot be taken away: {error.reason}"
        except Rejected as error:
            log.error("outbox row %s rejected by %s: %s", parcel.id, parcel.platform, without_ids(error.reason))
            return FAILED, None, f"rejected: {error.reason}"
        except OutcomeUnknown as error:
            tries.unknown += 1
            if tries.unknown >= _UNKNOWN_TRIES:
                return UNKNOWN, None, f"outcome unknown: {error.reason}"
            await self._pause(2.0 ** (tries.unknown - 1))
        return None

    async def _wait(self, parcel: Parcel, error: TryLater, tries: _Tries) -> None:
        """Wait as long as the platform asks; longer each time where it gave no reason to hope."""
        seconds = min(max(error.seconds, 0.05) * (1 + tries.later / 4), _LONGEST_WAIT)
        tries.later += 1
        gate = self._open[parcel.platform]
        if not error.everyone or not gate.is_set():
            await self._pause(seconds)
            return
        gate.clear()
        try:
            await self._pause(seconds)
        finally:
            gate.set()

    async def _move(self, parcel: Parcel, chat: str) -> None:
        unit = partial(people.move_chat, platform=parcel.platform, chat=parcel.chat, moved_to=chat)
        await self.database.write(unit)
        parcel.chat = chat

    async def _references(self, row: int) -> Sequence[str]:
        """The platform's ids of what an outbox row became."""
        known: Sequence[str] | None = self.settling.references.get(row)
        return known if known else await self.database.read(partial(post.references, row=row))
