"""/matching: how matching goes in an officer's country, as figures and as a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.talk import Attachment, Talk, go
from bot.text import Count, Country, Joined, Name, Node, Strong, Verbatim, _, entry, lines, n_, p_
from handlers.staff.badge import badge
from handlers.staff.bars import SOURCE
from handlers.staff.posts import my_country, my_post
from storage.matching.health import SOON, WEEKS, Health, Shown, health


def matching(talk: Talk) -> None:
    """Shows support how matching goes: who waits, how fast answers come, who is seen most and least."""
    country = my_country(my_post(talk))
    found = health(talk.session, country, talk.now)
    where: Node = p_("staff line", "all countries") if country is None else Country(country)
    ref = json.dumps(list(found.weeks))
    talk.say(
        lines(badge(), Strong(_("How matching goes")), where, *_figures(found), *_seen(found), _picture()),
        go("staff", p_("button", "What waits")),
        file=(SOURCE, Attachment("picture", ref, "matching.png", "image/png")),
    )


def _figures(found: Health) -> list[Node | None]:
    hours = None if found.answer_hours is None else round(found.answer_hours)
    percent = None if found.soon is None else round(100 * found.soon)
    return [
        entry(_("Teachers who look and have no partner yet"), Count(found.waiting)),
        None if hours is None else entry(_("Hours until a request is answered (median)"), Count(hours)),
        None
        if percent is None
        else n_(
            "{percent} % of new teachers had a partner within {n} day.",
            "{percent} % of new teachers had a partner within {n} days.",
            SOON.days,
            percent=Count(percent),
        ),
        entry(_("Teachers who were suggested to nobody in four weeks"), Count(found.unseen)),
    ]


def _seen(found: Health) -> list[Node | None]:
    return [
        entry(_("Suggested most often"), _schools(found.most)) if found.most else None,
        entry(_("Suggested least often"), _schools(found.least)) if found.least else None,
    ]


def _schools(shown: Sequence[Shown]) -> Node:
    return Joined(tuple(_school(one) for one in shown), "; ")


def _school(one: Shown) -> Node:
    return Joined((Name(one.school), Name(one.town), Joined((Count(one.times), Verbatim("×")), "")), ", ")


def _picture() -> Node:
    # Translators: the picture shows a bar for each week.
    return n_(
        "The picture: new partnerships in the last {n} week, the newest on the right.",
        "The picture: new partnerships in each of the last {n} weeks, the newest on the right.",
        WEEKS,
    )
