"""The head teacher's confirmation: a letter to the school's own address, with a link that is good for one press."""

from __future__ import annotations

from datetime import timedelta

from bot.talk import Option, Talk
from bot.talk.onetime import Purpose, Sheet, Visit
from bot.text import Day, Name, Node, Strong, _, entry, lines, p_
from bot.text.catalogs import nearest
from handlers.kinds.school import named_school
from handlers.kinds.subjects import subjects_kind
from handlers.verification.cards import LABELS
from handlers.verification.claims import Claim, claim_of
from handlers.verification.entering import proved
from handlers.verification.saying import on
from handlers.verification.vouching import pass_on
from storage import onetime
from storage.reference import country
from storage.verification import proofs

NAME = "head"
LIFETIME = timedelta(days=7)
# Translators: the title of the web page on which a head teacher confirms a teacher.
TITLE = p_("web", "Does this person teach at your school?")


def possible(talk: Talk, claim: Claim) -> bool:
    """Whether this way is open: the school's own address is known, and nobody there was asked too often."""
    if not talk.mails or claim.email is None or claim.asked("head", talk.now):
        return False
    return proofs.may_ask_head(talk.session, claim.person, claim.school.id, talk.now)


def ask_head(talk: Talk, claim: Claim) -> None:
    """Write to the school, once the teacher agrees."""
    question = lines(
        _("I write to the address of your school that is on our list. Your head teacher reads your name and subjects."),
        _("Shall I write?"),
    )
    if not talk.confirm("write", question):
        talk.then("verification")
        return
    session, until = talk.session, talk.now + LIFETIME
    proof = proofs.add(session, claim.person, claim.school.id, NAME, "asked", now=talk.now, until=until)
    token = onetime.make(session, NAME, now=talk.now, lifetime=LIFETIME, person=claim.person, data={"proof": proof})
    link = talk.web_address(f"in/{token}")
    assert claim.email is not None
    talk.mail(
        claim.email,
        # Translators: the subject of an e-mail to a head teacher.
        _("Does {name} teach at your school?", name=Name(claim.name, claim.person)),
        letter(claim, Day(until.date())),
        language=language_of(claim),
        link=(link, p_("web", "Look and answer")),
        until=until,
    )
    on(talk, "head")


def language_of(claim: Claim) -> str:
    """The language in which a school is written to: its country's main one, where we speak it."""
    return nearest(country(claim.country).languages[0])


def letter(claim: Claim, until: Day) -> Node:
    """The letter to the head teacher."""
    return lines(
        _("Dear head teacher,"),
        _("on twinbot teachers of Europe find partner schools. This person says there that they teach at your school:"),
        *_who(claim),
        _("Is that right? The link below leads to a page with two buttons: yes and no. Nothing else is asked of you."),
        _("It works once, until this day: {day}", day=until),
        _("If you do not answer, nothing happens."),
    )


def _who(claim: Claim) -> list[Node]:
    return [
        Strong(Name(claim.name, claim.person)),
        entry(LABELS["school"], named_school(claim.school.name, claim.school.town)),
        entry(LABELS["subjects"], subjects_kind(None).show(list(claim.subjects))),
    ]


def _claim(visit: Visit) -> Claim | None:
    """Whom the link asks about, as long as an answer is of use."""
    proof = proofs.open_proof(visit.session, int(visit.data["proof"]), visit.now)
    return None if proof is None else claim_of(visit.session, proof.person_id)


def _show(visit: Visit) -> Sheet:
    claim = _claim(visit)
    if claim is None:
        return _needless()
    options = (
        # Translators: the two buttons of a head teacher.
        Option("yes", p_("web", "Yes, this is our teacher")),
        Option("no", p_("web", "No, not our teacher")),
    )
    return Sheet(TITLE, lines(*_who(claim)), options, language_of(claim))


def _act(visit: Visit, choice: str) -> Sheet:
    claim = _claim(visit)
    if claim is None or not proofs.answer(visit.session, int(visit.data["proof"]), choice == "yes", visit.now):
        return _needless()
    if choice == "yes":
        proved(visit.session, visit.tell, claim.person, NAME, visit.now)
    else:
        # The teacher is not told what the school said: support looks at both sides first.
        pass_on(visit.session, visit.tell, claim, _("Your school has answered."), visit.now)
    return _thanks(choice, language_of(claim))


def _after(visit: Visit) -> Sheet:
    """The page of a link that was used: what was answered."""
    claim = None if visit.person is None else claim_of(visit.session, visit.person)
    return _thanks(visit.choice or "", None if claim is None else language_of(claim), gone=True)


def _thanks(choice: str, language: str | None, *, gone: bool = False) -> Sheet:
    answered = (
        p_("web", "You have confirmed that this person teaches at your school.")
        if choice == "yes"
        else p_("web", "You have said that this is not your teacher. Support knows it now.")
    )
    return Sheet(p_("web", "Thank you"), answered, language=language, gone=gone)


def _needless() -> Sheet:
    return Sheet(
        p_("web", "Thank you, this is settled"),
        p_("web", "The teacher was confirmed in another way, or no longer asks. You need not do anything."),
        gone=True,
    )


HEAD = Purpose(NAME, _show, _act, _after)
