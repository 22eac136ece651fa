"""Sends: one at a time in each room, under a stable transaction id, with refusals in the house's terms."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakValueDictionary

from bot.platforms.matrix import writing
from bot.platforms.matrix.reading import ENCRYPTED, MESSAGE, REACTION
from bot.platforms.matrix.rooms import Rooms
from bot.platforms.matrix.wire import RETRY_SECONDS, Away, Json, Refused, Wire, room_path
from bot.platforms.platform import CannotEdit, Post, Rejected, SendError, TryLater, Unreachable

log = logging.getLogger("twinbot.matrix")

AWAY_SECONDS = 2.0
SIGNED_OUT_SECONDS = 60.0
# Reactions count against the same limit as answers. Where a homeserver limits the bot, it does without for a while.
SEEDED = range(2, 6)
SEEDS_WAITING = 200
SEEDING_RESTS = timedelta(hours=1)


class Cipher(Protocol):
    """What encrypts for a room."""

    async def encrypt(self, room: str, kind: str, content: Json) -> Json:
        """Share the keys with those in the room and return the content of an m.room.encrypted event."""


class Sender:
    """Sends to rooms that the bot is in. ``cipher`` is None where encryption is off."""

    def __init__(self, wire: Wire, rooms: Rooms, cipher: Cipher | None, now: Callable[[], datetime]) -> None:
        self._wire, self._rooms, self._cipher, self._now = wire, rooms, cipher, now
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._seeds: asyncio.Queue[tuple[str, str, str, int]] = asyncio.Queue(SEEDS_WAITING)
        self._seeding_again = datetime.min.replace(tzinfo=now().tzinfo)

    async def send(self, post: Post) -> str:
        """Send or edit one message and return its event id. Raises a `SendError`."""
        if post.edits is not None and not post.edits.startswith("$"):
            raise CannotEdit("not an event of Matrix")
        shown = post.shown
        content = writing.content(shown) if post.edits is None else writing.edit(shown, post.edits)
        try:
            event = await self._put(post.chat, MESSAGE, content, transaction(post.key))
        except (Away, Refused) as error:
            raise self._send_error(error) from None
        if post.edits is not None:
            return post.edits  # Replies and reactions point at the first version of a message.
        if len(shown.buttons) in SEEDED and self._now() >= self._seeding_again and not self._seeds.full():
            self._seeds.put_nowait((post.chat, event, post.key, len(shown.buttons)))
        return event

    async def seed(self) -> None:
        """Put the numbers under messages as reactions to tap on, one after the other, until cancelled."""
        while True:
            room, event, key, count = await self._seeds.get()
            try:
                for number in range(1, count + 1):
                    content = writing.reaction(event, f"{number}{writing.KEYCAP}")
                    await self._put(room, REACTION, content, transaction(f"{key} {number}"))
            except (Away, Refused, SendError) as error:
                log.debug("numbers were not put under a message: %s", error)
                self._rest_if_limited(error)
            except Exception as error:
                log.error("numbers were not put under a message: %s", type(error).__name__)

    async def _put(self, room: str, kind: str, content: Json, txn: str) -> str:
        lock = self._locks.setdefault(room, asyncio.Lock())
        async with lock:
            if room not in self._rooms:
                raise Unreachable("not in this room")
            if self._rooms[room].encrypted and kind != REACTION:  # Matrix leaves reactions in clear.
                kind, content = ENCRYPTED, await self._encrypted(room, kind, content)
            answer = await self._wire.call("PUT", room_path(room, "send", kind, txn), content)
        return str(answer.get("event_id", ""))

    async def _encrypted(self, room: str, kind: str, content: Json) -> Json:
        if self._cipher is None:
            log.error("a room is encrypted and the bot is not: set TWINBOT_MATRIX_ENCRYPTION=true to answer there")
            raise Rejected("the room is encrypted, and TWINBOT_MATRIX_ENCRYPTION is off")
        return await self._cipher.encrypt(room, kind, content)

    def _rest_if_limited(self, error: Exception) -> None:
        if isinstance(error, Refused) and error.limited:
            self._seeding_again = self._now() + SEEDING_RESTS
            while not self._seeds.empty():
                self._seeds.get_nowait()

    def _send_error(self, error: Away | Refused) -> SendError:
        """What delivery is told. Nothing is ever doubled by trying again, since the transaction id is the same."""
        self._rest_if_limited(error)
        if isinstance(error, Away):
            return TryLater(AWAY_SECONDS, str(error), everyone=True)
        if error.limited:  # A homeserver limits the account, not the room.
            return TryLater(error.retry_seconds or RETRY_SECONDS, "429", everyone=True)
        if error.signed_out:
            return TryLater(SIGNED_OUT_SECONDS, "signed out", everyone=True)
        if error.status in (403, 404):
            return Unreachable(error.errcode)
        return Rejected(str(error))


def transaction(key: str) -> str:
    """The transaction id of a post: sending it twice shows it once."""
    return f"twinbot-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
