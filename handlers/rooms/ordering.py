"""What is done to keep order in a room, and to what waits there: at a door or in the private chat, with one result.

Each of these looks whether it may be done, does it, tells whoever it concerns, and gives what to say to the one who did
it. Raises Excuse where it may not be done, or is done already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.talk import Do, Excuse, Option, Relayed, TakeBack, go
from bot.text import Joined, Name, Node, Strong, Verbatim, When, _, entry, lines, n_, p_
from handlers.partners.cards import flag
from handlers.rooms import onmatrix
from handlers.rooms.bridge import let_out, stir
from handlers.rooms.screening import may_order, may_remove, muted
from handlers.rooms.words import titled_room
from storage import rooms
from storage.rooms import Room, Seat, holding, occupants, order
from storage.rooms.occupants import Occupant

#: For so long somebody is muted who is at a door, in minutes; in the private chat it can be chosen.
MINUTES = 60


class Doer(Protocol):
    """What flows and listeners have in common for somebody who does something."""

    @property
    def session(self) -> Session:
        """The database session of this turn."""

    @property
    def person(self) -> int:
        """The one who does it."""

    @property
    def now(self) -> datetime:
        """The moment of this turn."""

    def say(self, body: Node, *options: Option) -> None:
        """Say something to the one who does it."""

    def tell(self, person: int, body: Node, *options: Option) -> None:
        """Tell somebody else."""

    def do(self, deed: Do) -> None:
        """Have something done on a platform."""

    def relay(self, what: Relayed) -> None:
        """Bring to others what became of what was said."""


@dataclass(frozen=True)
class Done:
    """What was done, in words, and ways on from there."""

    body: Node
    options: tuple[Option, ...] = ()


def place(session: Session, person: int, number: int) -> tuple[Room, Seat]:
    """A room with the seat of somebody who is in it. Raises Excuse for anybody else."""
    room, seat = rooms.find(session, number), rooms.seat_of(session, number, person)
    if room is None or seat is None or seat.status != "verified":
        raise Excuse(_("There is no such room."), go("room", p_("button", "Rooms")))
    return room, seat


def called(who: Occupant) -> Node:
    """Somebody in a room: name or nickname, school, flag."""
    parts: list[Node] = [Name(who.name, who.person), Name(who.school), Verbatim(flag(who.country))]
    return Joined(tuple(parts), " · ")


def remove(by: Doer, room: Room, seat: Seat, message: int) -> Done:
    """Take a message away at all doors."""
    author = occupants.author_of(by.session, message)
    if not may_remove(seat, author):
        raise Excuse(_("You can take away what you or your pupils wrote. Founders can take away anything."))
    if not order.remove(by.session, message, by.person, by.now):
        raise Excuse(_("This message is gone already."))
    by.relay(TakeBack(message, origin=True))
    stir(by, room.id)
    if author is not None and author.person not in {None, by.person}:
        _tell(by, author, room, _("A message of yours was taken away by those who lead the project."))
    return Done(lines(titled_room(room), _("The message is gone at all doors.")), _more(author, seat))


def _more(author: Occupant | None, seat: Seat) -> tuple[Option, ...]:
    """What else may be done about whoever said it."""
    if author is None or not may_order(seat, author):
        return ()
    return (go(f"room who {author.member}", p_("button", "Mute or remove")),)


def mute(by: Doer, room: Room, seat: Seat, who: Occupant, minutes: int = MINUTES) -> Done:
    """Let somebody say nothing for a while."""
    _check(seat, who)
    until = by.now + timedelta(minutes=minutes)
    order.mute(by.session, who, until, by.person, by.now)
    stir(by, room.id)
    _tell(by, who, room, lines(_("You cannot write in this room for a while."), entry(_("Until"), When(until))))
    said = lines(titled_room(room), called(who), entry(_("Cannot write until"), When(until)))
    return Done(said, (go(f"room who {who.member}", p_("button", "Change that")),))


def unmute(by: Doer, room: Room, seat: Seat, who: Occupant) -> Done:
    """Let somebody speak again."""
    _check(seat, who)
    if not order.unmute(by.session, who, by.person, by.now):
        raise Excuse(_("They can write here."))
    stir(by, room.id)
    _tell(by, who, room, _("You can write in this room again."), appeal=False)
    return Done(lines(titled_room(room), called(who), _("They can write here again.")))


def put_out(by: Doer, room: Room, seat: Seat, who: Occupant) -> Done:
    """Remove somebody from a room; no door lets them in again."""
    _check(seat, who)
    if not order.put_out(by.session, who, by.person, by.now):
        raise Excuse(_("They are not in this room any more."))
    stir(by, room.id)
    onmatrix.tend(by.session, room.project, by.now, by.do)
    _tell(by, who, room, _("You were removed from this room by those who lead the project."))
    said = lines(titled_room(room), called(who), _("They are out of this room, and no door lets them in again."))
    return Done(said, (go(f"room who {who.member}", p_("button", "Change that")),))


def let_back(by: Doer, room: Room, seat: Seat, who: Occupant) -> Done:
    """Let somebody in again who was removed."""
    _check(seat, who)
    if not order.let_back(by.session, who, by.person, by.now):
        raise Excuse(_("They are in this room."))
    stir(by, room.id)
    onmatrix.tend(by.session, room.project, by.now, by.do)
    _tell(by, who, room, _("You are in this room again."), appeal=False)
    return Done(lines(titled_room(room), called(who), _("They are in this room again.")))


def release(by: Doer, room: Room, message: int) -> Done:
    """Let a message out that waits."""
    _decides(by, message)
    _goes_on(room)
    if not holding.release(by.session, message, by.person, by.now):
        raise _decided()
    let_out(by, room.id, message)
    stir(by, room.id)
    return Done(_("The message is out."))


def release_all(by: Doer, room: Room, upto: int, limit: int) -> Done:
    """Let all out that waits for them in a room, up to the last change that they were shown."""
    _goes_on(room)
    count = 0
    for one in holding.waiting(by.session, by.person, limit, room=room.id, upto=upto):
        if holding.release(by.session, one.id, by.person, by.now):
            let_out(by, room.id, one.id)
            count += 1
    if count == 0:
        raise _decided()
    stir(by, room.id)
    return Done(lines(titled_room(room), n_("{n} message is out.", "{n} messages are out.", count)))


def give_back(by: Doer, room: Room, message: int, note: str) -> Done:
    """Give a message back to the pupil, who sees the word and may change what they wrote."""
    _decides(by, message)
    if not holding.give_back(by.session, message, note, by.person, by.now):
        raise _decided()
    stir(by, room.id)
    return Done(_("The pupil has it back with your word, and can change it."))


def drop(by: Doer, room: Room, message: int) -> Done:
    """Remove a message that waits; nobody has seen it."""
    _decides(by, message)
    if not holding.drop(by.session, message, by.person, by.now):
        raise _decided()
    by.relay(TakeBack(message))
    stir(by, room.id)
    return Done(_("The message is gone. Nobody else has seen it."))


def _decides(by: Doer, message: int) -> None:
    if not holding.may_decide(by.session, message, by.person):
        raise nothing()


def _goes_on(room: Room) -> None:
    if not room.open:
        raise Excuse(p_("room", "This project is closed; its rooms can only be read."))


def nothing() -> Excuse:
    """There is no such message, or none that is there for them."""
    return Excuse(_("There is no such message."))


def _decided() -> Excuse:
    return Excuse(_("That is decided already."), go("room held", p_("button", "What waits")))


def _check(seat: Seat, who: Occupant) -> None:
    if not may_order(seat, who):
        raise Excuse(_("Founders can do that to everybody but founders, teachers to their own pupils."))


def _tell(by: Doer, who: Occupant, room: Room, words: Node, *, appeal: bool = True) -> None:
    """Tell a teacher what was done to them, with the way to support. A pupil sees it on the page of the room."""
    if who.person is not None and who.person != by.person:
        ways = (go(f"room appeal {room.id}", p_("button", "Ask support")),) if appeal else ()
        by.tell(who.person, lines(titled_room(room), words), *ways)


def lift(by: Doer, number: int, person: int, officer: int) -> bool:
    """Support takes back what was done to a teacher in a room. False: nothing of it lasts."""
    room, one = rooms.find(by.session, number), occupants.of_person(by.session, number, person)
    if room is None or one is None:
        return False
    lifted = [order.unmute(by.session, one, officer, by.now), order.let_back(by.session, one, officer, by.now)]
    stir(by, room.id)
    return any(lifted)


def state(who: Occupant, now: datetime) -> Node | None:
    """What was done to somebody, as far as it lasts."""
    if who.removed_at is not None:
        return p_("room", "removed from this room")
    if muted(who, now) and who.muted_until is not None:
        return entry(_("Cannot write until"), When(who.muted_until))
    return None


def row(who: Occupant, now: datetime) -> Node:
    """Somebody in one line of a list."""
    return Joined(tuple(part for part in (Strong(called(who)), state(who, now)) if part is not None), " · ")
