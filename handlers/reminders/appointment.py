"""/appointment: a time with partners; everyone sees it in their own time, is asked whether they come, and reminded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.talk import Again, Change, Excuse, Kept, Kind, Option, Said, Talk, free_text, go, some_of
from bot.text import Joined, Node, Verbatim, _, lines, n_, p_
from handlers.kinds.typed import typed
from handlers.reminders import inviting, warnings, wording
from handlers.reminders.circle import Circle, circles, kept_as, placed
from handlers.reminders.found import lapses
from handlers.reminders.holidays import Holidays
from handlers.reminders.keeping import MOST, facts_of, keep
from handlers.reminders.kinds import Notices, too_many
from handlers.reminders.plans import Plan
from handlers.reminders.remind import LABELS, LONGEST_LINE, answers, ask_early, ask_what, ask_when
from handlers.reminders.telling import lapse, times
from handlers.reminders.tokens import tokens
from handlers.reminders.words import lexicon
from storage import attendees, reminders
from storage.attendees import Guest

Json = Any

#: Notices of an appointment for which nobody asked for others, in minutes.
USUAL_LEADS = (24 * 60, 60)
#: How long an appointment takes that nobody gave a length, in minutes.
USUAL_LENGTH = 45
_LENGTHS = (30, 45, 60, 90)
_LONGEST = 12 * 60

_WITH = p_("reminder line", "With")
_LENGTH = p_("reminder line", "Length")


def appointment(talk: Talk) -> None:
    """A teacher sets a time with partners."""
    known = known_circles(talk)
    if reminders.count(talk.session, talk.person) >= MOST:
        raise Excuse(too_many(MOST), go("reminders", p_("button", "My reminders")))
    if talk.turn.argument:
        talk.then("appointment", **answers(talk, talk.turn.argument, length=0))
        return
    who = ask_who(talk, known)
    if not talk.start("begun"):
        question = lines(_("What is it about, and when?"), wording.EXAMPLE)
        line = talk.ask("line", question, free_text(at_most=LONGEST_LINE, one_line=True))
        talk.then("appointment", who=who, **answers(talk, line, length=0))
        return
    words = ask_what(talk, _("What is the appointment about?"))
    plan = ask_when(talk)
    if talk.start("said"):
        talk.then("appointment", begun=True, who=who, what=words, **begun_with(plan))
        return
    length = talk.ask("length", _("How long does it take? Choose, or write it."), Length(talk)) or plan.minutes
    plan = replace(plan, minutes=length or USUAL_LENGTH, leads=_leads(talk, plan))
    guests = attendees.people(talk.session, people_in(talk, known, who))
    changes = [
        Change("who" if len(known) > 1 else "", _WITH, others(talk, guests)),
        Change("what", LABELS["what"], Verbatim(words)),
        Change(
            "when",
            LABELS["when"],
            lines(wording.when(replace(plan, minutes=None)), *cautions(talk.session, talk.now, plan, guests)),
        ),
        Change("length", _LENGTH, lapse(plan.minutes or USUAL_LENGTH)),
        Change("early", LABELS["early"], wording.ahead(plan.leads)),
    ]
    talk.review("review", _("Shall I ask them?"), changes, p_("button", "Ask them"))
    _save(talk, words, plan, guests, kept_as(talk.person, who))


def known_circles(talk: Talk) -> list[Circle]:
    """Those with whom a person can meet. Raises Excuse if there are none."""
    known = circles(talk.session, talk.person)
    if not known:
        raise Excuse(
            _("Appointments are for you and your partners. You have no partner yet."),
            go("partners", p_("button", "Find partners")),
            go("remind", p_("button", "New reminder")),
        )
    return known


def ask_who(talk: Talk, known: Sequence[Circle]) -> list[str]:
    """Ask with whom, where there is a choice; the keys of circles."""
    if len(known) == 1:
        return [known[0].key]
    options = [Option(circle.key, circle.title) for circle in known]
    return talk.ask("who", _("With whom? Choose, or write their names with commas."), some_of(*options))


def begun_with(plan: Plan) -> dict[str, Json]:
    """The answers of an appointment whose plan is known."""
    return {"when": plan.to_json(), "early": Notices.AS_PLANNED, "length": 0}


def others(talk: Talk, guests: Sequence[Guest]) -> Node:
    """The others with their schools, a line each."""
    return Joined(tuple(placed(guest) for guest in guests if guest.person != talk.person), "\n")


def people_in(talk: Talk, known: Sequence[Circle], keys: Sequence[str]) -> list[int]:
    """Everybody in these circles, and the one who asks first of all."""
    found = [person for circle in known if circle.key in keys for person in circle.people]
    return list(dict.fromkeys((talk.person, *found)))


def _leads(talk: Talk, plan: Plan) -> tuple[int, ...]:
    return ask_early(talk, plan if plan.leads else replace(plan, leads=USUAL_LEADS))


def cautions(session: Session, now: datetime, plan: Plan, guests: Sequence[Guest]) -> list[Node]:
    """Everybody's time, and what speaks against it."""
    moments = warnings.row(plan, now)
    holidays = Holidays(session, now)
    found = warnings.against(moments, plan.minutes or USUAL_LENGTH, guests, holidays)
    zones = [guest.timezone for guest in guests]
    if not any(one.kind == "clocks" for one in found) and warnings.shift([now, moments[0]], zones) is not None:
        found.append(warnings.Caution("clocks", moments[0]))
    return [times(moments[0], zones), *warnings.shown(found, zones)]


