"""/room: the rooms that somebody is in, and the way into one by the browser."""

from __future__ import annotations

from collections.abc import Callable

from bot.talk import Talk, go
from bot.text import Strong, Url, Verbatim, _, lines, n_
from handlers.rooms.doors import ACTS, MINE, entered, way
from handlers.rooms.telegram import open_telegram, shut_door
from handlers.rooms.words import room_name, room_row
from handlers.signing_in import LIFETIME, sign_in_token
from storage import rooms
from storage.rooms import Room

LISTED = 8
_TITLE = 12


#: What can be done with a room, or with a door of it, by its number.
_ACTS: dict[str, Callable[[Talk, int], None]] = {**ACTS, "telegram": open_telegram, "shut": shut_door}


def room(talk: Talk) -> None:
    """Lists rooms with what is new in them; a number leads into that one, with a word before it to its doors."""
    told = _told(talk.turn.argument)
    if told:
        # Begun anew with what was written, so that it is still there if a question has to be asked.
        talk.then("room", **told)
        return
    for name, act in {"enter": _enter, **_ACTS}.items():
        number = talk.start(name)
        if number is not None:
            act(talk, int(number))
            return
    _list(talk)


def _told(argument: str) -> dict[str, int]:
    """What stands after the command: the number of a room, or "doors 12"."""
    act, _space, number = argument.strip().casefold().rpartition(" ")
    # A longer number is none of ours, and more than a database can hold.
    known = act in {"", *_ACTS} and number.isascii() and number.isdecimal() and len(number) < 10
    return {act or "enter": int(number)} if known else {}


def _list(talk: Talk) -> None:
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
    one = entered(talk, number)
    page = f"room/{one.address}"
    if talk.turn.platform == "web":
        talk.say(lines(Strong(room_name(one)), Url(talk.web_address(page))), way(number), MINE)
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
        way(number),
        MINE,
    )
