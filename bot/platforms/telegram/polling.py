"""Long polling: updates are asked for as raw JSON and stored before the next request confirms them.

`telegram.Bot.get_updates` parses a whole answer before it returns, so one update that it cannot parse comes back
for ever. Here nothing is parsed before it is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.platforms.platform import Marks
from bot.platforms.telegram.patience import Patience, Pause, bad_token
from bot.platforms.telegram.raw import ALLOWED, update_id
from bot.platforms.telegram.transport import Broken, Transport

log = logging.getLogger("twinbot.telegram")

Json = Any
Store = Callable[[Sequence[Json], Mapping[str, str]], Awaitable[None]]

POLL_SECONDS = 30
SPARE_SECONDS = 10
OFFSET = "offset"
# Telegram keeps updates for a day; an older offset has nothing left to confirm.
KEPT = timedelta(hours=24)


class Polling:
    """Asks for updates and hands them to ``store`` with the marks to keep in the same commit.

    An offset confirms everything below it, so a stale one would throw away updates after Telegram started its
    numbers anew (it does so after a quiet week, and every server counts for itself). Therefore it follows the
    newest answer even downwards, is kept with its server and time, and is left out once an empty answer has
    shown that all is confirmed.
    """

    def __init__(
        self, transport: Transport, store: Store, source: str, now: Callable[[], datetime], pause: Pause
    ) -> None:
        self._transport, self._store, self._source, self._now = transport, store, source, now
        self._patience = Patience(pause)
        self._offset: int | None = None
        self._in_conflict = False

    async def run(self, marks: Marks) -> None:
        """Poll until cancelled. Raises `Setback` if the token is refused."""
        self._offset = self._remembered((await marks.load()).get(OFFSET, ""))
        while True:
            try:
                await self._round()
                self._patience.rest()
            except InvalidToken:
                raise bad_token() from None
            except Conflict as error:
                self._explain(error)
                await self._patience.after(error)
            except TelegramError as error:
                log.warning("no updates, trying again: %s", error.message)
                await self._patience.after(error)

    async def _round(self) -> None:
        updates = await self._ask()
        self._in_conflict = False
        if not updates:
            self._offset = None
            return
        ids = [found for found in map(update_id, updates) if found is not None]
        offset = max(ids) + 1 if ids else self._offset
        await self._keep(updates, {} if offset is None else {OFFSET: self._remember(offset)})
        self._offset = offset
        if not ids:
            raise Broken("updates without a number, which nothing can confirm")

    async def _ask(self) -> list[Json]:
        params = {"timeout": POLL_SECONDS, "limit": 100, "allowed_updates": ALLOWED}
        if self._offset is not None:
            params["offset"] = self._offset
        updates = await self._transport.call("getUpdates", params, POLL_SECONDS + SPARE_SECONDS)
        if not isinstance(updates, list):
            raise Broken("the answer was not a list")
        return updates

    async def _keep(self, updates: Sequence[Json], marks: Mapping[str, str]) -> None:
        """Store until it succeeds: nothing may be confirmed before."""
        while True:
            try:
                return await self._store(updates, marks)
            except Exception as error:
                log.error("updates could not be stored, trying again (%s)", type(error).__name__)
                await self._patience.after(error)

    def _explain(self, error: Conflict) -> None:
        """Say once, not at every try, what the operator can do."""
        if not self._in_conflict:
            log.error(
                "somebody else receives this bot's updates: stop the other program that uses the same token, "
                "or give this one a token of its own (%s)",
                error.message,
            )
        self._in_conflict = True

    def _remember(self, offset: int) -> str:
        return f"{offset} {self._now().isoformat()} {self._source}"

    def _remembered(self, mark: str) -> int | None:
        """The offset of a mark, unless it is another server's, too old or not to be understood."""
        try:
            offset, moment, source = mark.split(" ", 2)
            fresh = self._now() - datetime.fromisoformat(moment) < KEPT
            return int(offset) if fresh and source == self._source else None
        except (ValueError, TypeError):
            return None
