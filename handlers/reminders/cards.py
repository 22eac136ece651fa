"""How reminders, appointments and votes look in a room: one message for all, drawn anew when something changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import Option, TellAll
from bot.text import Clocks, Count, Joined, Node, Strong, Verbatim, When, _, decode, entry, lines, p_
from handlers import speaking
from handlers.reminders import inviting, polling, warnings, wording
from handlers.reminders.circle import by_first_names, placed, title
from handlers.reminders.keeping import plan_of
from handlers.reminders.plans import Plan
from handlers.reminders.remind import LABELS
from handlers.reminders.schedule import upcoming
from handlers.reminders.zones import moment
from handlers.rooms import ballots
from handlers.speaking import EVERY, Saying
from storage import attendees, polls, reminders
from storage.attendees import Guest
from storage.polls import Asked
from storage.reminders import Kept
from storage.rooms import notices
from storage.rooms.notices import APPOINTMENT, BALLOT, REMINDER, VOTE, Notice

#: How long a draft waits for a yes.
PATIENCE = timedelta(days=1)
_BATCH = 20
_EVER = timedelta(days=15 * 366)

# Translators: a button under a reminder in a room: it is changed in the private chat with the bot.
_CHANGE = Option("change", p_("button", "Change (private)"))
_FILE = Option("file", p_("button", "Calendar file"))


def drawn(session: Session, notice: Notice, now: datetime) -> Saying | None:
    """What a card has to say now; None if it stays as it is."""
    if notice.kind == BALLOT:
        return ballots.drawn(session, notice)
    if notice.kind == VOTE:
        poll = None if notice.poll is None else polls.get(session, notice.poll)
        return None if poll is None else vote(session, poll)
    kept = None if notice.reminder is None else reminders.get(session, notice.reminder)
    if kept is None or notice.kind not in {REMINDER, APPOINTMENT}:
        return None
    if notice.kind == APPOINTMENT:
        return appointment(session, kept, now)
    return reminder(kept, speaking.zones(session, notice.room), now)


def look_after(session: Session, now: datetime, tell: TellAll) -> bool:
    """Draw anew what has changed, and take back what nobody said yes to. Returns whether more of it waits."""
    ended = ballots.end_due(session, now, tell, _BATCH)
    stale = notices.stale(session, now - EVERY, _BATCH)
    for notice in stale:
        # What is only said and has changed all the same has lost the name of somebody who was erased.
        said = drawn(session, notice, now)
        speaking.redraw(session, tell, notice, said or speaking.saying(notice), now, always=said is None)
    old = notices.forgotten(session, now - PATIENCE, _BATCH)
    for notice in old:
        speaking.take_back(session, tell, notice, now)
    return _BATCH in {ended, len(stale), len(old)}


def refresh(session: Session, bring: speaking.Bring, notice: Notice, now: datetime) -> None:
    """Draw a card anew at once, unless that was done a moment ago; then the clock does it."""
    said = drawn(session, notice, now) if notice.drawn_at <= now - EVERY else None
    if said is not None:
        speaking.redraw(session, bring, notice, said, now)


def next_of(kept: Kept, now: datetime) -> datetime | None:
    """The moment of its next time, without looking at holidays; None if there is none."""
    found = upcoming(plan_of(kept.facts).schedule(), now, now + _EVER, 1)
    return moment(found[0], kept.facts.timezone) if found else None


def when(plan: Plan, zones: Sequence[str], since: datetime) -> list[Node]:
    """When it is, by the clock of whoever made it and by everybody's."""
    start = moment(plan.start, plan.zone)
    later = warnings.clocks(plan, zones, max(start, since)) if plan.rule is not None else None
    clocks = Clocks(start, tuple(zones)) if len(zones) > 1 else None
    return [node for node in (wording.when(plan), clocks, later) if node is not None]


def reminder(kept: Kept, zones: Sequence[str], now: datetime) -> Saying:
    """A reminder of a room."""
    plan, facts = plan_of(kept.facts), kept.facts
    over = kept.state in {reminders.DELETED, reminders.DONE}
    body = lines(
        Joined((Verbatim("⏰"), p_("reminder", "A reminder for this room")), " "),
        Strong(Verbatim(facts.words, kept.owner)),
        *when(plan, zones, now),
        entry(LABELS["early"], wording.ahead(facts.leads)) if facts.leads else None,
        _STATES.get(kept.state),
    )
    if kept.state == reminders.DELETED:
        return Saying(body, [Option("undo", p_("button", "Undo"))])
    return Saying(body, [] if over else [_CHANGE, Option("delete", p_("button", "Delete"))])


def appointment(session: Session, kept: Kept, now: datetime) -> Saying:
    """An appointment with who comes, counted."""
    guests, facts = by_first_names(attendees.of(session, kept.id)), kept.facts
    zones = list(dict.fromkeys(guest.timezone for guest in guests))
    owner = next((guest for guest in guests if guest.person == kept.owner), None)
    over = kept.state != reminders.ACTIVE
    body = lines(
        Joined((Verbatim("📅"), p_("title", "An appointment")), " "),
        Strong(Verbatim(facts.words, kept.owner)),
        placed(owner) if owner is not None else None,
        *when(plan_of(facts), zones, now),
        *_counted(guests),
        (p_("title", "This appointment is off") if kept.state != reminders.DONE else _STATES[kept.state])
        if over
        else _("Do you come?"),
    )
    asked = [Option(said, label) for said, label in inviting.ANSWERS.items()]
    return Saying(body, [] if over else [*asked, _FILE, _CHANGE])


def _counted(guests: Sequence[Guest]) -> list[Node]:
    """How many come, and who; one line for each answer that somebody gave."""
    rows: list[Node] = []
    for answer, label in inviting.SHOWN.items():
        them = [title(guest) for guest in guests if guest.answer == answer]
        if them:
            rows.append(entry(label, Joined((Count(len(them)), Joined(tuple(them), ", ")), " · ")))
    return rows


def vote(session: Session, poll: Asked) -> Saying:
    """A vote on times: how many each suits, and a button for each."""
    heading = Joined((Verbatim("🗳"), p_("title", "When shall we meet?")), " ")
    standing = polling.standing(session, poll, by_first_names)
    if poll.state != polls.OPEN:
        decided = poll.state == polls.DECIDED
        end = p_("poll", "The time is decided.") if decided else p_("poll", "This vote is over.")
        return Saying(lines(heading, standing, end))
    until = _("The vote ends: {when}", when=When(poll.closes_at))
    ways = _("Press each time that suits you; press it again to take it back.")
    options = [Option(f"slot {place}", When(slot.at)) for place, slot in enumerate(poll.slots)]
    none = Option("none", p_("button", "None suits me"))
    return Saying(lines(heading, standing, until, ways), [*options, none, Option("decide", p_("button", "Decide now"))])


def words_of(notice: Notice) -> Node:
    """What a notice says."""
    return decode(notice.body)


_STATES: dict[str, Node] = {
    reminders.PAUSED: p_("reminder", "It is paused."),
    reminders.DELETED: p_("reminder", "It was deleted."),
    reminders.DONE: p_("reminder", "It is over."),
}
