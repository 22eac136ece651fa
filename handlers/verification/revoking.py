"""Who was verified lately and in what way; an officer may take a verification back."""

from __future__ import annotations

from collections.abc import Sequence

from bot.talk import Option, Talk, one_of
from bot.text import Count, Joined, Name, Node, Strong, When, _, lines, p_
from handlers.kinds.school import named_school
from handlers.verification.claims import Claim, claim_of
from handlers.verification.decisions import REVOKE, way_of
from handlers.verification.office import number
from handlers.verification.reasons import ask_reason
from storage import staff
from storage.models import Case
from storage.verification import cases, queue

ON_A_PAGE = 5
_DOT = " · "
Row = tuple[Case, Claim]


def lately(talk: Talk, post: staff.Post) -> None:
    """Shows a page of those who were verified last, each with a way to take it back."""
    page = number(talk.start("lately"))
    found = queue.lately_verified(talk.session, post.country, offset=page * ON_A_PAGE, limit=ON_A_PAGE + 1)
    shown = [(case, claim_of(talk.session, case.person_id)) for case in found[:ON_A_PAGE]]
    rows = [(case, claim) for case, claim in shown if claim is not None]
    options = _options(rows, page, more=len(found) > ON_A_PAGE)
    choice = talk.ask("choice", _list(rows), one_of(*options), instead=True)
    if choice in {"more", "previous"}:
        talk.then("verify", lately=page + (1 if choice == "more" else -1))
    elif choice == "queue":
        talk.then("verify")
    else:
        _revoke(talk, post, number(choice))


def _list(rows: Sequence[Row]) -> Node:
    title = Strong(_("Verified lately"))
    if not rows:
        return lines(title, _("Nobody was verified yet."))
    return Joined((title, *(_row(place + 1, *row) for place, row in enumerate(rows))), "\n\n")


def _row(place: int, case: Case, claim: Claim) -> Node:
    return lines(
        Joined((Count(place), Strong(Name(claim.name, claim.person))), ". "),
        named_school(claim.school.name, claim.school.town),
        Joined((way_of(case), When(case.closed_at or case.opened_at)), _DOT),
    )


def _options(rows: Sequence[Row], page: int, *, more: bool) -> list[Option]:
    options = [
        # Translators: a button; {n} is the place in the list above of a teacher whose verification is taken back.
        Option(str(case.person_id), p_("button", "Take back: {n}", n=Count(place + 1)))
        for place, (case, _claim) in enumerate(rows)
    ]
    if more:
        options.append(Option("more", p_("button", "More")))
    if page:
        options.append(Option("previous", p_("button", "Previous")))
    # Translators: a button of support; it shows the teachers who wait to be verified.
    return [*options, Option("queue", p_("button", "Who waits"))]


def _revoke(talk: Talk, post: staff.Post, person: int) -> None:
    """Take one verification back, with a reason; like every decision it can be undone for ten seconds."""
    claim = claim_of(talk.session, person)
    if claim is None or not post.covers(claim.country):
        talk.then("verify", said="none")
        return
    question = lines(
        Strong(Name(claim.name, claim.person)),
        _("Why is the verification taken back? The teacher reads it. Choose, or write it in your own words."),
    )
    decision = cases.Decision("revoked", talk.person, *ask_reason(talk, question, REVOKE))
    case = cases.revoke(talk.session, person, claim.country, decision, now=talk.now)
    if case is None:
        talk.then("verify", said="changed")
    else:
        talk.then("verify", done=case.id)
