"""/schoolprojects: support looks at the projects of the schools it is there for."""

from __future__ import annotations

from bot.talk import Excuse, Talk, go
from bot.text import Day, Joined, Node, Strong, Verbatim, _, entry, lines, p_
from handlers.projects.words import STATES, about, row, seat
from handlers.rooms.order import log_of_project
from handlers.staff.posts import my_country, my_post
from storage import projects
from storage.projects import Member, Project

ON_A_PAGE = 8
_SHORT = 18


def schoolprojects(talk: Talk) -> None:
    """Lists the newest projects, a page at a time; a number shows that one."""
    post, argument = my_post(talk), talk.turn.argument.strip()
    log, number = argument.startswith("log "), argument.removeprefix("log ")
    if number.isascii() and number.isdecimal() and len(number) < 10:
        _log(talk, int(number)) if log else _one(talk, int(number))
        return
    page = int(argument[1:]) if argument.startswith("p") and argument[1:].isdecimal() and len(argument) < 6 else 0
    found = projects.in_country(talk.session, my_country(post), ON_A_PAGE + 1, page * ON_A_PAGE)
    if not found:
        talk.say(_("There are no projects yet."))
        return
    more = [go(f"schoolprojects p{page + 1}", p_("button", "More"))] if len(found) > ON_A_PAGE else []
    shown = found[:ON_A_PAGE]
    body = lines(Strong(_("Projects of schools, the newest first")), *map(row, shown))
    talk.say(body, *(go(f"schoolprojects {one.id}", _label(one)) for one in shown), *more)


def _log(talk: Talk, number: int) -> None:
    """What was done to keep order in the rooms of a project."""
    project, _inside = _found(talk, number)
    back = go(f"schoolprojects {number}", p_("button", "The project"))
    talk.say(lines(Strong(Verbatim(project.facts.title)), log_of_project(talk, project)), back)


def _one(talk: Talk, number: int) -> None:
    """A project with its schools. What is said in its rooms is shown to nobody who is not in them, but for what is
    reported."""
    project, inside = _found(talk, number)
    opened: list[Node] = [] if project.opened_at is None else [entry(_("Open since"), Day(project.opened_at.date()))]
    parts: tuple[Node, ...] = (
        lines(about(project.facts), Joined((Verbatim("●"), STATES[project.state]), " ")),
        *opened,
        lines(Strong(_("Schools")), *(seat(member) for member in inside)),
    )
    # Translators: a button of support: what was done to keep order in the rooms of a project.
    told = go(f"schoolprojects log {number}", p_("button", "The log"))
    talk.say(Joined(parts, "\n\n"), told, go("schoolprojects", p_("button", "All projects")))


def _found(talk: Talk, number: int) -> tuple[Project, list[Member]]:
    """A project and its teachers; only if one of the schools is in the officer's country."""
    post, project = my_post(talk), projects.find(talk.session, number)
    inside = projects.members(talk.session, number)
    theirs = any(member.country and post.covers(member.country) for member in inside) or my_country(post) is None
    if project is None or project.opened_at is None or not theirs:
        raise Excuse(_("There is no such project."), go("schoolprojects", p_("button", "All projects")))
    return project, inside


def _label(project: Project) -> Node:
    title = project.facts.title
    return Verbatim(title if len(title) <= _SHORT else title[: _SHORT - 1].rstrip() + "…")
