"""Committed messages leave from here: chat by chat in order, at the pace a platform allows, until they arrive."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from types import MappingProxyType

from bot.bulks import Bulks, room_for
from bot.circuit import LONGEST_WAIT, Circuit, backoff
from bot.dispatch import Dispatch
from bot.files import Carrier
from bot.lanes import Lanes
from bot.logs import following, without_ids
from bot.metrics import LANES, Metrics
from bot.mine import Mine, shard
from bot.pace import Paces
from bot.platforms.platform import (
    FLOOD,
    CannotEdit,
    Moved,
    OutcomeUnknown,
    Platform,
    Rejected,
    Shared,
    Source,
    Stirred,
    TryLater,
    Unreachable,
)
from bot.progress import EVERY
from bot.settling import Settling
from bot.tasks import Tasks
from storage import bulk, people, post
from storage.database import Database, is_away
from storage.models.base import CHAT
from storage.post import ANNOUNCEMENT, FAILED, SENT, UNKNOWN, Parcel, Waiting
from storage.sealing import Digest

log = logging.getLogger("twinbot.delivery")

# An answer whose outcome is unknown is sent again this often; a double is better than silence.
_UNKNOWN_TRIES = 6
_FAULT_TRIES = 6
# A platform that is there for others and does not take a message with a file after so many tries gets it without.
_FILE_TRIES = 8

End = tuple[int, str | None, str | None]
#: The part of the work (see `bot.mine`), the chat, the lane.
Key = tuple[str, int, int]


@dataclass
class _Tries:
    """How often one parcel has failed, by the kind of failure."""

    later: int = 0
    unknown: int = 0
    faults: int = 0


_OUTCOMES = {SENT: "sent", UNKNOWN: "unknown", FAILED: "failed"}


def _as_number(circuit: Circuit) -> float:
    return float(circuit.open)


class _PutOff(Exception):
    """A parcel of a bulk waits in the database, so that it takes no room from others."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Delivery:
    """Sends parcels. Each chat has lanes of its own, so one slow chat delays nobody else.

    Where an account cannot send all at once, lower lanes go first; what many get comes last, and is fetched from the
    database as it can leave. ``pause`` waits for so many seconds; ``sources`` make files that no platform has;
    ``spread`` gives random numbers from 0 to 1, by which waits are shortened. ``mine`` are the parts of the work that
    are this process's; ``elsewhere`` hears of lanes of others in which something waits.
    """

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        tasks: Tasks,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        sources: Mapping[str, Source] = MappingProxyType({}),
        spread: Callable[[], float] = random.random,
        metrics: Metrics | None = None,
        mine: Mine | None = None,
    ) -> None:
        self.metrics, self._mine = metrics or Metrics(), mine or Mine()
        self.elsewhere: Callable[[Key], None] = lambda _key: None
        self.database, self.platforms, self.now, self._pause = database, platforms, now, pause
        self._spread = spread
        self.lanes: Lanes[Key, Parcel] = Lanes(tasks, self._handle, self._more, pause, self._ours)
        self.settling = Settling(database, now, pause)
        self.settling.deliver = self.put
        #: So many seconds lie between two signs of how far a file is that is being made.
        self.every = EVERY
        self.carrier = Carrier({**platforms, **sources}, pause)
        self._paces = {name: Paces(platform.pace, pause=pause) for name, platform in platforms.items()}
        self.circuits = {name: Circuit(name, pause, spread) for name in platforms}
        for name, circuit in self.circuits.items():
            self.metrics.held_back.labels(name).set_function(partial(_as_number, circuit))
        unwritten = self.settling.unwritten
        self.bulks = {
            name: Bulks(
                database,
                name,
                room_for(platform.pace.account_rate, platform.pace.at_once),
                self._handle_bulk,
                unwritten,
                now,
                pause,
                tasks,
                partial(self._mine.__contains__, name),
            )
            for name, platform in platforms.items()
        }
        tasks.start("settling", self.settling.run())
        for name, bulks in self.bulks.items():
            tasks.start(f"bulks of {name}", bulks.run())

    def put(self, parcels: Sequence[Parcel]) -> None:
        """Send parcels that are committed; one that only stirs wakes those who look at the chat."""
        now = monotonic()
        for parcel in parcels:
            platform = self.platforms.get(parcel.platform)
            if "stirs" in parcel.payload:
                if isinstance(platform, Stirred):
                    platform.stir(parcel.chat)
            elif platform is not None:
                parcel.since = now
                key = self._part(parcel.platform, parcel.chat), parcel.chat_id, parcel.lane
                if self._ours(key):
                    self.lanes.put(key, parcel)
                else:
                    self.elsewhere(key)

    async def recover(self) -> None:
        """Wake the chats for which something waits that nobody told us of: of an earlier run, or another process."""
        self._wake_all(await self.database.read(partial(post.chats_waiting, now=self.now())))
        self.wake_bulks()

    async def due(self) -> None:
        """Wake the chats in which something was to be sent later, and is due now."""
        self.wake_bulks()
        self._wake_all(await self.database.read(partial(post.chats_due, now=self.now())))

    def wake(self, key: Key) -> None:
        """Look what waits for a chat, if that is ours."""
        if self._ours(key):
            self.lanes.wake(key)

    def _wake_all(self, found: Sequence[Waiting]) -> None:
        for waiting in found:
            if waiting.platform in self.platforms:
                self.wake((self._part(waiting.platform, waiting.digest), waiting.chat, waiting.lane))

    def _part(self, platform: str, chat: str) -> str:
        """The part to which a chat (or its digest) belongs: what an account sends leaves from one process."""
        if self._mine.everything or not isinstance(self.platforms[platform], Shared):
            return platform
        return shard(self.database.vault.digest(chat, CHAT) if not isinstance(chat, Digest) else chat)

    def _ours(self, key: Key) -> bool:
        return key[0] in self._mine

    async def leave(self, seconds: float) -> None:
        """End what is in hand for those who are not ours any more, and note it."""
        await asyncio.gather(self.lanes.leave(seconds), *(bulks.leave(seconds) for bulks in self.bulks.values()))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.settling.settled()

    def begin_slowly(self, platform: str) -> None:
        """What the account sent within the last second, from another process, counts as well."""
        self._paces[platform].account.fill()

    def wake_bulks(self) -> None:
        """Look for what many get."""
        for bulks in self.bulks.values():
            bulks.wake()

    async def finish(self) -> None:
        """End what is under way and begin nothing more."""
        await asyncio.gather(self.lanes.finish(), *(bulks.finish() for bulks in self.bulks.values()))

    async def idle(self) -> None:
        """Wait until all that may be sent now is sent and noted."""
        busy = True
        while busy:
            await self.lanes.idle()
            for bulks in self.bulks.values():
                await bulks.idle()
            await self.settling.settled()
            busy = self.lanes.busy  # What came of something may have led to more.

    async def _more(self, key: Key, after: int, limit: int) -> list[Parcel]:
        # What is sent and not noted yet still waits in the database; reading it again would send it twice.
        ended = set(self.settling.unwritten)
        _part, chat, lane = key
        unit = partial(post.waiting_parcels, chat=chat, after=after, limit=limit, now=self.now(), lane=lane)
        found = await self.database.read(unit)
        return [parcel for parcel in found if parcel.platform in self.platforms and parcel.id not in ended]

    async def _handle_bulk(self, parcel: Parcel) -> bool:
        """As `_handle`; False for a parcel that waits, with all that many get, for its chat."""
        try:
            await self._handle(parcel)
        except _PutOff as put_off:
            until = self.now() + timedelta(seconds=put_off.seconds)
            await self.database.write(partial(bulk.defer, chat=parcel.chat_id, until=until))
            return False
        return True

    async def _handle(self, parcel: Parcel) -> None:
        """See one parcel through to its end, whatever happens on the way. Raises only while the database is away."""
        tries, end = _Tries(), None
        parcel.since = parcel.since or monotonic()
        following(parcel.key)
        platform, paces = self.platforms[parcel.platform], self._paces[parcel.platform]
        circuit = self.circuits[parcel.platform]
        try:
            with Dispatch(parcel, platform, paces, self.carrier, self._references, self.every) as dispatch:
                while end is None:
                    await circuit.enter(parcel)
                    end = self._too_late(parcel) or await self._attempt(parcel, dispatch, tries)
        finally:
            circuit.leave(parcel)
        for row, references in dispatch.parts():
            self.settling.note_parts(row, references)
        if "deed" in parcel.payload:
            self.settling.note_deed(parcel.id, dispatch.result if end[0] == SENT else None)
        self.settling.note(parcel.id, *end)
        self._count(parcel, _OUTCOMES[end[0]])

    def _count(self, parcel: Parcel, outcome: str) -> None:
        lane = LANES[parcel.lane]
        log.debug("%s on %s: %s", lane, parcel.platform, outcome)
        self.metrics.sends.labels(parcel.platform, lane, outcome).inc()
        self.metrics.delivery_seconds.labels(parcel.platform, lane).observe(monotonic() - parcel.since)

    def _too_late(self, parcel: Parcel) -> End | None:
        """How a parcel ends that nobody has any use for by now."""
        until = parcel.payload.get("until")
        return (FAILED, None, "too late") if until and self.now() > datetime.fromisoformat(until) else None

    async def _attempt(self, parcel: Parcel, dispatch: Dispatch, tries: _Tries) -> End | None:
        """Try once; a fault of ours or of a library is no reason to stop."""
        try:
            return await self._try(parcel, dispatch, tries)
        except Exception as error:
            if is_away(error) or isinstance(error, _PutOff):
                raise
            log.exception("outbox row %s: %s failed", parcel.id, parcel.platform)
            return await self._after_fault(parcel, tries, error)

    async def _after_fault(self, parcel: Parcel, tries: _Tries, error: Exception) -> End | None:
        """A fault of ours or of a library: tried again a few times, longer apart each time."""
        tries.faults += 1
        self._retry(parcel, "fault")
        if tries.faults >= _FAULT_TRIES:
            return FAILED, None, f"fault: {type(error).__name__}"
        await self._pause(2.0 ** (tries.faults - 1))
        return None

    async def _try(self, parcel: Parcel, dispatch: Dispatch, tries: _Tries) -> End | None:
        """Try once. Gives how it ended (state, the platform's id, error), or None to try again."""
        circuit = self.circuits[parcel.platform]
        try:
            with self.metrics.send_seconds.labels(parcel.platform).time():
                reference = await dispatch.send()
        except (Moved, Unreachable, CannotEdit, Rejected) as error:
            circuit.worked()
            return await self._refused(parcel, error)
        except TryLater as error:
            if tries.later >= _FILE_TRIES and not error.everyone and error.reason != FLOOD:
                dispatch.leave_file()
            await self._wait(parcel, error, tries)
        except OutcomeUnknown as error:
            tries.unknown += 1
            self._retry(parcel, "unknown")
            # An answer is better doubled than lost; of what many get, its author decides.
            if tries.unknown >= (_UNKNOWN_TRIES if parcel.payload.get("again", True) else 1):
                return UNKNOWN, None, f"outcome unknown: {error.reason}"
            await circuit.failed(parcel, 1.0, tries.unknown - 1)
        else:
            circuit.worked()
            return SENT, reference, dispatch.missing
        return None

    def _retry(self, parcel: Parcel, reason: str) -> None:
        log.debug("not got through: %s", reason)
        self.metrics.retries.labels(parcel.platform, reason).inc()

    async def _refused(self, parcel: Parcel, error: Moved | Unreachable | CannotEdit | Rejected) -> End | None:
        """What follows from a platform's plain word; None to try again."""
        match error:
            case Moved():
                await self._move(parcel, error.chat)
                return None
            case Unreachable() if "deed" in parcel.payload:
                # Whoever wanted it knows what follows from that.
                return FAILED, None, f"unreachable: {error.reason}"
            case Unreachable():
                unit = partial(people.lose_chat, platform=parcel.platform, chat=parcel.chat, now=self.now())
                await self.database.write(unit)
                return FAILED, None, f"unreachable: {error.reason}"
            case CannotEdit():
                return FAILED, None, f"cannot be taken away: {error.reason}"
        log.error("outbox row %s rejected by %s: %s", parcel.id, parcel.platform, without_ids(error.reason))
        return FAILED, None, f"rejected: {error.reason}"

    async def _wait(self, parcel: Parcel, error: TryLater, tries: _Tries) -> None:
        """Wait as long as the platform asks; longer each time where it gave no reason to hope."""
        tries.later += 1
        self._retry(parcel, "flood" if error.reason == FLOOD else "away" if error.everyone else "trouble")
        circuit = self.circuits[parcel.platform]
        if error.reason == FLOOD:
            await self._flooded(parcel, error, tries.later)
        elif error.everyone:
            await circuit.failed(parcel, error.seconds, tries.later - 1, everyone=True)
        elif parcel.lane == ANNOUNCEMENT and tries.later > 2:
            raise _PutOff(backoff(error.seconds, tries.later, LONGEST_WAIT, self._spread))
        else:
            await circuit.failed(parcel, error.seconds, tries.later - 1)

    async def _flooded(self, parcel: Parcel, error: TryLater, tries: int) -> None:
        """There was too much at once: in this chat, or from this account if the chat has not got much of it.

        Of the account only the bulk rests, for that is what can be too much; answers try for themselves.
        """
        seconds = min(max(error.seconds, 0.05) * (1 + (tries - 1) / 4), max(LONGEST_WAIT, error.seconds))
        paces, circuit = self._paces[parcel.platform], self.circuits[parcel.platform]
        if error.everyone or paces.kept(parcel.chat, parcel.kind):
            paces.account.rest(seconds)
        if error.everyone:
            await circuit.rest(parcel, seconds)
        elif parcel.lane == ANNOUNCEMENT:
            raise _PutOff(seconds)
        else:
            await self._pause(seconds)

    async def _move(self, parcel: Parcel, chat: str) -> None:
        unit = partial(people.move_chat, platform=parcel.platform, chat=parcel.chat, moved_to=chat)
        await self.database.write(unit)
        self.forget_references()
        parcel.chat = chat

    def forget_references(self) -> None:
        """A chat has another id now, and its messages have others too: what is remembered of them is wrong."""
        self.settling.references.clear()

    async def _references(self, row: int) -> Sequence[str]:
        """The platform's ids of what an outbox row became."""
        known: Sequence[str] | None = self.settling.references.get(row)
        return known if known else await self.database.read(partial(post.references, row=row))
