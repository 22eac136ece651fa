"""/when: common lesson hours of several schools in the next weeks; one becomes an appointment, by choice or vote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Joined, Node, Strong, When, _, lines, n_, p_
from handlers.reminders import polling, voting
from handlers.reminders.appointment import USUAL_LENGTH, ask_who, begun_with, known_circles, people_in
from handlers.reminders.circle import hours, title
from handlers.reminders.holidays import Holidays
from handlers.reminders.plans import Plan
from handlers.reminders.telling import times
from handlers.reminders.week import NOTICE, Slot, common, proposals
from handlers.reminders.zones import wall
from storage import attendees
from storage.attendees import Guest
from storage.polls import Proposed

WEEKS = 8


def when(talk: Talk) -> None:
    """A teacher looks for a lesson hour that suits all schools, and chooses one or lets all of them vote."""
    if talk.turn.argument:
        voting.act(talk, talk.turn.argument.split())
        return
    if talk.start("poll") is not None:
        voting.vote(talk, int(talk.start("poll")))
        return
    known = known_circles(talk)
    who = ask_who(talk, known)
    if talk.start("slots") is not None:
        voting.begin(talk, known, who, talk.start("slots"))
        return
    _choose(talk, who, attendees.people(talk.session, people_in(talk, known, who)))


def _choose(talk: Talk, who: Sequence[str], guests: Sequence[Guest]) -> None:
    """Ask for one of five times, or for a vote on five that leave the others some days to vote."""
    slots = found(talk, guests)
    if not slots:
        raise _nothing()
    question = lines(Strong(_("Common lesson hours")), *(_line(slot, guests) for slot in slots), _("Which one?"))
    # Translators: a button: all people of an appointment vote on its time.
    all_ = Option("vote", p_("button", "Let all of us vote"))
    options = [Option(slot.at.isoformat(), When(slot.at)) for slot in slots]
    chosen = talk.ask("slot", question, one_of(all_, *options))
    if chosen == "vote":
        later = found(talk, guests, polling.PATIENCE + polling.AHEAD) or slots
        talk.then("when", who=list(who), slots=voting.slots_kept([Proposed(slot.at, slot.strain) for slot in later]))
        return
    slot = next(slot for slot in slots if slot.at.isoformat() == chosen)
    zone = talk.reader.timezone
    plan = Plan(wall(slot.at, zone), zone, minutes=USUAL_LENGTH)
    talk.then("appointment", begun=True, who=list(who), **begun_with(plan))


def _nothing() -> Excuse:
    return Excuse(
        n_(
            "In the next {n} week there is no hour in which all these schools have lessons.",
            "In the next {n} weeks there is no hour in which all these schools have lessons.",
            WEEKS,
        ),
        go("settings", p_("button", "Settings")),
        go("appointment", p_("button", "New appointment")),
    )


def found(talk: Talk, guests: Sequence[Guest], notice: timedelta = NOTICE) -> list[Slot]:
    """The five best common hours of the next weeks, none before so long a notice."""
    return best_of(talk.session, talk.now, guests, notice)


def best_of(session: Session, now: datetime, guests: Sequence[Guest], notice: timedelta) -> list[Slot]:
    """The same without a conversation."""
    holidays = Holidays(session, now)
    holidays.load({guest.country for guest in guests if guest.country})
    closed = [holidays.closed(guest.country, guest.region) for guest in guests]

    def is_closed(place: int, day: date) -> bool:
        return closed[place](day)

    schools = [hours(guest) for guest in guests]
    return proposals(common(schools, now, is_closed, minutes=USUAL_LENGTH, weeks=WEEKS, notice=notice))


def _line(slot: Slot, guests: Sequence[Guest]) -> Node:
    """A proposal in everyone's time, and for whom it lies outside of lessons."""
    parts: list[Node] = [When(slot.at, "day"), times(slot.at, [guest.timezone for guest in guests])]
    if slot.outside:
        who = Joined(tuple(title(guests[place]) for place in slot.outside), ", ")
        parts.append(_("outside of lessons: {who}", who=who))
    return Joined(tuple(parts), " · ")
