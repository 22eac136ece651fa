""" "Typing ..." on Matrix: read from the sync, and shown in a room for as long as somebody writes elsewhere."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from bot.platforms.matrix.rooms import events, inside
from bot.platforms.matrix.wire import Away, Refused, Wire, room_path

log = logging.getLogger("twinbot.matrix")

Json = Any

TYPING = "m.typing"
# Shown for so long unless it is ended before; asked for again only when half of that is over.
LASTS_SECONDS = 20.0
_FORGET_ABOVE = 1000


def typing_in(news: Json, me: str) -> list[str]:
    """Who writes in a room just now, beside the bot itself."""
    found = [inside(event, "content", "user_ids") for event in events(news, "ephemeral") if event.get("type") == TYPING]
    listed = found[-1] if found else None
    return [user for user in listed if isinstance(user, str) and user != me] if isinstance(listed, list) else []


class Typing:
    """Shows it in rooms. A failure is not worth a second try."""

    def __init__(self, wire: Wire, me: str) -> None:
        self._wire, self._me = wire, me
        self._again: dict[str, float] = {}

    async def show(self, room: str, on: bool) -> None:
        """Show it, or no longer."""
        now = asyncio.get_running_loop().time()
        if (on and self._again.get(room, 0.0) > now) or (not on and room not in self._again):
            return
        if len(self._again) > _FORGET_ABOVE:
            self._again = {r: until for r, until in self._again.items() if until > now}
        self._again[room] = now + LASTS_SECONDS / 2
        if not on:
            del self._again[room]
        body = {"typing": True, "timeout": int(LASTS_SECONDS * 1000)} if on else {"typing": False}
        try:
            await self._wire.call("PUT", room_path(room, "typing", self._me), body)
        except (Away, Refused) as error:
            log.debug("typing was not shown: %s", error)
