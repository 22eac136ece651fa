"""/poll in the private chat: in which room, the question, its answers; then it stands at all doors of that room."""

from __future__ import annotations

from bot.talk import Excuse, Listening, Option, Talk, go, one_of
from bot.talk.messages import Heard
from bot.text import Strong, Verbatim, _, lines, p_
from handlers.kinds.line import Line
from handlers.rooms import ballots
from handlers.rooms.doors import MINE
from handlers.rooms.here import Here
from handlers.rooms.words import titled
from storage import rooms

LISTED = 20
_ALL = ballots.LONGEST_QUESTION + ballots.MOST * (ballots.LONGEST_ANSWER + 3)


def poll(talk: Talk) -> None:
    """Ask for all that a poll needs; what was written after the command need not be asked for."""
    if talk.turn.argument:
        talk.then("poll", told=talk.turn.argument[:_ALL])
        return
    known = [room for room, _new in rooms.of_person(talk.session, talk.person) if room.open][:LISTED]
    if not known:
        raise Excuse(_("You are in no room yet. Each project has two of them."), MINE)
    options = [Option(str(room.id), titled(room)) for room in known]
    number = int(talk.ask("room", _("In which room?"), one_of(*options)))
    told = talk.start("told")
    if told is None:
        question = talk.ask("question", _("What do you ask?"), Line(ballots.LONGEST_QUESTION))
        heading = lines(
            Strong(Verbatim(question)), _("Which answers are there? Please write each on a line of its own.")
        )
        told = f"{question}\n{talk.ask('answers', heading, Line(_ALL, lines=True))}"
    here = _at(talk, number)
    refused = ballots.ask(here, ballots.understood(str(told)))
    for what in here.heard.relayed:
        talk.relay(what)
    if refused is not None:
        raise Excuse(refused, _way(number))
    talk.say(_("The poll is in the room, at all its doors."), _way(number))


def _way(number: int) -> Option:
    return go(f"room {number}", p_("button", "Into the room"))


def _at(talk: Talk, number: int) -> Here:
    """The page of a room, as if it was asked there. Raises Excuse for whoever is not in it."""
    room, seat = rooms.find(talk.session, number), rooms.seat_of(talk.session, number, talk.person)
    if room is None or seat is None:
        raise Excuse(_("There is no such room."), MINE)
    door = rooms.web_chat(talk.session, number)
    heard = Heard("", "", "group")
    listening = Listening(talk.session, heard, talk.person, door.chat or 0, "web", talk.reader, talk.now)
    return Here(listening, door, room, seat)
