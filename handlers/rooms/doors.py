"""/room doors: at which doors a room is heard, who reads where, and how another one is opened."""

from __future__ import annotations

from collections.abc import Callable

from bot.talk import Excuse, Option, Talk, go
from bot.text import Joined, Name, Node, Strong, Url, Verbatim, _, entry, lines, p_
from handlers.rooms import onmatrix
from handlers.rooms.lacking import missing
from handlers.rooms.onmatrix import MATRIX, lacking
from handlers.rooms.telegram_doors import TELEGRAM
from handlers.rooms.words import room_name
from storage import rooms
from storage.rooms import Room, opening, places
from storage.rooms.opening import Standing

MINE = go("projects", p_("button", "My projects"))
#: What platforms are called.
NAMES: dict[str, Node] = {"web": p_("door", "Web"), MATRIX: Verbatim("Matrix"), "telegram": Verbatim("Telegram")}
STATES: dict[str, Node] = {
    # Translators: how a door of a room stands, after its name and a colon.
    "open": p_("door", "open"),
    "opening": p_("door", "being opened"),
    "down": p_("door", "nothing gets through"),
}
_READERS: dict[str, Node] = {
    # Translators: who reads at a door of a room; names follow after a colon.
    "in": p_("door", "Read there"),
    "asked": p_("door", "Invited"),
    "out": p_("door", "Left this door"),
}


def entered(talk: Talk, number: int) -> Room:
    """A room that the one who talks is in. Raises Excuse if there is no such room for them."""
    one, seat = rooms.find(talk.session, number), rooms.seat_of(talk.session, number, talk.person)
    if one is None or seat is None:
        raise Excuse(_("There is no such room."), MINE)
    return one


def way(number: int) -> Option:
    """The way to the doors of a room."""
    return go(f"room doors {number}", p_("button", "Doors"))


def doors(talk: Talk, number: int) -> None:
    """Shows the doors of a room, with who reads there, and what can be done about them."""
    room = entered(talk, number)
    standing = opening.standing_of(talk.session, number)
    body = Joined(
        (
            lines(Strong(Verbatim(room.title)), Strong(room_name(room))),
            *(_door(talk, room, one) for one in standing if one.platform != TELEGRAM or one.chat is not None),
            _("What is said at one door is heard at all of them. Leaving a door is not leaving the project."),
        ),
        "\n\n",
    )
    talk.say(body, *_ways(talk, room, standing), go(f"room {number}", p_("button", "Into the room")))


def _door(talk: Talk, room: Room, one: Standing) -> Node:
    """A door in some lines: how it stands, why, and who reads there."""
    name = NAMES.get(one.platform, Verbatim(one.platform.title()))
    why = lacking(one.lacks) if one.platform == MATRIX and one.state == "down" else None
    why = missing(one.lacks) if one.platform == TELEGRAM else why
    return lines(entry(Strong(name), STATES[one.state]), why, *_readers(talk, room, one), *_link(talk, one))


def _link(talk: Talk, one: Standing) -> list[Node]:
    """Where those ask to be let in who are not there."""
    if one.link is None or one.state != "open" or opening.readers(talk.session, one.id).get(talk.person) == "in":
        return []
    # Translators: a web address follows on the next line.
    return [_("Ask to be let in here:"), Url(one.link)]


def _readers(talk: Talk, room: Room, one: Standing) -> list[Node]:
    if one.platform == "web":
        return []
    known = opening.readers(talk.session, one.id)
    rows: list[Node] = []
    for state, label in _READERS.items():
        names = [_named(talk, room, person) for person, stands in known.items() if stands == state]
        if names:
            rows.append(entry(label, Joined(tuple(names), ", ")))
    return rows


def _named(talk: Talk, room: Room, person: int) -> Node:
    return Name(rooms.voice_of(talk.session, room.id, person).name, person)


