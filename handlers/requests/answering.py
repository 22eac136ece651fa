"""One request: seen, accepted, declined, taken back. Both hear of each outcome."""

from __future__ import annotations

from bot.talk import Again, Kept, Option, Said, Talk, one_of
from bot.text import Node, Strong, Verbatim, _, lines, p_
from handlers.requests.messages import FirstMessage
from handlers.requests.places import named_place, place
from handlers.requests.words import (
    MY_REQUESTS,
    REASONS,
    SUGGESTIONS,
    card_of,
    excuse,
    named_card,
    quoted,
    standing,
    teacher,
    why_declined,
    write_to,
)
from storage import partnerships
from storage import requests as store
from storage.requests import Cannot, Request

_NO_REASON = "none"


def show(talk: Talk, number: int) -> None:
    """Shows one request with all that can be done about it."""
    request = _mine(talk, number)
    choice = talk.ask("act", _whole(talk, request), one_of(*_acts(talk, request)), instead=True)
    if choice == "list":
        talk.then("requests", page=talk.start("page", 0))
    elif choice == "ask":
        talk.then("requests", ask=request.other(talk.person))
    elif choice == "write":
        talk.then("line", number=partnerships.between(talk.session, talk.person, request.other(talk.person)))
    else:
        talk.then("requests", **{choice: number})


def accept(talk: Talk, number: int) -> None:
    """The two are partners from now on."""
    request = _mine(talk, number)
    me, other = teacher(talk, talk.person), teacher(talk, request.other(talk.person))
    try:
        store.accept(talk.session, number, talk.person, talk.now)
    except Cannot as cannot:
        raise excuse(talk, cannot, other.person) from None
    ways = write_to(talk, other.person)
    talk.say(lines(Strong(_("You are partners now.")), named_card(other, me, talk.now)), *ways, MY_REQUESTS)
    accepted = _("Your request is accepted: you are partners now.")
    talk.tell(other.person, lines(Strong(accepted), named_card(me, other, talk.now)), *ways)


def decline(talk: Talk, number: int) -> None:
    """Says no, perhaps with a reason; only a reason that is given here is passed on."""
    request = _mine(talk, number)
    if request.state != store.OPEN or request.asked != talk.person:
        raise excuse(talk, Cannot(_why_not(talk, request)), request.other(talk.person))
    question = _(
        "Do you want to say why? Choose a reason, or write a sentence: they will read it. Or decline without one."
    )
    why = talk.ask("why", question, Why(), instead=True)
    reason, words = (why, None) if why in REASONS else (None, None if why == _NO_REASON else why)
    try:
        declined = store.decline(talk.session, number, talk.person, talk.now, reason=reason, words=words)
    except Cannot as cannot:
        raise excuse(talk, cannot, request.asker) from None
    talk.say(_("Declined. I tell them kindly."), MY_REQUESTS, SUGGESTIONS)
    me = teacher(talk, talk.person)
    news = lines(
        _("This school cannot be your partner this time:"),
        place(me),
        why_declined(declined),
        _("It is no judgement of you or your idea. Others are looking too."),
    )
    talk.tell(request.asker, news, SUGGESTIONS, MY_REQUESTS)


def withdraw(talk: Talk, number: int) -> None:
    """The one who asked takes it back."""
    request = _mine(talk, number)
    if request.state != store.OPEN or request.asker != talk.person:
        raise excuse(talk, Cannot(_why_not(talk, request)), request.other(talk.person))
    question = lines(_("Take this request back? They are told so."), card_of(talk, request))
    # Translators: two buttons under the question whether to take a request back.
    yes, no = p_("button", "Take it back"), p_("button", "Let it stand")
    if talk.ask("sure", question, one_of(Option("yes", yes), Option("no", no)), instead=True) == "no":
        talk.then("requests", show=number)
        return
    try:
        store.withdraw(talk.session, number, talk.person, talk.now)
    except Cannot as cannot:
        raise excuse(talk, cannot, request.asked) from None
    me = teacher(talk, talk.person)
    talk.say(_("Taken back."), SUGGESTIONS, MY_REQUESTS)
    news = lines(_("This request to you was withdrawn, so there is nothing to answer:"), named_place(me))
    talk.tell(request.asked, news, SUGGESTIONS)


class Why(FirstMessage):
    """Why somebody declines: a common reason, a sentence, or nothing."""

    def __init__(self) -> None:
        super().__init__(at_least=3, at_most=300)

    def options(self, draft: object) -> tuple[Option, ...]:
        """No reason first, because that is nobody's business."""
        given = (Option(code, label) for code, label in REASONS.items())
        return (Option(_NO_REASON, p_("button", "Without a reason")), *given)

    def read(self, said: Said, draft: object) -> Kept | Again:
        """A reason of the list, or words of one's own."""
        return super().read(said, draft) if said.option is None else Kept(said.option)

    def show(self, value: str) -> Node:
        """The reason as it was given."""
        if value == _NO_REASON:
            return p_("button", "Without a reason")
        return REASONS.get(value) or Verbatim(value)


def _mine(talk: Talk, number: int) -> Request:
    """A request of this person's own; any other is as good as none."""
    found = store.find(talk.session, number, talk.person, talk.now)
    if found is None:
        raise excuse(talk, Cannot("foreign"))
    return found


def _why_not(talk: Talk, request: Request) -> store.Obstacle:
    """Why a request is not to be decided by this person: the state it is in, or that it is not theirs to decide."""
    return "foreign" if request.state == store.OPEN else store.as_obstacle(request.state)


def _whole(talk: Talk, request: Request) -> Node:
    return lines(
        Strong(_("They have asked you already:")) if talk.start("crossed") else None,
        standing(request, talk.person),
        card_of(talk, request),
        quoted(request.message, request.asker) if request.message else None,
        why_declined(request),
    )


def _acts(talk: Talk, request: Request) -> list[Option]:
    """What this person can do about a request as it stands."""
    return [*_deeds(talk, request), Option("list", p_("button", "All requests"))]


def _deeds(talk: Talk, request: Request) -> list[Option]:
    other = request.other(talk.person)
    if request.state == store.OPEN and request.asked == talk.person:
        return [Option("accept", p_("button", "Accept")), Option("decline", p_("button", "Decline"))]
    if request.state == store.OPEN:
        return [Option("withdraw", p_("button", "Take it back"))]
    if write_to(talk, other):
        return [Option("write", p_("button", "Write to each other"))]
    if store.obstacle(talk.session, talk.person, other, talk.now) is None:
        # Translators: a button; it asks a teacher whose request, or to whom a request, did not come to anything.
        return [Option("ask", p_("button", "Ask"))]
    return []
