"""The queue of updates: long polling with offsets, conflicts and confirmations, or delivery to a webhook."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

import aiohttp

from . import wire
from .wire import Json, Refusal, bad
from .world import Bell

if TYPE_CHECKING:
    from .server import BotApi

NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
REMEMBERED = 10_000
# Telegram's server takes an offset further ahead than this for an error and answers from the head of its queue
# (TQueue::get in TDLib), as happens to a bot with an old offset after the numbers have started anew.
SANE_AHEAD = 10


class Updates:
    """Updates of one bot in order. Each is kept as JSON text, so later edits of a message do not change it."""

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self.next_id = 100_000_001
        # Ordered dicts, because a plain one is slow to drain from its front.
        self.pending: OrderedDict[int, str] = OrderedDict()
        self.again: deque[tuple[int, str]] = deque()
        self.history: OrderedDict[int, str] = OrderedDict()
        self.allowed: list[str] | None = None
        self.bell = Bell()
        self.webhook: Json = {}
        self.retry_delay = 0.05
        self.answer_within = 60.0
        self.deliveries: list[tuple[int, int]] = []
        self.last_error: Json = {}
        self._polls = 0
        self._ended = ""
        self._courier: asyncio.Task[None] | None = None

    def wanted(self, kind: str) -> bool:
        """Whether the bot asked for updates of this kind."""
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

    def emit(self, kind: str, payload: Json) -> int | None:
        """Queue an update made by this server; None if the bot did not ask for this kind."""
        if not self.wanted(kind):
            return None
        update = {"update_id": self.next_id, kind: payload}
        if self.api.validate:
            wire.check_update(update)
        return self.put(update)

    def put(self, update: Json) -> int:
        """Queue any JSON as an update, with an update_id if it has none."""
        update_id = int(update.setdefault("update_id", self.next_id))
        self.next_id = max(self.next_id, update_id) + 1
        self.pending[update_id] = self.history[update_id] = json.dumps(update, ensure_ascii=False)
        if len(self.history) > REMEMBERED:
            self.history.popitem(last=False)
        self.bell.ring()
        return update_id

    def redeliver(self, update_id: int) -> None:
        """Hand out an update once more, whether or not it was confirmed. Raises KeyError if it never existed."""
        self.again.append((update_id, self.history[update_id]))
        self.bell.ring()

    def _take(self, offset: int, limit: int) -> list[str]:
        if offset < 0:
            offset = (list(self.pending)[offset:] or [0])[0]
        if offset > self.next_id + SANE_AHEAD:
            offset = 0
        while self.pending and next(iter(self.pending)) < offset:
            self.pending.popitem(last=False)
        taken = [self.again.popleft()[1] for _ in range(min(limit, len(self.again)))]
        taken += itertools.islice(self._after(offset), limit - len(taken))
        return taken

    def _after(self, offset: int) -> Iterator[str]:
        """Injected updates may stand out of order, so every id is looked at."""
        return (text for update_id, text in self.pending.items() if update_id >= offset)

    async def poll(self, p: Json) -> list[str]:
        """getUpdates: JSON texts of updates; waits up to `timeout` real seconds if there are none."""
        if self.webhook:
            raise Refusal(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it"
            )
        if p.get("allowed_updates") is not None:
            self.allowed = p["allowed_updates"]
        self.end_polls("other getUpdates request; make sure that only one bot instance is running")
        mine, offset, limit = self._polls, p.get("offset") or 0, p.get("limit") or 100

        def ready() -> list[str] | bool:
            return mine != self._polls or self._take(offset, limit)

        taken = ready()
        if not taken and p.get("timeout"):
            with contextlib.suppress(TimeoutError):
                taken = await self.bell.until(ready, p["timeout"])
        if mine != self._polls:
            raise Refusal(409, f"Conflict: terminated by {self._ended}")
        return taken if isinstance(taken, list) else []

    def end_polls(self, reason: str) -> None:
        """Answer 409 to a poll that waits."""
        self._polls += 1
        self._ended = reason
        self.bell.ring()

    def set_webhook(self, p: Json) -> None:
        """Deliver to `url` from now on; an empty url goes back to polling."""
        if p.get("drop_pending_updates"):
            self.pending.clear()
        if p.get("allowed_updates") is not None:
            self.allowed = p["allowed_updates"]
        if p.get("url") and not p["url"].startswith(("http://", "https://")):
            raise bad("bad webhook: an HTTPS URL must be provided for webhook")
        self.last_error = {}
        self.webhook = p if p.get("url") else {}
        if self.webhook:
            self.end_polls("setWebhook request")
            if self._courier is None:
                self._courier = asyncio.create_task(self._deliver())
        self.bell.ring()

    def webhook_info(self) -> Json:
        """The WebhookInfo object."""
        info: Json = {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending) + len(self.again),
            **self.last_error,
        }
        if self.webhook.get("max_connections"):
            info["max_connections"] = self.webhook["max_connections"]
        if self.allowed:
            info["allowed_updates"] = self.allowed
        return info

    async def _deliver(self) -> None:
        """One update at a time and in order; what is not answered with 2xx is tried again."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(self.answer_within)) as session:
            while True:
                await self.bell.until(lambda: self.webhook and (self.again or self.pending), 1e9)
                repeated = bool(self.again)
                update_id, text = self.again[0] if repeated else next(iter(self.pending.items()))
                status = await self._post(session, text)
                self.deliveries.append((update_id, status))
                if 200 <= status < 300:
                    if repeated:
                        self.again.popleft()
                    else:
                        self.pending.pop(update_id, None)
                    self.api.bell.ring()
                else:
                    await asyncio.sleep(self.retry_delay)

    async def _post(self, session: aiohttp.ClientSession, text: str) -> int:
        secret = self.webhook.get("secret_token")
        headers = {"Content-Type": "application/json"} | ({"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {})
        try:
            async with session.post(self.webhook["url"], data=text.encode(), headers=headers) as answer:
                body, status = await answer.read(), answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            body, status = b"", 0
            reason = f"Connection failed: {type(error).__name__}"
        else:
            reason = f"Wrong response from the webhook: {status}"
        if not 200 <= status < 300:
            self.last_error = {"last_error_date": int(self.api.now()), "last_error_message": reason}
        elif body.startswith(b"{"):
            with contextlib.suppress(ValueError):
                self._call_in_answer(json.loads(body))
        return status

    def _call_in_answer(self, answer: Json) -> None:
        """A webhook may answer with one method call; Telegram does not tell it how that went."""
        method = str(answer.pop("method", ""))
        if method:
            self.api.act_or_note(method, answer)

    async def close(self) -> None:
        """Stop delivering and end a waiting poll."""
        self.end_polls("the end of the server")
        if self._courier:
            self._courier.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._courier
