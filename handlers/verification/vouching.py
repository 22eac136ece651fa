"""/vouch: an ambassador gives their word about a teacher of their country, or says that they cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import Excuse, News, Option, Talk, go, one_of
from bot.text import Node, Strong, _, lines, n_, p_
from handlers.verification.asking import whom_to_ask
from handlers.verification.cards import who
from handlers.verification.claims import Claim, ambassadors, claim_of
from handlers.verification.entering import TellNews, enter, proved, tell_of
from handlers.verification.workdays import after_working_days
from storage import staff
from storage.verification import proofs

WORKING_DAYS = 3
"""So long an ambassador has to answer; then support is asked."""
_NOT_AGAIN = timedelta(days=30)


def vouch(talk: Talk) -> None:
    """Shows the teachers who ask for a word, one after the other."""
    post = staff.post_of(talk.session, talk.person)
    if post is None or post.role != staff.AMBASSADOR:
        raise Excuse(_("You are no ambassador any more, so nothing was done."))
    if talk.turn.argument:
        talk.then("vouch", proof=_number(talk.turn.argument))
        return
    asked = _open(talk.session, post, talk.now)
    if talk.start("proof") is None:
        _choose(talk, asked)
        return
    # The teacher on the screen is named in the start: an answer must never be taken for the next one's.
    shown = next((each for each in asked if each.proof == talk.start("proof")), None)
    if shown is None:
        talk.then("vouch", said="late")
        return
    said = SAID.get(str(talk.start("said")))
    choice = talk.ask("choice", _card(shown.claim, len(asked), said), one_of(*_options(len(asked))), instead=True)
    _act(talk, asked, shown, choice)


@dataclass(frozen=True)
class Asked:
    """A teacher about whom a word is asked, and under which number."""

    proof: int
    claim: Claim


SAID: dict[str, Node] = {
    "yes": _("Thank you. The teacher is verified, and knows it already."),
    "no": _("Thank you. Others will be asked."),
    "late": _("That teacher no longer waits for your word. Thank you all the same."),
}


def _number(words: str) -> int:
    return int(words) if words.isdecimal() and len(words) < 10 else 0


def _open(session: Session, post: staff.Post, now: datetime) -> list[Asked]:
    """What waits for this ambassador's word; a teacher who moved to another country does no more."""
    found = [(proof.id, claim_of(session, proof.person_id)) for proof in proofs.asked_of(session, post.person, now)]
    return [Asked(proof, claim) for proof, claim in found if claim is not None and post.covers(claim.country)]


def _choose(talk: Talk, asked: Sequence[Asked]) -> None:
    """Begin with the teacher who asked first."""
    said = talk.start("said")
    if asked:
        talk.then("vouch", proof=asked[0].proof, said=said)
    else:
        talk.say(lines(SAID.get(str(said)), _("Nobody waits for your word now.")))


def _card(claim: Claim, number: int, said: Node | None) -> Node:
    return lines(
        said,
        # Translators: how many teachers ask this ambassador for a word.
        n_("{n} teacher asks for your word.", "{n} teachers ask for your word.", number) if number > 1 else None,
        *who(claim),
        Strong(_("Do you know that this person teaches there?")),
        _("Your word counts: the teacher is verified by it. If you are not sure, say so; nobody hears who did."),
    )


def _options(number: int) -> list[Option]:
    options = [
        # Translators: buttons of an ambassador who is asked about a teacher.
        Option("yes", p_("button", "Yes, I know it")),
        Option("no", p_("button", "I cannot say")),
    ]
    return [*options, Option("next", p_("button", "Next"))] if number > 1 else options


def _act(talk: Talk, asked: Sequence[Asked], shown: Asked, choice: str) -> None:
    if choice == "next":
        later = [each.proof for each in asked if each.proof > shown.proof] or [each.proof for each in asked]
        talk.then("vouch", proof=later[0])
        return
    given = proofs.answer(talk.session, shown.proof, choice == "yes", talk.now)
    if given and choice == "yes":
        proved(talk.session, tell_of(talk), shown.claim.person, "ambassador", talk.now, actor=talk.person)
    elif given:
        none_left(talk.session, tell_of(talk), shown.claim.person, talk.now)
    talk.then("vouch", said=choice if given else "late")


def whom(session: Session, claim: Claim, now: datetime) -> list[int]:
    """The ambassadors to ask next about a teacher; none twice within some weeks."""
    there = ambassadors(session, claim)
    known = claim.of("ambassador", "asked", "yes", "no", "lapsed")
    asked = {proof.by_id for proof in known if proof.by_id is not None and proof.asked_at > now - _NOT_AGAIN}
    owed = proofs.owed(session, [post.person for post in there], now)
    return whom_to_ask(there, claim.school.town, asked=asked, owed=owed)


def ask_ambassadors(session: Session, tell: TellNews, claim: Claim, people: Sequence[int], now: datetime) -> None:
    """Ask ambassadors for their word, each with the teacher's card."""
    until = after_working_days(claim.country, now, WORKING_DAYS)
    for person in people:
        school = claim.school.id
        made = proofs.add(session, claim.person, school, "ambassador", "asked", by=person, now=now, until=until)
        body = lines(Strong(_("A teacher asks for your word as an ambassador.")), *who(claim))
        tell(News(person, body, (go(f"vouch {made}", p_("button", "Look at it")),)))


def none_left(session: Session, tell: TellNews, person: int, now: datetime) -> None:
    """When all who were asked have answered or let it lapse: ask others, or else support."""
    claim = claim_of(session, person)
    if claim is None or claim.status != "unverified" or claim.asked("ambassador", now):
        return
    others = whom(session, claim, now)
    if others:
        ask_ambassadors(session, tell, claim, others, now)
    else:
        pass_on(session, tell, claim, _("No ambassador could give their word about you."), now)


def pass_on(session: Session, tell: TellNews, claim: Claim, why: Node, now: datetime) -> None:
    """A way has led nowhere, so support is asked; the teacher hears it, and which other ways there are."""
    if claim.case is None:
        enter(session, tell, claim, "", now)
    body = lines(why, _("So your case is with support now. You need not do anything, but you can add a few lines."))
    tell(News(claim.person, body, (go("verification", p_("button", "Where it stands")),)))
