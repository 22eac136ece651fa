"""A request that nobody answers lapses, and both hear of it: an end is better than silence."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import Chore, News, Tell, go
from bot.text import Node, _, lines, n_, p_
from handlers.requests.places import named_place, place
from handlers.requests.words import MY_REQUESTS, SUGGESTIONS
from storage import partners
from storage import requests as store
from storage.requests import Request

#: So many are dealt with in one transaction.
AT_ONCE = 50


def _lapse(session: Session, now: datetime, tell: Tell) -> bool:
    """Let lapse what was not answered in time, and tell both; whether more of it waits."""
    lapsed = store.lapse(session, now, AT_ONCE)
    for request in lapsed:
        _tell_both(session, request, tell)
    return len(lapsed) == AT_ONCE


def _tell_both(session: Session, request: Request, tell: Tell) -> None:
    asker, asked = partners.myself(session, request.asker), partners.myself(session, request.asked)
    if asker is None or asked is None:
        return
    to_asker = lines(_unanswered(), place(asked), _("Others are looking too."))
    to_asked = lines(_("This request to you was not answered and has lapsed:"), named_place(asker))
    # Who comes back from a holiday may still like the idea; then asking in turn is one tap.
    again = go(f"requests show {request.id}", p_("button", "Look at it"))
    tell(News(asker.person, to_asker, (SUGGESTIONS, MY_REQUESTS)))
    tell(News(asked.person, to_asked, (again,)))


def _unanswered() -> Node:
    return n_(
        "Your request got no answer within {n} day and has lapsed:",
        "Your request got no answer within {n} days and has lapsed:",
        store.LIFETIME.days,
    )


lapse_chore = Chore("requests", 300, _lapse)
