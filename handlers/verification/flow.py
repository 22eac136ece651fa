"""/verification: a teacher sees where their case stands, and chooses how to show that they teach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Joined, Name, Node, Strong, Verbatim, _, lines, n_, p_
from handlers.kinds.line import Line
from handlers.verification import by_head, by_mail
from handlers.verification.claims import Claim, claim_of
from handlers.verification.entering import due_in, enter, tell_of
from handlers.verification.saying import on, said
from handlers.verification.standing import standing, verified
from handlers.verification.vouching import ask_ambassadors, whom
from storage.models import CaseWord
from storage.verification import cases, reading

NOTE_LENGTH, NOTES_LENGTH = 1000, 3000
"""How long a note to support may be; and how much of them in all still is of use."""


def verification(talk: Talk) -> None:
    """Shows the state, and begins one of the ways to become verified."""
    claim = claim_of(talk.session, talk.person)
    if claim is None:
        raise Excuse(
            _("Before I can verify you, please register. It takes about two minutes."),
            go("register", p_("button", "Register")),
        )
    if claim.status == "verified":
        talk.say(
            verified(claim), go("partners", p_("button", "Find partners")), go("profile", p_("button", "My profile"))
        )
        return
    if talk.turn.argument:
        talk.then("verification", begin=talk.turn.argument)
        return
    if talk.start("begin") == "answer" and _question(talk, claim) is not None:
        _answer(talk, claim)
        return
    if talk.start("code") and by_mail.enter_code(talk, claim):
        return
    ways = ways_of(talk, claim)
    options = one_of(*(Option(way.id, way.label) for way in ways))
    choice = talk.ask("way", _screen(talk, claim, ways), options, instead=True)
    next(way for way in ways if way.id == choice).go(talk, claim)


@dataclass(frozen=True)
class Way:
    """Something a teacher can do about their case: its button, when it is open, what happens, a line to explain it."""

    id: str
    label: Node
    possible: Callable[[Talk, Claim], bool]
    go: Callable[[Talk, Claim], None]
    line: Node | None = None


def ways_of(talk: Talk, claim: Claim) -> list[Way]:
    """The ways that are open to this teacher now, the quickest first."""
    return [way for way in _ways() if way.possible(talk, claim)]


def _screen(talk: Talk, claim: Claim, ways: list[Way]) -> Node:
    rows = [Joined((Strong(way.label), way.line), " – ") for way in ways if way.line is not None]
    title = _("What you can do:") if claim.case is None else _("What you can do meanwhile:")
    parts = (said(talk), standing(talk.session, claim, talk.now), lines(title, *rows) if rows else None)
    return Joined(tuple(part for part in parts if part is not None), "\n\n")


def _to_code(talk: Talk, claim: Claim) -> None:
    talk.then("verification", code=True)


def _ambassador(talk: Talk, claim: Claim) -> None:
    """Ask the next ambassadors, once the teacher has seen what they will see."""
    people = whom(talk.session, claim, talk.now)
    question = lines(
        n_(
            "{n} ambassador of your country will see your name, school, town and subjects.",
            "{n} ambassadors of your country will see your name, school, town and subjects.",
            len(people),
        ),
        _("Shall I ask?"),
    )
    if not talk.confirm("ask", question):
        talk.then("verification")
        return
    ask_ambassadors(talk.session, tell_of(talk), claim, people, talk.now)
    on(talk, "ambassador" if people else "changed")


def _may_ask_ambassador(talk: Talk, claim: Claim) -> bool:
    return not claim.asked("ambassador", talk.now) and bool(whom(talk.session, claim, talk.now))


def _may_withdraw(_talk: Talk, claim: Claim) -> bool:
    """A case is taken back while it is open; one that is decided takes ten seconds and is over."""
    return claim.case is not None and claim.case.outcome is None


def _note(talk: Talk, claim: Claim) -> None:
    """A few lines to support."""
    question = lines(
        _("What shows that you teach there? For example a page of the school that names you, or whom to call."),
        _("Support of your country reads it, and nobody else."),
    )
    note = talk.ask("note", question, Line(NOTE_LENGTH, lines=True))
    enter(talk.session, tell_of(talk), claim, note, talk.now)
    on(talk, "note")


def _answer(talk: Talk, claim: Claim) -> None:
    """The answer to what support asked; it goes to the officer who asked at once."""
    asked = _question(talk, claim)
    if asked is None:
        on(talk, "changed")
        return
    question = lines(Strong(_("Support asks you:")), Verbatim(asked.words, asked.author_id), _("Your answer:"))
    words = talk.ask("answer", question, Line(NOTE_LENGTH, lines=True))
    cases.answer(talk.session, asked.case_id, words, now=talk.now, due=due_in(claim.country, talk.now))
    if asked.author_id is not None:
        body = lines(_("A teacher has answered your question:"), Name(claim.name, claim.person))
        talk.tell(asked.author_id, body, go(f"verify {asked.case_id}", p_("button", "Look at it")))
    on(talk, "answer")


def _question(talk: Talk, claim: Claim) -> CaseWord | None:
    """What support has asked and waits for; None if it waits for nothing."""
    if claim.case is None or claim.case.state != cases.ASKED:
        return None
    return next((word for word in reversed(reading.words_of(talk.session, claim.case.id)) if word.support), None)


def _withdraw(talk: Talk, claim: Claim) -> None:
    """Take the case out of the queue."""
    if talk.confirm("sure", _("Shall support no longer look at your case? You stay unverified then.")):
        cases.close(talk.session, talk.person, talk.now)
        on(talk, "withdrawn")
    else:
        talk.then("verification")


def _ways() -> tuple[Way, ...]:
    asked = Way("answer", p_("button", "Answer"), lambda talk, claim: _question(talk, claim) is not None, _answer)
    code = Way("code", p_("button", "Enter the code"), by_mail.code_waits, _to_code)
    email = Way(
        "email",
        # Translators: four buttons, each a way in which a teacher can show that they teach at a school.
        p_("button", "Code by e-mail"),
        by_mail.possible,
        by_mail.send_code,
        _("a code to your address at the school; takes two minutes"),
    )
    head = Way(
        "head",
        p_("button", "Head teacher"),
        by_head.possible,
        by_head.ask_head,
        _("a mail to your school, where your head teacher presses one button"),
    )
    ambassador = Way(
        "ambassador",
        p_("button", "Ambassador"),
        _may_ask_ambassador,
        _ambassador,
        _("somebody of your country who knows you gives their word"),
    )
    note = Way(
        "note",
        p_("button", "Write to support"),
        lambda _talk, claim: claim.case is None or len(claim.case.note) < NOTES_LENGTH,
        _note,
        _("a few lines in your own words; an officer looks at them"),
    )
    withdraw = Way("withdraw", p_("button", "Take it back"), _may_withdraw, _withdraw)
    return (asked, code, email, head, ambassador, note, withdraw)
