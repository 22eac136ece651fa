"""/room held: what pupils wrote and what waits for their teacher; and whose messages wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import Attachment, Chore, Excuse, News, Option, Talk, Tell, go, one_of
from bot.text import Joined, Name, Strong, Verbatim, When, _, entry, lines, n_, p_
from handlers.kinds.line import Line as OwnWords
from handlers.rooms import ordering
from handlers.rooms.waiting import MOST, waiting_list, ways
from handlers.rooms.words import titled_room
from storage import rooms
from storage.rooms import Room, holding, order
from storage.rooms.holding import Held
from storage.rooms.seats import HELD_UNDER

_LONGEST_NOTE = 300
_AT_ONCE = 100
#: After so long without a decision the teachers are reminded, once.
PATIENCE = timedelta(hours=24)


def held(talk: Talk, number: int) -> None:
    """Show the next message that waits, in one room or (0) in any, with what may be done with it."""
    found = holding.waiting(talk.session, talk.person, MOST, room=number or None)
    if not found:
        talk.say(_("Nothing waits for you."), go("room", p_("button", "Rooms")))
        return
    room, _seat = ordering.place(talk.session, talk.person, found[0].room)
    here = [one for one in found if one.room == room.id]
    _show(talk, room, here[0], len(here), max(one.change for one in here))


def _show(talk: Talk, room: Room, one: Held, number: int, last: int) -> None:
    body = lines(
        titled_room(room),
        n_("{n} message waits for you", "{n} messages wait for you", number),
        Joined((Strong(Name(one.nickname)), When(one.said_at)), " · "),
        Verbatim(one.words) if one.words.strip() else None,
    )
    # Translators: buttons under a message of a pupil that waits for their teacher.
    options = [
        go(f"room free {one.id} {one.change}", p_("button", "Let it out")),
        go(f"room return {one.id}", p_("button", "Give it back")),
        go(f"room drop {one.id}", p_("button", "Remove it")),
    ]
    files = [(str(file["platform"]), Attachment.from_json(file)) for file in one.files]
    for file in files[1:]:
        talk.say(Strong(Name(one.nickname)), file=file)
    talk.say(body, *options, *(ways(room, number, last)[1:] if number > 1 else ()), file=files[0] if files else None)


def free(talk: Talk, message: int) -> None:
    """Let one out, and go on with the next. What its pupil has changed since it was shown is shown again."""
    room, shown = _room_of(talk, message), int(talk.start("more", 0))
    if shown and holding.changed_since(talk.session, message, shown):
        talk.then("room", held=room.id)
        return
    _went(talk, room, ordering.release(talk, room, message))


def drop(talk: Talk, message: int) -> None:
    """Remove one, and go on with the next."""
    room = _room_of(talk, message)
    _went(talk, room, ordering.drop(talk, room, message))


def give_back(talk: Talk, message: int) -> None:
    """Give one back with a word, and go on with the next."""
    room = _room_of(talk, message)
    if not holding.may_decide(talk.session, message, talk.person):
        raise Excuse(_("There is no such message."))
    note = talk.ask("note", _("What do you want to say to the pupil? Only they read it."), OwnWords(_LONGEST_NOTE))
    _went(talk, room, ordering.give_back(talk, room, message, note))


def _went(talk: Talk, room: Room, done: ordering.Done) -> None:
    more = holding.counted(talk.session, talk.person, room.id)
    talk.say(done.body, *done.options)
    if more:
        talk.then("room", held=room.id)


def every(talk: Talk, number: int) -> None:
    """Let all out that waits in a room, up to the one that was shown last."""
    room, _seat = ordering.place(talk.session, talk.person, number)
    done = ordering.release_all(talk, room, int(talk.start("more", 0)), MOST)
    talk.say(done.body)


def _room_of(talk: Talk, message: int) -> Room:
    number = rooms.room_of(talk.session, message)
    return ordering.place(talk.session, talk.person, number or 0)[0]


def holds(talk: Talk, number: int) -> None:
    """A teacher says whether what their pupils write waits for a tap."""
    room, _seat = ordering.place(talk.session, talk.person, number)
    now, first, age = holding.holds_of(talk.session, room.project, talk.person)
    # Translators: buttons: which messages of a teacher's own pupils wait until the teacher lets them out.
    options = (
        Option("age", p_("button", "As their age says"), now is None),
        Option("all", p_("button", "All wait"), now is True),
        Option("first", p_("button", "Only the first"), now is False and first),
        Option("none", p_("button", "None wait"), now is False and not first),
    )
    question = lines(
        titled_room(room),
        _("Shall what your pupils write wait until you have seen it? This is for all rooms of the project."),
        entry(_("Age of your pupils"), Verbatim(str(age))) if age is not None else None,
        n_(
            "As their age says: it waits if they are younger than {n} year, or if you have not told me their age.",
            "As their age says: it waits if they are younger than {n} years, or if you have not told me their age.",
            HELD_UNDER,
        ),
        _("Where they do not wait, the first message of each pupil does all the same, unless you choose “None wait”."),
        _("Messages with links, and the first file of each pupil, wait in any case."),
    )
    chosen = talk.ask("which", question, one_of(*options))
    held = {"age": None, "all": True}.get(chosen, False)
    if holding.set_holds(talk.session, room.project, talk.person, held, first=chosen != "none"):
        order.record(talk.session, room.id, "holds", talk.now, by=talk.person)
    talk.say(_("Done. It counts from the next message on."), go(f"room {room.id}", p_("button", "The room")))


def _remind(session: Session, now: datetime, tell: Tell) -> bool:
    """Remind teachers of what has waited for a day."""
    found = holding.forgotten(session, now - PATIENCE, now, _AT_ONCE)
    for number, person in found:
        room, waits = rooms.find(session, number), holding.waiting(session, person, MOST, room=number)
        if room is not None and waits:
            last = max(one.change for one in waits)
            words = _("A message of a pupil has waited for more than a day. The pupils look for it.")
            tell(
                News(
                    person,
                    lines(words, waiting_list(room, waits)),
                    ways(room, len(waits), last),
                )
            )
    return len(found) >= _AT_ONCE


held_chore = Chore("held messages", 600, _remind)