def _save(talk: Talk, words: str, plan: Plan, guests: Sequence[Guest], circle: str) -> None:
    kept = arrange(talk.session, talk.person, words, plan, [guest.person for guest in guests], talk.now, circle)
    if kept is None:
        raise Excuse(wording.trouble("never"), go("appointment", p_("button", "New appointment")))
    inviting.invite(talk, kept)
    in_staff_room(talk, kept)
    talk.say(
        n_("{n} person is asked.", "{n} people are asked.", len(guests) - 1),
        Option(f"/reminders delete {kept.id}", p_("button", "Undo")),
        *inviting.owner_ways(kept),
    )


def in_staff_room(talk: Talk, kept: reminders.Kept) -> None:
    """Show an appointment of a project in its staff room as well, where everybody sees who comes."""
    # Imported here, because votes that end are shown in the same way, and make appointments.
    from handlers.reminders.deciding import show
    from handlers.reminders.voting import staff_room

    room = staff_room(talk.session, attendees.project_in(kept.facts.circle))
    if room is not None:
        show(talk.session, talk.relay, room.id, kept, talk.now)


def arrange(
    session: Session, owner: int, words: str, plan: Plan, people: Sequence[int], now: datetime, circle: str
) -> reminders.Kept | None:
    """Keep an appointment of somebody, who comes, with others, who have not answered. None if it is never told.

    ``circle`` is what it is kept under.
    """
    facts = replace(facts_of(plan, words, kind=reminders.APPOINTMENT), circle=circle)
    made = keep(session, owner, facts, now, people)
    if made is None:
        return None
    attendees.invite(session, made, people)
    attendees.answer(session, made, owner, attendees.YES, now)
    return reminders.get(session, made)


class Length(Kind[int]):
    """How long something takes, in minutes; 0 for what is usual."""

    def __init__(self, talk: Talk) -> None:
        self._language = talk.reader.language

    def options(self, draft: Json) -> Sequence[Option]:
        """The usual ones."""
        return [Option(str(minutes), lapse(minutes)) for minutes in _LENGTHS]

    def read(self, said: Said, draft: Json) -> Kept | Again:
        """What was offered, or a length of time in words."""
        words = typed(said)
        if words is None and said.option is not None:
            return Kept(int(said.option))
        found = sum(one.minutes for one in lapses(tokens((words or "")[:LONGEST_LINE], lexicon(self._language))))
        if not 0 < found <= _LONGEST:
            return Again(_("Please write a length of time up to 12 hours, such as: 1 hour"))
        return Kept(found)

    def recall(self, kept: Json) -> int:
        """The minutes."""
        return int(kept)

    def show(self, value: int) -> Node:
        """The length in words."""
        return lapse(value)
