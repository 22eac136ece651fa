"""The server itself: one bot account behind HTTP, its state, its faults and what tests read from it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web

from tests.patience import PATIENCE

from . import limits, profile, sending, settling, wire
from .actors import User
from .faults import Fault, Kind
from .state import State
from .wire import Json, Refusal
from .world import Call, Chat, Message, Violation

METHODS = sending.METHODS | settling.METHODS | profile.METHODS
COUNTED = ("send", "copy", "forward")


class BotApi(State):
    """A Bot API server for one bot. Times are unix seconds of `clock`, moved on by `advance`.

    `validate=False` skips every check of requests and answers, for benchmarks.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.violations: list[Violation] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def start(cls, *, port: int = 0, host: str = "127.0.0.1", **options: Any) -> AsyncIterator[BotApi]:
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

    def fault(self, method: str, *, kind: Kind, chat_id: int | None = None, times: int | None = 1, **how: Any) -> Fault:
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
        new.members, new.permissions = dict(group.members), dict(group.permissions)
        self.chats[new.id] = new
        self.publish(self.keep(group, creator, {"migrate_to_chat_id": new.id}))
        self.publish(self.keep(new, creator, {"migrate_from_chat_id": group.id}))
        group.migrated_to = new.id
        return new

    def publish(self, message: Message, kind: str = "message") -> int | None:
        """Tell the bot of a message; the update id, or None if it did not ask for this kind."""
        return self.updates.emit(kind, message.wire)

    def raw_update(self, update: Json) -> int:
        """Queue any JSON as it is (update_id added if absent), past every check and filter. Its update_id."""
        return self.updates.put(update)

    def redeliver(self, update_id: int) -> None:
        """Hand the bot an update once more although it was confirmed."""
        self.updates.redeliver(update_id)

    async def until(self, condition: Callable[[], Any], timeout: float = PATIENCE) -> Any:  # noqa: ASYNC109 - a test names it.
        """The first true value of `condition`, looked at after every change. Raises TimeoutError."""
        return await self.bell.until(condition, timeout)

    async def wait_for(
        self,
        chat: int | Chat | User,
        wanted: str | Callable[[Message], bool],
        timeout: float = PATIENCE,  # noqa: ASYNC109 - a test names it.
        since: int = 0,
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

    def act(self, name: str, raw: Json, files: dict[str, tuple[str, bytes]]) -> Any:
        """Check a request and carry it out. Raises Refusal, or AssertionError for a wrong answer of ours."""
        model = wire.METHOD_MODELS.get(name.lower())
        if model is None:
            raise Refusal(404, "Not Found")
        if name.lower() not in METHODS:
            raise Refusal(404, f"Not Found: this test server does not model {name}", violation=True)
        p = wire.decode(model, raw, files)
        if not self.validate:
            return METHODS[name.lower()](self, p, files)
        unknown = wire.check_request(model, p, files)
        if unknown:
            self.violations.append(Violation(name, f"undocumented fields: {', '.join(unknown)}", p))
            p = wire.without(p, unknown)
        limits.check(name.lower(), p)
        result = METHODS[name.lower()](self, p, files)
        wire.check_answer(model, result)
        return result

    def act_or_note(self, name: str, raw: Json) -> None:
        """Carry out a request whose sender gets no answer; violations are kept all the same."""
        self.calls.append(Call(name, raw, self.now(), 200))
        try:
            self.act(name, raw, {})
        except (Refusal, AssertionError) as wrong:
            self.calls[-1].status = self._noted(name, raw, wrong).code
        self.bell.ring()

    def _noted(self, name: str, raw: Json, wrong: Refusal | AssertionError) -> Refusal:
        refusal = wrong if isinstance(wrong, Refusal) else Refusal(500, str(wrong), violation=True)
        if refusal.violation:
            self.violations.append(Violation(name, refusal.description, raw))
        return refusal

    async def _method(self, request: web.Request) -> web.StreamResponse:
        token, name = request.match_info["token"], request.match_info["method"]
        if token != self.token:
            known = token.partition(":")[0].isdigit() and ":" in token
            return _refused(Refusal(401, "Unauthorized") if known else Refusal(404, "Not Found"))
        try:
            raw, files = await wire.raw_params(request)
        except ValueError:
            return _refused(Refusal(400, "Bad Request: can't parse the request body"))
        call = Call(name, raw, self.now())
        self.calls.append(call)
        self.bell.ring()
        try:
            answer = await self._answered(request, name, raw, files)
        except (Refusal, AssertionError) as wrong:
            answer = _refused(self._noted(name, raw, wrong))
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
