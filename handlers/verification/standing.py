"""Where a teacher stands: verified or not, with whom the case is, how long the queue is."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.text import Node, Strong, Text, Verbatim, When, _, entry, lines, n_, p_
from handlers.verification.cards import LABELS
from handlers.verification.claims import Claim
from handlers.verification.decisions import way_of, why
from storage.models import Case
from storage.verification import cases, queue, reading


def standing(session: Session, claim: Claim, now: datetime) -> Node:
    """All that a teacher may know of their own case."""
    parts: list[Node | None] = [
        Strong(_("You are not verified yet.")),
        _("You can look at partner schools. To write to them, show that you teach at your school."),
    ]
    last = claim.before[0] if claim.before and claim.before[0].outcome in {"declined", "revoked"} else None
    if claim.case is not None:
        parts += _waits(session, claim, claim.case, now)
    elif last is not None:
        parts += _refused(last)
    parts += _asked(claim, now)
    return lines(*parts)


def verified(claim: Claim) -> Node:
    """That a teacher is verified, since when and by whom."""
    case = next((case for case in claim.before if case.outcome in {"approved", "proved"}), None)
    return lines(
        Strong(_("You are verified.")),
        # Translators: since when, and in what way a teacher was verified; the two labels stand before a colon.
        None if case is None else entry(p_("case line", "Since"), When(case.closed_at or case.opened_at)),
        None if case is None else entry(p_("case line", "How"), way_of(case)),
    )


def short(status: str, case: Case | None) -> Text:
    """The state in one line, for the profile and the start."""
    if status == "verified":
        return _("You are verified.")
    if case is None:
        return _("You are not verified yet: you can look, and not write to others.")
    if case.state == cases.ASKED:
        return _("Support has asked you something, and waits for your answer.")
    return _("You are not verified yet: support has your case.")


def _waits(session: Session, claim: Claim, case: Case, now: datetime) -> list[Node | None]:
    if case.state == cases.ASKED:
        question = next((word for word in reversed(reading.words_of(session, case.id)) if word.support), None)
        return [
            Strong(_("Support asks you:")),
            None if question is None else Verbatim(question.words, question.author_id),
        ]
    ahead = queue.ahead(session, case)
    usual = queue.usual(session, claim.country)
    return [
        entry(_("With support since"), When(case.waiting_since)),
        n_("{n} teacher waits before you.", "{n} teachers wait before you.", ahead.before)
        if ahead.before
        else _("You are next."),
        None if ahead.oldest is None else entry(_("The first of them waits since"), When(ahead.oldest)),
        None if usual is None else answered_within(usual),
        entry(LABELS["central"], When(case.escalated_at))
        if case.escalated_at is not None
        else entry(_("Central support takes over, if nobody has answered by"), When(case.due_at)),
    ]


def answered_within(usual: timedelta) -> Text:
    """How soon support usually answers, in whole hours or days."""
    hours = max(1, -(-int(usual.total_seconds()) // 3600))
    if hours <= 48:
        return n_("Usually answered within {n} hour.", "Usually answered within {n} hours.", hours)
    return n_("Usually answered within {n} day.", "Usually answered within {n} days.", -(-hours // 24))


def _refused(last: Case) -> list[Node | None]:
    said = (
        _("Support has taken your verification back.")
        if last.outcome == "revoked"
        else _("Support could not verify you yet.")
    )
    return [said, why(last), _("You can try again, also in another way.")]


def _asked(claim: Claim, now: datetime) -> list[Node]:
    """Who else was asked, and until when they may answer."""
    parts: list[Node] = []
    head = claim.asked("head", now)
    if head:
        parts.append(entry(_("Your head teacher has been asked, and can answer until"), When(head[0].until)))
    several = claim.asked("ambassador", now)
    if several:
        parts.append(
            n_(
                "{n} ambassador has been asked for a word about you.",
                "{n} ambassadors have been asked for a word about you.",
                len(several),
            )
        )
    return parts
