"""People on Matrix, for the tests: a small client on plain HTTP, independent of the library under test."""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

import aiohttp

from tests.patience import PATIENCE
from tests.servers.synapse import Synapse, UserLogin

Json = dict[str, Any]
_CLIENT = "/_matrix/client/v3"
_HEARD_IN_ERROR = 10


class MatrixError(Exception):
    """The homeserver refused; the message is its status, error code and sentence."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status} {body.get('errcode')}: {body.get('error')}")
        self.status = status
        self.errcode = str(body.get("errcode"))
        self.body = body


@dataclass(frozen=True)
class Heard:
    """An event of a room's timeline, as its reader saw it (decrypted, if it was encrypted)."""

    room_id: str
    source: Json
    was_encrypted: bool = False

    @property
    def event_id(self) -> str:
        return str(self.source["event_id"])

    @property
    def type(self) -> str:
        return str(self.source["type"])

    @property
    def sender(self) -> str:
        return str(self.source["sender"])

    @property
    def content(self) -> Json:
        content: Json = self.source.get("content", {})
        return content

    @property
    def body(self) -> str:
        """The text of a message, of an edit the new one, of a reaction its key; otherwise empty."""
        new = self.content.get("m.new_content")
        shown = new if isinstance(new, dict) else self.content
        return str(shown.get("body") or self.relation.get("key") or "")

    @property
    def relation(self) -> Json:
        """What it relates to: empty, or with rel_type and event_id, or with m.in_reply_to."""
        relation = self.content.get("m.relates_to")
        return relation if isinstance(relation, dict) else {}

    @property
    def replaces(self) -> str | None:
        """The id of the event that this one edits."""
        return self.relation.get("event_id") if self.relation.get("rel_type") == "m.replace" else None


Wanted = str | Callable[[Heard], bool]


