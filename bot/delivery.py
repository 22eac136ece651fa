"""Committed messages leave from here: chat by chat in order, at the pace a platform allows, until they arrive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from bot.lanes import Lanes
from bot.logs import without_ids
from bot.pace import Paces
from bot.platforms.platform import (
    Button,
    CannotEdit,
    Moved,
    OutcomeUnknown,
    Platform,
    Post,
    Rejected,
    Shown,
    TryLater,
    Unreachable,
)
from bot.settling import Settling
from bot.split import split
from bot.tasks import Tasks
from bot.text import Node, Reader, Text, decode, plain, render
from storage import people, post
from storage.database import Database, is_away
from storage.post import FAILED, SENT, UNKNOWN, Parcel

log = logging.getLogger("twinbot.delivery")

# An answer whose outcome is unknown is sent again this often; a double is better than silence.
_UNKNOWN_TRIES = 3
_FAULT_TRIES = 6
_LONGEST_WAIT = 300.0

End = tuple[int, str | None, str | None]


@dataclass
class _Tries:
    """How often one parcel has failed, by the kind of failure, and the parts of it that are sent already."""

    later: int = 0
    unknown: int = 0
    faults: int = 0
    sent: list[str] = field(default_factory=list)


class Delivery:
    """Sends parcels. Each chat is a lane of its own, so one slow chat delays nobody else.

    ``pause`` waits for so many seconds.
    """

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        tasks: Tasks,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.database, self.platforms, self.now, self._pause = database, platforms, now, pause
        self.lanes: Lanes[int, Parcel] = Lanes(tasks, self._handle, self._more, pause)
        self.settling = Settling(database, now, pause)
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
        while end is None:
            await self._open[parcel.platform].wait()
            try:
                end = await self._try(parcel, tries)
            except Exception as error:
                if is_away(error):
                    raise
                log.exception("outbox row %s: %s failed", parcel.id, parcel.platform)
                end = await self._after_fault(tries, error)
        self.settling.note(parcel.id, *end)

    async def _after_fault(self, tries: _Tries, error: Exception) -> End | None:
        """A fault of ours or of a library: tried again a few times, longer apart each time."""
        tries.faults += 1
        if tries.faults >= _FAULT_TRIES:
            return FAILED, None, f"fault: {type(error).__name__}"
        await self._pause(2.0 ** (tries.faults - 1))
        return None

    async def _try(self, parcel: Parcel, tries: _Tries) -> End | None:
        """Try once. Gives how it ended (state, the platform's id, error), or None to try again."""
        try:
            return SENT, await self._send(parcel, tries.sent), None
        except TryLater as error:
            await self._wait(parcel, error, tries)
        except Moved as error:
            await self._move(parcel, error.chat)
        except Unreachable as error:
            unit = partial(people.lose_chat, platform=parcel.platform, chat=parcel.chat, now=self.now())
            await self.database.write(unit)
            return FAILED, None, f"unreachable: {error.reason}"
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

    async def _send(self, parcel: Parcel, sent: list[str]) -> str:
        """Render for the reader and send, in parts if need be; gives the platform's id of the last part.

        ``sent`` has the ids of the parts that an earlier try got through, and grows with each part.
        """
        platform = self.platforms[parcel.platform]
        shown = self._shown(parcel, platform)
        edits = await self._target(parcel)
        for position, part in list(enumerate(shown))[len(sent) :]:
            await self._paces[parcel.platform].ready(parcel.chat, parcel.kind)
            key = parcel.key if position == 0 else f"{parcel.key}.{position}"
            one = Post(parcel.chat, key, part, edits if position == len(shown) - 1 else None)
            try:
                sent.append(await platform.send(one))
            except CannotEdit:
                # What cannot be edited is said anew, unless it only took buttons away.
                if not part.buttons:
                    return edits or ""
                sent.append(await platform.send(Post(parcel.chat, f"{key}.new", part)))
        return sent[-1]

    async def _target(self, parcel: Parcel) -> str | None:
        edits = parcel.payload.get("edits")
        if edits is None:
            return None
        known = self.settling.references.get(edits)
        return known or await self.database.read(partial(post.reference, row=edits))

    def _shown(self, parcel: Parcel, platform: Platform) -> list[Shown]:
        language, timezone = parcel.payload.get("reader") or (parcel.language, parcel.timezone)
        reader = Reader(language, timezone)
        parts = split(render(decode(parcel.payload["body"]), reader), platform.limit)
        controls = () if platform.numbered else parcel.payload.get("controls", ())
        choices = [(choice, False) for choice in parcel.payload.get("options", ())]
        choices += [(choice, True) for choice in controls]
        buttons = tuple(
            _button(decode(label), reader, payload, chosen, control) for (label, payload, chosen), control in choices
        )
        last = len(parts) - 1
        return [
            Shown(part.text, part.spans, buttons if i == last else (), language, reader.direction, part.mentions)
            for i, part in enumerate(parts)
        ]


def _button(label: Node, reader: Reader, payload: str, chosen: bool, control: bool) -> Button:
    if isinstance(label, Text) and not label.args:
        return Button(plain(label, reader), payload, chosen, control)
    shown = render(label, reader)
    person = shown.mentions[0].person if shown.mentions else None
    return Button(shown.text, payload, chosen, control, person)
