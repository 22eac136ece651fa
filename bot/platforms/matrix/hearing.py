"""The sync loop: what it brings is stored together with its token, so that nothing is lost and nothing comes twice."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.platforms.matrix.account import PENDING, SINCE, signed_out
from bot.platforms.matrix.errands import Errands
from bot.platforms.matrix.history import History
from bot.platforms.matrix.patience import Patience, Pause, insist
from bot.platforms.matrix.reading import ENCRYPTED
from bot.platforms.matrix.rooms import STATE, Rooms, events, inside, invitations, membership
from bot.platforms.matrix.typing import TYPING, typing_in
from bot.platforms.matrix.updates import WANTED, Waiting, alone, asks, concerns, happens, joined, kept, update
from bot.platforms.matrix.wire import CLIENT, Away, Refused, Wire
from bot.platforms.platform import Ear, RawUpdate

log = logging.getLogger("twinbot.matrix")

Json = Any

WAIT_SECONDS = 30.0
# A message may overtake its key by this much before its author is told that it cannot be read. Asking for the key
# would be in vain: nio takes keys that are passed on from the bot's own devices alone.
KEY_MAY_TAKE = timedelta(seconds=10)
MOST_WAITING = 100

_NONE: dict[str, list[str]] = {"types": []}
_LEAN = {"presence": _NONE, "account_data": _NONE}
_ROOM = {"ephemeral": _NONE, "account_data": _NONE}
_TYPING = {"ephemeral": {"types": [TYPING]}}
# Members are not loaded lazily: who is in a room says whether it is private, and that must hold from the start.
_WHOLE = {
    **_ROOM,
    "state": {"types": STATE},
    "timeline": {"types": WANTED, "limit": 50},
}
_INVITES = json.dumps({**_LEAN, "room": {**_ROOM, "state": _NONE, "timeline": {"types": [], "limit": 0}}})


class Decipher(Protocol):
    """The engine of encryption, as far as hearing needs it. None of these raises over what others have sent."""

    async def take_devices(self, messages: Sequence[Json]) -> None:
        """Take what other devices sent to this one: keys."""

    async def take_room(self, room: str, news: Json) -> None:
        """Take a room's state and timeline from a sync."""

    async def take_rest(self, sync: Json) -> None:
        """Take what a sync says of rooms left, of other people's devices and of the one-time keys on the server."""

    def decrypt(self, room: str, event: Json) -> Json | None:
        """An event in clear; None without its key."""

    async def keep_keys(self) -> None:
        """Send and fetch what the keys need. Raises `Away` or `Refused`."""


