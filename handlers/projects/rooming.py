"""/room new and /room rename: founders add rooms to a project, for its teachers or with the classes, and name them."""

from __future__ import annotations

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Node, Strong, Verbatim, _, lines, p_
from handlers.daytime import until_day
from handlers.kinds.line import Line
from handlers.projects.leading import led
from handlers.projects.words import MINE, button, excuse, titled
from handlers.rooms import coming
from storage import projects, rooms
from storage.models.projects import FOUNDER
from storage.models.rooms import EVERYONE, MORE, TEACHERS
from storage.projects import Cannot, Project

NAME, OFFERED = 40, 8
_AUDIENCES: dict[str, Node] = {
    # Translators: buttons: who may be in a new room of a project.
    TEACHERS: p_("button", "Teachers only"),
    EVERYONE: p_("button", "With the classes"),
}


def add(talk: Talk, number: int) -> None:
    """Add a room to a project; 0 asks to which."""
    project = led(talk, number or _which(talk))
    if len(rooms.of_project(talk.session, project.id)) >= projects.MOST_ROOMS:
        raise excuse(Cannot("rooms"))
    name = talk.ask("name", lines(titled(project), _("What is the new room called?")), Line(NAME))
    question = lines(Strong(Verbatim(name)), _("Who is in it? Classes are the pupils for whom cards were made."))
    whose = talk.ask("whose", question, one_of(*(Option(code, label) for code, label in _AUDIENCES.items())))
    try:
        made = projects.add_room(talk.session, project.id, talk.person, name, whose, talk.now)
    except Cannot as cannot:
        raise excuse(cannot) from None
    coming.made(talk.session, project.id, talk.now, talk.tell_all)
    _tell(talk, project, name, made)
    talk.say(
        lines(Strong(Verbatim(name)), _("The room is there, and all who belong in it are in it. Others were told.")),
        _way(made),
        go(f"room doors {made}", p_("button", "Doors")),
        button(project),
    )


def _which(talk: Talk) -> int:
    """The project to which a room is added: the only one that they lead, or one that they choose."""
    mine = [one for one, role in projects.mine(talk.session, talk.person, ("open",)) if role == FOUNDER]
    if not mine:
        raise Excuse(_("You lead no open project; those who lead one add rooms to it."), MINE)
    if len(mine) == 1:
        return mine[0].id
    options = [Option(str(one.id), button(one).label) for one in mine[:OFFERED]]
    return int(talk.ask("project", _("To which project?"), one_of(*options)))


def _way(room: int) -> Option:
    return go(f"room {room}", p_("button", "Into the room"))


def _tell(talk: Talk, project: Project, name: str, room: int) -> None:
    """Tell the other teachers of a new room, not in their night."""
    words = lines(titled(project), _("There is a new room in this project:"), Strong(Verbatim(name, talk.person)))
    for member in projects.members(talk.session, project.id):
        if member.person != talk.person:
            later = until_day(talk.session, member.person, talk.now)
            talk.tell(member.person, words, _way(room), later=later)


def rename(talk: Talk, number: int) -> None:
    """Give a room that was added another name, at its doors too where the platform lets the bot do that."""
    room = rooms.find(talk.session, number)
    if room is None or rooms.seat_of(talk.session, number, talk.person) is None:
        raise Excuse(_("There is no such room."), MINE)
    led(talk, room.project)
    if room.kind != MORE:
        raise Excuse(_("The first two rooms of a project keep their names."), _way(number))
    question = lines(Strong(Verbatim(room.name or "")), _("What shall the room be called?"))
    name = talk.ask("name", question, Line(NAME))
    try:
        projects.rename_room(talk.session, number, talk.person, name)
    except Cannot as cannot:
        raise excuse(cannot) from None
    coming.renamed(talk.session, number, talk.tell_all)
    talk.say(lines(Strong(Verbatim(name)), _("The room is called so from now on.")), _way(number))
