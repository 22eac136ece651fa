"""A one-time link that signs a browser in: whoever asked for it in another chat is the same person on the web."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import Option
from bot.talk.onetime import Purpose, Sheet, Visit
from bot.text import Country, Joined, Name, Node, Strong, lines, p_
from storage import accounts, links, onetime, people, staff, teachers

NAME = "sign_in"
LIFETIME = timedelta(minutes=10)


def sign_in_token(
    session: Session, person: int, now: datetime, lifetime: timedelta = LIFETIME, *, leads: str | None = None
) -> str:
    """Make a ticket that signs one browser in as this person; an earlier one that was not used stops working.

    ``leads`` is the page of ours to which it goes from there, such as ``room/<address>``.
    """
    onetime.withdraw(session, NAME, person)
    data = {} if leads is None else {"leads": leads}
    return onetime.make(session, NAME, now=now, lifetime=lifetime, person=person, data=data)


def _show(visit: Visit) -> Sheet:
    """Say who one is going to be; a browser in which somebody else has a profile is asked whether to leave that."""
    title, language = p_("web", "Sign in to twinbot"), people.language_of(visit.session, _person(visit))
    coming, other = Strong(_name(visit, _person(visit))), _other(visit)
    if other is None:
        body = lines(p_("web", "This browser will be signed in as:"), coming)
        # Translators: a button on a page that signs a browser in.
        return Sheet(title, body, (Option("enter", p_("web", "Sign in")),), language)
    body = lines(
        p_("web", "In this browser somebody else is signed in:"),
        Strong(_name(visit, other)),
        p_("web", "That profile stays, but has to be signed in again. From now on this browser is for:"),
        coming,
    )
    return Sheet(title, body, (Option("switch", p_("web", "Go on")),), language)


def _act(visit: Visit, choice: str) -> Sheet:
    other = _other(visit)
    if other is not None and choice != "switch":
        return _show(visit)
    account = _account(visit, visit.account if other is None else None)
    return Sheet(p_("web", "Sign in to twinbot"), lines(), enters=account, leads=visit.data.get("leads"))


def _account(visit: Visit, here: str | None) -> str:
    """The web account that the browser speaks for from now on: the one it has, if nobody has a profile there."""
    person = _person(visit)
    if here is None:
        known = accounts.newest_account(visit.session, person, "web")
        if known is not None:
            return known
        here = secrets.token_urlsafe(16)
    owner = accounts.owner_of(visit.session, "web", here)
    if owner is None:
        accounts.add_account(visit.session, person, "web", here)
    elif owner != person:
        links.join(visit.session, owner, into=person, now=visit.now)
    return here


def _other(visit: Visit) -> int | None:
    """Who else has a profile, a role or other accounts in this browser."""
    owner = None if visit.account is None else accounts.owner_of(visit.session, "web", visit.account)
    if owner is None or owner == visit.person:
        return None
    known = teachers.facts(visit.session, owner) is not None or staff.post_of(visit.session, owner) is not None
    return owner if known or len(people.platforms_of(visit.session, owner)) > 1 else None


def _person(visit: Visit) -> int:
    assert visit.person is not None
    return visit.person


def _name(visit: Visit, person: int) -> Node:
    """What somebody is called here; who has no profile is support, or a guest."""
    told = teachers.facts(visit.session, person)
    if told is not None:
        return Name(told.name, person)
    post = staff.post_of(visit.session, person)
    # Translators: who is signed in, where they have no name of their own.
    if post is None or not post.support:
        return p_("web", "Guest")
    support = p_("web", "Support")
    return support if post.country is None else Joined((support, Country(post.country)), " · ")


SIGN_IN = Purpose(NAME, _show, _act)
