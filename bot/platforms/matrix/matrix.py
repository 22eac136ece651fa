"""The platform itself: logging in, hearing, sending."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar
from urllib.parse import quote

from bot.platforms.matrix.account import TOKEN, USER, Account
from bot.platforms.matrix.deeds import Deeds
from bot.platforms.matrix.errands import Errands
from bot.platforms.matrix.hearing import Hearing
from bot.platforms.matrix.media import Media
from bot.platforms.matrix.patience import Pause, insist
from bot.platforms.matrix.reading import read
from bot.platforms.matrix.rooms import Rooms
from bot.platforms.matrix.sending import Sender
from bot.platforms.matrix.typing import Typing
from bot.platforms.matrix.wire import CLIENT, Json, Refused, Wire
from bot.platforms.platform import Deed, Ear, Marks, OnTyping, Pace, Post, Profile, TryLater
from bot.talk.messages import Attachment, FileKind, Heard

if TYPE_CHECKING:
    from bot.platforms.matrix.encryption import Encryption

log = logging.getLogger("twinbot.matrix")

DISPLAY_NAME = "twinbot"
START_SECONDS = 10.0
# So often, in seconds, it is looked whether another process has logged in anew.
_RECALL = 5.0


def _utc() -> datetime:
    return datetime.now(UTC)


class Matrix:
    """One account on one homeserver.

    ``user`` is the full Matrix id. The login is kept among the marks, encryption keys under ``store_dir``: where
    one of the two is lost, the bot logs in as a new device. New rooms have ``room_version``; without one, the version
    that the homeserver prefers. ``pause`` waits some seconds before something is tried again.
    """

    name: ClassVar[str] = "matrix"
    numbered: ClassVar[bool] = True
    # An event has 65,536 bytes at most. This leaves room for three-byte letters, choices and encryption.
    limit: ClassVar[int] = 10_000
    # Homeservers differ in what they allow; each says itself when it is too much.
    caption: ClassVar[int] = 10_000
    pace: ClassVar[Pace] = Pace()

    def __init__(
        self,
        *,
        homeserver: str,
        user: str,
        password: str,
        marks: Marks,
        store_dir: Path,
        encryption: bool = False,
        room_version: str | None = None,
        now: Callable[[], datetime] = _utc,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._user, self._password, self._marks, self._store = user, password, marks, store_dir
        self._encrypted, self._now, self._pause = encryption, now, pause
        self.on_typing: OnTyping | None = None
        self._wire = Wire(homeserver)
        self._rooms = Rooms(user)
        self._deeds = Deeds(self._wire, self._rooms, encryption=encryption, version=room_version)
        self._media, self._typing = Media(self._wire, now), Typing(self._wire, user)
        self._ready = asyncio.Event()
        self._sender: Sender | None = None
        self._keys: Encryption | None = None

    async def run(self, ear: Ear) -> None:
        """Listen until cancelled. Raises `Setback` if the account cannot be used."""
        self._rooms.forget()
        await self._log_in()
        errands = Errands(self._wire, self._pause, encryption=self._encrypted)
        self._sender = Sender(self._wire, self._rooms, self._keys, self._media, self._now)
        told = None if self.on_typing is None else partial(self.on_typing, self.name)
        hearing = Hearing(self._wire, self._rooms, errands, self._keys, self._ready.set, self._now, self._pause, told)
        beside = [
            asyncio.create_task(errands.run(), name="matrix answers invitations"),
            asyncio.create_task(self._sender.seed(), name="matrix puts numbers under messages"),
        ]
        try:
            await hearing.run(ear, await self._marks.load())
        finally:
            self._ready.clear()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def stand_by(self, ear: Ear) -> None:
        """Be able to fetch files while another process has the account. Its keys are open there alone."""
        if self._keys is not None:
            await self._keys.close()
            self._keys = None
        while True:
            with suppress(Exception):  # The database may be away; the token that is known serves meanwhile.
                kept = await self._marks.load()
                self._wire.token = kept.get(TOKEN) if kept.get(USER) == self._user else None
            await self._pause(_RECALL)

    def read(self, body: Any) -> Heard | None:
        """Understand a stored event; None if it asks for nothing. Raises `Unreadable`."""
        return read(body, self._user)

    async def send(self, post: Post) -> str:
        """Send, edit or take away a message and return its event id. Raises a `SendError`."""
        await self._connected()
        assert self._sender is not None
        return await self._sender.send(post)

    async def do(self, deed: Deed) -> Mapping[str, Any]:
        """Do something with a room of the bot's own. Raises a `SendError`."""
        await self._connected()
        return await self._deeds.do(deed)

    async def _connected(self) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._ready.wait()
        except TimeoutError:
            raise TryLater(START_SECONDS, "not connected", everyone=True) from None

    async def largest(self, kind: FileKind) -> int:
        """What the homeserver says that it takes."""
        return await self._media.largest()

    def resends(self, what: Attachment) -> bool:
        """Never: a homeserver keeps files as they were sent, with all that is in them."""
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        """Download a file and decrypt it. Raises `NotCarried` or `TryLater`."""
        await self._media.fetch(what, into, most)

    async def typing(self, chat: str, on: bool) -> None:
        """Show that somebody writes, for twenty seconds unless it ends before."""
        if self._ready.is_set():
            await self._typing.show(chat, on)

    async def introduce(self, profiles: Sequence[Profile]) -> None:
        """Give the account a display name if it has none; Matrix has no menu of commands."""
        await self._ready.wait()
        path = f"{CLIENT}/profile/{quote(self._user, safe='')}/displayname"
        try:
            if not (await insist(lambda: self._profile(path), self._pause)).get("displayname"):
                await insist(lambda: self._wire.call("PUT", path, {"displayname": DISPLAY_NAME}), self._pause)
        except Refused as refused:
            log.info("the display name could not be set: %s", refused)

    async def close(self) -> None:
        """Let go of connections and keys."""
        if self._keys is not None:
            await self._keys.close()
            self._keys = None
        await self._wire.close()

    async def _profile(self, path: str) -> Json:
        try:
            return await self._wire.call("GET", path)
        except Refused as refused:
            if refused.status == 404:
                return {}
            raise

    async def _log_in(self) -> None:
        """Log in, and open the keys where encryption is on; nio is only imported then."""
        keyring = await asyncio.to_thread(_keyring) if self._encrypted else None
        there = (lambda device: keyring.has_keys(self._store, device)) if keyring else (lambda _device: True)
        account = Account(self._wire, self._user, self._password, self._marks, there, self._pause)
        device = await account.log_in()
        if keyring:
            ring = keyring.Keyring(self._wire, self._user, self._password, self._store)
            self._keys = ring.open(device)
            try:
                await insist(self._keys.keep_keys, self._pause)
            except Refused as refused:
                log.error("the encryption keys could not be put on the homeserver: %s", refused)
            await ring.vouch(device, self._keys)


def _keyring() -> Any:
    from bot.platforms.matrix import keyring

    return keyring
