"""Who is in which room, and what kind of room it is: what the sync has told so far."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.talk.messages import ChatKind

Json = Any

MEMBER, ENCRYPTION = "m.room.member", "m.room.encryption"
CREATE, RULES, TOMBSTONE = "m.room.create", "m.room.join_rules", "m.room.tombstone"
#: The state that says what kind of room it is and who is in it.
STATE = [MEMBER, ENCRYPTION, CREATE, RULES]


def inside(value: Json, *path: str) -> Json:
    """What stands at the end of a path of keys in JSON of any shape; None if the path breaks off."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def events(value: Json, *path: str) -> list[dict[str, Any]]:
    """The events of a list in JSON of any shape: objects only."""
    found = inside(value, *path, "events")
    return [event for event in found if isinstance(event, dict)] if isinstance(found, list) else []


def membership(event: Json, user: str | None = None) -> str | None:
    """What a member event says of its person, if it is one (of ``user``, if given)."""
    if inside(event, "type") != MEMBER or user not in (None, inside(event, "state_key")):
        return None
    found = inside(event, "content", "membership")
    return found if isinstance(found, str) else None


_ENTERABLE = ("public", "knock", "restricted", "knock_restricted")


@dataclass
class Room:
    """A room the bot is in: those who are there, those invited, and their display names.

    ``ours`` is one that the bot has made, or that others may enter by themselves: a group, however few are in it now.
    """

    joined: set[str] = field(default_factory=set)
    invited: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    encrypted: bool = False
    made: bool = False
    enterable: bool = False

    @property
    def ours(self) -> bool:
        """Whether it is a group by itself."""
        return self.made or self.enterable

    @property
    def kind(self) -> ChatKind:
        """A chat of two is private; as soon as a third is there or may come, it is a group."""
        return "private" if len(self.joined | self.invited) <= 2 and not self.ours else "group"

    def take(self, event: Json, me: str = "") -> None:
        """Learn from one state event; ``me`` is the bot."""
        if inside(event, "type") == CREATE and inside(event, "state_key") == "":
            self.made = inside(event, "sender") == me != ""
        if inside(event, "type") == RULES and inside(event, "state_key") == "":
            self.enterable = inside(event, "content", "join_rule") in _ENTERABLE
        if inside(event, "type") == ENCRYPTION and inside(event, "state_key") == "":
            self.encrypted = True  # Encryption is never switched off, whatever a later event says.
        now, who = membership(event), inside(event, "state_key")
        if now is None or not isinstance(who, str):
            return
        self.joined.discard(who)
        self.invited.discard(who)
        self.names.pop(who, None)
        if now in ("join", "invite"):
            (self.joined if now == "join" else self.invited).add(who)
            name = inside(event, "content", "displayname")
            if isinstance(name, str):
                self.names[who] = name


class Rooms:
    """All rooms the bot is in, by id."""

    def __init__(self, me: str) -> None:
        self.me = me
        self._rooms: dict[str, Room] = {}
        self._news = asyncio.Event()

    def __getitem__(self, room: str) -> Room:
        """A room the bot is in. Raises KeyError."""
        return self._rooms[room]

    def __contains__(self, room: str) -> bool:
        return room in self._rooms

    def take(self, room: str, changes: Iterable[Json]) -> Room:
        """Learn from state events of a room, oldest first."""
        known = self._rooms.setdefault(room, Room())
        for event in changes:
            known.take(event, self.me)
        self._news.set()
        return known

    def forget(self) -> None:
        """Know nothing, until the sync has told anew: another process has listened meanwhile."""
        self._rooms.clear()

    async def appears(self, room: str) -> None:
        """Wait until the sync has told of a room."""
        while room not in self._rooms:
            self._news.clear()
            await self._news.wait()

    def alone(self, room: str) -> bool:
        """Whether nobody else is in the room or invited."""
        known = self._rooms.get(room)
        return known is not None and not (known.joined | known.invited) - {self.me}

    def leave(self, room: str) -> None:
        """The bot is not in this room any more."""
        self._rooms.pop(room, None)


@dataclass(frozen=True)
class Invitation:
    """An open invitation: whether it is to a direct chat, and whether that is encrypted."""

    room: str
    direct: bool
    encrypted: bool


def invitations(sync: Json, me: str) -> list[Invitation]:
    """The invitations in an answer to /sync. Clients mark a direct chat in the content of the guest's own event."""
    invited = inside(sync, "rooms", "invite")
    found = []
    for room, news in invited.items() if isinstance(invited, dict) else ():
        state = events(news, "invite_state")
        direct = any(membership(e, me) == "invite" and inside(e, "content", "is_direct") is True for e in state)
        found.append(Invitation(room, direct, any(inside(e, "type") == ENCRYPTION for e in state)))
    return found
