"""How a claim looks to those who decide on it: who, where, what supports it, what was asked and answered before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.text import Joined, Name, Node, Strong, Verbatim, When, _, entry, lines, n_, p_
from handlers.kinds.country import country_kind
from handlers.kinds.levels import level_name
from handlers.kinds.school import named_school
from handlers.kinds.subjects import subjects_kind
from handlers.staff.lookalikes import likeness
from handlers.verification.claims import Claim
from handlers.verification.decisions import why
from storage.models import Case, CaseWord, Proof, School

_DOT = " · "

# Translators: the lines of a teacher's case, as support sees it.
LABELS: dict[str, Node] = {
    # Translators: a warning about the name of a teacher who waits to be verified.
    "name": p_("case line", "Careful"),
    "school": p_("case line", "School"),
    "country": p_("case line", "Country"),
    "subjects": p_("case line", "Subjects"),
    "record": p_("case line", "School’s record"),
    "since": p_("case line", "Waits since"),
    "central": p_("case line", "With central support since"),
    "email": p_("case line", "School e-mail"),
    "head": p_("case line", "Head teacher"),
    "ambassador": p_("case line", "Ambassadors"),
    "note": p_("case line", "In their own words"),
    "asked": p_("case line", "Support asked"),
    "answered": p_("case line", "They answered"),
    "declined": p_("case line", "Declined before"),
    "revoked": p_("case line", "Taken back before"),
}


def who(claim: Claim) -> list[Node]:
    """The teacher and where they say they teach."""
    school = claim.school
    place: tuple[Node, ...] = (named_school(school.name, school.town), level_name(school.level))
    rows: dict[str, Node] = {
        "school": Joined(place, _DOT),
        "country": country_kind().show(claim.country),
        "subjects": subjects_kind(None).show(list(claim.subjects)),
    }
    if likeness(claim.name) is not None:
        rows = {"name": p_("case line", "the name looks like support")} | rows
    return [Strong(Name(claim.name, claim.person)), *(entry(LABELS[key], value) for key, value in rows.items())]


def case_card(claim: Claim, case: Case, words: Sequence[CaseWord], colleagues: int, now: datetime) -> Node:
    """All that an officer decides by. ``colleagues`` are the teachers of the school who are verified already."""
    times = {"since": case.waiting_since} | ({"central": case.escalated_at} if case.escalated_at else {})
    return lines(
        *who(claim),
        # Translators: a warning to support about the name of a teacher.
        None if likeness(claim.name) is None else Strong(_("This name looks like the name of support.")),
        entry(LABELS["record"], _record(claim.school, claim.person, colleagues)),
        *(entry(LABELS[key], When(moment)) for key, moment in times.items()),
        *support(claim, now),
        entry(LABELS["note"], Verbatim(case.note, claim.person)) if case.note else None,
        *(_said(each, claim.person) for each in words),
        *(entry(LABELS[old.outcome], _before(old)) for old in claim.before if old.outcome in LABELS),
    )


def support(claim: Claim, now: datetime) -> list[Node]:
    """What the other ways have brought so far, each on its line."""
    found = {
        "email": [_email(proof) for proof in claim.of("email", "yes")[:1]],
        "head": [_head(proof, now) for proof in claim.of("head", "asked", "yes", "no", "lapsed")[:1]],
        "ambassador": _ambassadors(claim, now),
    }
    return [entry(LABELS[way], value) for way, values in found.items() for value in values]


def _record(school: School, person: int, colleagues: int) -> Node:
    """Where the school comes from, how its addresses end, who of it is known."""
    if school.added_by is None:
        source = p_("record", "on the list")
    elif school.added_by == person:
        # Translators: the school was added by the very teacher whose case this is.
        source = p_("record", "added by this teacher")
    else:
        source = p_("record", "added by another teacher")
    domains = (school.domains or "").split()
    ends = Verbatim(" ".join(f"@{domain}" for domain in domains)) if domains else None
    # Translators: {n} teachers of the same school are verified already.
    known = n_("{n} verified teacher", "{n} verified teachers", colleagues) if colleagues else None
    return Joined(tuple(part for part in (source, ends, known) if part is not None), _DOT)


def _email(proof: Proof) -> Node:
    return p_("proof", "a code was sent to {domain} and entered", domain=Verbatim(proof.detail or ""))


def _head(proof: Proof, now: datetime) -> Node:
    moment = When(proof.answered_at or proof.asked_at)
    if proof.state == "yes":
        return p_("proof", "yes, {when}", when=moment)
    if proof.state == "no":
        # Translators: the head teacher says that this is no teacher of the school.
        return p_("proof", "NO, {when}", when=moment)
    if proof.state == "asked" and proof.until > now:
        return p_("proof", "asked {when}, no answer yet", when=moment)
    return p_("proof", "asked {when}, never answered", when=moment)


def _ambassadors(claim: Claim, now: datetime) -> list[Node]:
    asked = claim.of("ambassador", "asked", "yes", "no", "lapsed")
    if not asked:
        return []
    vouched, unsure = claim.of("ambassador", "yes"), claim.of("ambassador", "no")
    waiting = len(claim.asked("ambassador", now))
    # Translators: how many of the ambassadors who were asked about a teacher did what.
    parts: list[Node | None] = [
        n_("{n} vouched", "{n} vouched", len(vouched)) if vouched else None,
        n_("{n} cannot say", "{n} cannot say", len(unsure)) if unsure else None,
        n_("{n} has not answered yet", "{n} have not answered yet", waiting) if waiting else None,
    ]
    shown = tuple(part for part in parts if part is not None)
    return [Joined(shown, ", ") if shown else p_("proof", "asked, never answered")]


def _said(word: CaseWord, person: int) -> Node:
    label = LABELS["asked"] if word.support else LABELS["answered"]
    return entry(label, Verbatim(word.words, word.author_id if word.support else person))


def _before(case: Case) -> Node:
    parts: tuple[Node, ...] = (When(case.decided_at or case.closed_at or case.opened_at),)
    reason = why(case)
    return Joined(parts if reason is None else (*parts, reason), " – ")