def _ways(talk: Talk, room: Room, standing: list[Standing]) -> list[Option]:
    """What can be done about the doors."""
    if not room.open:
        return []
    seat = rooms.seat_of(talk.session, room.id, talk.person)
    founder = seat is not None and seat.founder
    mine = [one for one in standing if founder or one.by == talk.person]
    shut = [one for one in mine if one.platform == TELEGRAM]
    # A door on Matrix that is being opened is not there yet.
    left = [one for one in mine if one.platform == MATRIX and one.state != "opening"]
    return [
        *_on_matrix(talk, room, standing),
        # Translators: a button: make a group on Telegram a door of this room as well.
        *([go(f"room telegram {room.id}", p_("button", "Open on Telegram"))] if runs(talk, TELEGRAM) else []),
        *(go(f"room shut {one.id}", p_("button", "Close on Telegram")) for one in shut[:1]),
        *(go(f"room shut {one.id}", p_("button", "Close the door")) for one in left[:1]),
    ]


def runs(talk: Talk, platform: str) -> bool:
    """Whether the bot is on a platform."""
    return platform in talk.turn.extra.get("platforms", ())


def _on_matrix(talk: Talk, room: Room, standing: list[Standing]) -> list[Option]:
    if not runs(talk, MATRIX):
        return []
    here = next((one for one in standing if one.platform == MATRIX), None)
    if here is None:
        # Translators: a button: open the rooms of a project on Matrix as well.
        return [go(f"room matrix {room.id}", p_("button", "Open on Matrix"))]
    if here.state == "down":
        return [go(f"room matrix {room.id}", p_("button", "Try Matrix again"))]
    mine = opening.readers(talk.session, here.id).get(talk.person)
    # Translators: a button: somebody left a room on Matrix and wants an invitation to it again.
    return [go(f"room again {room.id}", p_("button", "Invite me again"))] if mine == "out" else []


def offers(talk: Talk, project: int) -> list[Option]:
    """Ways to open the rooms of a project elsewhere, for one that has just begun."""
    its = rooms.of_project(talk.session, project)
    return [go(f"room matrix {its[0].id}", p_("button", "Open on Matrix"))] if its and runs(talk, MATRIX) else []


def matrix(talk: Talk, number: int) -> None:
    """Opens the rooms of a project on Matrix; any teacher in them may."""
    room = entered(talk, number)
    if not runs(talk, MATRIX):
        raise Excuse(_("This bot is not on Matrix."), way(number))
    if not room.open:
        raise Excuse(p_("room", "This project is closed; its rooms can only be read."), way(number))
    question = lines(
        Strong(Verbatim(room.title)),
        _("Open the rooms of this project on Matrix?"),
        _("They get a space of their own there. All teachers of the project who use Matrix with me are invited."),
        _("The rooms on the web stay, and what is said is heard in both places."),
    )
    # Translators: two buttons under the question whether to open the rooms of a project on Matrix.
    if not talk.confirm("sure", question, yes=p_("button", "Open on Matrix"), no=p_("button", "Not now")):
        talk.say(_("Good, nothing changes."), way(number))
        return
    if onmatrix.begin(talk.session, room.project, talk.person, talk.now, talk.do):
        talk.say(_("The rooms are being opened on Matrix. I tell you when they are there."), way(number))
    else:
        talk.say(_("The rooms are open on Matrix, or are being opened just now."), way(number))


def again(talk: Talk, number: int) -> None:
    """Somebody left rooms on Matrix and wants to be invited again."""
    room = entered(talk, number)
    gone = places.ask_again(talk.session, room.project, talk.person, MATRIX)
    onmatrix.tend(talk.session, room.project, talk.now, talk.do)
    said = _("The invitations are on their way to you on Matrix.") if gone else _("You have left no room there.")
    talk.say(said, way(number))


#: What may stand before the number of a room.
ACTS: dict[str, Callable[[Talk, int], None]] = {"doors": doors, "matrix": matrix, "again": again}
