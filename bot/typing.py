"""Somebody writes just now: shown to the one they write to. Nothing of it is ever stored."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from bot.platforms.platform import Platform
from bot.talk import Listener
from bot.tasks import Tasks
from storage.database import Database
from storage.post import Parcel

log = logging.getLogger("twinbot.typing")

Place = tuple[str, str]

#: For one chat it is passed on at most this often; platforms show it a few seconds longer.
EVERY = timedelta(seconds=4)
_FORGET_ABOVE = 1000


class Typing:
    """Passes on that somebody writes. `heard` is what platforms call; listeners know who is written to."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        listeners: Sequence[Listener],
        tasks: Tasks,
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._platforms, self._listeners = database, platforms, listeners
        self._tasks, self._now = tasks, now
        self._again: dict[Place, datetime] = {}
        self._shown: set[Place] = set()

    def heard(self, platform: str, chat: str, _sender: str) -> None:
        """Somebody writes in a chat."""
        place, now = (platform, chat), self._now()
        if self._again.get(place, now) > now:
            return
        if len(self._again) > _FORGET_ABOVE:
            self._again = {known: until for known, until in self._again.items() if until > now}
        self._again[place] = now + EVERY
        self._tasks.start("typing", self._pass_on(place))

    def said(self, parcels: Iterable[Parcel]) -> None:
        """Something is being said in these chats, so that nobody writes there any more."""
        for place in {(parcel.platform, parcel.chat) for parcel in parcels} & self._shown:
            self._shown.discard(place)
            self._tasks.start("typing ends", self._platforms[place[0]].typing(place[1], False))

    async def _pass_on(self, place: Place) -> None:
        try:
            shown = await self._database.read(partial(self._where, place=place))
        except Exception as error:
            log.debug("typing was not passed on: %s", type(error).__name__)
            return
        for platform, chat in shown:
            if platform in self._platforms:
                self._shown.add((platform, chat))
                await self._platforms[platform].typing(chat, True)

    def _where(self, session: Session, place: Place) -> list[Place]:
        return [shown for listener in self._listeners for shown in listener.typing(session, *place)]
