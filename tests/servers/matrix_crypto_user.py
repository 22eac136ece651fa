"""People on Matrix whose chats are encrypted. Built on matrix-nio, as no second library is at hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from nio import AsyncClient, AsyncClientConfig, JoinError, MegolmEvent, RoomSendResponse, SyncResponse
from nio.crypto.attachments import decrypt_attachment, encrypt_attachment

from tests.servers.matrix_user import Ear, Heard, Json, MatrixUser, Wanted
from tests.servers.synapse import Synapse, UserLogin


class CryptoUser:
    """Somebody with an encrypting client who trusts every device. Made by `crypto_user()`."""

    def __init__(self, url: str, login: UserLogin, store: Path, http: aiohttp.ClientSession) -> None:
        self.user_id = login.user_id
        self.login = login
        self.ear = Ear(login.user_id)
        self.plain = MatrixUser(url, login, http)
        config = AsyncClientConfig(encryption_enabled=True, max_timeouts=0, max_limit_exceeded=0)
        self.client = AsyncClient(url, login.user_id, login.device_id, str(store), config)
        self.client.restore_login(login.user_id, login.device_id, login.access_token)

    async def direct_chat(self, other: str) -> str:
        """Open an encrypted private chat and wait until this client knows it."""
        room = await self.plain.direct_chat(other, encrypted=True)
        await self.knows(room)
        return room

    async def join(self, room_id: str) -> None:
        answer = await self.client.join(room_id)
        assert not isinstance(answer, JoinError), answer
        await self.knows(room_id)

    async def knows(self, room_id: str, seconds: float = 30) -> None:
        """Wait until a sync has brought the room, and with it the news that it is encrypted."""
        await self.ear.until(lambda: room_id in self.client.rooms and self.client.rooms[room_id].encrypted, seconds)

    async def sees_joined(self, room_id: str, user_id: str, seconds: float = 30) -> None:
        """Wait until the other is in: keys go only to those whom one knows to be there."""

        def is_in() -> bool:
            users = self.client.rooms[room_id].users
            return user_id in users and not users[user_id].invited

        await self.ear.until(is_in, seconds)

    async def send(self, room_id: str, content: Json, kind: str = "m.room.message") -> str:
        """Encrypt and send any content (the server sees reactions in clear, as Matrix has it)."""
        answer = await self.client.room_send(room_id, kind, content, ignore_unverified_devices=True)
        assert isinstance(answer, RoomSendResponse), answer
        return str(answer.event_id)

    async def says(self, room_id: str, text: str) -> str:
        return await self.send(room_id, {"msgtype": "m.text", "body": text})

    async def sends_file(
        self, room_id: str, kind: str, name: str, data: bytes, mime: str, caption: str | None = None
    ) -> str:
        """Upload a file that only those in the room can open, and send it."""
        sealed, keys = encrypt_attachment(data)
        file = {**keys, "url": await self.plain.uploads(sealed, "application/octet-stream")}
        content = {"msgtype": kind, "body": caption or name, "filename": name, "file": file}
        return await self.send(room_id, {**content, "info": {"mimetype": mime, "size": len(data)}})

    async def opens(self, file: Json) -> bytes:
        """The bytes of an encrypted file, as an event names it."""
        sealed = await self.plain.downloads(file["url"])
        opened: bytes = decrypt_attachment(sealed, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
        return opened

    async def hears(self, wanted: Wanted, seconds: float = 30, room_id: str | None = None) -> Heard:
        """See Ear.hears; events come decrypted, those that cannot be read keep the type m.room.encrypted."""
        return await self.ear.hears(wanted, seconds, room_id)

    async def listen(self) -> None:
        """Sync until cancelled, and keep the keys in order; a homeserver that is away is asked again."""
        while True:
            try:
                await self.listen_once(wait=10_000)
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.1)
            except Exception as fault:
                return await self.ear.breaks(fault)

    async def listen_once(self, wait: int = 0) -> None:
        """One sync, held by the server for up to `wait` milliseconds, and what encryption then asks for."""
        answer = await self.client.sync(timeout=wait, full_state=not self.client.next_batch)
        assert isinstance(answer, SyncResponse), answer
        await self._keep_keys()
        heard = [
            Heard(room_id, event.source, was_encrypted=_was_encrypted(event))
            for room_id, news in answer.rooms.join.items()
            for event in news.timeline.events
        ]
        invites: dict[str, list[Json]] = {room: [] for room in answer.rooms.invite}
        await self.ear.take(heard, invites, [*answer.rooms.join, *answer.rooms.leave])

    async def _keep_keys(self) -> None:
        client = self.client
        await client.send_to_device_messages()
        if client.should_upload_keys:
            await client.keys_upload()
        if client.should_query_keys:
            await client.keys_query()
        if client.should_claim_keys:
            await client.keys_claim(client.get_users_for_key_claiming())


def _was_encrypted(event: Any) -> bool:
    return isinstance(event, MegolmEvent) or bool(getattr(event, "decrypted", False))


@asynccontextmanager
async def crypto_user(server: Synapse, localpart: str, store: Path) -> AsyncIterator[CryptoUser]:
    """A newly registered person with an encrypting client that listens; `store` is a folder for its keys."""
    await asyncio.to_thread(store.mkdir, parents=True, exist_ok=True)
    login = await asyncio.to_thread(server.register, localpart)
    async with aiohttp.ClientSession() as http:
        user = CryptoUser(server.url, login, store, http)
        try:
            await user.listen_once()
            listening = asyncio.create_task(user.listen())
            try:
                yield user
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
        finally:
            await user.client.close()
            user.client.store.database.close()
