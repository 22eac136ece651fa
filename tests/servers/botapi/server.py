"""The server itself: one bot account behind HTTP, its state, its faults and what tests read from it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web

from . import limits, wire
from .actors import User
from .faults import Fault, Kind, Rates, upgraded
from .sending import METHODS
from .settling import get_me as _registers_the_methods_of_settling  # noqa: F401
from .updates import Updates
from .wire import Json, Refusal, cannot
from .world import Bell, Call, Chat, Message, Query, Violation, member

TOKEN = "4242:A-token-for-tests-only"
COUNTED = ("send", "copy", "forward")


class BotApi:
    """A Bot API server for one bot. Times are unix seconds of `clock`, moved on by `advance`.

    `validate=False` skips every check of requests and answers, for benchmarks.
    """

    MEDIA = ("photo", "document", "voice", "sticker", "video", "audio")

    def __init__(
        self, *, token: str = TOKEN, validate: bool = True, clock: Callable[[], float] = time.time,
        rates: Rates | None = None, username: str = "twin_test_bot", reads_all: bool = False,
    ) -> None:  # fmt: skip
        self.token, self.validate, self.rates, self.reads_all = token, validate, rates, reads_all
        self.url = ""
        self.me: Json = {
            "id": int(token.split(":")[0]), "is_bot": True, "first_name": "Twin", "username": username,
        }  # fmt: skip
        self._clock, self._ahead = clock, 0.0
        self._serial = 1000
        self.revision = 0
        self.bell = Bell()
        self.updates = Updates(self)
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.menus: dict[int, Json] = {}
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.violations: list[Violation] = []

    # Starting and stopping.

    @classmethod
    @contextlib.asynccontextmanager
    async def start(
        cls, *, port: int = 0, host: str = "127.0.0.1", **options: Any
    ) -> AsyncIterator[BotApi]:
        """Serve on a loopback port (0: any free one). Options are those of the constructor."""
        from .control import routes

        api = cls(**options)
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", api._method)
        app.router.add_get("/file/bot{token}/files/{file_id}", api._download)
        app.add_routes(routes(api))
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        address = runner.addresses[0]
        api.url = f"http://{address[0]}:{address[1]}"
        try:
            yield api
        finally:
            for fault in api.faults:
                fault.release()
            await api.updates.close()
            await runner.cleanup()

    @property
    def base_url(self) -> str:
        """For `telegram.Bot(base_url=...)`."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """For `telegram.Bot(base_file_url=...)`."""
        return f"{self.url}/file/bot"

    def now(self) -> float:
        """Unix seconds as this server sees them."""
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the server's time on."""
        self._ahead += seconds

    def serial(self) -> int:
        """A number not used before, for ids of all kinds."""
        self._serial += 1
        return self._serial

    # People and chats.

    def user(
        self, first_name: str, *, language_code: str | None = None, username: str | None = None,
        last_name: str | None = None, started: bool = False, user_id: int | None = None,
    ) -> User:  # fmt: skip
        """A person. Until they write (or with `started`), the bot may not write to them, as at Telegram."""
        user_id = user_id or self.serial() + 500_000_000
        who: Json = {"id": user_id, "is_bot": False, "first_name": first_name}
        names = {"first_name": first_name, "last_name": last_name, "username": username}
        names = {key: value for key, value in names.items() if value}
        who |= names | ({"language_code": language_code} if language_code else {})
        self.chats[user_id] = Chat(user_id, "private", names, started=started)
        self.users[user_id] = User(self, who)
        return self.users[user_id]

    def group(
        self, title: str, *, creator: User, kind: str = "supergroup", forum: bool = False,
        bot: str | None = "member", rights: list[str] | None = None, chat_id: int | None = None,
    ) -> Chat:  # fmt: skip
        """A "group" or "supergroup" that exists already. `bot`: None, "member" or "administrator" (with rights)."""
        number = self.serial() + 700_000_000
        chat_id = chat_id or (-1_000_000_000_000 - number if kind == "supergroup" else -number)
        chat = Chat(chat_id, kind, {"title": title}, is_forum=forum)
        chat.members[creator.id] = member(creator.json, "creator")
        if bot:
            chat.members[self.me["id"]] = member(self.me, bot, rights)
        self.chats[chat_id] = chat
        return chat

    def chat(self, chat: int | Chat | User) -> Chat:
        """The chat of this id, or the private chat of a person. Raises KeyError."""
        return self.chats[chat if isinstance(chat, int) else chat.id]

    def reach(self, chat_id: int | str, *, write: bool = True) -> Chat:
        """The chat that a request names. Raises Refusal if there is none or the bot is shut out."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else self._named(chat_id)
        if chat is None:
            raise cannot("chat not found")
        if chat.migrated_to:
            raise upgraded(chat.migrated_to)
        if chat.type == "private":
            if write and chat.blocked:
                raise Refusal(403, "Forbidden: bot was blocked by the user")
            if write and not chat.started and self.now() > chat.reachable_until:
                raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        elif not chat.inside(self.me["id"]):
            kicked = chat.status(self.me["id"]) == "kicked"
            raise Refusal(
                403, f"Forbidden: bot {'was kicked from' if kicked else 'is not a member of'} the {chat.type} chat"
            )
        return chat

    def _named(self, name: str) -> Chat | None:
        wanted = name.removeprefix("@").lower()
        return next((c for c in self.chats.values() if str(c.names.get("username", "")).lower() == wanted), None)

    # Messages.

    def keep(self, chat: Chat, author: Json, content: Json) -> Message:
        """Put a message into a chat; the bot hears nothing of it yet."""
        chat.last_id += 1
        self.revision += 1
        data = {
            "message_id": chat.last_id, "from": author, "chat": chat.short, "date": int(self.now()), **content,
        }  # fmt: skip
        message = Message(data, by_bot=author["id"] == self.me["id"], revision=self.revision)
        chat.kept[chat.last_id] = message
        self.bell.ring()
        return message

    def touch(self, message: Message) -> None:
        """Count a change of a message and wake those who wait for one."""
        self.revision += 1
        message.revision = self.revision
        self.bell.ring()

    def change(self, message: Message, data: Json) -> None:
        """Give a message a new state and keep the old one."""
        message.edits.append(message.data)
        message.data = data
        self.touch(message)

    def delete(self, message: Message) -> None:
        """Take a message away."""
        message.deleted = True
        self.touch(message)

    def file_object(self, kind: str, data: bytes, name: str) -> Any:
        """Store a file and give the JSON of a photo, document, voice, sticker, video or audio."""
        file_id = f"file-{self.serial()}"
        self.files[file_id] = (name, data)
        base = {**self.file_names(file_id), "file_size": len(data)}
        if kind == "photo":
            return [base | {"width": 90, "height": 60}]
        if kind == "document":
            return base | {"file_name": name}
        extra: Json = {} if kind in ("voice", "audio") else {"width": 512, "height": 512}
        if kind == "sticker":
            return base | extra | {"type": "regular", "is_animated": False, "is_video": False}
        return base | extra | {"duration": 1}

    def file_names(self, file_id: str) -> Json:
        """Both identifiers of a file."""
        return {"file_id": file_id, "file_unique_id": f"unique-{file_id}"}

    def move(self, chat: Chat, who: Json, status: str, *, by: Json, rights: list[str] | None = None) -> None:
        """Change somebody's membership; the bot hears of it as far as Telegram would tell it."""
        old = chat.members.get(who["id"]) or member(who, "left")
        new = chat.members[who["id"]] = member(who, status, rights)
        mine = who["id"] == self.me["id"]
        if mine or chat.may(self.me["id"], "can_manage_chat"):
            self.updates.emit("my_chat_member" if mine else "chat_member", {
                "chat": chat.short, "from": by, "date": int(self.now()),
                "old_chat_member": old, "new_chat_member": new,
            })  # fmt: skip
        self.bell.ring()

    # Faults and shortcuts to them.

    def fault(
        self, method: str, *, kind: Kind, chat_id: int | None = None, times: int | None = 1, **how: Any
    ) -> Fault:
        """Order a failure; see Fault for kinds and settings. `times` None: until `clear_faults`."""
        fault = Fault(method, kind, chat_id, times, **how)
        self.faults.append(fault)
        return fault

    def clear_faults(self) -> None:
        """Let everything work again."""
        for fault in self.faults:
            fault.release()
        self.faults.clear()

    async def block(self, user: User) -> None:
        """The person blocks the bot: my_chat_member, and 403 from now on."""
        await user.blocks_bot()

    async def migrate(self, group: Chat) -> Chat:
        """A group becomes a supergroup: both service messages are sent, the old id answers 400 from now on."""
        creator = next(one["user"] for one in group.members.values() if one["status"] == "creator")
        new = Chat(-1_000_000_000_000 - self.serial() - 700_000_000, "supergroup", dict(group.names))
        new.members = dict(group.members)
        self.chats[new.id] = new
        self.publish(self.keep(group, creator, {"migrate_to_chat_id": new.id}))
        self.publish(self.keep(new, creator, {"migrate_from_chat_id": group.id}))
        group.migrated_to = new.id
        return new

    # Updates.

    def publish(self, message: Message, kind: str = "message") -> int | None:
        """Tell the bot of a message; the update id, or None if it did not ask for this kind."""
        return self.updates.emit(kind, message.wire)

    def raw_update(self, update: Json) -> int:
        """Queue any JSON as it is (update_id added if absent), past every check and filter. Its update_id."""
        return self.updates.put(update)

    def redeliver(self, update_id: int) -> None:
        """Hand the bot an update once more although it was confirmed."""
        self.updates.redeliver(update_id)

    # Reading.

    async def until(self, condition: Callable[[], Any], timeout: float = 10) -> Any:
        """The first true value of `condition`, looked at after every change. Raises TimeoutError."""
        return await self.bell.until(condition, timeout)

    async def wait_for(
        self, chat: int | Chat | User, wanted: str | Callable[[Message], bool], timeout: float = 10, since: int = 0
    ) -> Message:
        """The first visible message of the bot that holds a text or satisfies a predicate.

        Only messages new or changed after revision `since` count. Raises TimeoutError that tells what was there.
        """
        room = self.chat(chat)

        def matches(m: Message) -> bool:
            return m.revision > since and (wanted in m.text if isinstance(wanted, str) else wanted(m))

        def look() -> Message | None:
            return next((m for m in room.visible if m.by_bot and matches(m)), None)

        try:
            found: Message = await self.until(look, timeout)
        except TimeoutError:
            raise TimeoutError(f"no such message in {room.id}; the bot says {room.texts[-5:]}") from None
        return found

    def count(self, method: str) -> int:
        """How often a method was called."""
        return sum(call.method == method for call in self.calls)

    # Requests.

    def act(self, name: str, raw: Json, files: dict[str, tuple[str, bytes]]) -> Any:
        """Check a request and carry it out. Raises Refusal."""
        model = wire.METHOD_MODELS[name.lower()]
        p = wire.decode(model, raw, files)
        if not self.validate:
            return METHODS[name.lower()](self, p, files)
        unknown = wire.check_request(model, p, files)
        if unknown:
            self.violations.append(Violation(name, f"undocumented fields: {', '.join(unknown)}", p))
        limits.check(name.lower(), p)
        result = METHODS[name.lower()](self, p, files)
        wire.check_answer(model, result)
        return result

    async def _method(self, request: web.Request) -> web.StreamResponse:
        token, name = request.match_info["token"], request.match_info["method"]
        if token != self.token:
            known = token.partition(":")[0].isdigit() and ":" in token
            return _refused(Refusal(401, "Unauthorized") if known else Refusal(404, "Not Found"))
        raw, files = await wire.raw_params(request)
        call = Call(name, raw, self.now())
        self.calls.append(call)
        try:
            answer = await self._answered(request, name, raw, files)
        except Refusal as refusal:
            if refusal.violation:
                self.violations.append(Violation(name, refusal.description, raw))
            answer = _refused(refusal)
        except AssertionError as wrong:
            self.violations.append(Violation(name, str(wrong), raw))
            answer = _refused(Refusal(500, str(wrong)))
        dropped = request.transport is None or request.transport.is_closing()
        call.status = 0 if dropped else answer.status
        self.bell.ring()
        return answer

    async def _answered(
        self, request: web.Request, name: str, raw: Json, files: dict[str, tuple[str, bytes]]
    ) -> web.Response:
        lower = name.lower()
        chat_id = _number(raw.get("chat_id"))
        fault = next((one for one in self.faults if one.concerns(name, chat_id)), None)
        if fault:
            fault.met += 1
            fault.refuse()
            if fault.kind == "drop_before":
                return _drop(request)
        if lower not in METHODS and lower != "getupdates":
            if lower not in wire.METHOD_MODELS:
                raise Refusal(404, "Not Found")
            raise Refusal(404, f"Not Found: this test server does not model {name}", violation=True)
        if self.rates and isinstance(chat_id, int) and lower.startswith(COUNTED) and lower != "sendchataction":
            self.rates.take(chat_id, self.now())
        result = await self._poll(raw) if lower == "getupdates" else json.dumps(self.act(name, raw, files))
        if fault and fault.kind == "drop_after":
            return _drop(request)
        if fault and fault.kind == "slow":
            self.bell.ring()
            await fault.hold()
        return web.Response(body=f'{{"ok":true,"result":{result}}}'.encode(), content_type="application/json")

    async def _poll(self, raw: Json) -> str:
        model = wire.METHOD_MODELS["getupdates"]
        p = wire.decode(model, raw, {})
        if self.validate:
            wire.check_request(model, p, {})
            limits.check("getupdates", p)
        return f"[{','.join(await self.updates.poll(p))}]"

    async def _download(self, request: web.Request) -> web.Response:
        file = self.files.get(request.match_info["file_id"])
        if request.match_info["token"] != self.token or file is None:
            return _refused(Refusal(404, "Not Found"))
        return web.Response(body=file[1], content_type="application/octet-stream")


def _number(value: object) -> object:
    text = str(value)
    return int(text) if text.removeprefix("-").isdigit() else value


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _refused(refusal: Refusal) -> web.Response:
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.code)
