"""A group that gathers: who is invited, what an answer brings, and who is asked in the place of the silent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Chore, News, Talk, Tell, go
from bot.text import _, lines, p_
from handlers.daytime import until_day
from handlers.groups.words import FIND, answers, idea_of, invitation, opened
from handlers.requests.places import named_place
from storage import groups, partners
from storage.groups import Group
from storage.matching.together import companions

#: Tells somebody something, out of a chore or a conversation.
Told = Callable[[News], None]

AT_ONCE = 20
_LINES = go("line", p_("button", "My partners"))


def invite(session: Session, group: Group, people: Iterable[int], now: datetime, tell: Told) -> None:
    """Ask these into a group, all at once."""
    asked = list(people)
    groups.ask(session, group.id, asked, now)
    for person in asked:
        tell(News(person, invitation(session, group), answers(group), until_day(session, person, now)))


def joined(talk: Talk, group: Group, state: str) -> None:
    """Take an answer. A yes may open the group; a no brings the next school that suits."""
    try:
        everyone = groups.answer(talk.session, group.id, talk.person, state, talk.now)
    except groups.Full:
        talk.say(_("This group is full. Thank you all the same!"), FIND)
        return
    if state == groups.OUT:
        replace(talk.session, group, 1, talk.now, through(talk))
        talk.say(_("Thank you for the answer. I ask somebody else."), FIND)
        return
    me = partners.myself(talk.session, talk.person)
    if everyone is None:
        talk.say(lines(_("You are in. I tell you when the group opens:"), idea_of(group)), FIND)
        if me is not None:
            talk.tell(group.founder, lines(_("A school joins your group:"), named_place(me)), go("group", _GROUP))
        return
    words = opened(talk.session, group, everyone)
    talk.say(words, _LINES)
    for person in everyone:
        if person != talk.person:
            talk.tell(person, words, _LINES)


def through(talk: Talk) -> Told:
    """Tell through a conversation what a chore would tell by itself."""
    return lambda news: talk.tell(news.person, news.body, *news.options, later=news.later)


# Translators: a button that shows how one's group of schools stands.
_GROUP = p_("button", "My group")


def replace(session: Session, group: Group, number: int, now: datetime, tell: Told) -> None:
    """Ask others in the place of those who declined or are silent, as long as there are some who suit."""
    if group.state != groups.GATHERING:
        return
    everybody = groups.people_of(session, group.id, {groups.ASKED, groups.IN, groups.OUT})
    if partners.myself(session, group.founder) is None or len(everybody) >= groups.MOST_ASKED:
        return
    people = companions(
        session,
        group.founder,
        kind=group.kind,
        language=group.language,
        number=number,
        now=now,
        already=groups.people_of(session, group.id, {groups.IN}),
        besides=groups.invited(session).union(everybody),
    )
    invite(session, group, people, now, tell)


def _tend(session: Session, now: datetime, tell: Tell) -> bool:
    """Close what found too few in time, and ask others for the silent; whether more of it waits."""
    closed = groups.expired(session, now, AT_ONCE)
    for group in closed:
        words = lines(_("Too few schools could join, so this group does not come about:"), idea_of(group))
        for person in (group.founder, *groups.people_of(session, group.id, {groups.IN})):
            tell(News(person, words, (FIND,), until_day(session, person, now)))
    waiting = groups.to_replace(session, now, AT_ONCE)
    for group, number in waiting:
        replace(session, group, number, now, tell)
    return AT_ONCE in {len(closed), len(waiting)}


group_chore = Chore("groups", 600, _tend)
