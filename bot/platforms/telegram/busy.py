"""The line "typing ..." on Telegram, asked for no more often than it lasts."""

from __future__ import annotations

import asyncio
import logging

from telegram.error import TelegramError

from bot.platforms.telegram.transport import Transport

log = logging.getLogger("twinbot.telegram")

# Telegram shows it for five seconds, or until a message comes.
LASTS_SECONDS = 4.0
_FORGET_ABOVE = 1000


class Busy:
    """Shows it in chats, at most once in its own time for each of them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._again: dict[str, float] = {}

    async def show(self, chat: str) -> None:
        """Show it; a failure is not worth a second try."""
        now = asyncio.get_running_loop().time()
        if self._again.get(chat, 0.0) > now or not chat.removeprefix("-").isdecimal():
            return
        if len(self._again) > _FORGET_ABOVE:
            self._again = {c: until for c, until in self._again.items() if until > now}
        self._again[chat] = now + LASTS_SECONDS
        try:
            await self._transport.call("sendChatAction", {"chat_id": int(chat), "action": "typing"})
        except TelegramError as error:
            log.debug("typing was not shown: %s", error.message)
