"""/staff: what waits for an officer, what they can do, and a link that signs them in on the web."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Option, Talk, go
from bot.text import Country, Node, Url, _, entry, lines, n_, p_
from handlers.signing_in import LIFETIME, sign_in_token
from handlers.staff.badge import badge
from handlers.staff.posts import my_country, my_post
from storage.staff import Post

#: Says how many things of a kind wait for an officer, with the way to them; None if there are none.
Waiting = Callable[[Session, Post, datetime], tuple[Node, Option] | None]

_WEB = "web"


def home_with(*waiting: Waiting) -> Callable[[Talk], None]:
    """The flow of /staff, which looks for everything that may wait."""

    def home(talk: Talk) -> None:
        """An officer sees what waits, and where to go."""
        post = my_post(talk)
        if talk.turn.argument == _WEB:
            _give_link(talk)
            return
        found = [one for look in waiting if (one := look(talk.session, post, talk.now)) is not None]
        nothing = None if found else _("Nothing waits for you now.")
        body = lines(badge(), entry(p_("staff line", "For"), _area(post)), *(line for line, _way in found), nothing)
        ways = [way for _line, way in found]
        others = [way for way in _ways(talk) if way.id not in {known.id for known in ways}]
        talk.say(body, *ways, *others)

    return home


def _ways(talk: Talk) -> list[Option]:
    commands: Any = talk.turn.extra.get("commands", ())
    ways = [Option(f"/{c.word}", c.button) for c in commands if c.who in {"officer", "central"} and c.word != "staff"]
    return [*ways, go(f"staff {_WEB}", p_("button", "Sign in on the web"))]


def _area(post: Post) -> Node:
    country = my_country(post)
    return p_("staff line", "all countries") if country is None else Country(country)


def _give_link(talk: Talk) -> None:
    token = sign_in_token(talk.session, talk.person, talk.now)
    talk.say(link_shown(talk.web_address(f"in/{token}")))


def link_shown(address: str) -> Node:
    """An address that signs a browser in, and how careful one is with it."""
    minutes = int(LIFETIME.total_seconds() // 60)
    return lines(
        n_(
            "Open this address in the browser within {n} minute. It works once:",
            "Open this address in the browser within {n} minutes. It works once:",
            minutes,
        ),
        Url(address),
        _("Give it to nobody: whoever opens it is signed in as you."),
    )


def welcome(post: Post) -> tuple[Node, Option, Option]:
    """What a new officer is told, with the ways on."""
    body = lines(
        badge(),
        _("You are support now. What you do here is written down in a log that cannot be changed."),
        entry(p_("staff line", "For"), _area(post)),
    )
    return body, go("staff", p_("button", "What waits")), go(f"staff {_WEB}", p_("button", "Sign in on the web"))
