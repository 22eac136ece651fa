"""What rooms are called, and how they look in a list."""

from __future__ import annotations

from bot.text import Joined, Node, Strong, Verbatim, n_, p_
from storage.rooms import Room

KINDS: dict[str, Node] = {
    # Translators: the room of the teachers of a project, and the one that pupils may enter too.
    "staff": p_("room", "Staff room"),
    "class": p_("room", "Class room"),
    "more": p_("room", "Room"),
}


def room_name(room: Room) -> Node:
    """A room's own name, or what kind of room it is."""
    return Verbatim(room.name) if room.name else KINDS[room.kind]


def titled_room(room: Room) -> Node:
    """A room with its project, where something about it is told outside of it."""
    return Joined((Strong(room_name(room)), Verbatim(room.title)), " · ")


def room_row(room: Room, new: int) -> Node:
    """A room in one line, with how much is new in it."""
    name = Strong(room_name(room))
    return Joined((name, n_("{n} new message", "{n} new messages", new)), " · ") if new else name


def titled(room: Room) -> Node:
    """A room where something about it is told, with its project."""
    return Joined((room_name(room), Verbatim(room.title)), " · ")


def group_title(room: Room) -> Node:
    """What a new group, a topic or a link for a room is called: the project first, as chats are cut at their end."""
    return Joined((Verbatim(room.title), room_name(room)), " · ")
