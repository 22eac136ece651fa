"""What the bot does with rooms of its own: it opens them, asks people in, sends them away, lets nobody write.

A room is opened under an alias that is known in advance, so that one whose creation was not answered is found again.
Room version 12 gives the one who made a room all power and lets nobody write that down; before, it has to be written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import quote

from bot.platforms.matrix.avatars import avatar
from bot.platforms.matrix.rooms import CREATE, ENCRYPTION, MEMBER, RULES, Rooms, inside
from bot.platforms.matrix.wire import CLIENT, RETRY_SECONDS, Away, Refused, Wire, room_path
from bot.platforms.platform import FLOOD, Deed, Rejected, SendError, TryLater, Unreachable

log = logging.getLogger("twinbot.matrix")

Json = Any

AWAY_SECONDS, SIGNED_OUT_SECONDS, APPEARS_SECONDS = 2.0, 60.0, 10.0
POWER, PARENT, CHILD = "m.room.power_levels", "m.space.parent", "m.space.child"
# From these versions on rooms can be entered by members of a space, can be knocked at, and have almighty makers.
_RESTRICTED, _KNOCKING, _ALMIGHTY = 8, 7, 12
_MOST = 100
_UPLOAD = "/_matrix/media/v3/upload"
_MEGOLM = {"algorithm": "m.megolm.v1.aes-sha2"}
_THERE = ("join", "invite")


class Deeds:
    """Does deeds. New rooms are encrypted if ``encryption`` is on; ``version`` is the homeserver's own, if None."""

    def __init__(self, wire: Wire, rooms: Rooms, *, encryption: bool, version: str | None = None) -> None:
        self._wire, self._rooms, self._encryption, self._wants = wire, rooms, encryption, version
        self._acts = {
            "open": self._open,
            "set": self._set,
            "follow": self._follow,
            "invite": self._invite,
            "remove": self._remove,
            "hush": self._hush,
            "erase": self._erase,
            "leave": self._leave,
        }

    async def do(self, deed: Deed) -> Mapping[str, Json]:
        """Do one, and give what there is to know of it. Raises a `SendError`."""
        act = self._acts.get(deed.what)
        if act is None:
            raise Rejected("there is no such deed")
        try:
            return await act(deed.chat, deed.args)
        except (Away, Refused) as error:
            raise _send_error(error) from None

    async def _open(self, _chat: str, args: Mapping[str, Json]) -> Mapping[str, Json]:
        """Make a room, or find it if it is made already, and put it into its space."""
        room = await self._made(args)
        await self._in_space(room, args.get("space"))
        await self._appears(room)
        return {"chat": room}

    async def _made(self, args: Mapping[str, Json]) -> str:
        wanted = self._wanted(args, await self._version())
        picture = await self._picture(args)
        if picture is not None:
            wanted["initial_state"].append({"type": "m.room.avatar", "state_key": "", "content": {"url": picture}})
        try:
            answer = await self._wire.call("POST", f"{CLIENT}/createRoom", wanted)
            return str(answer["room_id"])
        except Refused as refused:
            if refused.errcode != "M_ROOM_IN_USE":
                raise
        alias = f"#{args['alias']}:{self._server}"
        room = str((await self._wire.call("GET", f"{CLIENT}/directory/room/{quote(alias, safe='')}"))["room_id"])
        # An alias can be taken by anybody; only a room that the bot has made is its own.
        state = await self._state(room)
        if inside(state.get((CREATE, "")), "sender") != self._rooms.me:
            raise Rejected("M_ROOM_IN_USE")
        await self._complete(room, args, state)
        return room

    async def _picture(self, args: Mapping[str, Json]) -> str | None:
        """Where a picture for the room lies; without one it does as well."""
        if "tint" not in args:
            return None
        drawn = avatar(int(args["tint"]), 3 if args.get("space") is None else 1)
        try:
            told = await self._wire.upload(_UPLOAD, BytesIO(drawn), len(drawn), "image/png", {"filename": "room.png"})
        except Refused as refused:
            if refused.limited or refused.signed_out:
                raise
            return None
        return str(told["content_uri"]) if "content_uri" in told else None

    async def _version(self) -> str:
        """The room version to make: what the homeserver prefers, if members of a space can enter it."""
        if self._wants is not None:
            return self._wants
        told = inside(await self._wire.call("GET", f"{CLIENT}/capabilities"), "capabilities", "m.room_versions")
        preferred, known = inside(told, "default"), inside(told, "available")
        if not isinstance(preferred, str) or _number(preferred) >= _RESTRICTED or not isinstance(known, dict):
            return preferred if isinstance(preferred, str) else "1"
        stable = [one for one, state in known.items() if state == "stable" and _number(one) >= _RESTRICTED]
        return min(stable, key=_number) if stable else preferred

    def _wanted(self, args: Mapping[str, Json], version: str) -> Json:
        """The body of a request for a new room."""
        space = args.get("space")
        state = self._kind(space, version)
        if self._encryption and space is not None:
            state[ENCRYPTION, ""] = _MEGOLM
        return {
            "room_alias_name": args["alias"],
            "name": args["name"],
            "topic": args["topic"],
            "preset": "private_chat",
            "visibility": "private",
            "room_version": version,
            "creation_content": {"type": "m.space"} if space is None else {},
            "initial_state": [{"type": kind, "state_key": key, "content": c} for (kind, key), c in state.items()],
            "power_level_content_override": self._power(version, everyone=_MOST if space is None else 0),
        }

    def _kind(self, space: str | None, version: str) -> dict[tuple[str, str], Json]:
        """The state that makes a room what it is. Of the space only members are asked; they can enter its rooms."""
        rule: Json = {"join_rule": "invite"}
        if space is not None and _number(version) >= _RESTRICTED:
            rule = {"join_rule": "restricted", "allow": [{"type": "m.room_membership", "room_id": space}]}
        elif space is not None and _number(version) >= _KNOCKING:
            rule = {"join_rule": "knock"}
        state: dict[tuple[str, str], Json] = {
            (RULES, ""): rule,
            ("m.room.history_visibility", ""): {"history_visibility": "shared"},
            ("m.room.guest_access", ""): {"guest_access": "forbidden"},
        }
        return state if space is None else {**state, (PARENT, space): {"via": [self._server], "canonical": True}}

    def _power(self, version: str, *, everyone: int) -> Json:
        """Who may do what: the bot all, others write. Makers of a room of version 12 must not be named."""
        users = {} if _number(version) >= _ALMIGHTY else {self._rooms.me: _MOST}
        ours = dict.fromkeys(("state_default", "invite", "kick", "ban", "redact"), _MOST)
        return {"users": users, "users_default": 0, "events_default": everyone, "events": {}, **ours}

    async def _set(self, chat: str, args: Mapping[str, Json]) -> Mapping[str, Json]:
        """Make a room that is there what it should be: its state, its place in its space."""
        self._known(chat)
        await self._complete(chat, args, await self._state(chat))
        await self._in_space(chat, args.get("space"))
        return {"chat": chat}

    async def _complete(self, room: str, args: Mapping[str, Json], state: Mapping[tuple[str, str], Json]) -> None:
        """Put what is missing: creating a room takes several steps, after each of which a homeserver may stop."""
        version = inside(state.get((CREATE, "")), "content", "room_version") or "1"
        wanted = self._kind(args.get("space"), version)
        wanted |= {("m.room.name", ""): {"name": args["name"]}, ("m.room.topic", ""): {"topic": args["topic"]}}
        if self._encryption and args.get("space") is not None and (ENCRYPTION, "") not in state:
            wanted[ENCRYPTION, ""] = _MEGOLM
        if (POWER, "") not in state:
            wanted[POWER, ""] = self._power(version, everyone=_MOST if args.get("space") is None else 0)
        for (kind, key), content in wanted.items():
            found = inside(state.get((kind, key)), "content")
            if {name: inside(found, name) for name in content} != content:
                await self._put(room, kind, key, content)

    async def _in_space(self, room: str, space: str | None) -> None:
        if space is not None:
            await self._put(space, CHILD, room, {"via": [self._server], "suggested": True})

    async def _follow(self, chat: str, args: Mapping[str, Json]) -> Mapping[str, Json]:
        """Go into the room that takes the place of another. Raises `Rejected` if the bot has no power there."""
        new = str(args["to"])
        await self._wire.call("POST", f"{CLIENT}/join/{quote(new, safe='')}", {})
        await self._appears(new)
        state = await self._state(new)
        if not self._rules(state):
            raise Rejected("M_FORBIDDEN")
        await self._complete(new, args, state)
        await self._in_space(new, args.get("space"))
        if args.get("space") is not None:
            await self._put(str(args["space"]), CHILD, chat, {})
        return {"chat": new, "members": _members(state, self._rooms.me)}

    def _rules(self, state: Mapping[tuple[str, str], Json]) -> bool:
        """Whether the bot has all power in a room."""
        made, power = state.get((CREATE, "")), inside(state.get((POWER, "")), "content")
        more = inside(made, "content", "additional_creators")
        makers = [inside(made, "sender"), *(more if isinstance(more, list) else ())]
        if _number(inside(made, "content", "room_version") or "1") >= _ALMIGHTY and self._rooms.me in makers:
            return True
        level = inside(power, "users", self._rooms.me)
        return isinstance(level, int) and level >= _MOST

    async def _invite(self, chat: str, args: Mapping[str, Json]) -> Mapping[str, Json]:
        """Ask somebody in. Who is there, or asked already, is not asked again."""
        self._known(chat)
        user = str(args["user"])
        now = await self._membership(chat, user)
        if now in _THERE:
            return {"membership": now}
        if now == "ban":
            await self._wire.call("POST", room_path(chat, "unban"), {"user_id": user})
        await self._wire.call("POST", room_path(chat, "invite"), {"user_id": user})
        return {"membership": "invite"}

    async def _remove(self, chat: str, args: Mapping[str, Json]) -> Mapping[str, Json]:
        """Send somebody away, take an invitation back, or say no to who asks to come in. With ``bar`` they cannot come
        back by themselves, as who is in the space could."""
        self._known(chat)
        user = str(args["user"])
        if args.get("bar"):
            await self._wire.call("POST", room_path(chat, "ban"), {"user_id": user})
        elif await self._membership(chat, user) in (*_THERE, "knock"):
            await self._wire.call("POST", room_path(chat, "kick"), {"user_id": user})
        return {"membership": "leave"}

    async def _hush(self, chat: str, args: Mapping[str, Json]) -> Mapping[str, Json]:
        """Let nobody but the bot write, or everybody again."""
        self._known(chat)
        power = await self._wire.call("GET", room_path(chat, "state", POWER, ""))
        wanted = {**power, "events_default": _MOST if args["on"] else 0}
        if wanted != power:
            await self._put(chat, POWER, "", wanted)
        return {}

    async def _leave(self, chat: str, _args: Mapping[str, Json]) -> Mapping[str, Json]:
        """Go out of a room for good; those who are in it keep it."""
        try:
            await self._wire.call("POST", room_path(chat, "leave"), {})
        except Refused as refused:
            # Whoever was sent away before is out already.
            if refused.limited or refused.signed_out:
                raise
        self._rooms.leave(chat)
        return {}

    async def _erase(self, chat: str, args: Mapping[str, Json]) -> Mapping[str, Json]:
        """Take a message of somebody away."""
        self._known(chat)
        event = str(args["message"])
        path = room_path(chat, "redact", event, f"erase-{event}")
        await self._wire.call("PUT", path, {})
        return {}

    async def _membership(self, room: str, user: str) -> Json:
        try:
            return inside(await self._wire.call("GET", room_path(room, "state", MEMBER, user)), "membership")
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    async def _state(self, room: str) -> dict[tuple[str, str], Json]:
        """The whole state of a room, by type and key."""
        found = await self._wire.listed(room_path(room, "state"))
        return {(str(one.get("type")), str(one.get("state_key"))): one for one in found}

    async def _put(self, room: str, kind: str, key: str, content: Json) -> None:
        await self._wire.call("PUT", room_path(room, "state", kind, key), content)

    async def _appears(self, room: str) -> None:
        """Nothing can be sent into a room before the sync has told of it."""
        try:
            async with asyncio.timeout(APPEARS_SECONDS):
                await self._rooms.appears(room)
        except TimeoutError:
            raise TryLater(AWAY_SECONDS, "the room is not there yet") from None

    def _known(self, room: str) -> None:
        if room not in self._rooms:
            raise Unreachable("not in this room")

    @property
    def _server(self) -> str:
        return self._rooms.me.partition(":")[2]


def _members(state: Mapping[tuple[str, str], Json], me: str) -> dict[str, Json]:
    members = {key: one for (kind, key), one in state.items() if kind == MEMBER and key != me}
    return {key: inside(one, "content", "membership") for key, one in members.items()}


def _number(version: Json) -> int:
    """A room version as a number; those of experiments have none."""
    return int(version) if isinstance(version, str) and version.isascii() and version.isdecimal() else 0


def _send_error(error: Away | Refused) -> SendError:
    """What delivery is told. Each deed can be tried again without harm."""
    if isinstance(error, Away):
        return TryLater(AWAY_SECONDS, str(error), everyone=True)
    if error.limited:
        # Rooms and invitations have limits of their own: nobody else has to wait for them.
        return TryLater(error.retry_seconds or RETRY_SECONDS, FLOOD)
    if error.signed_out:
        return TryLater(SIGNED_OUT_SECONDS, "signed out", everyone=True)
    return Rejected(error.errcode)
