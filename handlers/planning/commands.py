"""/remind, /reminders, /appointment, /when and /calendar, written in a room: in one line, for all who are in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.talk import Excuse, Option, go
from bot.text import Joined, Name, Node, Strong, Verbatim, When, _, entry, lines, n_, p_
from bot.text.cleaning import clean
from handlers import speaking
from handlers.planning.here import Here
from handlers.reminders import cards, polling, wording
from handlers.reminders.acting import may_change
from handlers.reminders.appointment import USUAL_LEADS, USUAL_LENGTH, cautions
from handlers.reminders.circle import title
from handlers.reminders.keeping import LONGEST_WORDS, MOST, closed_for
from handlers.reminders.kinds import too_many
from handlers.reminders.meeting import WEEKS, best_of
from handlers.reminders.plans import Plan
from handlers.reminders.remind import said_in
from handlers.reminders.telling import lapse
from handlers.reminders.voting import MOST as MOST_VOTES
from handlers.reminders.voting import show
from handlers.rooms import ballots
from handlers.speaking import Saying
from storage import polls, reminders
from storage.polls import Proposed
from storage.rooms import notices

LISTED = 12
_SHORT = 18


def remind(here: Here, line: str) -> None:
    """A room is to be told something: what was understood is shown, and waits for a yes."""
    words, plan = _understood(here, line, _("For example: /remind each Tuesday 9:30 except holidays choir"))
    zones = [guest.timezone for guest in here.guests()]
    body = lines(
        _asker(here),
        Strong(_("Shall I remind this room?")),
        Strong(Verbatim(words, here.person)),
        *cards.when(plan, list(dict.fromkeys(zones)), here.now),
        entry(p_("reminder line", "Notices"), wording.ahead(plan.leads)) if plan.leads else None,
    )
    _propose(here, "remind", words, plan, body)


def appointment(here: Here, line: str) -> None:
    """A time for all teachers in the room: shown by everybody's clock with what speaks against it."""
    words, plan = _understood(here, line, _("For example: /appointment Thursday 10:00-10:45 video call"))
    plan = replace(plan, minutes=plan.minutes or USUAL_LENGTH, leads=plan.leads or USUAL_LEADS)
    body = lines(
        _asker(here),
        Strong(_("Shall I ask all teachers in this room?")),
        Strong(Verbatim(words, here.person)),
        wording.when(replace(plan, minutes=None)),
        *cautions(here.session, here.now, plan, here.guests()),
        entry(p_("reminder line", "Length"), lapse(plan.minutes or USUAL_LENGTH)),
        entry(p_("reminder line", "Notices"), wording.ahead(plan.leads)),
    )
    _propose(here, "appointment", words, plan, body)


def when(here: Here, line: str) -> None:
    """Let the teachers in the room vote on common lesson hours of their schools."""
    if polls.count(here.session, here.person) >= MOST_VOTES:
        raise Excuse(n_("{n} vote is open already.", "{n} votes are open already.", MOST_VOTES))
    guests = here.guests()
    slots = best_of(here.session, here.now, guests, polling.PATIENCE + polling.AHEAD)
    if not slots:
        raise Excuse(
            n_(
                "In the next {n} week there is no hour in which all these schools have lessons.",
                "In the next {n} weeks there is no hour in which all these schools have lessons.",
                WEEKS,
            )
        )
    words = clean(line, one_line=True)[:LONGEST_WORDS] or here.room.title
    proposed = [Proposed(slot.at, slot.strain) for slot in slots]
    poll = polls.open_(
        here.session,
        here.person,
        words,
        proposed,
        [guest.person for guest in guests],
        minutes=USUAL_LENGTH,
        now=here.now,
        closes_at=polling.closing(proposed, here.now),
        circle=here.circle,
    )
    show(here.session, here.heard.relay, here.room, poll, here.heard.reader.timezone, here.now)


def reminders_(here: Here, _line: str) -> None:
    """What is to come for this room. Whoever may change some of it gets buttons for that, in the private chat."""
    numbers = notices.planned(here.session, here.room.id, here.circle, LISTED)
    found = [kept for number in numbers if (kept := reminders.get(here.session, number)) is not None]
    if not found:
        how = _("For example: /remind each Tuesday 9:30 except holidays choir")
        here.answer(lines(_("There are no reminders yet."), how))
        return
    coming = sorted((cards.next_of(kept, here.now) or here.now + timedelta(days=9999), kept.id, kept) for kept in found)
    rows: list[Node] = [
        Joined((When(at), Strong(Verbatim(kept.facts.words, kept.owner))), " · ") for at, _id, kept in coming
    ]
    here.answer(lines(Strong(_("What is to come")), *rows))
    mine = [kept for _at, _id, kept in coming if may_change(here.session, kept, here.person)]
    if mine:
        here.privately(
            _("These you can change:"),
            *(go(f"reminders show {kept.id}", _short(kept.facts.words, kept.owner)) for kept in mine),
        )


def calendar(here: Here, _line: str) -> None:
    """The address of the project's calendar is for its teachers alone, so it goes to the private chat."""
    button = go(f"calendar project {here.room.project}", p_("button", "Project calendar"))
    here.privately(_("Here is the way to the calendar of your project:"), button)
    here.answer(_("I have written to you in our private chat."))


def poll(here: Here, line: str) -> None:
    """Put a question with answers to all in the room; pupils vote too."""
    if not line:
        raise Excuse(lines(_("In a room, please write it in one line."), ballots.EXAMPLE))
    refused = ballots.ask(here.at, ballots.understood(line))
    if refused is not None:
        raise Excuse(refused)


def _understood(here: Here, line: str, example: Node) -> tuple[str, Plan]:
    """The words and the plan of a line. Raises Excuse with what it lacks, and how it is written."""
    if reminders.count(here.session, here.person) >= MOST:
        raise Excuse(too_many(MOST))
    if not line:
        raise Excuse(lines(_("In a room, please write it in one line."), example))
    _found, words, plan = said_in(clean(line, one_line=True), here.heard.reader, here.now)
    if not isinstance(plan, Plan):
        why = wording.trouble(plan.trouble) if plan.trouble is not None else wording.missing(plan.lacks or "when")
        raise Excuse(lines(why, _("In a room, please write it in one line."), example))
    if words is None:
        raise Excuse(lines(_("What shall I remind you of?"), _("In a room, please write it in one line."), example))
    return words, plan.opened(closed_for(here.session, here.person, here.now))


def _propose(here: Here, what: str, words: str, plan: Plan, body: Node) -> None:
    """Show what was understood; only who asked, or who leads the project, says yes to it."""
    # Translators: two buttons under a reminder or an appointment that somebody has just written in a room.
    options = [Option("save", p_("button", "Yes, do that")), Option("drop", p_("button", "No"))]
    draft = {"do": what, "what": words, "when": plan.to_json()}
    speaking.speak(
        here.session,
        here.heard.relay,
        here.room.id,
        Saying(body, options),
        reads=here.reads,
        now=here.now,
        kind=notices.DRAFT,
        person=here.person,
        draft=draft,
    )


def _asker(here: Here) -> Node | None:
    return next((title(guest) for guest in here.guests() if guest.person == here.person), None)


def _short(words: str, owner: int) -> Node:
    return Name(words if len(words) <= _SHORT else f"{words[:_SHORT].rstrip()}…", owner)
