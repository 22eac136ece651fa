"""Who asks for something in which room, and how they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Listening, Option
from bot.text import Node, Strong, Verbatim, lines
from handlers import speaking
from handlers.reminders.circle import by_first_names
from handlers.rooms import here as rooms_here
from handlers.speaking import Saying
from storage import attendees, rooms
from storage.attendees import PROJECT, Guest
from storage.rooms import Door, Room, Seat, notices


@dataclass(frozen=True)
class Here:
    """A door at which somebody who is in the room asks the bot for something."""

    heard: Listening
    door: Door
    room: Room
    seat: Seat

    @property
    def at(self) -> rooms_here.Here:
        """The same for what is not only for teachers."""
        return rooms_here.Here(self.heard, self.door, self.room, self.seat)

    @property
    def session(self) -> Session:
        """The session of this turn."""
        return self.heard.session

    @property
    def now(self) -> datetime:
        """The moment of this turn."""
        return self.heard.now

    @property
    def person(self) -> int:
        """Who asks."""
        return self.seat.person

    @property
    def circle(self) -> str:
        """What the appointments of this room's project are kept under."""
        return f"{PROJECT}{self.room.project}"

    @property
    def reads(self) -> tuple[str, str]:
        """How the bot speaks here, by the clock of whoever asks."""
        return speaking.reads(self.session, self.room, self.heard.reader.timezone)

    def guests(self) -> list[Guest]:
        """The teachers in the room; whoever asks is one of them."""
        return by_first_names(attendees.people(self.session, notices.teachers(self.session, self.room.id)))

    def answer(self, body: Node) -> None:
        """Answer where it was asked: on the web the page of the room, elsewhere the chat that is its door."""
        if self.door.platform == "web":
            self.on_page(body)
        else:
            self.heard.say(body)

    def on_page(self, body: Node) -> None:
        """Say it on the page of the room, if it was asked for there: what comes in private alone is seen later."""
        if self.door.platform != "web":
            return
        reader = self.heard.reader
        own = (reader.chosen, reader.timezone)
        said = Saying(body)
        speaking.speak(
            self.session,
            self.heard.relay,
            self.room.id,
            said,
            reads=own,
            now=self.now,
            kind=notices.HINT,
            person=self.person,
        )

    def privately(self, body: Node, *options: Option) -> None:
        """Answer in the private chat of whoever asks."""
        self.heard.tell(self.person, lines(Strong(Verbatim(self.room.title)), body), *options)


def here(heard: Listening) -> Here | None:
    """Where this is heard; None where it is no door, or by nobody who is a teacher in the room."""
    if heard.heard.kind != "group":
        return None
    door = rooms.door_of(heard.session, heard.platform, heard.heard.chat, heard.heard.thread)
    room = None if door is None else rooms.find(heard.session, door.room)
    seat = None if door is None else rooms.seat_of(heard.session, door.room, heard.person)
    return None if door is None or room is None or seat is None else Here(heard, door, room, seat)
