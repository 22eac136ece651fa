"""/suspended: a suspended teacher reads why, and answers; support of the country hears it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Excuse, News, Option, Talk, Tell, go, one_of
from bot.text import Name, Node, Verbatim, When, _, entry, lines, p_
from handlers.kinds.line import Line
from handlers.staff.badge import badge, from_support
from storage import staff, suspensions
from storage.suspensions import Suspended

_WORDS = 1000


def suspended(talk: Talk) -> None:
    """Shows the reason and what was said since; one appeal at a time may wait."""
    one = suspensions.of(talk.session, talk.person)
    if one is None:
        raise Excuse(_("You are not suspended."), go("start", p_("button", "Start")))
    if one.waiting is not None:
        talk.say(_why(one), *_data_ways())
        return
    appeal = Option("appeal", p_("button", "Appeal"))
    talk.ask("choice", _why(one), one_of(appeal), instead=True)
    words = talk.ask("words", _("What should support know? They read it as you write it."), Line(_WORDS, lines=True))
    if not suspensions.appeal(talk.session, one.id, words, talk.now):
        raise Excuse(_("Support has your appeal already."))
    for officer in staff.support_for(talk.session, one.country):
        talk.tell(officer, _news(one, words), go(f"suspend {one.id}", p_("button", "Look at it")))
    talk.say(_("Support has your appeal. I tell you when they answer."), *_data_ways())


def _data_ways() -> tuple[Option, ...]:
    return (go("privacy", p_("button", "Privacy")),)


def _why(one: Suspended) -> Node:
    """Why somebody is suspended, as they read it."""
    said: list[Node] = []
    for appeal in one.appeals:
        said.append(entry(p_("staff line", "You"), Verbatim(appeal.words, one.person)))
        said += [entry(p_("staff line", "Answer"), Verbatim(appeal.answer))] if appeal.answer is not None else []
    return lines(
        badge(one.country),
        _("Your account is suspended. You can read why, answer, and take your data."),
        entry(p_("staff line", "Suspended since"), When(one.since)),
        entry(p_("staff line", "Reason"), Verbatim(one.reason)),
        *said,
        None if one.waiting is None else _("Support has your appeal. I tell you when they answer."),
    )


def _news(one: Suspended, words: str) -> Node:
    return lines(
        badge(one.country),
        _("A suspended teacher appeals: {name}", name=Name(one.name, one.person)),
        Verbatim(words, one.person),
    )


def tell_suspended(session: Session, now: datetime, tell: Tell) -> bool:
    """Tell those whose suspension can no longer be taken back unseen; a chore."""
    found = suspensions.untold(session, now)
    for one in found:
        body = from_support(
            one.country,
            _("Your account is suspended. You can read why, answer, and take your data."),
            entry(p_("staff line", "Reason"), Verbatim(one.reason)),
        )
        tell(News(one.person, body, (go("suspended", p_("button", "My suspension")),)))
        suspensions.told(session, one.id, now)
    return bool(found)
