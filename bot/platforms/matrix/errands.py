"""Invitations are answered and empty rooms left, one after the other beside the sync, until it has worked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.platforms.matrix.patience import Patience, Pause
from bot.platforms.matrix.rooms import Invitation
from bot.platforms.matrix.wire import Away, Json, Refused, Wire, room_path

log = logging.getLogger("twinbot.matrix")

# A room on another server may take long to join; one whose server is gone is given up until the next start.
JOIN_SECONDS = 120.0
MOST_TRIES = 10

NOT_DIRECT = "I am here for direct chats only. Please start one with me."
NOT_ENCRYPTED = "I cannot read encrypted chats. Please start one with me that is not encrypted."


@dataclass(frozen=True)
class Errand:
    """What to do with a room: ``join`` or ``leave``, with a sentence for those who look."""

    verb: str
    reason: str | None = None
    tries: int = 0


class Errands:
    """Things to do with rooms. ``encryption``: whether encrypted chats can be read."""

    def __init__(self, wire: Wire, pause: Pause, *, encryption: bool) -> None:
        self._wire, self._encryption = wire, encryption
        self._patience = Patience(pause)
        self._todo: dict[str, Errand] = {}
        self._news = asyncio.Event()

    def answer(self, invitations: Sequence[Invitation]) -> None:
        """Accept what is a direct chat that the bot can read; decline the rest."""
        for one in invitations:
            if not one.direct:
                self._add(one.room, Errand("leave", NOT_DIRECT))
            elif one.encrypted and not self._encryption:
                log.warning("an invitation to an encrypted chat was declined; TWINBOT_MATRIX_ENCRYPTION is off")
                self._add(one.room, Errand("leave", NOT_ENCRYPTED))
            else:
                self._add(one.room, Errand("join"))

    def leave(self, room: str) -> None:
        """Leave a room in which nobody else is left."""
        self._add(room, Errand("leave"))

    async def run(self) -> None:
        """Do what there is to do until cancelled."""
        while True:
            await self._news.wait()
            while self._todo:
                room = next(iter(self._todo))
                await self._do(room, self._todo.pop(room))
            self._news.clear()

    def _add(self, room: str, errand: Errand) -> None:
        self._todo[room] = errand
        self._news.set()

    async def _do(self, room: str, errand: Errand) -> None:
        try:
            body: Json = {} if errand.reason is None else {"reason": errand.reason}
            await self._wire.call("POST", room_path(room, errand.verb), body, seconds=JOIN_SECONDS)
            self._patience.rest()
        except (Away, Refused) as error:
            if isinstance(error, Refused) and not error.limited:
                log.info("cannot %s a room: %s", errand.verb, error)  # The invitation was withdrawn, for example.
            elif errand.tries + 1 < MOST_TRIES:
                self._todo.setdefault(room, replace(errand, tries=errand.tries + 1))
                await self._patience.after(error)
            else:
                log.warning("cannot %s a room, given up: %s", errand.verb, error)
