"""/room: the rooms that somebody is in, and the way into one by the browser."""

from __future__ import annotations

from collections.abc import Callable

from bot.talk import Excuse, Talk, go
from bot.text import Strong, Url, Verbatim, _, lines, n_, p_
from handlers.rooms.telegram import open_telegram, shut_door
from handlers.rooms.words import room_name, room_row
from handlers.signing_in import LIFETIME, sign_in_token
from storage import rooms
from storage.rooms import Room

LISTED = 8
_TITLE = 12
MINE = go("projects", p_("button", "My projects"))


#: What can be done with a room, or with a door of it, by its number.
_ACTS: dict[str, Callable[[Talk, int], None]] = {"telegram": open_telegram, "shut": shut_door}


def room(talk: Talk) -> None:
    """Lists rooms with what is new in them; a number leads into that one."""
    argument = talk.turn.argument.strip()
    act, _space, number = argument.partition(" ")
    if act in _ACTS and number.isascii() and number.isdecimal() and len(number) < 10:
        # Begun anew with what was written, so that it is still there if a question has to be asked.
        talk.then("room", **{act: int(number)})
        return
    for name, does in _ACTS.items():
        if talk.start(name) is not None:
            does(talk, int(talk.start(name)))
            return
    if argument.isascii() and argument.isdecimal() and len(argument) < 10:
        _enter(talk, int(argument))
        return
    known = rooms.of_person(talk.session, talk.person)[:LISTED]
    if not known:
        talk.say(_("You are in no room yet. Each project has two of them."), MINE)
        return
    rows = [lines(Strong(Verbatim(one.title)), room_row(one, new)) for one, new in known]
    talk.say(lines(*rows), *(go(f"room {one.id}", _label(one)) for one, _new in known))


def _label(one: Room) -> Verbatim:
    """A room on a button: the beginning of its project's name, and a sign for what kind of room it is."""
    title = one.title if len(one.title) <= _TITLE else one.title[: _TITLE - 1].rstrip() + "…"
    sign = {"staff": "👩‍🏫", "class": "🎒"}.get(one.kind, "💬")
    return Verbatim(f"{sign} {title}")


def _enter(talk: Talk, number: int) -> None:
    """The page of a room: whoever is on the web goes there, others get a link that signs their browser in once."""
    one, seat = rooms.find(talk.session, number), rooms.seat_of(talk.session, number, talk.person)
    if one is None or seat is None:
        raise Excuse(_("There is no such room."), MINE)
    page = f"room/{one.address}"
    if talk.turn.platform == "web":
        talk.say(lines(Strong(room_name(one)), Url(talk.web_address(page))), MINE)
        return
    token = sign_in_token(talk.session, talk.person, talk.now, leads=page)
    minutes = int(LIFETIME.total_seconds() // 60)
    talk.say(
        lines(
            Strong(room_name(one)),
            n_(
                "This link opens the room in your browser. It works once, for {n} minute; give it to nobody.",
                "This link opens the room in your browser. It works once, for {n} minutes; give it to nobody.",
                minutes,
            ),
            Url(talk.web_address(f"in/{token}")),
        ),
        MINE,
    )
