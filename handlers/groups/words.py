"""How a group is told of: its idea, its schools, how many are in."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from bot.talk import Option, go
from bot.text import Count, Joined, Language, Node, Strong, _, lines, n_, p_
from handlers.kinds.projects import kind_name
from handlers.requests.places import named_place, place
from handlers.requests.words import quoted
from storage import groups, partners
from storage.groups import Group

FIND = go("partners", p_("button", "Find partners"))


def idea_of(group: Group) -> Node:
    """What a group is about: the kind of project, the language, the founder's words."""
    about = Joined((kind_name(group.kind), Language(group.language)), " · ")
    return lines(about, quoted(group.idea, group.founder))


def invitation(session: Session, group: Group) -> Node:
    """What somebody is told who is asked into a group."""
    founder = partners.myself(session, group.founder)
    return lines(
        Strong(_("Schools gather around an idea, and yours would fit:")),
        idea_of(group),
        None if founder is None else named_place(founder),
        n_(
            "It opens as soon as {n} school is in; it may have up to {most}.",
            "It opens as soon as {n} schools are in; it may have up to {most}.",
            groups.FEWEST,
            most=Count(group.wanted),
        ),
    )


def answers(group: Group) -> tuple[Option, ...]:
    """What may be answered to it."""
    return (
        # Translators: two buttons: whether a school joins a group that gathers around an idea.
        go(f"group yes {group.id}", p_("button", "Join")),
        go(f"group no {group.id}", p_("button", "Not this time")),
    )


def opened(session: Session, group: Group, everyone: Iterable[int]) -> Node:
    """What all who are in hear when it opens, or when one more joins."""
    found = partners.candidates(session, list(everyone))
    return lines(
        Strong(_("The group is open. You are partners of each other now:")),
        idea_of(group),
        *(named_place(one) for one in found),
    )


def standing(session: Session, group: Group) -> Node:
    """How a group stands: who is in, how many are asked."""
    members = partners.candidates(session, groups.people_of(session, group.id, {groups.IN}))
    asked = len(groups.people_of(session, group.id, {groups.ASKED}))
    return lines(
        Strong(_("Your group gathers")),
        idea_of(group),
        n_("{n} school is in beside yours.", "{n} schools are in beside yours.", len(members)) if members else None,
        *(place(one) for one in members),
        n_("{n} school has not answered yet.", "{n} schools have not answered yet.", asked) if asked else None,
    )
