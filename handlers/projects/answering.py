"""A proposal or an invitation is answered: in one tap, by the one whom it was for."""

from __future__ import annotations

from bot.talk import Talk, go
from bot.text import Node, _, lines, p_
from handlers.projects.new import answers
from handlers.projects.words import MINE, about, button, excuse, proposal, seat, titled
from handlers.rooms import coming
from handlers.rooms.doors import offers
from storage import projects, staff
from storage.projects import Cannot, Member, Project

ROOMS = go("room", p_("button", "Rooms"))


def found(talk: Talk, number: int) -> tuple[Project, Member]:
    """A project with how the one who talks stands to it. Raises Excuse if they have nothing to do with it."""
    project, me = projects.find(talk.session, number), projects.member(talk.session, number, talk.person)
    if project is None or me is None:
        raise excuse(Cannot("foreign"))
    return project, me


def invitation(talk: Talk, project: Project, me: Member) -> None:
    """Show what somebody is asked to, with the answers."""
    starter = next((m for m in projects.members(talk.session, project.id) if m.founder), None)
    if project.state == "proposed" and starter is not None:
        talk.say(proposal(project.facts, starter), *answers(project.id))
    elif project.state == "open":
        talk.say(invited(talk, project), *answers(project.id))
    else:
        raise excuse(Cannot("state"))


def invited(talk: Talk, project: Project) -> Node:
    """What somebody reads who is asked into an open project."""
    inside = projects.members(talk.session, project.id)
    return lines(_("You are invited to a project:"), about(project.facts), *(seat(member) for member in inside[:8]))


def yes(talk: Talk, number: int) -> None:
    """Co-sign a proposal, or join."""
    _project, me = found(talk, number)
    try:
        if me.founder:
            opened(talk, projects.sign(talk.session, number, talk.person, talk.now))
        else:
            joined(talk, projects.answer(talk.session, number, talk.person, True, talk.now))
    except Cannot as cannot:
        raise excuse(cannot) from None


def opened(talk: Talk, project: Project) -> None:
    """The project is open: both hear so, and so does the support of their countries."""
    inside = projects.members(talk.session, project.id)
    words = lines(
        titled(project),
        _("The project is open, and you lead it together. It has two rooms: one of its teachers, one for the classes."),
    )
    for member in inside:
        if member.person != talk.person:
            talk.tell(member.person, words, button(project), ROOMS, *offers(talk, project.id))
    talk.say(words, button(project), ROOMS, *offers(talk, project.id))
    _inform_support(talk, project, inside)


def _inform_support(talk: Talk, project: Project, inside: list[Member]) -> None:
    """Support needs not agree; it knows, and can look it up."""
    told = lines(_("A project has begun:"), titled(project), *(seat(member) for member in inside))
    look = go(f"schoolprojects {project.id}", p_("button", "Look at it"))
    officers = {one for member in inside for one in staff.support_for(talk.session, member.country)}
    for officer in sorted(officers):
        talk.tell(officer, told, look)


def joined(talk: Talk, project: Project) -> None:
    """Somebody is in; the founders hear so."""
    me = projects.member(talk.session, project.id, talk.person)
    assert me is not None
    coming.joined(talk.session, project.id, talk.person, talk.now, talk.tell_all)
    for founder in projects.founders(talk.session, project.id):
        talk.tell(founder, lines(_("A school joins your project:"), titled(project), seat(me)), button(project))
    talk.say(lines(titled(project), _("You are in. Its rooms are open to you.")), button(project), ROOMS)


def no(talk: Talk, number: int) -> None:
    """Decline; whoever asked hears so, without a reason."""
    project, me = found(talk, number)
    if me.state != "asked":
        raise excuse(Cannot("state"))
    try:
        if me.founder:
            project = projects.drop(talk.session, number, talk.person, talk.now)
        else:
            project = projects.answer(talk.session, number, talk.person, False, talk.now)
    except Cannot as cannot:
        raise excuse(cannot) from None
    for founder in _askers(talk, project):
        talk.tell(founder, lines(titled(project), _("This time not, says:"), seat(me)), MINE)
    talk.say(_("Thank you for the answer."), MINE)


def drop(talk: Talk, number: int) -> None:
    """Take a proposal back."""
    project, me = found(talk, number)
    if project.starter != talk.person:
        raise excuse(Cannot("foreign"))
    asked = [member.person for member in projects.members(talk.session, number, ("asked",))]
    try:
        projects.drop(talk.session, number, talk.person, talk.now)
    except Cannot as cannot:
        raise excuse(cannot) from None
    for person in asked:
        talk.tell(person, lines(titled(project), _("This proposal was taken back by:"), seat(me)), MINE)
    talk.say(_("It is taken back."), MINE)


def _askers(talk: Talk, project: Project) -> list[int]:
    """Who hears of a no: the founders, or the one who proposed."""
    inside = projects.founders(talk.session, project.id)
    return [person for person in inside if person != talk.person]
