"""matrix-nio as the engine of encryption: fed by our sync piece by piece, so that no piece can spoil another.

nio's own loop and `room_send` are not used: both can be stopped for good by what anybody on the server may send.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import nio

from bot.platforms.matrix.forgetting import forget
from bot.platforms.matrix.reading import ENCRYPTED
from bot.platforms.matrix.rooms import events, inside
from bot.platforms.matrix.wire import Away, Json, Refused, Wire

log = logging.getLogger("twinbot.matrix")
# nio's warnings quote the events that it does not understand.
logging.getLogger("nio").setLevel(logging.CRITICAL)

T = TypeVar("T")
# What nio and vodozemac raise over malformed keys of others; vodozemac's exceptions are ValueErrors.
MALFORMED = (ValueError, AttributeError, KeyError, TypeError, IndexError, nio.EncryptionError, nio.LocalProtocolError)


class Encryption:
    """The keys of one device, in ``folder``. Everything that uses the network goes one at a time."""

    def __init__(self, wire: Wire, user: str, device: str, folder: Path) -> None:
        self._wire, self._user, self._device = wire, user, device
        config = nio.AsyncClientConfig(
            encryption_enabled=True,
            store_sync_tokens=False,  # The token is ours, kept with the messages.
            max_limit_exceeded=0,  # Waiting and trying again are ours too; None would mean for ever.
            max_timeouts=0,
            request_timeout=30,
        )
        self._client: Any = nio.AsyncClient(wire.base, user, device, str(folder), config)
        self._client.restore_login(user, device, wire.token)
        self._names = count()
        self._lock = asyncio.Lock()
        self._fresh = True
        self._strangers: set[tuple[str, str]] = set()

    @property
    def olm(self) -> Any:
        """nio's keeper of keys."""
        return self._client.olm

    async def close(self) -> None:
        """Let go of connections and of the store."""
        await self._client.close()
        self._client.store.database.close()

    # Hearing.

    async def take_devices(self, messages: Sequence[Json]) -> None:
        """Take keys that other devices sent, each alone: one malformed message raises out of nio."""
        for message in messages:
            await self._feed(to_device={"events": [message]})
            self._meet(message)

    def _meet(self, message: Json) -> None:
        """Note who uses a channel that is not known here any more: those who come back after they were forgotten."""
        sender, channel = inside(message, "sender"), inside(message, "content", "sender_key")
        if inside(message, "type") != ENCRYPTED or not isinstance(sender, str) or not isinstance(channel, str):
            return
        if not self.olm.session_store._entries.get(channel):
            self._strangers.add((sender, channel))
            self.olm.users_for_key_query.add(sender)

    async def take_room(self, room: str, news: Json) -> None:
        """Take who is in a room and whether it is encrypted; messages are decrypted one by one by `decrypt`."""
        state = [*events(news, "state"), *(e for e in events(news, "timeline") if "state_key" in e)]
        if not await self._feed(rooms={"join": {room: _news(state)}}):
            for event in state:
                await self._feed(rooms={"join": {room: _news([event])}})

    async def take_rest(self, sync: Json) -> None:
        """After the rooms, since nio passes over changed devices of people it does not see in a room yet."""
        for room in inside(sync, "rooms", "leave") or {}:
            self._client.rooms.pop(room, None)  # nio never forgets a room.
        await self._feed(device_lists=sync.get("device_lists") or {"changed": [], "left": []})
        # nio passes over a count of zero, and would never upload keys again.
        left = inside(sync, "device_one_time_keys_count", "signed_curve25519")
        self.olm.uploaded_key_count = left if isinstance(left, int) else 0
        if self._fresh:
            # An earlier process may have seen that somebody has new devices, and ended before it asked for them.
            rooms = self._client.rooms.values()
            self.olm.add_changed_users({user for room in rooms if room.encrypted for user in room.users})
            self._fresh = False

    def decrypt(self, room: str, event: Json) -> Json | None:
        """An event in clear, as the server would have given it; None if the key is not here or does not fit."""
        found = self._parsed(room, event)
        if found is None:
            return None
        try:
            clear = self._client.decrypt_event(found).source
        except Exception as error:
            log.debug("cannot decrypt an event: %s", type(error).__name__)
            return None
        if not isinstance(clear, dict) or not isinstance(clear.get("content"), dict):
            return None
        relation = inside(event, "content", "m.relates_to")
        content = {"m.relates_to": relation, **clear["content"]} if relation is not None else clear["content"]
        return {**event, "type": clear.get("type"), "content": content}

    # Keys.

    async def keep_keys(self) -> None:
        """What is due after each sync: send what is waiting, keep one-time keys on the server, fetch other people's."""
        async with self._lock:
            await _checked(self._client.send_to_device_messages())
            if self._client.should_upload_keys:
                await self._upload_keys()
            await self._query_keys()
            for sender, channel in self._strangers:
                self.olm._mark_device_for_unwedging(sender, channel)
            self._strangers.clear()
            if self._client.should_claim_keys:
                try:
                    await _checked(self._client.keys_claim(self._client.get_users_for_key_claiming()))
                    await _checked(self._client.send_to_device_messages())
                except MALFORMED:
                    self.olm.wedged_devices.clear()
                    self.olm.key_request_devices_no_session.clear()

    async def _upload_keys(self) -> None:
        """nio saves only after the server has taken them; a crash in between would block every later upload."""
        keys = self.olm.share_keys()
        self.olm.save_account()
        request = nio.Api.keys_upload(self._client.access_token, keys)
        try:
            await _checked(self._client._send(nio.KeysUploadResponse, *request))
        except Refused as refused:
            if "already exists" not in refused.sentence:
                raise
            # The store is older than the server: these numbers are used up, the next ones are higher.
            self.olm.mark_keys_as_published()
            self.olm.save_account()

    async def _query_keys(self) -> None:
        """Ask for the devices of people. A junk key stops nio halfway; its owner is off the list then, so go on."""
        while self._client.should_query_keys:
            before = set(self._client.users_for_key_query)
            try:
                await _checked(self._client.keys_query())
            except MALFORMED as error:
                log.info("somebody's device keys are malformed: %s", type(error).__name__)
            if before <= self._client.users_for_key_query:
                self._client.users_for_key_query.clear()  # The server knows none of these.

    async def forget(self, person: str, room: str) -> None:
        """Let go of a room, and of the devices and channels of the person whose it was."""
        async with self._lock:
            forget(self._client, person, room)

    # Sending.

    async def encrypt(self, room: str, kind: str, content: Json) -> Json:
        """The content of an m.room.encrypted event, whose key everybody in the room has got before.

        Raises `Away` if the key did not reach everybody, so that nothing unreadable is ever sent.
        """
        async with self._lock:
            if room not in self._client.rooms:
                raise Away("the room is not known yet")
            await self._share_key(room)
            return self._sealed(room, kind, content)

    def _sealed(self, room: str, kind: str, content: Json) -> Json:
        """As nio does it, but in UTF-8: nio's escapes would make six bytes of most letters, and messages too large."""
        session = self.olm.outbound_group_sessions[room]
        plain = {"type": kind, "content": content, "room_id": room}
        sealed = {
            "algorithm": "m.megolm.v1.aes-sha2",
            "sender_key": self.olm.account.identity_keys["curve25519"],
            "ciphertext": session.encrypt(json.dumps(plain, ensure_ascii=False, separators=(",", ":"))),
            "session_id": session.id,
            "device_id": self._device,
        }
        relation = content.get("m.relates_to")  # The homeserver must see what belongs together.
        return sealed if relation is None else {**sealed, "m.relates_to": relation}

    async def _share_key(self, room: str) -> None:
        if not self._client.rooms[room].members_synced:
            await _checked(self._client.joined_members(room))
        await self._query_keys()
        if not self.olm.should_share_group_session(room):
            return
        await self._claim(self._client.get_missing_sessions(room))
        try:
            shared = self._client.share_group_session(room, ignore_unverified_devices=True)
            reached = (await _checked(shared)).users_shared_with
        except MALFORMED as error:
            raise Away(f"sharing a key: {type(error).__name__}") from None
        finally:
            # Left behind after a failure, it would let every later message of this room wait for ever.
            self._client.sharing_session.pop(room, None)
        if self._wanted(room) - reached:
            self.olm.outbound_group_sessions.pop(room, None)
            raise Away("a key did not reach everybody")

    def _wanted(self, room: str) -> set[tuple[str, str]]:
        """The devices that should get the key of a room: all that can be reached."""
        return {
            (device.user_id, device.id)
            for user in self._client.rooms[room].users
            for device in self.olm.device_store.active_user_devices(user)
            if device.id != self._device and self.olm.session_store.get(device.curve25519)
        }

    async def _claim(self, missing: dict[str, list[str]]) -> None:
        """Begin a channel to each device; those whose keys are malformed are passed over while this process lives."""
        if not missing:
            return
        try:
            await _checked(self._client.keys_claim(missing))
        except MALFORMED:
            for user, devices in missing.items():
                for device in devices:
                    try:
                        await _checked(self._client.keys_claim({user: [device]}))
                    except MALFORMED:
                        self.olm.device_store[user][device].deleted = True

    # Inside nio.

    async def _feed(self, **parts: Any) -> bool:
        """Give nio a part of a sync under a name of its own, since it passes over one it has just seen."""
        try:
            response = nio.SyncResponse.from_dict({"next_batch": f"part {next(self._names)}", **parts})
            if not isinstance(response, nio.SyncResponse):
                return False
            await self._client.receive_response(response)
        except Exception as error:
            log.info("a part of a sync is malformed: %s", type(error).__name__)
            return False
        return True

    def _parsed(self, room: str, event: Json) -> Any:
        """An encrypted event as nio knows it; None for any other shape."""
        try:
            found = nio.Event.parse_event({**event, "content": self._completed(room, event)})
        except Exception:
            return None
        if not isinstance(found, nio.MegolmEvent):
            return None
        found.room_id = room
        return found

    def _completed(self, room: str, event: Json) -> Json:
        """nio insists on sender_key and device_id, which the specification has made optional."""
        content = dict(event["content"])
        if "sender_key" not in content and event.get("type") == ENCRYPTED:
            for sender_key, sessions in self.olm.inbound_group_store._entries.get(room, {}).items():
                if content.get("session_id") in sessions:
                    content["sender_key"] = sender_key
        content.setdefault("device_id", "")
        return content


def _news(state: Sequence[Json]) -> Json:
    return {"state": {"events": []}, "timeline": {"events": list(state), "limited": False, "prev_batch": ""}}


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Away(type(error).__name__) from None


async def _checked(call: Awaitable[T]) -> T:
    """What nio answers; its error objects, alone or in a list, become exceptions."""
    with _translated():
        answer = await call
    for one in answer if isinstance(answer, list) else [answer]:
        if isinstance(one, nio.ErrorResponse):
            status = one.transport_response.status if one.transport_response is not None else 0
            if status == 0 or status >= 500:
                raise Away(f"HTTP {status}")
            body = {"errcode": one.status_code, "error": one.message, "retry_after_ms": one.retry_after_ms}
            raise Refused(status, body)
    return answer
