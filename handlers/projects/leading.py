"""What founders do: invite, show a code, hand over, close and open again; and anybody may leave."""

from __future__ import annotations

from collections.abc import Callable

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Day, Name, Node, Strong, Verbatim, _, entry, lines, p_
from handlers.projects.answering import found, invited
from handlers.projects.new import answers
from handlers.projects.words import MINE, button, excuse, seat, titled
from handlers.rooms import coming
from storage import lines as private_lines
from storage import projects
from storage.projects import Cannot, Member, Project
from storage.projects.codes import LIFETIME

OFFERED = 12


def invite(talk: Talk, number: int) -> None:
    """Ask a partner into the project, or show a code to others."""
    project = led(talk, number)
    inside = {each.person for each in projects.members(talk.session, number, ("in", "asked"))}
    known = [line for line in private_lines.lines_of(talk.session, talk.person) if line.other not in inside]
    options = [Option(str(line.other), Name(line.name, line.other)) for line in known if line.status == "verified"]
    # Translators: a button: show a code by which teachers of other schools come into a project.
    code = Option("code", p_("button", "Show a code"))
    question = lines(titled(project), _("Whom do you invite? With a code, others can ask to come in, too."))
    chosen = talk.ask("whom", question, one_of(*options[:OFFERED], code))
    if chosen == "code":
        _show_code(talk, number)
        return
    project = doing(talk, lambda: projects.invite(talk.session, number, talk.person, int(chosen), talk.now))
    talk.tell(int(chosen), invited(talk, project), *answers(number))
    talk.say(_("They are asked. I tell you what they say."), button(project))


def _show_code(talk: Talk, number: int) -> None:
    try:
        code = projects.make_code(talk.session, number, talk.person, talk.now)
    except Cannot as cannot:
        raise excuse(cannot) from None
    talk.say(
        lines(
            Strong(Verbatim(code)),
            _("Verified teachers who write this to me can join:"),
            Verbatim(f"/project join {code}"),
            entry(_("It is good until"), Day((talk.now + LIFETIME).date())),
            _("An earlier code of yours no longer works."),
        ),
        go(f"project show {number}", p_("button", "The project")),
    )


def hand_over(talk: Talk, number: int) -> None:
    """Make somebody else a founder in one's own place."""
    project = led(talk, number)
    others = [each for each in projects.members(talk.session, number) if not each.founder and each.name]
    if not others:
        raise Excuse(_("Everybody in this project leads it already, or is gone. Invite somebody first."), MINE)
    options = [Option(str(each.person), Name(each.name, each.person)) for each in others[:OFFERED]]
    question = lines(titled(project), _("Who shall lead it in your place? You stay in it as a teacher."))
    chosen = int(talk.ask("whom", question, one_of(*options)))
    project = doing(talk, lambda: projects.hand_over(talk.session, number, talk.person, chosen, talk.now))
    talk.tell(
        chosen, lines(titled(project), _("From now on you are one of those who lead this project.")), button(project)
    )
    talk.say(_("Done. You are in the project as a teacher now."), button(project))


def leave(talk: Talk, number: int) -> None:
    """Leave a project; the only founder names a successor or closes it first."""
    project, me = found(talk, number)
    if me.state != "in":
        raise excuse(Cannot("foreign"))
    if me.founder and project.state == "open" and len(projects.founders(talk.session, number)) == 1:
        raise _alone(number)
    question = lines(titled(project), _("Do you want to leave? What you said in its rooms stays there."))
    # Translators: two buttons under the question whether to leave a project.
    if not talk.confirm("sure", question, yes=p_("button", "Leave the project"), no=p_("button", "Stay")):
        talk.say(_("Good, you stay."), button(project))
        return
    doing(talk, lambda: projects.leave(talk.session, number, talk.person, talk.now))
    coming.left(talk.session, number, talk.person, talk.now, talk.tell_all)
    tell_others(talk, project, lines(titled(project), _("This school has left the project:"), seat(me)))
    talk.say(_("You have left the project."), MINE)


def _alone(number: int) -> Excuse:
    over = go(f"project over {number}", p_("button", "Hand it over"))
    close_it = go(f"project close {number}", p_("button", "Close it"))
    return Excuse(_("You are the only founder. Hand the project over first, or close it."), over, close_it)


def close(talk: Talk, number: int) -> None:
    """Close a project: its rooms can be read and no more."""
    project = led(talk, number)
    question = lines(
        titled(project), _("Close it? Its rooms can only be read then. Within 30 days you can open it again.")
    )
    # Translators: two buttons under the question whether to close a project.
    if not talk.confirm("sure", question, yes=p_("button", "Close it"), no=p_("button", "Go on with it")):
        talk.say(_("Good, it goes on."), button(project))
        return
    project = doing(talk, lambda: projects.close(talk.session, number, talk.person, talk.now))
    coming.closed(talk.session, number, talk.now, talk.tell_all)
    until = project.reopens_until
    words = lines(
        titled(project),
        _("This project is closed now. Thank you for what you did together!"),
        entry(_("It can be opened again until"), Day(until.date())) if until is not None else None,
    )
    tell_others(talk, project, words)
    talk.say(words, button(project))


def reopen(talk: Talk, number: int) -> None:
    """Open a closed project again."""
    found(talk, number)
    project = doing(talk, lambda: projects.reopen(talk.session, number, talk.person, talk.now))
    coming.opened_again(talk.session, number, talk.now, talk.tell_all)
    words = lines(titled(project), _("The project is open again."))
    tell_others(talk, project, words)
    talk.say(words, button(project))


def ways(project: Project, me: Member) -> list[Option]:
    """What somebody may do with a project of theirs."""
    number = project.id
    if project.state == "open" and me.founder:
        return [
            go(f"project invite {number}", p_("button", "Invite")),
            # Translators: a button: add a room to a project.
            go(f"room new {number}", p_("button", "New room")),
            go(f"project over {number}", p_("button", "Hand it over")),
            go(f"project end {number}", p_("button", "Change the end")),
            go(f"project close {number}", p_("button", "Close it")),
            go(f"project leave {number}", p_("button", "Leave the project")),
        ]
    if project.state == "closed" and me.founder:
        return [go(f"project open {number}", p_("button", "Open it again"))]
    return [go(f"project leave {number}", p_("button", "Leave the project"))]


def led(talk: Talk, number: int) -> Project:
    """A project that is open and that they lead."""
    project, me = found(talk, number)
    if me.state != "in" or not me.founder:
        raise excuse(Cannot("foreign"))
    if project.state != "open":
        raise excuse(Cannot("state"))
    return project


def doing(talk: Talk, deed: Callable[[], Project]) -> Project:
    """Do it, or say why it cannot be done."""
    try:
        return deed()
    except Cannot as cannot:
        raise excuse(cannot) from None


def tell_others(talk: Talk, project: Project, words: Node) -> None:
    """Tell all other teachers of a project."""
    for member in projects.members(talk.session, project.id):
        if member.person != talk.person:
            talk.tell(member.person, words, button(project))
