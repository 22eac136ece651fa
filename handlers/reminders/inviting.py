"""What people of an appointment are told: the invitation, who comes, what has changed, that it is off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.talk import News, Option, Talk, go
from bot.text import Node, Strong, Verbatim, When, _, entry, lines, p_
from handlers import daytime
from handlers.reminders import warnings, wording
from handlers.reminders.circle import placed, title
from handlers.reminders.keeping import plan_of, schedule_of
from handlers.reminders.schedule import upcoming
from handlers.reminders.telling import times
from handlers.reminders.zones import moment
from storage import attendees, reminders
from storage.attendees import Guest
from storage.reminders import APPOINTMENT, Kept

# Translators: answers to an invitation.
ANSWERS: dict[str, Node] = {
    attendees.YES: p_("button", "Yes, I come"),
    attendees.MAYBE: p_("button", "Maybe"),
    attendees.NO: p_("button", "No"),
}
SHOWN: dict[str | None, Node] = {
    attendees.YES: p_("comes", "yes"),
    attendees.MAYBE: p_("comes", "maybe"),
    attendees.NO: p_("comes", "no"),
    None: p_("comes", "not answered yet"),
}


def answers_to(kept: Kept) -> tuple[Option, ...]:
    """The buttons of an invitation."""
    asked = tuple(Option(f"/reminders {said} {kept.id}", label) for said, label in ANSWERS.items())
    return (*asked, Option(f"/reminders file {kept.id}", p_("button", "Calendar file")))


def owner_ways(kept: Kept) -> tuple[Option, ...]:
    """The ways on of the one who made it."""
    return (
        Option(f"/reminders file {kept.id}", p_("button", "Calendar file")),
        go("reminders", p_("button", "My reminders")),
    )


def invite(talk: Talk, kept: Kept) -> None:
    """Ask everybody but the one who made it."""
    guests = attendees.of(talk.session, kept.id)
    who = next(guest for guest in guests if guest.person == kept.owner)
    # Translators: above an invitation; below it stands who invites, what it is about and when.
    heading = p_("title", "An appointment with you")
    for guest in _others(talk, guests):
        body = lines(Strong(heading), placed(who), *described(kept, guests), _("Do you come?"))
        _tell(talk, kept, guest.person, body, *answers_to(kept))


def described(kept: Kept, guests: Sequence[Guest], at: datetime | None = None) -> list[Node]:
    """What it is about and when, in the reader's time and everybody's; and when clocks change within a row."""
    plan = plan_of(kept.facts)
    zones = [guest.timezone for guest in guests]
    start = moment(plan.start, plan.zone) if at is None else at
    shown = wording.when(plan) if at is None else When(at, "full")
    later = warnings.clocks(plan, zones, start) if at is None else None
    return [Strong(Verbatim(kept.facts.words, kept.owner)), shown, times(start, zones), *([later] if later else [])]


def who_comes(guests: Sequence[Guest]) -> list[Node]:
    """A line for each: who comes."""
    return [entry(title(guest), SHOWN[guest.answer]) for guest in guests]


def answered(talk: Talk, kept: Kept, said: str) -> None:
    """Tell the one who made it what somebody said."""
    if kept.owner == talk.person:
        return
    guests = attendees.of(talk.session, kept.id)
    guest = next(guest for guest in guests if guest.person == talk.person)
    body = lines(entry(title(guest), SHOWN[said]), Strong(Verbatim(kept.facts.words, kept.owner)))
    _tell(talk, kept, kept.owner, body, Option(f"/reminders show {kept.id}", p_("button", "Who comes?")))


def changed(talk: Talk, kept: Kept, *, timed: bool) -> None:
    """Tell those who have not declined that it is another one now; another time asks them anew."""
    guests = attendees.of(talk.session, kept.id)
    if timed:
        attendees.forget_answers(talk.session, kept.id, but=kept.owner)
    heading = p_("title", "An appointment has changed")
    for guest in _others(talk, guests):
        if timed or guest.answer != attendees.NO:
            body = lines(Strong(heading), *described(kept, guests), _("Do you come?") if timed else None)
            _tell(talk, kept, guest.person, body, *answers_to(kept))


def off(talk: Talk, kept: Kept, at: datetime | None = None) -> None:
    """Tell those who have not declined that it does not take place, or one time of it."""
    guests = attendees.of(talk.session, kept.id)
    heading = p_("title", "This appointment is off") if at is None else p_("title", "This time it does not take place")
    for guest in _others(talk, guests):
        if guest.answer != attendees.NO:
            _tell(talk, kept, guest.person, lines(Strong(heading), *described(kept, guests, at)))


def call_off_all(session: Session, owner: int, now: datetime, tell: Callable[[News], None]) -> None:
    """Tell those who have not declined that no appointment of somebody who leaves takes place."""
    for kept in reminders.appointments(session, owner):
        guests = attendees.of(session, kept.id)
        body = lines(Strong(p_("title", "This appointment is off")), *described(kept, guests))
        for guest in guests:
            if guest.person != owner and guest.answer != attendees.NO:
                tell(News(guest.person, body, (), daytime.until_day(session, guest.person, now)))


def on(talk: Talk, kept: Kept) -> None:
    """Tell those who have not declined that it takes place after all."""
    guests = attendees.of(talk.session, kept.id)
    heading = p_("title", "This appointment takes place after all")
    for guest in _others(talk, guests):
        if guest.answer != attendees.NO:
            _tell(talk, kept, guest.person, lines(Strong(heading), *described(kept, guests)), *answers_to(kept))


def is_shared(kept: Kept) -> bool:
    """Whether others are told of it."""
    return kept.facts.kind == APPOINTMENT


def _others(talk: Talk, guests: Sequence[Guest]) -> list[Guest]:
    return [guest for guest in guests if guest.person != talk.person]


def _tell(talk: Talk, kept: Kept, person: int, body: Node, *options: Option) -> None:
    """Tell somebody; in their quiet hours what does not begin before the morning waits until then."""
    later = daytime.until_day(talk.session, person, talk.now)
    if later is not None and upcoming(schedule_of(kept.facts, None), talk.now, talk.now + later, 1):
        later = None
    talk.tell(person, body, *options, later=later)


def owner_line(guests: Sequence[Guest], owner: int) -> Node | None:
    """Who made it."""
    found = next((guest for guest in guests if guest.person == owner), None)
    return None if found is None else entry(p_("reminder line", "From"), placed(found))
