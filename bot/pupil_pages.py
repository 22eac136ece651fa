"""Pupils at their pages: how they come in, and what they say. Nothing of theirs goes through the desk.

A pupil has no account and no chat, so no command, no dialogue and no private message can reach one. What they say is
kept in one transaction, before it is answered, and goes to the doors of the room by the same bridge as everybody's.
"""

from __future__ import annotations

import hashlib
import random
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from bot.guessing import CardTries
from bot.notices import Notices
from bot.platforms.web.pupilbook import Entry, Nickname, Pupil
from bot.platforms.web.reading import read
from bot.relay import Relay
from bot.room_pages import RoomPages
from bot.talk import Listening
from bot.text import Node, Reader
from handlers.pupils import guessing
from handlers.pupils.files import nameless
from handlers.pupils.names import made_up, named, sign_of
from handlers.rooms import bridge, replies
from storage import cards, pupils, rooms
from storage.database import Database
from storage.post import Parcel
from storage.rooms import Room, entering
from storage.rooms.entering import Entered

_OFFERED = 6
_REMEMBERED = 5000


class PupilPages(RoomPages):
    """The `PupilBook` of the web: pupils are called by their numbers, which come from their cookies alone.

    ``deliver`` sends what is brought to other doors, after the commit.
    """

    base: ClassVar[str] = "class"

    def __init__(
        self,
        database: Database,
        deliver: Callable[[Sequence[Parcel]], None],
        now: Callable[[], datetime],
        tries: CardTries | None = None,
    ) -> None:
        super().__init__(database, now)
        self._deliver = deliver
        # What a browser sends again, it sends within moments. Words are known by their ids in any case.
        self._done: OrderedDict[str, None] = OrderedDict()
        self._tries = tries or CardTries()

    async def opened(self, token_hash: str) -> Pupil | None:
        """Who is in at a browser, as long as their card is good."""
        place = await self._database.read(partial(pupils.of_browser, token_hash=token_hash, now=self._now()))
        if place is None:
            return None
        fresh = not place.taken and not place.written
        return Pupil(str(place.id), place.nickname, sign_of(place.picture), place.language, fresh)

    async def enter(self, code: str, pictures: Collection[int], token_hash: str) -> Entry:
        """Let a browser in with a card."""
        meant = cards.read_code(code)
        if meant is None or await self._database.read(partial(pupils.by_code, code=meant, now=self._now())) is None:
            return "wrong"
        entry, parcels = await self._database.write(
            partial(self._open, code=meant, pictures=pictures, token_hash=token_hash)
        )
        self._deliver(parcels)
        return entry

    def _open(
        self, session: Session, code: str, pictures: Collection[int], token_hash: str
    ) -> tuple[Entry, list[Parcel]]:
        now = self._now()
        place = pupils.by_code(session, code, now)
        if place is None:
            return "wrong", []
        if self._tries.blocked(place.id, now):
            return "often", []
        if cards.same(place.pictures, pictures):
            pupils.sign_in(session, place.id, token_hash, now)
            if place.written:
                pupils.take(session, place.id, None, now)
            return "in", []
        notices = Notices(session, f"card.{token_hash[:24]}.", now)
        if self._tries.wrong(place.id, now):
            notices.tell(guessing.alarm(place))
        return "wrong", notices.parcels

    async def offered(self, account: str) -> Sequence[Nickname]:
        """Some nicknames that nobody has."""

        def look(session: Session) -> Sequence[Nickname]:
            place = pupils.find(session, int(account), self._now())
            if place is None:
                return ()
            taken = pupils.names_in(session, place.project)
            names = made_up(place.language, _OFFERED, taken, random.SystemRandom())
            return [Nickname(f"{word}-{words.rsplit(maxsplit=1)[-1]}", words, sign_of(word)) for words, word in names]

        return await self._database.read(look)

    async def take(self, account: str, nickname: str) -> bool:
        """Take a nickname that was offered, or "" for the one that is there."""

        def taken(session: Session) -> bool:
            place = pupils.find(session, int(account), self._now())
            name = named(nickname, place.language) if place is not None and nickname else None
            if place is None or (nickname and name is None):
                return False
            return pupils.take(session, place.id, name, self._now())

        return await self._database.write(taken)

    async def leave(self, token_hash: str) -> None:
        """Forget a browser."""
        await self._database.write(partial(pupils.sign_out, token_hash=token_hash))

    async def hear(self, account: str, address: str, body: Mapping[str, Any]) -> Node | None:
        """A pupil does something in a room; why it cannot be, if so. The same event counts once, however often a
        browser sends it."""
        event = f"{account} {address} {body['id']}"
        if event in self._done:
            return None
        self._done[event] = None
        try:
            heard = partial(self._heard, pupil=int(account), address=address, body=body)
            refused, parcels = await self._database.write(heard)
        except BaseException:
            del self._done[event]
            raise
        while len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)
        self._deliver(parcels)
        return refused

    def _heard(
        self, session: Session, pupil: int, address: str, body: Mapping[str, Any]
    ) -> tuple[Node | None, list[Parcel]]:
        now, entered = self._now(), entering.enter_pupil(session, pupil, address, self._now())
        heard = read({**body, "account": f"pupil {pupil}", "room": address})
        heard = None if heard is None else replace(heard, files=tuple(map(nameless, heard.files)))
        if entered is None or heard is None:
            return None, []
        door = rooms.web_chat(session, entered.room.id)
        assert door.chat is not None
        listening = Listening(session, heard, 0, door.chat, "web", Reader(entered.language, entered.timezone), now)
        here = bridge.Here(listening, door, entered.room, entered.seat)
        return replies.by_pupil(here), self._parcels(session, listening, f"{pupil} {address} {heard.id}", now)

    def _parcels(self, session: Session, listening: Listening, event: str, now: datetime) -> list[Parcel]:
        """What goes out for an event."""
        key = f"pupil.{hashlib.sha256(event.encode()).hexdigest()[:32]}"
        notices, relay = Notices(session, f"{key}.to", now), Relay(session, f"{key}.by", now)
        for news in listening.news:
            notices.tell(news)
        for what in listening.relayed:
            relay.bring(what)
        return [*notices.parcels, *relay.parcels]

    def _enter(self, session: Session, account: str, address: str) -> Entered | None:
        return entering.enter_pupil(session, int(account), address, self._now())

    def _listed(self, session: Session, account: str) -> Sequence[tuple[Room, int]]:
        return rooms.of_pupil(session, int(account), self._now())
