"""A request that waits: after two days the one who was asked is reminded, after three the asker is offered another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Chore, News, Tell, go
from bot.text import When, _, lines, p_
from handlers.daytime import until_day
from handlers.partners.one import ASK
from handlers.requests.asking import answers
from handlers.requests.places import named_place, place
from handlers.requests.words import MY_REQUESTS, SUGGESTIONS, school_card
from storage import partners
from storage.matching import finding
from storage.requests import Request, clock

#: So many of each are dealt with in one transaction.
AT_ONCE = 50


def _tick(session: Session, now: datetime, tell: Tell) -> bool:
    """Remind and offer; whether more of it waits."""
    nudged, offered = clock.to_nudge(session, now, AT_ONCE), clock.to_offer(session, now, AT_ONCE)
    for request in nudged:
        _nudge(session, request, now, tell)
    for request in offered:
        _offer(session, request, now, tell)
    return AT_ONCE in {len(nudged), len(offered)}


def _nudge(session: Session, request: Request, now: datetime, tell: Tell) -> None:
    asker = partners.myself(session, request.asker)
    if asker is None:
        return
    words = lines(
        _("A request still waits for your answer:"),
        named_place(asker),
        _("No is an answer too; it lapses: {when}", when=When(request.until)),
    )
    look = go(f"requests show {request.id}", p_("button", "Look at it"))
    tell(News(request.asked, words, (*answers(request.id), look), until_day(session, request.asked, now)))


def _offer(session: Session, request: Request, now: datetime, tell: Tell) -> None:
    """The one who waits gets the next school that suits, so that silence costs no more than three days."""
    me, asked = partners.myself(session, request.asker), partners.myself(session, request.asked)
    if me is None or asked is None:
        return
    waits = lines(_("No answer yet from:"), place(asked), _("It may still come. Meanwhile you can ask another school."))
    later = until_day(session, me.person, now)
    following = finding.next_for(session, me.person, now)
    other = None if following is None else partners.myself(session, following)
    if other is None:
        tell(News(me.person, waits, (SUGGESTIONS, MY_REQUESTS), later))
        return
    ways = (go(f"requests ask {other.person}", ASK), SUGGESTIONS, MY_REQUESTS)
    tell(News(me.person, lines(waits, school_card(other, me, now)), ways, later))


clock_chore = Chore("request clock", 300, _tick)
