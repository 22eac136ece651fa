"""/project: begin one, look at one, answer, join by a code; /projects lists mine and what waits for my answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.talk import Excuse, Option, Talk, go
from bot.text import Node, Strong, _, lines, p_
from handlers.acts import acted, told_number
from handlers.projects.answering import drop, found, invitation, invited, joined, no, yes
from handlers.projects.dates import dates
from handlers.projects.leading import close, hand_over, invite, leave, reopen, ways
from handlers.projects.new import new
from handlers.projects.rooming import add, rename
from handlers.projects.tending import change_end, goes_on, reserve, rest
from handlers.projects.words import MINE, button, coming_tasks, excuse, row, titled, whole
from handlers.rooms.words import room_row
from storage import links, projects, rooms
from storage.projects import Cannot, Project, codes
from storage.rooms import order

_ACTS: dict[str, Callable[[Talk, int], None]] = {
    "new": new,
    "yes": yes,
    "no": no,
    "drop": drop,
    "invite": invite,
    "over": hand_over,
    "leave": leave,
    "close": close,
    "open": reopen,
    "dates": dates,
    "goes": goes_on,
    "rest": rest,
    "reserve": reserve,
    "end": change_end,
    "room": add,
    "rename": rename,
}
NEW = go("project new", p_("button", "New project"))
LISTED = 8
_LONGEST_CODE = 40


def project(talk: Talk) -> None:
    """Does something with a project; without a word more it lists them."""
    if talk.start("join") is not None:
        _join(talk, str(talk.start("join")))
        return
    if not acted(talk, "project", {**_ACTS, "show": _show}, _told(talk.turn.argument)):
        projects_(talk)


def _told(argument: str) -> dict[str, Any]:
    """What stands after the command, such as "close 12"; a number alone shows that one."""
    act, _space, rest = argument.strip().partition(" ")
    act = act.casefold()
    if act == "new":
        return {"new": 0}
    if act == "join" and rest.strip():
        return {"join": rest.strip()[:_LONGEST_CODE]}
    act, number = ("show", act) if act.isdecimal() else (act, rest.strip())
    return told_number({**_ACTS, "show": _show}, act, number)


def projects_(talk: Talk) -> None:
    """Lists what waits for an answer of mine, then my projects."""
    waits = projects.waiting_for(talk.session, talk.person)[:LISTED]
    mine = projects.mine(talk.session, talk.person, ("proposed", "open", "closed"))[:LISTED]
    if not waits and not mine:
        talk.say(_("You have no projects yet. Begin one with a partner, or ask them for a code."), NEW)
        return
    body = lines(
        Strong(_("These wait for your answer")) if waits else None,
        *(row(one) for one in waits),
        Strong(_("Your projects")) if mine else None,
        *(row(one) for one, _role in mine),
    )
    shown = {one.id: one for one in (*waits, *(one for one, _role in mine))}
    talk.say(body, *(button(one) for one in shown.values()), NEW)


def _show(talk: Talk, number: int) -> None:
    """One project, as far as it concerns the one who asks."""
    project, me = found(talk, number)
    if me.state == "asked":
        invitation(talk, project, me)
        return
    if me.state != "in":
        raise excuse(Cannot("foreign"))
    new_in = {room.id: number for room, number in rooms.of_person(talk.session, talk.person)}
    its = [room for room in rooms.of_project(talk.session, number) if room.id in new_in]
    shown: list[Node] = [room_row(room, new_in[room.id]) for room in its]
    body = whole(project, projects.members(talk.session, number), shown, talk.now)
    if project.state == "proposed":
        talk.say(body, go(f"project drop {number}", p_("button", "Take it back")), MINE)
        return
    # Translators: a button: be reminded of the dates of a project's plan.
    planned = [go(f"project dates {number}", p_("button", "Remind me"))]
    planned = planned if project.state == "open" and coming_tasks(project.facts, talk.now.date()) else []
    talk.say(body, *([_rooms(number)] if its else []), *planned, *ways(project, me))


def _rooms(number: int) -> Option:
    """The way to the rooms of a project."""
    return go(f"room of {number}", p_("button", "Rooms"))


def _join(talk: Talk, code: str) -> None:
    """Come in by a code that a founder showed. A wrong one counts as a guess, as with codes that join accounts."""
    if not links.may_guess(talk.session, talk.person, talk.now):
        raise Excuse(_("Too many wrong codes. Please wait an hour, and check the code meanwhile."))
    known = projects.by_code(talk.session, code, talk.now)
    if known is None:
        links.count_guess(talk.session, talk.person, talk.now)
        talk.say(_("That code is not right, or it is too old. Please ask for a new one."), MINE)
        return
    number, by = known
    project = projects.find(talk.session, number)
    me = projects.member(talk.session, number, talk.person)
    if project is None or (me is not None and me.state == "in"):
        raise Excuse(_("You are in this project already."), MINE)
    # Translators: two buttons: whether a school joins a project.
    yes_, no_ = p_("button", "Join"), p_("button", "Not this time")
    if not talk.confirm("sure", invited(talk, project), yes=yes_, no=no_):
        talk.say(_("Good. The code still works, should you change your mind."), MINE)
        return
    try:
        projects.ask_in(talk.session, number, talk.person, by, talk.now)
        joined(talk, projects.answer(talk.session, number, talk.person, True, talk.now))
    except Cannot as cannot:
        raise excuse(cannot) from None
    _stop_wave(talk, project)


def _stop_wave(talk: Talk, project: Project) -> None:
    """Where many come in at once, the codes stop working, and those who lead the project hear so."""
    if not codes.stop_wave(talk.session, project.id, talk.now):
        return
    for room in rooms.of_project(talk.session, project.id):
        order.record(talk.session, room.id, "wave", talk.now)
    words = lines(
        titled(project),
        _("Many teachers came in by a code within a few minutes, so the codes no longer work."),
        _("Please look whether everybody belongs here."),
    )
    # Translators: a button: show a new code by which teachers of other schools come into a project.
    for founder in projects.founders(talk.session, project.id):
        talk.tell(founder, words, button(project), go(f"project invite {project.id}", p_("button", "New code")))
