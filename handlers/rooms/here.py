"""A door at which something is heard, its room, and the seat of whoever does it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.talk import Listening, Stir
from handlers.lines.sending import Voice as Speaker
from storage import relay, rooms
from storage.relay import Spoken
from storage.rooms import Door, Room, Seat, Voice

#: How the page of a room calls a message: this and its number.
PAGE = "m"


@dataclass(frozen=True)
class Here:
    """A door at which something is heard, its room, and the seat of whoever does it."""

    heard: Listening
    door: Door
    room: Room
    seat: Seat

    def meant(self, ref: str | None) -> Spoken | None:
        """The message of this room that is called so at this door, if it is there for whoever does this."""
        spoken = self.pointed(ref)
        return spoken if spoken is not None and rooms.reads(self.heard.session, spoken.id, self.seat) else None

    def pointed(self, ref: str | None) -> Spoken | None:
        """Any message of this room that is called so at this door: by the page, or by the platform."""
        if ref is None:
            return None
        session = self.heard.session
        number = ref.removeprefix(PAGE)
        if self.door.platform == "web":
            known = number.isascii() and number.isdecimal() and len(number) < 19
            spoken = relay.find(session, int(number)) if known else None
        else:
            spoken = relay.shown_in(session, self.heard.chat, ref)
        return spoken if spoken is not None and rooms.room_of(session, spoken.id) == self.room.id else None

    def voice(self) -> Voice:
        """How whoever does this is heard."""
        return rooms.voice_at(self.heard.session, self.seat)

    def own(self, spoken: Spoken | None) -> Spoken | None:
        """A message that they said themselves and that still stands."""
        if spoken is None or spoken.removed_at is not None:
            return None
        return spoken if rooms.spoke(self.heard.session, spoken.id, self.seat) else None

    def stir(self) -> None:
        """Let open pages look for what is new."""
        stir(self.heard, self.room.id)


def stir(by: Speaker, room: int) -> None:
    """Let open pages of a room look for what is new."""
    web = rooms.web_chat(by.session, room)
    if web.chat is not None:
        by.relay(Stir(web.chat))


def here_at(heard: Listening) -> Here | None:
    """Where this is heard; None where it is no door, or by nobody who is in the room: they are not listened to."""
    if heard.heard.kind != "group":
        return None
    door = _door(heard)
    room = None if door is None else rooms.find(heard.session, door.room)
    seat = None if door is None else rooms.seat_of(heard.session, door.room, heard.person)
    return None if door is None or room is None or seat is None else Here(heard, door, room, seat)


def _door(heard: Listening) -> Door | None:
    """The door at which this is heard: a chat, or a topic of it. A sign comes without its topic; where it was put, a
    message of the room stands."""
    what, session = heard.heard, heard.session
    if what.signs is None or what.about is None:
        return rooms.door_of(session, heard.platform, what.chat, what.thread)
    spoken = relay.shown_in(session, heard.chat, what.about)
    room = None if spoken is None else rooms.room_of(session, spoken.id)
    return next((door for door in rooms.doors_in(session, heard.platform, what.chat) if door.room == room), None)
