"""What support may decide, why, and how the teacher is told."""

from __future__ import annotations

from bot.talk import News, Option, go
from bot.text import Node, Strong, Verbatim, _, lines, p_
from handlers.staff.badge import from_support
from storage.models import Case

#: Why a case is declined: the officer's button, and the sentence that the teacher reads.
DECLINE: dict[str, tuple[Node, Node]] = {
    # Translators: buttons for support, why a teacher is not verified.
    "not_there": (p_("button", "Not a teacher there"), _("We could not confirm that you teach at this school.")),
    "no_school": (p_("button", "School not found"), _("We could not find this school.")),
    "too_little": (p_("button", "Too little to go on"), _("What you wrote is not enough for us to go on.")),
    "twice": (
        p_("button", "Registered twice"),
        _("You have another profile already. /link joins your accounts to it."),
    ),
}
REVOKE: dict[str, tuple[Node, Node]] = {
    "not_there": DECLINE["not_there"],
    # Translators: buttons for support, why a teacher is verified no more.
    "left": (p_("button", "Left the school"), _("We heard that you no longer teach at this school.")),
    "mistake": (p_("button", "Our mistake"), _("You were verified by mistake.")),
}
_SENTENCES = {code: sentence for code, (_label, sentence) in (DECLINE | REVOKE).items()}

WAYS: dict[str, Node] = {
    # Translators: in what way a teacher was verified: "By: a code sent to a school address".
    "email": p_("by", "a code sent to a school address"),
    "head": p_("by", "the head teacher"),
    "ambassador": p_("by", "an ambassador"),
    "support": p_("by", "support"),
}


def way_of(case: Case) -> Node:
    """How somebody was verified."""
    return WAYS.get(case.reason or "", WAYS["support"]) if case.outcome == "proved" else WAYS["support"]


def why(case: Case) -> Node | None:
    """The reason of a decision as the teacher reads it: a common one, or the officer's own words."""
    if case.words:
        return Verbatim(case.words, case.decided_by)
    return _SENTENCES.get(case.reason or "")


def outcome(case: Case) -> News:
    """What a teacher hears when a decision about them is carried out."""
    if case.outcome == "approved":
        return verified(case.person_id)
    again = go("verification", p_("button", "Try again"))
    if case.outcome == "revoked":
        return _told(case, _("Support has taken your verification back."), again)
    return _told(case, _("Support could not verify you yet."), again)


def verified(person: int) -> News:
    """What a teacher hears who is verified, in whatever way."""
    body = lines(Strong(_("You are verified.")), _("From now on you can write to partner schools, and they to you."))
    return News(person, body, (go("partners", p_("button", "Find partners")),))


def _told(case: Case, said: Node, again: Option) -> News:
    body = from_support(
        case.country,
        Strong(said),
        why(case),
        _("You can try again at any time, also in another way. Until then you can look at partner schools."),
    )
    return News(case.person_id, body, (again,))