class Hearing:
    """Syncs until cancelled. ``ready`` is called once the rooms are known, ``typing`` (with room and person) when
    somebody writes in a private chat."""

    def __init__(
        self,
        wire: Wire,
        rooms: Rooms,
        errands: Errands,
        decipher: Decipher | None,
        ready: Callable[[], None],
        now: Callable[[], datetime],
        pause: Pause,
        typing: Callable[[str, str], None] | None = None,
    ) -> None:
        self._wire, self._rooms, self._errands, self._decipher = wire, rooms, errands, decipher
        self._typing = typing
        self._filter = json.dumps({**_LEAN, "room": _WHOLE if typing is None else {**_WHOLE, **_TYPING}})
        self._ready, self._now, self._pause = ready, now, pause
        self._history = History(wire)
        self._patience = Patience(pause)
        self._since: str | None = None
        self._waiting: list[Waiting] = []
        self._first = True
        self._empty: list[str] = []

    async def run(self, ear: Ear, marks: Mapping[str, str]) -> None:
        """Listen, going on after the kept token. Raises `Setback` when the login is ended."""
        self._since, self._waiting = marks.get(SINCE) or None, kept(marks.get(PENDING, ""))
        while True:
            try:
                await self._step(ear)
                self._patience.rest()
            except Away as away:
                await self._patience.after(away)
            except Refused as refused:
                if refused.signed_out:
                    raise signed_out() from None
                await self._patience.after(refused)

    async def _step(self, ear: Ear) -> None:
        """One sync, stored in one commit; only then does anything follow from it."""
        sync = await self._fetch()
        self._empty = []
        waiting, updates = self._late()
        updates += await self._take(sync, waiting)
        token = sync["next_batch"]
        if (token != self._since and not self._is_fleeting(sync)) or updates or waiting != self._waiting:
            await self._store(ear, updates, {SINCE: token, PENDING: json.dumps(waiting) if waiting else ""})
        self._since, self._waiting = token, waiting
        await self._follow(sync)

    def _is_fleeting(self, sync: Json) -> bool:
        """Whether a sync only says who writes just now; that is not worth a commit, nor harm if it comes again."""
        if self._since is None or self._typing is None:
            return False
        rooms, news = inside(sync, "rooms"), [news for _room, news in _pairs(inside(sync, "rooms", "join"))]
        talk = any(events(one, "timeline") or events(one, "state") for one in news)
        other = any(inside(rooms, kind) for kind in ("invite", "leave")) or events(sync, "to_device")
        return bool(news) and not talk and not other

    async def _fetch(self) -> Json:
        query = {"filter": self._filter, "timeout": "0" if self._first else str(int(self._patient_for() * 1000))}
        if self._since is not None:
            query["since"] = self._since
        if self._first:
            query["full_state"] = "true"
        try:
            sync = await self._wire.call("GET", f"{CLIENT}/sync", query=query, seconds=2 * WAIT_SECONDS)
        except Refused as refused:
            if refused.status == 400 and self._since is not None:
                # A homeserver that was set up anew, or from an older copy, knows no such token.
                log.error("the homeserver does not know the last sync token; messages sent since then are not answered")
                self._since, self._first = None, True
            raise
        if not isinstance(sync.get("next_batch"), str):
            raise Away("an answer without sync token")
        return sync

    def _patient_for(self) -> float:
        """The seconds the homeserver may hold the request: not beyond the end of waiting for a key."""
        ends = [(datetime.fromisoformat(one["until"]) - self._now()).total_seconds() for one in self._waiting]
        return min([WAIT_SECONDS, *(max(0.5, seconds) for seconds in ends)])

    async def _take(self, sync: Json, waiting: list[Waiting]) -> list[RawUpdate]:
        """What is to be stored of a sync; what cannot be read yet goes to ``waiting``."""
        if self._decipher:
            await self._decipher.take_devices(events(sync, "to_device"))
        updates: list[RawUpdate] = []
        for room, news in _pairs(inside(sync, "rooms", "join")):
            try:
                updates += await self._room(room, news, waiting)
            except (Away, Refused):
                raise
            except Exception as error:
                log.error("a part of a sync was passed over: %s", type(error).__name__)
        for room, news in _pairs(inside(sync, "rooms", "leave")):
            updates += self._left(room, news)
        if self._decipher:
            await self._decipher.take_rest(sync)
        return updates

    async def _room(self, room: str, news: Json, waiting: list[Waiting]) -> list[RawUpdate]:
        timeline = events(news, "timeline")
        known = self._rooms.take(room, [*events(news, "state"), *(e for e in timeline if "state_key" in e)])
        if self._decipher:
            await self._decipher.take_room(room, news)
        if self._typing is not None and known.kind == "private":
            for user in typing_in(news, self._rooms.me):
                self._typing(room, user)
        if self._since is None:
            return []  # What was said before the bot ever listened is not for it.
        entered = joined(timeline, self._rooms.me)
        heard = await self._history.complete(room, news, self._since, self._rooms.me if entered else None)
        updates = [made for event in heard for made in self._event(room, event, waiting)]
        if entered and not any(asks(event, self._rooms.me) for event in heard) and known.kind == "private":
            return [update(room, known, entered, "joined"), *updates]
        return updates

    def _event(self, room: str, event: Json, waiting: list[Waiting]) -> list[RawUpdate]:
        known = self._rooms[room]
        if alone(self._rooms, room, event):
            self._empty.append(room)
            return [update(room, known, event, "gone")]
        if known.kind == "group" and happens(event, self._rooms.me):
            return [update(room, known, event, "happened")]
        return self._said(room, event, waiting) if concerns(event, self._rooms.me) else []

    def _said(self, room: str, event: Json, waiting: list[Waiting]) -> list[RawUpdate]:
        """Something that is said; in clear, if it can be read."""
        known = self._rooms[room]
        if event.get("type") != ENCRYPTED or self._decipher is None:
            return [update(room, known, event)]
        clear = self._decipher.decrypt(room, event)
        if clear is not None:
            return [update(room, known, clear)] if concerns(clear, self._rooms.me) else []
        if len(waiting) >= MOST_WAITING:
            return [update(room, known, event)]
        waiting.append({"room": room, "event": event, "until": (self._now() + KEY_MAY_TAKE).isoformat()})
        return []

    def _late(self) -> tuple[list[Waiting], list[RawUpdate]]:
        """Messages whose key has come since, or did not come in time; and those that wait on."""
        waiting: list[Waiting] = []
        updates: list[RawUpdate] = []
        for one in self._waiting:
            room, event = one["room"], one["event"]
            clear = self._decipher.decrypt(room, event) if self._decipher else None
            over = self._decipher is None or self._now() >= datetime.fromisoformat(one["until"])
            if room in self._rooms and (clear is not None or over):
                found = clear if clear is not None else event
                updates += [update(room, self._rooms[room], found)] if concerns(found, self._rooms.me) else []
            elif room in self._rooms or self._first:
                waiting.append(one)
        return waiting, updates

    def _left(self, room: str, news: Json) -> list[RawUpdate]:
        """The bot was removed from a room. Its own leaving, and an invitation withdrawn, are no news."""
        was_in = room in self._rooms
        ends = [e for e in events(news, "timeline") if membership(e, self._rooms.me) in ("leave", "ban")]
        mine = bool(ends) and ends[-1].get("sender") == self._rooms.me
        known = self._rooms.take(room, [])
        self._rooms.leave(room)
        return [update(room, known, ends[-1], "gone")] if ends and not mine and (was_in or self._first) else []

    async def _store(self, ear: Ear, updates: Sequence[RawUpdate], marks: Mapping[str, str]) -> None:
        """Store until it succeeds: the token must not move before."""
        patience = Patience(self._pause, "what was heard cannot be stored")
        while True:
            try:
                await ear(updates, marks)
                return patience.rest()
            except Exception as error:
                await patience.after(error)

    async def _follow(self, sync: Json) -> None:
        """What is done once all is stored: keys, rooms to leave, invitations to answer."""
        if self._decipher:
            try:
                await self._decipher.keep_keys()
            except (Away, Refused) as error:
                log.warning("the encryption keys could not be looked after now: %s", error)
        for room in self._empty:
            self._rooms.leave(room)
            self._errands.leave(room)
        self._errands.answer(invitations(sync, self._rooms.me))
        if self._first:
            self._ready()
            await self._find_invitations()
            self._first = False

    async def _find_invitations(self) -> None:
        """Open invitations that an earlier process has seen come in no later sync; one from the beginning has them."""
        query = {"filter": _INVITES, "timeout": "0"}
        sync = await insist(lambda: self._wire.call("GET", f"{CLIENT}/sync", query=query), self._pause)
        self._errands.answer(invitations(sync, self._rooms.me))


def _pairs(value: Json) -> list[tuple[str, Json]]:
    return list(value.items()) if isinstance(value, dict) else []
