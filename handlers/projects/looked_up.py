"""/schoolprojects: support looks at the projects of the schools it is there for."""

from __future__ import annotations

from bot.talk import Excuse, Talk, go
from bot.text import Day, Joined, Node, Strong, Verbatim, _, entry, lines, p_
from handlers.projects.words import STATES, about, row, seat
from handlers.staff.posts import my_country, my_post
from storage import projects
from storage.projects import Project

ON_A_PAGE = 8
_SHORT = 18


def schoolprojects(talk: Talk) -> None:
    """Lists the newest projects, a page at a time; a number shows that one."""
    post, argument = my_post(talk), talk.turn.argument.strip()
    known = argument.isascii() and argument.isdecimal() and len(argument) < 10
    if known:
        _one(talk, int(argument))
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


def _one(talk: Talk, number: int) -> None:
    """A project with its schools; only if one of them is in the officer's country. What is said in its rooms is shown
    to nobody who is not in them, but for what is reported."""
    post, project = my_post(talk), projects.find(talk.session, number)
    inside = projects.members(talk.session, number)
    theirs = any(member.country and post.covers(member.country) for member in inside) or my_country(post) is None
    if project is None or project.opened_at is None or not theirs:
        raise Excuse(_("There is no such project."), go("schoolprojects", p_("button", "All projects")))
    parts = (
        lines(about(project.facts), Joined((Verbatim("●"), STATES[project.state]), " ")),
        entry(_("Open since"), Day(project.opened_at.date())),
        lines(Strong(_("Schools")), *(seat(member) for member in inside)),
    )
    talk.say(Joined(parts, "\n\n"), go("schoolprojects", p_("button", "All projects")))


def _label(project: Project) -> Node:
    title = project.facts.title
    return Verbatim(title if len(title) <= _SHORT else title[: _SHORT - 1].rstrip() + "…")
