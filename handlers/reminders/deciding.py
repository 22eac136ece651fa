"""The end of a vote: its best time becomes an appointment, and everybody is told, or the room where they voted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import News, TellAll, go
from bot.text import Strong, Verbatim, _, lines, p_
from handlers import daytime, speaking
from handlers.reminders import cards, inviting
from handlers.reminders.appointment import USUAL_LEADS, arrange
from handlers.reminders.circle import kept_as, placed
from handlers.reminders.plans import Plan
from handlers.reminders.polling import Votes, best
from handlers.reminders.zones import wall
from storage import attendees, polls, rooms
from storage.polls import Asked
from storage.reminders import Kept
from storage.rooms import notices

_BATCH = 20
_WHEN = go("when", p_("button", "Common hours"))


def decide(session: Session, poll: Asked, now: datetime, tell: TellAll) -> None:
    """End a vote: the best time becomes an appointment, and everybody is told. Once, whoever comes first."""
    votes = polls.votes(session, poll.id)
    place = best(poll.slots, votes, poll.owner, now)
    if not polls.close(session, poll.id, polls.CLOSED if place is None else polls.DECIDED, now):
        return
    kept = _arranged(session, poll, votes, place, now) if place is not None else None
    place_of_vote = notices.of_poll(session, poll.id)
    if kept is None and place_of_vote is not None:
        return
    if kept is None:
        body = lines(_("None of the times suits anybody:"), Strong(Verbatim(poll.words, poll.owner)))
        tell(News(poll.owner, body, (_WHEN,), daytime.until_day(session, poll.owner, now)))
        return
    polls.came_to(session, poll.id, kept.id)
    if place_of_vote is not None:
        show(session, tell, place_of_vote.room, kept, now)
    else:
        _tell_all(session, kept, now, tell)


def show(session: Session, bring: speaking.Bring, room: int, kept: Kept, now: datetime) -> None:
    """Show an appointment in a room, with buttons for everybody in it."""
    its = rooms.find(session, room)
    if its is not None:
        reads = speaking.reads(session, its, kept.facts.timezone)
        said = cards.appointment(session, kept, now)
        more = {"kind": notices.APPOINTMENT, "person": kept.owner, "reminder": kept.id}
        speaking.speak(session, bring, room, said, reads=reads, now=now, **more)  # type: ignore[arg-type]


def _arranged(session: Session, poll: Asked, votes: Votes, place: int, now: datetime) -> Kept | None:
    """The appointment; whom its time suits comes, the others are asked."""
    owner = next(iter(attendees.people(session, [poll.owner])))
    start = wall(poll.slots[place].at, owner.timezone)
    plan = Plan(start, owner.timezone, leads=USUAL_LEADS, minutes=poll.minutes)
    kept = arrange(session, poll.owner, poll.words, plan, list(votes), now, poll.circle or kept_as(poll.owner, ()))
    for person, chosen in votes.items():
        if kept is not None and place in (chosen or ()):
            attendees.answer(session, kept.id, person, attendees.YES, now)
    return kept


def _tell_all(session: Session, kept: Kept, now: datetime, tell: TellAll) -> None:
    guests = attendees.of(session, kept.id)
    who = next(guest for guest in guests if guest.person == kept.owner)
    # Translators: above an appointment, after a vote about its time.
    heading = Strong(p_("title", "The time is decided"))
    for guest in guests:
        asked = _("Do you come?") if guest.answer is None else None
        body = lines(heading, placed(who), *inviting.described(kept, guests), *inviting.who_comes(guests), asked)
        ways = inviting.answers_to(kept) if guest.person != kept.owner else inviting.owner_ways(kept)
        tell(News(guest.person, body, ways, daytime.until_day(session, guest.person, now)))


def end_overdue(session: Session, now: datetime, tell: TellAll) -> bool:
    """Decide votes whose time is up. Returns whether more of them wait."""
    late = polls.overdue(session, now, _BATCH)
    for poll in late:
        decide(session, poll, now, tell)
    return len(late) == _BATCH
