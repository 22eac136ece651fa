"""/verify: an officer answers the teachers who wait, the oldest first; a decision can be undone for ten seconds."""

from __future__ import annotations

from functools import partial

from bot.talk import Option, Talk, go, one_of
from bot.text import Joined, Node, Strong, Verbatim, _, lines, n_, p_
from handlers.kinds.line import Line
from handlers.staff.badge import from_support
from handlers.staff.posts import my_post
from handlers.verification import recording
from handlers.verification.cards import case_card
from handlers.verification.claims import claim_of
from handlers.verification.decisions import DECLINE
from handlers.verification.office import counter, heading, number, undo_option
from handlers.verification.reasons import ask_reason
from handlers.verification.revoking import lately
from storage import staff
from storage.models import Case
from storage.verification import cases, queue, reading

QUESTION_LENGTH = 500
OPEN = frozenset({cases.WAITING, cases.ASKED})
# Translators: a button of support; it lists the teachers who were verified last.
LATELY = Option("lately", p_("button", "Verified lately"))
OPTIONS = (
    # Translators: the buttons of support under a teacher's case.
    Option("approve", p_("button", "Approve")),
    Option("decline", p_("button", "Decline")),
    Option("ask", p_("button", "Ask a question")),
    Option("next", p_("button", "Next")),
    LATELY,
)


def verify(talk: Talk) -> None:
    """Shows the next case with what supports it, and does what the officer decides."""
    post = my_post(talk)
    if talk.turn.argument:
        _argument(talk, talk.turn.argument)
    elif talk.start("undo") is not None:
        _undo(talk, post, number(talk.start("undo")))
    elif talk.start("lately") is not None:
        lately(talk, post)
    elif talk.start("empty"):
        _nobody(talk, post)
    elif talk.start("case") is not None:
        _show(talk, post)
    else:
        _choose(talk, post)


def _argument(talk: Talk, words: str) -> None:
    """What stood behind the command: a case's number, "undo" and a number, or "lately"."""
    first, _space, rest = words.partition(" ")
    if first == "undo" and number(rest):
        talk.then("verify", undo=number(rest))
    elif first == "lately":
        talk.then("verify", lately=0)
    elif number(first):
        talk.then("verify", wanted=number(first))
    else:
        talk.then("verify")


def _choose(talk: Talk, post: staff.Post) -> None:
    """Find the case to show, note who looks at it, and go on to it."""
    case, said = _wanted(talk, post)
    passed = {"done": talk.start("done"), "quicker": talk.start("quicker"), "said": said}
    if case is None:
        talk.then("verify", empty=True, **passed)
        return
    others = case.looked_by not in {None, talk.person} and case.looked_at is not None
    beside = others and case.looked_at is not None and case.looked_at > talk.now - queue.LOOKING
    cases.look(talk.session, case.id, talk.person, talk.now)
    talk.then("verify", case=case.id, version=case.version, beside=beside, **passed)


def _wanted(talk: Talk, post: staff.Post) -> tuple[Case | None, str | None]:
    """The case to show next, and what is to be said of it."""
    said = talk.start("said")
    if talk.start("wanted") is not None:
        case = cases.find(talk.session, number(talk.start("wanted")))
        if case is None or not post.covers(case.country):
            said = "none"
        elif case.person_id == talk.person:
            said = "own"
        elif case.state in OPEN:
            return case, said
    after = None if talk.start("after") is None else cases.find(talk.session, number(talk.start("after")))
    found = queue.next_case(talk.session, talk.person, post.country, now=talk.now, after=after)
    if found is not None and after is not None and found.id == after.id:
        said = "only"
    return found, said


def _nobody(talk: Talk, post: staff.Post) -> None:
    """Nothing waits: say so, with what can be done all the same."""
    waits = queue.next_case(talk.session, talk.person, post.country, now=talk.now) is not None
    asked = queue.tally(talk.session, post.country).asked
    body = lines(
        *heading(talk),
        _("A teacher waits to be verified.") if waits else _("Nobody waits to be verified now."),
        n_("{n} teacher has a question of yours to answer.", "{n} teachers have a question of yours to answer.", asked)
        if asked
        else None,
    )
    options = one_of(*undo_option(talk), Option("again", p_("button", "Look again")), LATELY)
    _go(talk, talk.ask("nobody", body, options, instead=True))


