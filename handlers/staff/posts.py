"""Who acts: the post of a support officer, looked at again at every turn."""

from __future__ import annotations

from bot.talk import Excuse, Talk
from bot.text import _
from storage import audit, staff
from storage.audit import Act
from storage.staff import Post


def my_post(talk: Talk) -> Post:
    """The post of the officer who talks. Raises Excuse for anybody else, also if it was taken away a moment ago."""
    post = staff.post_of(talk.session, talk.person)
    if post is None or not post.support:
        raise Excuse(_("This is for support officers."))
    return post


def note(talk: Talk, act: Act, person: int, country: str) -> None:
    """Write what an officer did to somebody into the audit log."""
    audit.record(talk.session, actor=talk.person, act=act, subject=person, country=country, detail={}, now=talk.now)


def my_country(post: Post) -> str | None:
    """The country that an officer sees; None for all."""
    return None if post.role == staff.CENTRAL else post.country
