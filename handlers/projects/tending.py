"""Gentle questions about a project: whether it goes on when nothing is said for long, and what to do before it ends."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import News, Option, Talk, Tell, go
from bot.text import Day, Month, Node, _, entry, lines, n_, p_, plain
from handlers.daytime import until_day
from handlers.kinds.months import Months, month_after
from handlers.partners.cards import subjects
from handlers.projects.answering import ROOMS
from handlers.projects.leading import doing, led, tell_others
from handlers.projects.new import LASTS
from handlers.projects.words import LABELS, button, titled
from storage import projects, rooms
from storage.projects import Project, tending

AT_ONCE = 50
#: How long a project is not asked about after "it goes on", and after "do not ask".
GOES_ON, NOT_ASKED = timedelta(days=30), timedelta(days=90)


def ask_silent(session: Session, now: datetime, tell: Tell) -> bool:
    """Ask the founders of projects in which nothing is said. Returns whether more of them wait."""
    found = tending.silent(session, now, AT_ONCE)
    for project in found:
        body = lines(
            titled(project),
            n_(
                "Nobody has said anything in its rooms for {n} day. Does it go on?",
                "Nobody has said anything in its rooms for {n} days. Does it go on?",
                tending.SILENT.days,
            ),
            _("If a partner has no time any more, I can help you find another school that joins."),
        )
        # Translators: three buttons under the question whether a silent project goes on.
        ways = (
            go(f"project goes {project.id}", p_("button", "It goes on")),
            go(f"project rest {project.id}", p_("button", "Do not ask")),
            go(f"project reserve {project.id}", p_("button", "Reserve partner")),
            button(project),
        )
        for founder in projects.founders(session, project.id):
            tell(News(founder, body, ways, until_day(session, founder, now)))
    return len(found) == AT_ONCE


def tell_end(session: Session, now: datetime, tell: Tell) -> bool:
    """Tell founders that their project ends soon. Returns whether more of them wait."""
    found = tending.ending(session, now, AT_ONCE)
    for project, _days in found:
        left = (project.facts.ends_on - now.date()).days
        body = lines(
            titled(project),
            n_("This project ends in {n} day.", "This project ends in {n} days.", left),
            entry(p_("project line", "Last day"), Day(project.facts.ends_on)),
            _("You can let it go on for longer, or close it together when you are done."),
            _("Some time after its end, what was said in its rooms is erased: keep before what you want to keep."),
        )
        ways = (
            go(f"project end {project.id}", p_("button", "Change the end")),
            go(f"project close {project.id}", p_("button", "Close it")),
            *takes(session, project.id),
            ROOMS,
            button(project),
        )
        for founder in projects.founders(session, project.id):
            tell(News(founder, body, ways, until_day(session, founder, now)))
    return len(found) >= AT_ONCE


def takes(session: Session, project: int) -> list[Option]:
    """Buttons that give the words and files of each room as a file."""
    return [go(f"room export {room.id}", _take(room)) for room in rooms.of_project(session, project)]


def _take(room: rooms.Room) -> Node:
    # Translators: a button: the words and files of a room as a file.
    if room.kind == "more":
        return p_("button", "Take a room as file")
    return p_("button", "Take the staff room") if room.kind == "staff" else p_("button", "Take the class room")


def goes_on(talk: Talk, number: int) -> None:
    """A silent project goes on."""
    project = led(talk, number)
    tending.leave_alone(talk.session, number, talk.now + GOES_ON)
    talk.say(lines(titled(project), _("Good to hear. I do not ask again for a month.")), ROOMS, button(project))


def rest(talk: Talk, number: int) -> None:
    """Nobody wants to be asked about a project for a while."""
    project = led(talk, number)
    tending.leave_alone(talk.session, number, talk.now + NOT_ASKED)
    talk.say(lines(titled(project), _("Good, I do not ask for three months.")), button(project))


def reserve(talk: Talk, number: int) -> None:
    """Find another school for a project: teachers of its subjects, with pupils of its ages; then it is invited."""
    project = led(talk, number)
    tending.leave_alone(talk.session, number, talk.now + GOES_ON)
    talk.say(
        lines(
            titled(project),
            _("Look for a school that suits this project, and ask it to be your partner."),
            _("As soon as you are partners, invite it into the project, or show it a code."),
        ),
        go(f"partners {_wanted(talk, project)}", p_("button", "Find partners")),
        go(f"project invite {number}", p_("button", "Invite")),
        button(project),
    )


def _wanted(talk: Talk, project: Project) -> str:
    """What the search for partners is to look for, as one would write it."""
    youngest, oldest = project.facts.ages
    return f"{plain(subjects(project.facts.subjects[:2]), talk.reader)}, {youngest}-{oldest}"


def change_end(talk: Talk, number: int) -> None:
    """Let a project end in another month; its teachers hear so."""
    project = led(talk, number)
    today = max(talk.now.date(), project.facts.starts_on)
    kind = Months(today, month_after(project.facts.starts_on, LASTS), talk.reader.language)
    question = lines(titled(project), _("In which month does it end?"))
    month = talk.ask("month", question, kind)
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    project = doing(talk, lambda: tending.change_end(talk.session, number, talk.person, last))
    words = lines(titled(project), entry(LABELS["ends"], Month(last)))
    tell_others(talk, project, lines(_("A project has another end now:"), words))
    talk.say(lines(_("Saved."), words), button(project))
