"""/room: the rooms that somebody is in, the way into one by the browser, and what is done to keep order there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.talk import Talk, go
from bot.text import Joined, Node, Strong, Url, Verbatim, _, lines, n_
from handlers.acts import acted
from handlers.rooms import exporting, holding, order, reporting
from handlers.rooms.doors import ACTS, MINE, entered, way
from handlers.rooms.telegram import open_telegram, shut_door
from handlers.rooms.words import room_name, room_row
from handlers.signing_in import LIFETIME, sign_in_token
from storage import rooms
from storage.rooms import Room

LISTED = 20
_TITLE = 12

#: What needs no number after it.
_ALONE = frozenset({"held", "new"})
#: What may stand after the command, each with a number: of a room, a message, a door, or a member.
_ACTS: dict[str, Callable[[Talk, int], None]] = {
    **ACTS,
    "held": holding.held,
    "free": holding.free,
    "all": holding.every,
    "return": holding.give_back,
    "drop": holding.drop,
    "holds": holding.holds,
    "people": order.people,
    "who": order.who,
    "remove": order.remove,
    "lock": order.lock,
    "unlock": order.unlock,
    "slow": order.slow,
    "words": order.words,
    "log": order.log,
    "appeal": reporting.appeal,
    "export": exporting.export,
    "telegram": open_telegram,
    "shut": shut_door,
    "new": lambda talk, number: talk.then("project", room=number),
    "rename": lambda talk, number: talk.then("project", rename=number),
}


def room(talk: Talk) -> None:
    """Lists rooms with what is new in them; a number leads into that one, and a word with a number does something."""
    if not acted(talk, "room", {"enter": _enter, "of": _list, **_ACTS}, _told(talk.turn.argument)):
        _list(talk)


def _told(argument: str) -> dict[str, Any]:
    """What stands after the command: the number of a room, "slow 12", "all 12 345"; "held" alone is about all rooms,
    "new" about any project."""
    act, *numbers = argument.casefold().split()[:3] or [""]
    if act.isdecimal():
        act, numbers = "enter", [act, *numbers]
    # A longer number is none of ours, and more than a database can hold.
    known = [int(each) for each in numbers if each.isascii() and each.isdecimal() and len(each) < 16]
    if act not in {"enter", "of", *_ACTS} or len(known) != len(numbers) or (not known and act not in _ALONE):
        return {}
    return {act: known[0] if known else 0, **({"more": known[1]} if len(known) > 1 else {})}


def _list(talk: Talk, project: int | None = None) -> None:
    """The rooms of somebody, or those of one project."""
    mine = rooms.of_person(talk.session, talk.person)
    known = [pair for pair in mine if project in (None, pair[0].project)][:LISTED]
    if not known:
        talk.say(_("You are in no room yet. Each project has two of them."), MINE)
        return
    rows = [lines(Strong(Verbatim(one.title)), room_row(one, new)) for one, new in known]
    alone = len({one.project for one, _new in known}) == 1
    talk.say(lines(*rows), *(go(f"room {one.id}", _label(one, alone=alone)) for one, _new in known))


def _label(one: Room, *, alone: bool) -> Node:
    """A room on a button: a sign for what kind of room it is, and its own name, or else which of the two it is if all
    are of one project, or the beginning of its project's name."""
    sign = Verbatim({"staff": "👩‍🏫", "class": "🎒"}.get(one.kind, "💬"))
    if one.name is None and alone:
        return Joined((sign, room_name(one)), " ")
    title = one.name or one.title
    return Joined((sign, Verbatim(title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip() + "…")), " ")


def _enter(talk: Talk, number: int) -> None:
    """The page of a room: whoever is on the web goes there, others get a link that signs their browser in once."""
    one = entered(talk, number)
    seat = rooms.seat_of(talk.session, number, talk.person)
    ways = (*(order.card_ways(talk, one, seat) if seat else ()), way(number), MINE)
    page = f"room/{one.address}"
    if talk.turn.platform == "web":
        talk.say(lines(Strong(room_name(one)), *_stands(one), Url(talk.web_address(page))), *ways)
        return
    token = sign_in_token(talk.session, talk.person, talk.now, leads=page)
    minutes = int(LIFETIME.total_seconds() // 60)
    talk.say(
        lines(
            Strong(room_name(one)),
            *_stands(one),
            n_(
                "This link opens the room in your browser. It works once, for {n} minute; give it to nobody.",
                "This link opens the room in your browser. It works once, for {n} minutes; give it to nobody.",
                minutes,
            ),
            Url(talk.web_address(f"in/{token}")),
        ),
        *ways,
    )


def _stands(one: Room) -> list[Any]:
    """What is unusual about a room at the moment."""
    locked = [_("It is locked: only those who lead the project can write.")] if one.locked else []
    slow = [n_("Slow mode: {n} second between messages.", "Slow mode: {n} seconds between messages.", one.slow_seconds)]
    return [*locked, *(slow if one.slow_seconds else [])]
