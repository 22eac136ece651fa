"""A vote on times: who is asked, how it stands, and which time is the best one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import News, Option, go
from bot.text import Count, Joined, Node, Strong, Verbatim, When, _, entry, lines, n_, p_
from handlers import daytime
from handlers.reminders.circle import placed, title
from handlers.reminders.telling import times
from storage import attendees, polls
from storage.attendees import Guest
from storage.polls import Asked, Proposed

Votes = Mapping[int, Sequence[int] | None]
Told = Callable[[News], None]

#: How long people may vote, and how long before the first of the times it has to be decided.
PATIENCE, AHEAD = timedelta(days=3), timedelta(days=1)


def closing(slots: Sequence[Proposed], now: datetime) -> datetime:
    """Until when people may vote on these times."""
    return max(min(now + PATIENCE, min(slot.at for slot in slots) - AHEAD), now + timedelta(hours=1))


def best(slots: Sequence[Proposed], votes: Votes, owner: int, now: datetime) -> int | None:
    """The place of the time that suits most people; of several the one nearest to everyone's lessons, then the sooner.

    None if all have passed, or none suits anybody but the one who asks.
    """
    others = [chosen or () for person, chosen in votes.items() if person != owner]
    suits = [sum(place in chosen for chosen in others) for place in range(len(slots))]
    left = [place for place, slot in enumerate(slots) if suits[place] and slot.at > now]
    return min(left, key=lambda place: (-suits[place], slots[place].strain, slots[place].at), default=None)


def proposed(slot: Proposed, guests: Sequence[Guest]) -> Node:
    """A time that is voted on, for everyone's clock."""
    return Joined((When(slot.at, "day"), times(slot.at, [guest.timezone for guest in guests])), " · ")


def ask(session: Session, poll: Asked, now: datetime, tell: Told) -> None:
    """Ask all but the one who has the question."""
    guests = attendees.people(session, polls.votes(session, poll.id))
    who = next(guest for guest in guests if guest.person == poll.owner)
    # Translators: above a vote; below it stands who asks, what it is about and the times.
    heading = Strong(p_("title", "When shall we meet?"))
    rows = [proposed(slot, guests) for slot in poll.slots]
    until = _("The vote ends: {when}", when=When(poll.closes_at))
    body = lines(heading, placed(who), Strong(Verbatim(poll.words, poll.owner)), *rows, until)
    for guest in guests:
        if guest.person != poll.owner:
            tell(News(guest.person, body, answers(poll), daytime.until_day(session, guest.person, now)))


def answers(poll: Asked) -> tuple[Option, ...]:
    """What may be answered to it."""
    return (
        # Translators: three buttons: which of the proposed times suit somebody.
        go(f"when vote {poll.id}", p_("button", "Choose times")),
        go(f"when all {poll.id}", p_("button", "All of them suit")),
        go(f"when none {poll.id}", p_("button", "None suits me")),
    )


def standing(
    session: Session, poll: Asked, named: Callable[[Sequence[Guest]], Sequence[Guest]] = lambda guests: guests
) -> Node:
    """How many each time suits, and who has not voted; ``named`` gives people the names by which they are known."""
    votes = polls.votes(session, poll.id)
    guests = named(attendees.people(session, votes))
    missing = [title(guest) for guest in guests if votes[guest.person] is None]
    rows = []
    for place, slot in enumerate(poll.slots):
        n = sum(place in (chosen or ()) for chosen in votes.values())
        suits = n_("suits {n} of {all}", "suits {n} of {all}", n, all=Count(len(votes)))
        rows.append(Joined((proposed(slot, guests), suits), " · "))
    silent = entry(p_("poll", "Not voted yet"), Joined(tuple(missing), ", ")) if missing else None
    return lines(Strong(Verbatim(poll.words, poll.owner)), *rows, silent)
