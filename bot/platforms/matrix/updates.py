"""An event before it is understood: whether it asks for anything, and how it is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from bot.platforms.matrix.reading import (
    ENCRYPTED,
    MESSAGE,
    POLLS,
    REACTION,
    REDACTION,
    STICKER,
    VOTES,
    event_id,
    is_edit,
)
from bot.platforms.matrix.rooms import STATE, TOMBSTONE, Room, Rooms, inside, membership
from bot.platforms.platform import RawUpdate

Json = Any
Waiting = dict[str, Any]

_ASKING = (MESSAGE, ENCRYPTED, REACTION, STICKER, *POLLS)
#: The types of events that the bot looks at.
WANTED = [*_ASKING, *VOTES, REDACTION, *STATE, TOMBSTONE]


def asks(event: Json, me: str) -> bool:
    """Whether an event may ask for an answer: it says something to the bot, and changes nothing said before."""
    said = inside(event, "type") in _ASKING and not is_edit(inside(event, "content"))
    return said and concerns(event, me)


def concerns(event: Json, me: str) -> bool:
    """Whether an event is to be stored: not one of the bot's own, nor of another bot's."""
    notice = inside(event, "content", "msgtype") == "m.notice"
    return inside(event, "type") in (*_ASKING, *VOTES, REDACTION) and inside(event, "sender") != me and not notice


def happens(event: Json, me: str) -> bool:
    """Whether it is something that happened to a group: somebody else came, went or asks to; the group has moved."""
    if inside(event, "type") == TOMBSTONE:
        return bool(inside(event, "state_key") == "")
    now = membership(event)
    return now is not None and now != _before(event) and inside(event, "state_key") != me


def _before(event: Json) -> Json:
    return inside(event, "unsigned", "prev_content", "membership")


def joined(timeline: Sequence[Json], me: str) -> Json | None:
    """The event by which the bot has come into the room, if it is among these; a change of its name is none."""
    for event in reversed(timeline):
        if membership(event, me) == "join" and _before(event) != "join":
            return event
    return None


def alone(rooms: Rooms, room: str, event: Json) -> bool:
    """Whether with this event the last other person has gone. A group of our own waits for others."""
    if rooms[room].ours:
        return False
    return membership(event) in ("leave", "ban") and inside(event, "state_key") != rooms.me and rooms.alone(room)


def update(room: str, known: Room, event: Json, what: str = "message") -> RawUpdate:
    """An event as it is stored, with what `read` cannot know later: the kind of room, the author's name.

    ``what`` is message, joined (the bot came in, nothing was said yet), gone (nobody is there any more) or happened (to
    a group, and nobody said anything).
    """
    sender = inside(event, "sender")
    if what == "joined":
        # It reads as the first word of the person who invited.
        others = sorted(known.joined - {sender})
        sender = others[0] if others else sender
        event = {"event_id": inside(event, "event_id"), "type": inside(event, "type"), "sender": sender}
    if what == "happened":
        event = _bare(event)
    name = known.names.get(sender) if isinstance(sender, str) else None
    body = {"what": what, "room": room, "kind": known.kind, "event": event, "language": None, "name": name}
    return RawUpdate(_id(event), room, _text(body))


def _bare(event: Json) -> Json:
    """What has to be known of a change in a group, without names and pictures."""
    content = inside(event, "content")
    said = {name: inside(content, name) for name in ("membership", "replacement_room") if inside(content, name)}
    kept = {name: inside(event, name) for name in ("event_id", "type", "sender", "state_key")}
    return {**kept, "content": said, "unsigned": {"prev_content": {"membership": _before(event)}}}


def _id(event: Json) -> str:
    found = event_id(event)
    return found if found is not None else f"#{hashlib.sha256(_text(event).encode()).hexdigest()[:32]}"


def _text(value: Json) -> str:
    """JSON in ASCII, so that any database takes it."""
    return json.dumps(value, separators=(",", ":"))


def kept(mark: str) -> list[Waiting]:
    """The messages that wait for their keys, from a mark."""
    return json.loads(mark) if mark else []
