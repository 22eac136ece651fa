"""Asking somebody who was suggested: a few words, a look at what they will see, and off it goes."""

from __future__ import annotations

from bot.talk import Option, Talk, go, one_of
from bot.text import Name, Node, Strong, Verbatim, _, lines, n_, p_
from handlers.partners.cards import languages
from handlers.requests.messages import FirstMessage, in_language, ready_sentence
from handlers.requests.words import MY_REQUESTS, excuse, named_card, quoted, teacher, write_to
from storage import people
from storage import requests as store
from storage.matching import seen
from storage.partners import Candidate
from storage.requests import MOST_OPEN, Cannot, Sent


def ask(talk: Talk, person: int) -> None:
    """Ask somebody to be partners. How many more can be asked is said before a word is written."""
    if not _met(talk, person):
        raise excuse(talk, Cannot("unavailable"))
    why = store.obstacle(talk.session, talk.person, person, talk.now)
    written = talk.start("message") is not None
    if why == "asks_you" and not written:
        theirs = store.open_from(talk.session, person, talk.person, talk.now)
        talk.then("requests", show=theirs.id if theirs else 0, crossed=True)
        return
    if why is not None and why != "asks_you":
        raise excuse(talk, Cannot(why), person)
    me, other = teacher(talk, talk.person), teacher(talk, person)
    sentence = ready_sentence(me, other)
    ready = in_language(sentence, people.language_of(talk.session, person) or talk.reader.chosen)
    message = talk.ask("message", _question(talk, other, sentence, ready), FirstMessage(ready=ready))
    if talk.ask("sure", _preview(talk, me, other, message), one_of(*_SURE)) == "change":
        talk.then("requests", ask=person)
        return
    _send(talk, me, other, message)


def _met(talk: Talk, person: int) -> bool:
    """Whether somebody may be asked by this person at all: they were suggested, or one has asked the other before."""
    pair = (talk.person, person)
    return seen.was_shown(talk.session, *pair) or any(
        store.last_from(talk.session, *way, talk.now) is not None for way in (pair, pair[::-1])
    )


_SURE = (
    # Translators: two buttons under a request to another teacher, before it is sent.
    Option("send", p_("button", "Send")),
    Option("change", p_("button", "Write it anew")),
)


def _question(talk: Talk, other: Candidate, sentence: Node, ready: str) -> Node:
    left = MOST_OPEN - store.number_open(talk.session, talk.person, talk.now)
    same = in_language(sentence, talk.reader.chosen) == ready
    return lines(
        Strong(_("A request to: {school}", school=Name(other.school))),
        n_(
            "You can have {n} more request open at the moment.",
            "You can have {n} more requests open at the moment.",
            left,
        ),
        _("They work in: {languages}", languages=languages(other.languages)),
        _("Write a few words: who you are, and what you would like to do together. Or send these, in their language:"),
        Verbatim(ready),
        None if same else _("This means: {words}", words=sentence),
    )


def _preview(talk: Talk, me: Candidate, other: Candidate, message: str) -> Node:
    return lines(Strong(_("This is what they will see:")), _request(talk, me, other, message))


def _request(talk: Talk, me: Candidate, other: Candidate, message: str) -> Node:
    """A request as the one who is asked sees it: who asks, why they suit from that side, and the words."""
    return lines(named_card(me, other, talk.now), quoted(message, me.person))


def _send(talk: Talk, me: Candidate, other: Candidate, message: str) -> None:
    try:
        sent = store.send(talk.session, me.person, other.person, message, talk.now)
    except Cannot as cannot:
        raise excuse(talk, cannot, other.person) from None
    if sent.crossed:
        _tell_of_both(talk, me, other, message)
        return
    talk.tell(other.person, _news(talk, me, other, message), *answers(sent.request.id))
    talk.say(_sent(talk, sent), go("partners", p_("button", "Find partners")), MY_REQUESTS)


def _news(talk: Talk, me: Candidate, other: Candidate, message: str) -> Node:
    in_time = n_(
        "Please answer within {n} day; no is an answer too.",
        "Please answer within {n} days; no is an answer too.",
        store.LIFETIME.days,
    )
    title = Strong(_("A teacher would like to plan a project with you:"))
    return lines(title, _request(talk, me, other, message), in_time)


def answers(request: int) -> tuple[Option, ...]:
    """What may be answered to a request; each way on says which one it is about."""
    return (
        go(f"requests accept {request}", p_("button", "Accept")),
        go(f"requests decline {request}", p_("button", "Decline")),
    )


def _sent(talk: Talk, sent: Sent) -> Node:
    left = MOST_OPEN - store.number_open(talk.session, talk.person, talk.now)
    days = (sent.request.until - sent.request.sent_at).days
    return lines(
        n_(
            "Sent. I tell you as soon as there is an answer; after {n} day without one the request lapses.",
            "Sent. I tell you as soon as there is an answer; after {n} days without one the request lapses.",
            days,
        ),
        n_("You can ask {n} more now.", "You can ask {n} more now.", left),
    )


def _tell_of_both(talk: Talk, me: Candidate, other: Candidate, message: str) -> None:
    """Both had the same wish, so both have said yes."""
    both = _("You asked each other, so you are partners now.")
    ways = write_to(talk, other.person)
    talk.say(lines(Strong(both), named_card(other, me, talk.now)), *ways, MY_REQUESTS)
    talk.tell(
        other.person,
        lines(Strong(both), named_card(me, other, talk.now), quoted(message, me.person)),
        *ways,
    )
