"""Rooms on Matrix: a space for each project, with a room for each of its rooms, opened and looked after by the bot.

What the bot wants is a deed; what came of it is heard here, and so is what happens in those rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Chore, Done, Heard, Listening, News, go
from bot.talk.chores import TellAll
from bot.text import Joined, Node, Reader, Strong, Verbatim, _, lines, n_, p_, plain
from handlers.rooms import guests
from handlers.rooms.bridge import catch_up
from handlers.rooms.guests import Doing, deed
from handlers.rooms.words import room_name
from storage import accounts, people, projects, rooms
from storage.models.rooms import DOWN, OPEN, OPENING
from storage.rooms import places
from storage.rooms.places import Spot

MATRIX = "matrix"
AT_ONCE = 50

_TOPIC = _("What is said here is heard in this room of the project on the web, too, and at its other doors.")
_SPACE_TOPIC = _("The rooms of a project of schools. Its teachers are invited by the bot.")


def begin(session: Session, project: int, person: int, now: datetime, do: Doing) -> bool:
    """Have the rooms of a project opened; False if there is nothing to open."""
    planned = places.plan(session, project, MATRIX, person, now)
    _open(session, project, planned, do)
    return bool(planned)


def _open(session: Session, project: int, planned: list[Spot], do: Doing) -> None:
    """Have made what is planned. Rooms need their space, so they wait for it."""
    space = places.space_of(session, project, MATRIX)
    for spot in planned:
        if spot.room is None or (space is not None and space.state == OPEN):
            do(deed(spot, "open", **_wanted(session, spot, space)))


def _wanted(session: Session, spot: Spot, space: Spot | None) -> dict[str, Any]:
    """What a room on Matrix is to be called, and where it belongs."""
    reader = Reader((people.language_of(session, spot.by) if spot.by else None) or "en")
    room = None if spot.room is None else rooms.find(session, spot.room)
    project = projects.find(session, spot.project)
    title = Verbatim(project.facts.title if project is not None else "")
    name: Node = title if room is None else Joined((title, room_name(room)), " · ")
    within = None if spot.room is None or space is None else space.external
    topic = plain(_SPACE_TOPIC if room is None else _TOPIC, reader)
    return {"alias": spot.key, "name": plain(name, reader), "topic": topic, "space": within, "tint": spot.project}


def tend(session: Session, project: int, now: datetime, do: Doing) -> None:
    """Make what a project has on Matrix be as the project is: its rooms, who is in them, whether they can write."""
    space = places.space_of(session, project, MATRIX)
    if space is None:
        return
    if space.state == OPEN:
        _open(session, project, places.plan(session, project, MATRIX, space.by, now, again=False), do)
    its = projects.find(session, project)
    closed = its is None or its.state != "open"
    for door in places.doors_of(session, project, MATRIX):
        if door.state == OPEN and door.hushed != closed:
            places.hush(session, door, closed)
            do(deed(door, "hush", on=closed))
    for spot in (space, *places.doors_of(session, project, MATRIX)):
        guests.tend(session, spot, now, do)


def renamed(session: Session, room: int, do: Doing) -> None:
    """A room has another name: it is called so on Matrix, too."""
    one = rooms.find(session, room)
    for door in [] if one is None else places.doors_of(session, one.project, MATRIX):
        if door.room == room and door.state == OPEN:
            do(deed(door, "set", **_wanted(session, door, places.space_of(session, door.project, MATRIX))))


def did(session: Session, done: Done, now: datetime, tell: TellAll) -> None:
    """Hear what came of a deed in a chat of a project."""
    spot = places.spot_of(session, done.chat) if done.platform == MATRIX else None
    if spot is None:
        return
    if done.what in ("open", "follow"):
        _arrived(session, spot, done, now, tell)
    elif done.what == "invite":
        membership = None if done.result is None else str(done.result.get("membership"))
        guests.invited(session, spot, str(done.args["user"]), membership, now)
        if membership is None:
            _tell_uninvited(session, spot, str(done.args["user"]), tell)
        _settle(session, spot, now, tell)
    elif done.what == "remove":
        guests.removed(session, spot, str(done.args["user"]), done.result is not None, now)
        _settle(session, spot, now, tell)
    if done.result is None and done.what in _TROUBLES:
        _tell_founders(session, spot, _TROUBLES[done.what], tell)


def _settle(session: Session, spot: Spot, now: datetime, tell: TellAll) -> None:
    guests.tend(session, spot, now, tell)


def _arrived(session: Session, spot: Spot, done: Done, now: datetime, tell: TellAll) -> None:
    """A chat was made, or followed to where it moved; or it could not be."""
    if done.result is None:
        _failed(session, spot, done.error or "", tell)
        return
    if done.what == "follow" and spot.chat is not None:
        places.forget_all(session, spot.chat)
    lost = places.lost_at(session, spot)
    spot = places.arrived(session, spot, str(done.result["chat"]), now)
    for account, membership in dict(done.result.get("members") or {}).items():
        if membership in _SEEN:
            guests.moved(session, spot, account, _SEEN[membership], False, now)
    if spot.room is None:
        _into_space(session, spot, tell)
    elif done.what == "follow" or lost is not None:
        _catch_up(session, spot, lost, now, tell)
    tend(session, spot.project, now, tell)
    if done.what == "open":
        _announce(session, spot, tell)


_SEEN: Mapping[str, str] = {"join": "in", "invite": "asked", "knock": "asks"}


def _into_space(session: Session, space: Spot, do: Doing) -> None:
    """The space is there: its rooms are made, and those that are there belong to it."""
    for door in places.doors_of(session, space.project, MATRIX):
        if door.state == OPENING and not door.there:
            do(deed(door, "open", **_wanted(session, door, space)))
        elif door.state == OPEN:
            do(deed(door, "set", **_wanted(session, door, space)))


def _catch_up(session: Session, door: Spot, lost: datetime | None, now: datetime, tell: TellAll) -> None:
    """Bring what was said while a door was on its way to another room."""
    assert door.chat is not None
    heard = Heard(door.external, "", "group")
    listening = Listening(session, heard, 0, door.chat, MATRIX, Reader(), now)
    catch_up(listening, door.id, lost)
    for what in listening.relayed:
        tell(what)


def _announce(session: Session, spot: Spot, tell: TellAll) -> None:
    """Tell who opened it that everything is there, once it is."""
    space = places.space_of(session, spot.project, MATRIX)
    doors = places.doors_of(session, spot.project, MATRIX)
    if spot.room is None or space is None or any(one.state != OPEN for one in (space, *doors)) or space.by is None:
        return
    asked = len(places.wanted(session, space))
    words = lines(
        _title(session, spot),
        _("The rooms of this project are open on Matrix. Their space is called like the project."),
        n_("{n} account of you is invited.", "{n} accounts of you are invited.", asked),
    )
    tell(News(space.by, words, (_doors_button(spot),)))


def _failed(session: Session, spot: Spot, error: str, tell: TellAll) -> None:
    """Something could not be made, or not be followed: the door is down, and those who can do something know."""
    code = error.removeprefix("rejected: ").split()[0][:32] if error else "unknown"
    places.change(session, spot, DOWN, [code])
    if spot.room is None:
        for door in places.doors_of(session, spot.project, MATRIX):
            if not door.there:
                places.change(session, door, DOWN, [code])
    _tell_founders(session, spot, lacking((code,)), tell)


def happens(listening: Listening) -> None:
    """Hear what happens in a chat of a project: who comes and goes, that it has moved, that the bot was sent away."""
    event = listening.heard.event
    spot = (
        places.spot_of(listening.session, listening.chat) if listening.platform == MATRIX and listening.chat else None
    )
    if spot is None or event is None:
        return
    session, now = listening.session, listening.now
    if event.what in ("in", "out", "asks", "asked"):
        guests.moved(session, spot, event.who, event.what, bool(event.data.get("sent")), now)
        guests.tend(session, spot, now, listening.do)
    elif event.what == "moved":
        places.change(session, spot, OPENING)
        space = places.space_of(session, spot.project, MATRIX)
        listening.do(deed(spot, "follow", to=event.who, **_wanted(session, spot, space)))
    elif event.what == "me" and not event.data.get("inside"):
        places.change(session, spot, DOWN, ["removed"])
        _tell_founders(session, spot, lacking(("removed",)), listening.news.append)


def _tell_uninvited(session: Session, spot: Spot, account: str, tell: TellAll) -> None:
    """Tell somebody that the invitation did not reach them; once for all rooms, since the space is tried as well."""
    person = accounts.owner_of(session, MATRIX, account)
    if spot.room is None and person is not None:
        words = _("I could not invite you to the rooms of this project on Matrix: your server or mine refused.")
        tell(News(person, lines(_title(session, spot), words), (go("room", p_("button", "Rooms")),)))


def _tell_founders(session: Session, spot: Spot, words: Node, tell: Any) -> None:
    for founder in projects.founders(session, spot.project):
        tell(News(founder, lines(_title(session, spot), words), (_doors_button(spot),)))


def _title(session: Session, spot: Spot) -> Node:
    room = None if spot.room is None else rooms.find(session, spot.room)
    project = projects.find(session, spot.project)
    title = Verbatim(project.facts.title if project is not None else "")
    return Strong(title if room is None else Joined((title, room_name(room)), " · "))


def _doors_button(spot: Spot) -> Any:
    # Translators: a button: see where a room of a project can be read and written: on the web, on Matrix, on Telegram.
    return go(f"room doors {spot.room}" if spot.room is not None else "room", p_("button", "Doors"))


def lacking(lacks: tuple[str, ...]) -> Node:
    """Why nothing gets through to Matrix, in words."""
    return _LACKS.get(lacks[0] if lacks else "", _("The Matrix server refused what is needed for the rooms."))


_LACKS: dict[str, Node] = {
    "M_FORBIDDEN": _(
        "The Matrix server does not let me do what the rooms need. Whoever runs it, or runs this bot, has to allow it."
    ),
    "M_ROOM_IN_USE": _("The address of the room on Matrix is taken by somebody else. Please try again."),
    "M_LIMIT_EXCEEDED": _("The Matrix server does not let me make more rooms for now. Please try again later."),
    "removed": _(
        "I was removed from this room on Matrix, so nothing gets through there. The room on the web goes on. You can "
        "open a new one on Matrix."
    ),
}

_TROUBLES: dict[str, Node] = {
    "remove": _("Somebody who is not in this room of the project is in it on Matrix, and I cannot send them away."),
    "hush": _("I could not change on Matrix who may write in this room."),
    "set": _("I could not put this room into its space on Matrix."),
}


def _look_after(session: Session, now: datetime, tell: TellAll) -> bool:
    """Put right what is out of step: members who joined or left, accounts that were linked, projects that ended."""
    for project in places.out_of_step(session, MATRIX, AT_ONCE):
        tend(session, project, now, tell)
    return False


matrix_chore = Chore("matrix doors", 20, _look_after)
