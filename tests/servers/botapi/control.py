"""The same controls over HTTP, for a server in a process of its own.

Every control is `POST /control/<name>` with a JSON object of arguments and a JSON answer. People and chats are named
by id, messages by `chat_id` and `message_id`. A wrong argument answers 400 with an `error`, a wait in vain 408.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.patience import PATIENCE

from .wire import Json
from .world import Message, Query

if TYPE_CHECKING:
    from .server import BotApi

Control = Callable[["BotApi", Json], Awaitable[Any]]
# What a person can do; arguments are those of the method of User, with `user` for the person.
ACTIONS = {
    "says", "presses", "presses_data", "edits", "deletes", "reacts", "hears", "sends_photo", "sends_document",
    "sends_voice", "sends_sticker", "sends_location", "sends_contact", "shares_chat", "chooses_group", "follows_link",
    "adds", "makes_topic", "blocks_bot", "unblocks_bot", "adds_bot", "promotes_bot", "removes_bot", "joins", "leaves",
    "promotes", "asks_to_join",
}  # fmt: skip


def shown(message: Message) -> Json:
    """A message for a reader: its JSON, what it was before, and whether it is still there."""
    return {
        "data": message.wire, "by_bot": message.by_bot, "deleted": message.deleted, "text": message.text,
        "labels": message.labels, "edits": message.edits, "revision": message.revision,
        "bot_reaction": message.bot_reaction,
    }  # fmt: skip


def _plain(result: Any) -> Any:
    if isinstance(result, Message):
        return shown(result)
    if isinstance(result, Query):
        return {"query_id": result.id, "data": result.data, "answer": result.answer}
    return result


async def _act(api: BotApi, a: Json) -> Any:
    user, action = api.users[a.pop("user")], a.pop("action")
    if action not in ACTIONS:
        raise KeyError(action)
    if "message_id" in a:
        a["message"] = api.chats[a.pop("chat_id")].kept[a.pop("message_id")]
    for name in ("chat", "group"):
        if name in a:
            a[name] = api.chats[a[name]]
    if "other" in a:
        a["other"] = api.users[a["other"]]
    positional = a.pop("emoji", []) if action == "reacts" else []
    if action == "reacts":
        return await user.reacts(a["message"], *positional)
    return _plain(await getattr(user, action)(**a))


async def _user(api: BotApi, a: Json) -> Json:
    return api.user(**a).json


async def _group(api: BotApi, a: Json) -> Json:
    return api.group(a.pop("title"), creator=api.users[a.pop("creator")], **a).short


async def _migrate(api: BotApi, a: Json) -> Json:
    return (await api.migrate(api.chats[a["chat_id"]])).short


async def _raw(api: BotApi, a: Json) -> int:
    return api.raw_update(a["update"])


async def _redeliver(api: BotApi, a: Json) -> None:
    api.redeliver(a["update_id"])


async def _fault(api: BotApi, a: Json) -> None:
    api.fault(a.pop("method"), **a)


async def _clear(api: BotApi, a: Json) -> None:
    api.clear_faults()


async def _advance(api: BotApi, a: Json) -> float:
    api.advance(a["seconds"])
    return api.now()


async def _messages(api: BotApi, a: Json) -> list[Json]:
    return [shown(message) for message in api.chats[a["chat_id"]].messages]


async def _wait_for(api: BotApi, a: Json) -> Json:
    """`text` must be part of the message; `since` and `timeout` as in BotApi.wait_for."""
    return shown(await api.wait_for(a.pop("chat_id"), a.pop("text", ""), **a))


async def _calls(api: BotApi, a: Json) -> list[Json]:
    """`since` leaves out so many calls at the beginning, `method` takes only one kind."""
    wanted = api.calls[a.get("since", 0) :]
    return [asdict(call) for call in wanted if a.get("method") in (None, call.method)]


async def _state(api: BotApi, a: Json) -> Json:
    return {
        "violations": [asdict(violation) for violation in api.violations],
        "calls": len(api.calls), "pending_updates": len(api.updates.pending), "revision": api.revision,
        "webhook": api.updates.webhook_info(), "now": api.now(), "next_update_id": api.updates.next_id,
        "commands": [[scope, language, menu] for (scope, language), menu in api.commands.items()],
    }  # fmt: skip


async def _query(api: BotApi, a: Json) -> Json:
    """Wait until a press was answered; its answer."""
    query = api.queries[a["query_id"]]
    await api.until(lambda: query.answer is not None, a.get("timeout", PATIENCE))
    return query.answer or {}


async def _say_many(api: BotApi, a: Json) -> int:
    """Each of `users` writes each of `texts`, in one request: for benchmarks."""
    for text in a["texts"]:
        for user_id in a["users"]:
            await api.users[user_id].says(text)
    return len(a["texts"]) * len(a["users"])


async def _count(api: BotApi, a: Json) -> int:
    """How often a method was called."""
    return api.count(a["method"])


async def _wait_count(api: BotApi, a: Json) -> int:
    """Wait until a method was called so often; each call is looked at once, however many there are."""
    found = looked = 0

    def enough() -> bool:
        nonlocal found, looked
        while looked < len(api.calls):
            found += api.calls[looked].method == a["method"]
            looked += 1
        return found >= a["count"]

    await api.until(enough, timeout=a.get("timeout", PATIENCE))
    return found


CONTROLS: dict[str, Control] = {
    "act": _act, "user": _user, "group": _group, "migrate": _migrate, "raw_update": _raw, "redeliver": _redeliver,
    "fault": _fault, "clear_faults": _clear, "advance": _advance, "messages": _messages, "wait_for": _wait_for,
    "calls": _calls, "state": _state, "query": _query, "say_many": _say_many,
    "count": _count, "wait_count": _wait_count,
}  # fmt: skip


def routes(api: BotApi) -> list[web.RouteDef]:
    """The control routes of one server."""

    async def control(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        arguments = await request.json() if request.can_read_body else {}
        if name not in CONTROLS:
            return web.json_response({"error": f"no control {name!r}; there are {sorted(CONTROLS)}"}, status=404)
        try:
            return web.json_response({"result": await CONTROLS[name](api, arguments)})
        except TimeoutError as error:
            return web.json_response({"error": str(error)}, status=408)
        except (LookupError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return [web.post("/control/{name}", control)]
