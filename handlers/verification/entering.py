"""How a teacher comes into the queue of support, and how a proof takes them out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import News, Talk, go
from bot.text import Country, Strong, _, lines, p_
from handlers.verification import recording
from handlers.verification.claims import Claim, claim_of, manned
from handlers.verification.decisions import verified
from handlers.verification.workdays import after_working_days
from storage.models import Case
from storage.verification import cases, proofs, queue

#: Tell a person something, from within a flow, a chore or the page of a link.
TellNews = Callable[[News], None]

WORKING_DAYS = 5
"""So long the officers of a country have before central support takes over."""


def tell_of(talk: Talk) -> TellNews:
    """A way to tell news from within a flow, as chores have it."""

    def tell(news: News) -> None:
        talk.tell(news.person, news.body, *news.options, later=news.later)

    return tell


def due_in(country: str, now: datetime) -> datetime:
    """When a case that comes in now is passed on to central support."""
    return after_working_days(country, now, WORKING_DAYS)


def proved(session: Session, tell: TellNews, person: int, way: str, now: datetime, *, actor: int | None = None) -> bool:
    """A proof verifies a teacher, without an officer. False: they are verified already, or suspended.

    ``actor`` is who gave it, if that is a person of ours.
    """
    claim = claim_of(session, person)
    if claim is None or not cases.prove(session, person, claim.country, way, now):
        return False
    recording.proved(session, person, claim.country, way, actor, now)
    proofs.settle(session, person)
    tell(verified(person))
    return True


def enter(session: Session, tell: TellNews, claim: Claim, note: str, now: datetime) -> Case:
    """Put a teacher into the queue. The officers of the country hear of the first one at once."""
    officers = manned(session, claim.country)
    first = queue.tally(session, claim.country).waiting == 0
    case = cases.open_case(session, claim.person, claim.country, note, now=now, due=due_in(claim.country, now))
    if not officers:
        # Nobody in the country could answer, so nobody is waited for.
        escalate(session, [case], now)
    elif first:
        _announce(tell, [person for person in officers if person != claim.person], claim.country)
    return case


def _announce(tell: TellNews, officers: list[int], country: str) -> None:
    for person in officers:
        body = lines(Strong(Country(country)), _("A teacher waits to be verified."))
        tell(News(person, body, (go("verify next", p_("button", "Look at it")),)))


def escalate(session: Session, them: Sequence[Case], now: datetime) -> None:
    """Pass cases on to central support, and record it."""
    queue.escalate(session, them, now)
    for case in them:
        recording.passed_on(session, case, now)
