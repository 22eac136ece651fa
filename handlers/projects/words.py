"""How a project looks: in one line, as a proposal, and as a whole with its schools, rooms and dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.talk import Excuse, Option, go
from bot.text import Day, Joined, Month, Name, Node, Strong, Verbatim, _, entry, lines, n_, p_
from handlers.kinds.ages import ages_shown
from handlers.partners.cards import flag, languages, subjects
from handlers.projects.plans import PLANS
from handlers.rights.ending import FORMER
from storage.projects import MOST_ROOMS, Cannot, Facts, Member, Project
from storage.projects.reading import MOST_PROPOSED

# Translators: the lines of a project.
LABELS: dict[str, Node] = {
    "partner": p_("project line", "With"),
    "title": p_("project line", "Title"),
    "about": p_("project line", "About"),
    "subjects": p_("project line", "Subjects"),
    "languages": p_("project line", "Languages"),
    "ages": p_("project line", "Ages"),
    "pupils": p_("project line", "Pupils"),
    "starts": p_("project line", "First month"),
    "ends": p_("project line", "Last month"),
    "results": p_("project line", "Results"),
}

STATES: dict[str, Node] = {
    # Translators: how a project stands.
    "proposed": p_("project state", "waits for the partner’s word"),
    "open": p_("project state", "open"),
    "closed": p_("project state", "closed"),
    "archived": p_("project state", "archived"),
    "dropped": p_("project state", "nothing came of it"),
}

MINE = go("projects", p_("button", "My projects"))
_TITLE = 15
_DATES = 3


def about(facts: Facts) -> Node:
    """What a project is about, in all its lines. What founders agreed on is the project's, not one person's."""
    return lines(
        Strong(Verbatim(facts.title)),
        _("“{words}”", words=Verbatim(facts.about)),
        Joined((Month(facts.starts_on), Month(facts.ends_on)), " – "),
        entry(LABELS["subjects"], subjects(facts.subjects)),
        entry(LABELS["languages"], languages(facts.languages)),
        entry(LABELS["ages"], ages_shown(facts.ages)),
        n_("About {n} pupil", "About {n} pupils", facts.pupils),
        entry(LABELS["results"], Verbatim(facts.results)),
    )


def proposal(words: Facts, starter: Member) -> Node:
    """What the partner reads before they co-sign."""
    return lines(Strong(_("A project for the two of you:")), seat(starter), about(words))


def seat(member: Member) -> Node:
    """A teacher of a project in one line: flag and town first, so that the lines make a small map."""
    name: Node = Name(member.name, member.person) if member.name else FORMER
    star = Verbatim("★") if member.founder else None
    where: tuple[Node, ...] = (Verbatim(flag(member.country)), Strong(Name(member.town))) if member.country else ()
    school: tuple[Node, ...] = (Name(member.school),) if member.school else ()
    head = Joined(tuple(part for part in (*where, star) if part is not None), " ")
    return Joined(tuple(part for part in (head if where or star else None, name, *school) if part is not None), " · ")


def whole(project: Project, members: Sequence[Member], rooms: Sequence[Node], now: datetime) -> Node:
    """A project as those see it who are in it."""
    until = project.reopens_until
    parts = (
        lines(about(project.facts), Joined((Verbatim("●"), STATES[project.state]), " ")),
        entry(_("It can be opened again until"), Day(until.date())) if project.state == "closed" and until else None,
        lines(Strong(_("Schools")), *(seat(member) for member in members)),
        lines(_("★ leads the project")) if members else None,
        lines(Strong(_("Rooms")), *rooms) if rooms else None,
        _dates(project.facts, now.date()) if project.state == "open" else None,
    )
    return Joined(tuple(part for part in parts if part is not None), "\n\n")


def _dates(facts: Facts, today: date) -> Node | None:
    """What comes next of its plan, and its end."""
    coming = coming_tasks(facts, today)[:_DATES]
    rows = [entry(Day(day), task) for day, task in coming]
    return lines(Strong(_("What comes next")), *rows, entry(LABELS["ends"], Month(facts.ends_on)))


def coming_tasks(facts: Facts, today: date) -> list[tuple[date, Node]]:
    """The dated tasks of the plan that a project began from, from today on."""
    plan = PLANS.get(facts.plan or "")
    return [] if plan is None else [(day, task) for day, task in plan.dated(facts.starts_on) if day >= today]


def row(project: Project) -> Node:
    """A project in one line of a list."""
    return Joined((Strong(Verbatim(project.facts.title)), STATES[project.state]), " · ")


def titled(project: Project) -> Node:
    """A project's name, where something about it is told."""
    return Strong(Verbatim(project.facts.title))


def button(project: Project) -> Option:
    """The way to a project, by the beginning of its name."""
    title = project.facts.title
    short = title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip() + "…"
    return go(f"project show {project.id}", Verbatim(short))


def excuse(cannot: Cannot) -> Excuse:
    """Why something cannot be done with a project."""
    return Excuse(_OBSTACLES[cannot.why], MINE)


_OBSTACLES: dict[str, Node] = {
    "foreign": _("There is no such project."),
    "state": _("That is not possible any more: the project stands otherwise by now."),
    "last": _("You are the only founder. Hand the project over first, or close it."),
    "full": n_(
        "This project has {n} school already; no more are possible.",
        "This project has {n} schools already; no more are possible.",
        50,
    ),
    "member": _("This teacher is in the project already, or is asked."),
    "unavailable": _("This teacher cannot be reached at the moment."),
    "partner": _("You can invite your partners. Others come in by a code that you show them."),
    "many": n_(
        "{n} proposal of yours waits for an answer; no more are possible at a time.",
        "{n} proposals of yours wait for an answer; no more are possible at a time.",
        MOST_PROPOSED,
    ),
    "rooms": n_("A project has {n} room at most.", "A project has {n} rooms at most.", MOST_ROOMS),
    "named": _("Another room of this project is called so already."),
    "successor": _("Please choose a teacher of the project who does not lead it yet."),
}
