"""What verification does without anybody asking: decisions carried out, cases passed on, officers told what waits."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.talk import Chore, News, Tell, go
from bot.text import Node, When, _, entry, lines, n_, p_
from handlers.verification import decisions, recording
from handlers.verification.claims import claim_of
from handlers.verification.entering import escalate
from handlers.verification.office import counter
from handlers.verification.vouching import none_left, pass_on
from handlers.verification.workdays import working
from storage import people, staff
from storage.models import QueueLine
from storage.reference import country
from storage.verification import cases, codes, proofs, queue

_AT_ONCE = 50
_SATURDAY = 5
MORNING = time(8)
"""From this hour on, where they live, officers hear once a day what waits."""


def chores() -> list[Chore]:
    """The work that comes round, and how often."""
    return [
        Chore("verification decisions", 2, carry_out),
        Chore("verification overdue", 600, pass_on_overdue),
        Chore("verification unanswered", 600, let_lapse),
        Chore("verification mornings", 600, tell_officers),
        Chore("verification codes", 3600, forget_codes),
    ]


def carry_out(session: Session, now: datetime, tell: Tell) -> bool:
    """Carry out the decisions that can no longer be undone; each teacher hears the outcome."""
    due = cases.to_carry(session, now, _AT_ONCE)
    for case in due:
        if cases.carry(session, case, now):
            proofs.settle(session, case.person_id)
            recording.carried_out(session, case, now)
            tell(decisions.outcome(case))
        else:
            recording.undone(session, case, None, now)
    return len(due) == _AT_ONCE


def pass_on_overdue(session: Session, now: datetime, tell: Tell) -> bool:
    """Pass cases that nobody has answered on to central support, whose officers hear of them in their morning."""
    due = queue.overdue(session, now, _AT_ONCE)
    escalate(session, due, now)
    return len(due) == _AT_ONCE


def let_lapse(session: Session, now: datetime, tell: Tell) -> bool:
    """When a head or an ambassador does not answer in time, support is asked, so that no teacher waits for nothing."""
    lapsed = proofs.lapsed(session, now, _AT_ONCE)
    for proof in lapsed:
        claim = claim_of(session, proof.person_id)
        if claim is None or claim.status != "unverified" or claim.school.id != proof.school_id:
            continue
        if proof.way == "head":
            pass_on(session, tell, claim, _("Your head teacher has not answered within the time."), now)
        else:
            none_left(session, tell, proof.person_id, now)
    return len(lapsed) == _AT_ONCE


def forget_codes(session: Session, now: datetime, tell: Tell) -> bool:
    """Forget the codes of yesterday."""
    codes.purge(session, now)
    return False


def tell_officers(session: Session, now: datetime, tell: Tell) -> bool:
    """Once a day, in their morning, officers hear what waits: national ones all, central ones what is new to them."""
    for post in staff.officers(session):
        local = now.astimezone(_zone(session, post))
        if not post.support or local.time() < MORNING or not _works(post, local.date()):
            continue
        known = queue.told(session, post.person)
        if known is not None and known.day == local.date():
            continue
        line = _line(session, post, known)
        if line is not None:
            tell(News(post.person, line, (go("verify next", p_("button", "Look at it")),)))
        queue.note_told(session, post.person, local.date(), now)
    return False


def _zone(session: Session, post: staff.Post) -> ZoneInfo:
    """Where an officer's morning is: in the capital of their country, or where central support has set its clock."""
    if post.country is not None:
        return ZoneInfo(country(post.country).timezones[0])
    place = people.reach(session, post.person)
    return ZoneInfo("UTC" if place is None else place.timezone)


def _works(post: staff.Post, day: date) -> bool:
    return working(post.country, day) if post.country is not None else day.weekday() < _SATURDAY


def _line(session: Session, post: staff.Post, known: QueueLine | None) -> Node | None:
    """What waits, in a line; None if there is nothing to tell."""
    tally = queue.tally(session, post.country)
    if post.country is not None:
        since = None if tally.oldest is None else entry(_("The first of them waits since"), When(tally.oldest))
        return lines(counter(tally, post), since) if tally.waiting else None
    new = queue.escalated_since(session, None if known is None else known.told_at)
    if not new:
        return None
    fresh = n_("{n} case is new with central support.", "{n} cases are new with central support.", new)
    return lines(fresh, counter(tally, post))
