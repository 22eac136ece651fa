"""Sends: one at a time in each room, under a stable transaction id, with refusals in the house's terms."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol
from weakref import WeakValueDictionary

from bot.platforms.matrix import files, writing
from bot.platforms.matrix.media import Media
from bot.platforms.matrix.reading import ENCRYPTED, MESSAGE, REACTION
from bot.platforms.matrix.rooms import Rooms
from bot.platforms.matrix.wire import RETRY_SECONDS, Away, Json, Refused, Wire, room_path
from bot.platforms.platform import FLOOD, CannotEdit, File, Post, Rejected, SendError, TryLater, Unreachable
from bot.platforms.uploaded import Uploaded

log = logging.getLogger("twinbot.matrix")

AWAY_SECONDS = 2.0
SIGNED_OUT_SECONDS = 60.0
# Reactions count against the same limit as answers. Where a homeserver limits the bot, it does without for a while.
SEEDED = range(2, 6)
SEEDS_WAITING = 200
DUPLICATE = "M_DUPLICATE_ANNOTATION"
UPLOADED = 100
SEEDING_RESTS = timedelta(hours=1)


class Cipher(Protocol):
    """What encrypts for a room."""

    async def encrypt(self, room: str, kind: str, content: Json) -> Json:
        """Share the keys with those in the room and return the content of an m.room.encrypted event."""

    def decrypt(self, room: str, event: Json) -> Json | None:
        """An event in clear; None without its key."""

    async def forget(self, person: str, room: str) -> None:
        """Let go of what is known of a room and of the person whose it was."""


class Sender:
    """Sends to rooms that the bot is in. ``cipher`` is None where encryption is off."""

    def __init__(
        self, wire: Wire, rooms: Rooms, cipher: Cipher | None, media: Media, now: Callable[[], datetime]
    ) -> None:
        self._wire, self._rooms, self._cipher, self._media, self._now = wire, rooms, cipher, media, now
        self._uploaded: OrderedDict[str, Json] = OrderedDict()
        self._shared: Uploaded[Json] = Uploaded()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._seeds: asyncio.Queue[tuple[str, str, str, int]] = asyncio.Queue(SEEDS_WAITING)
        self._seeding_again = datetime.min.replace(tzinfo=now().tzinfo)

    async def send(self, post: Post) -> str:
        """Send, edit or take away one message and return its event id. Raises a `SendError`."""
        known = post.edits or post.removes or post.marks
        if known is not None and not known.startswith("$"):
            raise CannotEdit("not an event of Matrix")
        try:
            if post.forgets is not None:
                return await self._forget(post.chat, post.forgets)
            if post.marks is not None:
                return await self._react(post, post.marks)
            if post.removes is not None:
                return await self._redact(post.chat, post.removes, transaction(post.key))
            event = await self._put(post.chat, MESSAGE, await self._content(post), transaction(post.key))
        except (Away, Refused) as error:
            raise self._send_error(error) from None
        if post.edits is not None:
            return post.edits  # Replies and reactions point at the first version of a message.
        self._uploaded.pop(post.key, None)
        buttons = len(post.shown.buttons)
        if buttons in SEEDED and self._now() >= self._seeding_again and not self._seeds.full():
            self._seeds.put_nowait((post.chat, event, post.key, buttons))
        return event

    async def _content(self, post: Post) -> Json:
        shown = post.shown
        if post.edits is not None:
            file = None if shown.file is None else await self._original(post.chat, post.edits)
            return writing.edit(shown, post.edits, file)
        if shown.file is None:
            return writing.reply(writing.content(shown), post.replies_to)
        file = files.written(shown.file, await self._put_file(post, shown.file), shown.text)
        return writing.reply(writing.content(shown, file), post.replies_to)

    async def _put_file(self, post: Post, file: File) -> Json:
        """Upload a file, once for each post: sending the message may take several tries."""
        if post.chat not in self._rooms:
            raise Unreachable("not in this room")
        encrypted = self._rooms[post.chat].encrypted
        if file.shared is not None:
            # The key of what many get may be the same in all rooms: all of them have the same file.
            name = f"{file.shared}.{encrypted}"
            return await self._shared.once(name, partial(self._media.put, file, encrypted=encrypted))
        if post.key not in self._uploaded:
            self._uploaded[post.key] = await self._media.put(file, encrypted=encrypted)
            if len(self._uploaded) > UPLOADED:
                self._uploaded.popitem(last=False)
        return self._uploaded[post.key]

    async def _original(self, room: str, event: str) -> Json | None:
        """The content of a message with a file, without the words under it; None if that message has no file."""
        try:
            found: Json | None = await self._wire.call("GET", room_path(room, "event", event))
        except Refused as refused:
            if refused.status in (403, 404):
                raise CannotEdit("not there any more") from None
            raise
        if found is not None and found.get("type") == ENCRYPTED:
            found = None if self._cipher is None else self._cipher.decrypt(room, found)
        content = (found or {}).get("content", {})
        if not isinstance(content.get("filename"), str):
            return None
        kept = {name: value for name, value in content.items() if name in files.KEPT}
        return {**kept, "body": content["filename"]}

    async def _forget(self, room: str, person: str) -> str:
        """Leave the private chat of a person for good; one in which others are as well is left to them."""
        if room in self._rooms and self._rooms[room].kind == "private":
            for verb in ("leave", "forget"):
                try:
                    await self._wire.call("POST", room_path(room, verb), {})
                except Refused as refused:
                    if refused.limited:
                        raise
            self._rooms.leave(room)
        if self._cipher is not None:
            await self._cipher.forget(person, room)
        return ""

    async def _redact(self, room: str, event: str, txn: str) -> str:
        async with self._locks.setdefault(room, asyncio.Lock()):
            if room not in self._rooms:
                raise Unreachable("not in this room")
            try:
                await self._wire.call("PUT", room_path(room, "redact", event, txn), {})
            except Refused as refused:
                if refused.status == 403:
                    raise CannotEdit(refused.errcode) from None
                if refused.status != 404:  # It is gone, and that was wanted.
                    raise
        return event

    async def _react(self, post: Post, marks: str) -> str:
        """Put a sign on a message. It can be done without, so under a homeserver's limit no message waits for it."""
        if self._now() < self._seeding_again:
            raise CannotEdit("the homeserver limits the bot")
        # Matrix leaves reactions in clear where all else is encrypted, so no name may stand in them there.
        hidden = post.chat in self._rooms and self._rooms[post.chat].encrypted
        key = post.emoji if hidden and post.emoji else post.shown.text
        try:
            await self._put(post.chat, REACTION, writing.reaction(marks, key), transaction(post.key))
        except Refused as refused:
            self._rest_if_limited(refused)
            if refused.limited:
                raise CannotEdit("the homeserver limits the bot") from None
            if refused.errcode != DUPLICATE:
                raise
        return ""

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
            return TryLater(error.retry_seconds or RETRY_SECONDS, FLOOD, everyone=True)
        if error.signed_out:
            return TryLater(SIGNED_OUT_SECONDS, "signed out", everyone=True)
        if error.status in (403, 404):
            return Unreachable(error.errcode)
        return Rejected(str(error))


def transaction(key: str) -> str:
    """The transaction id of a post: sending it twice shows it once."""
    return f"twinbot-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
