"""What is said about places for pupils in several flows."""

from __future__ import annotations

from bot.talk import Excuse, go
from bot.text import Node, Strong, Verbatim, _, n_, p_
from storage.projects import Cannot, Project
from storage.pupils import MOST

MINE = go("pupils", p_("button", "My pupils"))


def titled(project: Project) -> Node:
    """A project's name, above what is said about its pupils."""
    return Strong(Verbatim(project.facts.title))


def excuse(cannot: Cannot) -> Excuse:
    """Why something cannot be done with places."""
    return Excuse(_OBSTACLES.get(cannot.why, _OBSTACLES["foreign"]), MINE)


_OBSTACLES: dict[str, Node] = {
    "foreign": _("There is no such place of yours."),
    "state": _("That project is not open, so nobody can be let in."),
    "member": _("Another pupil in the project is called so already. Please choose another nickname."),
    "many": n_(
        "You can have {n} place in a project at most. End some that nobody needs.",
        "You can have {n} places in a project at most. End some that nobody needs.",
        MOST,
    ),
}