def _go(talk: Talk, choice: str) -> None:
    """What can be chosen whether a case is shown or not."""
    if choice == "undo":
        talk.then("verify", undo=talk.start("done"))
    elif choice == "lately":
        talk.then("verify", lately=0)
    else:
        talk.then("verify")


def _undo(talk: Talk, post: staff.Post, case: int) -> None:
    """Take back one's own decision, if it is not carried out yet; the case is shown again."""
    known = cases.find(talk.session, case)
    if known is None or not post.covers(known.country):
        talk.then("verify", said="none")
    elif not cases.undo(talk.session, case, talk.person, talk.now):
        talk.then("verify", said="late")
    else:
        recording.undone(talk.session, known, talk.person, talk.now)
        talk.then("verify", wanted=None if known.before is None else case, said="undone")


def _show(talk: Talk, post: staff.Post) -> None:
    """Show the case, and do what the officer decides; what has changed since it was shown is shown anew."""
    case, name = reading.named(talk.session, number(talk.start("case"))) or (None, None)
    if case is None or name is None or not post.covers(case.country):
        talk.then("verify", said="none")
    elif case.state not in OPEN:
        talk.then("verify", quicker=case.id)
    elif case.version != number(talk.start("version")):
        talk.then("verify", wanted=case.id, said="changed")
    else:
        options = one_of(*OPTIONS, *undo_option(talk))
        _act(talk, case, talk.ask("choice", partial(_screen, talk, post, case), options, instead=True))


def _screen(talk: Talk, post: staff.Post, case: Case) -> Node:
    claim = claim_of(talk.session, case.person_id)
    assert claim is not None
    colleagues = reading.verified_at(talk.session, claim.school.id)
    head = lines(
        *heading(talk),
        counter(queue.tally(talk.session, post.country), post),
        _("A colleague is looking at this one as well.") if talk.start("beside") else None,
    )
    return Joined((head, case_card(claim, case, reading.words_of(talk.session, case.id), colleagues, talk.now)), "\n\n")


def _act(talk: Talk, case: Case, choice: str) -> None:
    if choice == "approve":
        _decide(talk, case, "approved", None, None)
    elif choice == "decline":
        why = _("Why? The teacher reads it. Choose, or write it in your own words.")
        _decide(talk, case, "declined", *ask_reason(talk, why, DECLINE))
    elif choice == "ask":
        _ask(talk, case)
    elif choice == "next":
        talk.then("verify", after=case.id)
    else:
        _go(talk, choice)


def _decide(talk: Talk, case: Case, outcome: cases.Outcome, reason: str | None, words: str | None) -> None:
    decision = cases.Decision(outcome, talk.person, reason, words)
    if cases.decide(talk.session, case.id, decision, version=case.version, now=talk.now):
        talk.then("verify", done=case.id)
    else:
        talk.then("verify", wanted=case.id, said="changed")


def _ask(talk: Talk, case: Case) -> None:
    """Put a question to the teacher, in the officer's own words."""
    question = _("What do you want to know? The teacher reads it as you write it.")
    words = talk.ask("question", question, Line(QUESTION_LENGTH, lines=True))
    if not cases.ask(talk.session, case.id, talk.person, words, version=case.version, now=talk.now):
        talk.then("verify", wanted=case.id, said="changed")
        return
    recording.question_asked(talk.session, case.person_id, case.country, talk.person, talk.now)
    asks = Strong(_("Support asks you about your verification:"))
    body = from_support(case.country, asks, Verbatim(words, talk.person))
    talk.tell(case.person_id, body, go("verification answer", p_("button", "Answer")))
    talk.then("verify", said="asked")