class Ear:
    """What one person has heard, and a way to wait for more. A text stands for messages that contain it."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.events: list[Heard] = []
        self.invites: dict[str, list[Json]] = {}
        self.typing: list[tuple[str, list[str]]] = []
        self._next = 0
        self._news = asyncio.Condition()
        self._broken: BaseException | None = None

    async def take(
        self,
        events: Iterable[Heard],
        invites: dict[str, list[Json]],
        joined: Iterable[str],
        typing: Iterable[tuple[str, list[str]]] = (),
    ) -> None:
        """Add what one sync brought, and wake whoever waits."""
        async with self._news:
            self.events.extend(events)
            self.typing.extend(typing)
            self.invites.update(invites)
            for room_id in joined:
                self.invites.pop(room_id, None)
            self._news.notify_all()

    async def breaks(self, reason: BaseException) -> None:
        """Let everybody who waits fail with `reason`, now and later."""
        async with self._news:
            self._broken = reason
            self._news.notify_all()

    async def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until `condition()` holds, looked at after each sync. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: self._broken is not None or condition())
        if self._broken:
            raise self._broken

    async def hears(self, wanted: Wanted, seconds: float = PATIENCE, room_id: str | None = None) -> Heard:
        """The next event of somebody else that fits. Later calls go on after it, so nothing is heard twice.

        Raises AssertionError with what was heard instead.
        """
        fits = (lambda heard: wanted in heard.body) if isinstance(wanted, str) else wanted
        found: list[int] = []

        def search() -> bool:
            places = range(self._next, len(self.events))
            found.extend(place for place in places if self._is_for(place, room_id) and fits(self.events[place]))
            return bool(found)

        try:
            await self.until(search, seconds)
        except TimeoutError:
            instead = [heard.source for heard in self.events[self._next :]][-_HEARD_IN_ERROR:]
            raise AssertionError(f"{self.owner} did not hear {wanted!r} in {seconds} s, but {instead}") from None
        self._next = found[0] + 1
        return self.events[found[0]]

    def _is_for(self, place: int, room_id: str | None) -> bool:
        heard = self.events[place]
        return heard.sender != self.owner and room_id in (None, heard.room_id)


class MatrixUser:
    """Somebody with an ordinary client, made by `matrix_user()`. Every call raises MatrixError on refusal."""

    def __init__(self, url: str, login: UserLogin, http: aiohttp.ClientSession) -> None:
        self.user_id = login.user_id
        self.login = login
        self.ear = Ear(login.user_id)
        self._url = url
        self._http = http
        self._since: str | None = None

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> Json:
        """One request; `path` goes on after /_matrix/client/v3 unless it starts with /_matrix."""
        address = self._url + (path if path.startswith("/_matrix") else _CLIENT + path)
        headers = {"Authorization": f"Bearer {self.login.access_token}"}
        async with self._http.request(method, address, json=body, params=query, headers=headers) as answer:
            result: Json = await answer.json()
            if answer.status >= 400:
                raise MatrixError(answer.status, result)
            return result

    # Rooms.

    async def create_room(self, *invite: str, **options: Any) -> str:
        """Create a room and give its id; `options` are those of /createRoom."""
        answer = await self.call("POST", "/createRoom", {"invite": list(invite), **options})
        return str(answer["room_id"])

    async def direct_chat(self, other: str, *, encrypted: bool = False) -> str:
        """Open a private chat and invite the other, as clients do: marked as direct on both sides."""
        encryption = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        state = [encryption] if encrypted else []
        room = await self.create_room(other, is_direct=True, preset="trusted_private_chat", initial_state=state)
        await self.call("PUT", f"/user/{quote(self.user_id)}/account_data/m.direct", {other: [room]})
        return room

    async def invite(self, room_id: str, user_id: str) -> None:
        await self.call("POST", f"/rooms/{quote(room_id)}/invite", {"user_id": user_id})

    async def join(self, room_id: str) -> None:
        await self.call("POST", f"/join/{quote(room_id)}", {})

    async def leave(self, room_id: str) -> None:
        await self.call("POST", f"/rooms/{quote(room_id)}/leave", {})

    async def members(self, room_id: str, membership: str = "join") -> set[str]:
        """The ids of those who are in the room (or invited, banned, ...)."""
        answer = await self.call("GET", f"/rooms/{quote(room_id)}/members", membership=membership)
        return {event["state_key"] for event in answer["chunk"]}

    async def set_state(self, room_id: str, kind: str, content: Json, key: str = "") -> str:
        answer = await self.call("PUT", f"/rooms/{quote(room_id)}/state/{quote(kind)}/{quote(key)}", content)
        return str(answer["event_id"])

    async def history(self, room_id: str) -> list[Heard]:
        """The last 1,000 events of the room in their order, asked from the server afresh."""
        answer = await self.call("GET", f"/rooms/{quote(room_id)}/messages", dir="b", limit="1000")
        return [Heard(room_id, event) for event in reversed(answer["chunk"])]

    # Sending; each gives the id of the event.

    async def send(self, room_id: str, content: Json, kind: str = "m.room.message", txn: str | None = None) -> str:
        """Send any content at all, well-formed or not."""
        path = f"/rooms/{quote(room_id)}/send/{quote(kind)}/{quote(txn or uuid4().hex)}"
        return str((await self.call("PUT", path, content))["event_id"])

    async def says(self, room_id: str, text: str) -> str:
        return await self.send(room_id, {"msgtype": "m.text", "body": text})

    async def notices(self, room_id: str, text: str) -> str:
        """Say it the way bots do, so that no bot answers."""
        return await self.send(room_id, {"msgtype": "m.notice", "body": text})

    async def replies(self, room_id: str, to: str, text: str) -> str:
        relation = {"m.in_reply_to": {"event_id": to}}
        return await self.send(room_id, {"msgtype": "m.text", "body": text, "m.relates_to": relation})

    async def edits(self, room_id: str, event_id: str, text: str) -> str:
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event_id}
        return await self.send(room_id, {**new, "body": f"* {text}", "m.new_content": new, "m.relates_to": relation})

    async def reacts(self, room_id: str, event_id: str, key: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.send(room_id, {"m.relates_to": relation}, "m.reaction")

    async def redacts(self, room_id: str, event_id: str, reason: str = "") -> str:
        path = f"/rooms/{quote(room_id)}/redact/{quote(event_id)}/{uuid4().hex}"
        return str((await self.call("PUT", path, {"reason": reason}))["event_id"])

    async def shows_picture(self, room_id: str, name: str = "dot.png", data: bytes | None = None) -> str:
        """Upload and send a picture; without `data` one red pixel."""
        return await self.sends_file(room_id, "m.image", name, data or _red_pixel(), "image/png", w=1, h=1)

    async def sends_file(
        self, room_id: str, kind: str, name: str, data: bytes, mime: str, caption: str | None = None, **info: Any
    ) -> str:
        """Upload and send a file; `info` adds claims of the client."""
        content = {"msgtype": kind, "body": caption or name, "filename": name, "url": await self.uploads(data, mime)}
        return await self.send(room_id, {**content, "info": {"mimetype": mime, "size": len(data), **info}})

    async def uploads(self, data: bytes, mime: str) -> str:
        """Put bytes on the server; the address for events."""
        headers = {"Authorization": f"Bearer {self.login.access_token}", "Content-Type": mime}
        async with self._http.post(f"{self._url}/_matrix/media/v3/upload", data=data, headers=headers) as answer:
            return str((await answer.json())["content_uri"])

    async def downloads(self, address: str) -> bytes:
        """The bytes of an address of events, as they lie on the server."""
        headers = {"Authorization": f"Bearer {self.login.access_token}"}
        path = f"/_matrix/client/v1/media/download/{address.removeprefix('mxc://')}"
        async with self._http.get(self._url + path, headers=headers) as answer:
            assert answer.status == 200, answer.status
            return await answer.read()

    async def types(self, room_id: str, on: bool = True) -> None:
        """Begin to write, or stop."""
        path = f"/rooms/{quote(room_id)}/typing/{quote(self.user_id)}"
        await self.call("PUT", path, {"typing": on, **({"timeout": 30_000} if on else {})})

    # Hearing.

    async def hears(self, wanted: Wanted, seconds: float = PATIENCE, room_id: str | None = None) -> Heard:
        """See Ear.hears."""
        return await self.ear.hears(wanted, seconds, room_id)

    async def is_invited(self, room_id: str, seconds: float = PATIENCE) -> list[Json]:
        """Wait for the invitation to a room and give the state that came with it."""
        await self.ear.until(lambda: room_id in self.ear.invites, seconds)
        return self.ear.invites[room_id]

    async def listen(self) -> None:
        """Sync until cancelled; a homeserver that is away for a while is asked again."""
        while True:
            try:
                await self.listen_once(wait=10_000)
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.1)
            except MatrixError as refusal:
                return await self.ear.breaks(refusal)

    async def listen_once(self, wait: int = 0) -> Self:
        """One sync, which the server may hold for `wait` milliseconds."""
        since = {"since": self._since} if self._since else {}
        answer = await self.call("GET", "/sync", timeout=str(wait), **since)
        rooms = answer.get("rooms", {})
        joined = rooms.get("join", {})
        heard = [Heard(room, event) for room, news in joined.items() for event in news["timeline"]["events"]]
        invites = {room: news["invite_state"]["events"] for room, news in rooms.get("invite", {}).items()}
        typing = [
            (room, event["content"]["user_ids"])
            for room, news in joined.items()
            for event in news.get("ephemeral", {}).get("events", [])
            if event["type"] == "m.typing"
        ]
        self._since = answer["next_batch"]
        await self.ear.take(heard, invites, [*joined, *rooms.get("leave", {})], typing)
        return self


@asynccontextmanager
async def matrix_user(server: Synapse, localpart: str) -> AsyncIterator[MatrixUser]:
    """A newly registered person who listens all the time, for as long as the block lasts."""
    login = await asyncio.to_thread(server.register, localpart)
    async with aiohttp.ClientSession() as http:
        user = await MatrixUser(server.url, login, http).listen_once()
        listening = asyncio.create_task(user.listen())
        try:
            yield user
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def _red_pixel() -> bytes:
    """The smallest picture: one red pixel as a PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00\xff\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
