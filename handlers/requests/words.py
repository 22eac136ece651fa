"""How requests look: who asks, what stands in the way, how one stands, why somebody declines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.talk import Excuse, Option, Talk, go
from bot.text import Joined, Name, Node, Strong, Verbatim, When, _, lines, n_, p_
from handlers.partners.cards import card
from handlers.partners.reasons import reasons
from handlers.rights.ending import FORMER
from storage import partners, partnerships
from storage import requests as store
from storage.partners import Candidate
from storage.requests import MOST_A_DAY, MOST_OPEN, Cannot, Request

REASONS: dict[str, Node] = {
    # Translators: why a teacher declines a request to be partners; the other reads it.
    "time": p_("button", "No time just now"),
    "full": p_("button", "Enough partners"),
    "topic": p_("button", "Another topic"),
    "ages": p_("button", "Other ages"),
    "language": p_("button", "Another language"),
}

SUGGESTIONS = go("partners", p_("button", "Other suggestions"))
MY_REQUESTS = go("requests", p_("button", "My requests"))


def teacher(talk: Talk, person: int) -> Candidate:
    """A teacher whose card is shown; an excuse where there is none any more."""
    found = partners.myself(talk.session, person)
    if found is None:
        raise Excuse(_("This teacher is no longer here."), MY_REQUESTS, SUGGESTIONS)
    return found


def school_card(other: Candidate, reader: Candidate, now: datetime) -> Node:
    """Somebody as a suggestion to the reader; whose name it is stays out of it."""
    return card(other, reasons(reader, other), now)


def named_card(other: Candidate, reader: Candidate, now: datetime) -> Node:
    """The same with the name: of one who asks, or of a partner."""
    return lines(Strong(Name(other.name, other.person)), school_card(other, reader, now))


def card_of(talk: Talk, request: Request) -> Node:
    """The other one of a request; one who was asked is named only as a partner."""
    me, other = teacher(talk, talk.person), partners.myself(talk.session, request.other(talk.person))
    if other is None:
        return FORMER
    named = request.asker == other.person or partnerships.between(talk.session, me.person, other.person) is not None
    return (named_card if named else school_card)(other, me, talk.now)


def quoted(words: str, author: int) -> Node:
    """Somebody's words between quotation marks."""
    # Translators: what a teacher wrote, between the quotation marks of your language.
    return _("“{words}”", words=Verbatim(words, author))


def standing(request: Request, person: int) -> Node:
    """Which way a request went and how it stands, in one line."""
    mine = request.asker == person
    way = _("You asked") if mine else _("You were asked")
    if request.state == store.OPEN:
        until = When(request.until)
        # Translators: how a request stands; a date follows.
        state: Node = _("waits for an answer until: {when}", when=until)
        if not mine:
            state = _("waits for your answer until: {when}", when=until)
    else:
        state = _DECIDED[request.state](When(request.decided_at or request.sent_at))
    return Joined((way, state), " · ")


_DECIDED: dict[str, Callable[[When], Node]] = {
    # Translators: what became of a request; a date follows.
    store.ACCEPTED: lambda when: _("accepted: {when}", when=when),
    store.DECLINED: lambda when: _("declined: {when}", when=when),
    store.LAPSED: lambda when: _("lapsed without an answer: {when}", when=when),
    store.WITHDRAWN: lambda when: _("withdrawn: {when}", when=when),
}


def why_declined(request: Request) -> Node | None:
    """The reason that was given, if one was."""
    if request.words:
        return quoted(request.words, request.asked)
    # Translators: why a request was declined; one of: No time just now, Enough partners, Another topic, ...
    return _("The reason: {reason}", reason=REASONS[request.reason]) if request.reason in REASONS else None


def write_to(talk: Talk, person: int) -> list[Option]:
    """The way to a partner's private line."""
    number = partnerships.between(talk.session, talk.person, person)
    known = talk.turn.extra["commands"].get("line") is not None
    return [go(f"line {number}", p_("button", "Write to each other"))] if number is not None and known else []


def excuse(talk: Talk, cannot: Cannot, other: int | None = None) -> Excuse:
    """Why something cannot be done, with ways on."""
    ways = [*(write_to(talk, other) if other is not None else ()), MY_REQUESTS, SUGGESTIONS]
    if cannot.why == "lately" and other is not None:
        last = store.last_from(talk.session, talk.person, other, talk.now)
        if last is not None:
            when = When(store.again_from(last))
            return Excuse(_("You asked this school lately. You can ask again from: {when}", when=when), *ways)
    return Excuse(_OBSTACLES[cannot.why], *ways)


_OBSTACLES: dict[str, Node] = {
    "self": _("That is your own school."),
    "unavailable": _("This teacher cannot be reached at the moment."),
    "paused": _("This school is not looking for partners at the moment."),
    "partners": _("You are partners already."),
    "asked": _("You have asked this school already. I tell you as soon as there is an answer."),
    "lately": _("You asked this school lately. Please give it some time."),
    "busy": _("This school has as many requests to answer as it can. Ask it again in some days, or ask another one."),
    "limit": n_(
        "You have {n} open request, and no more are possible at a time. Wait for an answer, or withdraw one.",
        "You have {n} open requests, and no more are possible at a time. Wait for an answer, or withdraw one.",
        MOST_OPEN,
    ),
    "day": n_(
        "You have sent {n} request within a day. Please wait until tomorrow.",
        "You have sent {n} requests within a day. Please wait until tomorrow.",
        MOST_A_DAY,
    ),
    "foreign": _("There is no such request."),
    "accepted": _("This request is accepted already."),
    "declined": _("This request is declined already."),
    "lapsed": _("This request has lapsed, because nobody answered it in time."),
    "withdrawn": _("This request was withdrawn."),
}
