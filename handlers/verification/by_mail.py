"""A code to a school e-mail address: whoever can read mail there, teaches there."""

from __future__ import annotations

from bot.talk import Talk
from bot.text import Name, Node, Strong, Verbatim, When, _, lines, n_
from handlers.kinds.school_mail import OTHER, CodeTyped, SchoolAddress
from handlers.verification.claims import Claim
from handlers.verification.entering import proved
from handlers.verification.saying import on
from storage.verification import codes, proofs


def possible(talk: Talk, claim: Claim) -> bool:
    """Whether this way is open: the school's addresses are known, and mail can be sent."""
    return bool(claim.domains) and talk.mails


def code_waits(talk: Talk, claim: Claim) -> bool:
    """Whether a code was mailed that can still be written."""
    return codes.active(talk.session, talk.person, claim.school.id, talk.now) is not None


def send_code(talk: Talk, claim: Claim) -> None:
    """Ask for the address and mail a code to it."""
    domain = Verbatim(claim.domains[0])
    question = lines(
        _("What is your e-mail address at the school? It looks like this: name@{domain}", domain=domain),
        _("I send a code there, and do not keep the address."),
    )
    address = talk.ask("address", question, SchoolAddress(claim.domains))
    there = address.rpartition("@")[2]
    if codes.used_by_other(talk.session, talk.person, address):
        on(talk, "taken")
    elif not codes.may_mail(talk.session, talk.person, address, there, talk.now):
        on(talk, "often")
    else:
        code = codes.make(talk.session, talk.person, claim.school.id, address, there, talk.now)
        talk.mail(address, subject(code), body(claim, code), until=talk.now + codes.LIFETIME)
        talk.then("verification", code=True)


def subject(code: str) -> Node:
    """The subject has the code, so that a phone shows it without opening the mail."""
    return _("Your code for twinbot: {code}", code=Verbatim(code))


def body(claim: Claim, code: str) -> Node:
    """The mail with the code."""
    minutes = int(codes.LIFETIME.total_seconds() // 60)
    return lines(
        _("Somebody, we hope you, says on twinbot that they teach at this school:"),
        Name(claim.school.name),
        n_("Write this code to the bot within {n} minute:", "Write this code to the bot within {n} minutes:", minutes),
        Strong(Verbatim(code)),
        _("If it was not you, do nothing: without the code nothing happens."),
    )


def enter_code(talk: Talk, claim: Claim) -> bool:
    """Ask for the code that was mailed. False: there is none to be written, so the state is shown."""
    row = codes.active(talk.session, talk.person, claim.school.id, talk.now)
    if row is None:
        return False
    question = lines(
        _("That code is not right. Look at the newest mail.") if talk.start("wrong") else None,
        _("A code is on its way to your address at {domain}.", domain=Verbatim(row.domain)),
        _("Please write it here. If it does not come, look among unwanted mail."),
        _("It works until {when}.", when=When(row.expires_at)),
    )
    typed = talk.ask("typed", question, CodeTyped(codes.LENGTH), instead=True)
    if typed == OTHER:
        talk.then("verification")
        return True
    result = codes.guess(talk.session, row, typed)
    if result == "right":
        _right(talk, claim, row.domain)
    elif result == "wrong":
        talk.then("verification", code=True, wrong=True)
    elif result == "taken":
        on(talk, "taken")
    else:
        on(talk, "gone")
    return True


def _right(talk: Talk, claim: Claim, domain: str) -> None:
    session, now = talk.session, talk.now
    proofs.add(session, talk.person, claim.school.id, "email", "yes", now=now, until=now, detail=domain)
    if not proved(
        session, lambda news: talk.say(news.body, *news.options), talk.person, "email", now, actor=talk.person
    ):
        talk.then("verification")
