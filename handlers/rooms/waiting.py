"""What waits for a teacher, told to them in one message that changes as long as the same things wait."""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy.orm import Session

from bot.talk import News, Option, go
from bot.text import Count, Joined, Name, Node, Strong, Verbatim, lines, n_, p_
from handlers.lines.words import KINDS
from handlers.partners.cards import shortened
from handlers.rooms.words import titled_room
from storage import rooms
from storage.rooms import Room, holding
from storage.rooms.holding import Held

#: So many are shown with the beginning of their words.
SHOWN, BEGINNING, MOST = 5, 200, 500


def waiting_news(session: Session, number: int, person: int) -> News | None:
    """What waits for somebody in a room; None if nothing does.

    The message is the same as long as the oldest thing that waits is: so a class that writes rings once, and again
    after the teacher has been there.
    """
    room, held = rooms.find(session, number), holding.waiting(session, person, MOST, room=number)
    if room is None or not held:
        return None
    named = blake2b(f"held {number} {person} {held[0].id}".encode(), digest_size=12).hexdigest()
    return News(person, waiting_list(room, held), ways(room, len(held), max(one.change for one in held)), token=named)


def waiting_list(room: Room, held: list[Held]) -> Node:
    """What waits in a room, with the words of the first few."""
    title = n_("{n} message waits for you", "{n} messages wait for you", len(held))
    shown = [lines(Strong(Name(one.nickname)), begins(one)) for one in held[:SHOWN]]
    more = [Verbatim("…")] if len(held) > SHOWN else []
    return Joined((lines(titled_room(room), title), *shown, *more), "\n\n")


def begins(one: Held) -> Node:
    """The beginning of a message that waits, and the kinds of its files."""
    files = [Joined((Verbatim("📎"), KINDS[file["kind"]]), " ") for file in one.files]
    words = Verbatim(shortened(one.words, BEGINNING)) if one.words.strip() else None
    return lines(words, *files)


def ways(room: Room, number: int, last: int) -> tuple[Option, ...]:
    """Look at each of so many, or let all out up to the last change that is counted here: not what is written or
    changed meanwhile."""
    # Translators: buttons under messages of pupils that wait for their teacher; the second ends with how many.
    each = go(f"room held {room.id}", p_("button", "One by one"))
    return each, go(f"room all {room.id} {last}", p_("button", "Let out all: {n}", n=Count(number)))
