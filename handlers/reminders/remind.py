"""/remind: something is told at a time; in one line, or by questions for what the line leaves open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.talk import Change, Excuse, Option, Talk, free_text, go
from bot.text import Joined, Node, Reader, Strong, Verbatim, _, entry, lines, n_, p_
from bot.text.cleaning import clean
from handlers.kinds.line import Line
from handlers.reminders import wording
from handlers.reminders.found import Found
from handlers.reminders.keeping import LONGEST_WORDS, MOST, closed_for, facts_of, keep
from handlers.reminders.kinds import Notices, Time, begun, too_many
from handlers.reminders.plans import Plan, Unfinished, put_together
from handlers.reminders.quiet import quiet_until
from handlers.reminders.reading import understand
from handlers.reminders.schedule import next_alarm
from handlers.reminders.zones import wall
from storage import reminders, rhythms

Json = Any
LONGEST_LINE = 400

# Translators: the lines of a reminder; each also stands on a button, "Change: What".
LABELS: dict[str, Node] = {
    "what": p_("reminder line", "What"),
    "when": p_("reminder line", "When"),
    "early": p_("reminder line", "Notices"),
    "loud": p_("reminder line", "Quiet hours"),
}


def remind(talk: Talk) -> None:
    """A person is to be told something at a time."""
    if reminders.count(talk.session, talk.person) >= MOST:
        raise Excuse(too_many(MOST), go("reminders", p_("button", "My reminders")))
    if talk.turn.argument:
        talk.then("remind", **answers(talk, talk.turn.argument))
        return
    if not talk.start("begun"):
        question = lines(_("What shall I remind you of, and when?"), wording.EXAMPLE)
        line = talk.ask("line", question, free_text(at_most=LONGEST_LINE, one_line=True))
        talk.then("remind", **answers(talk, line))
        return
    words = ask_what(talk)
    plan = ask_when(talk)
    if talk.start("said"):
        # Now it is whole: from here on "change this" asks for all of it, and not for what was missing once.
        talk.then("remind", begun=True, what=words, when=plan.to_json(), early=Notices.AS_PLANNED)
        return
    leads = ask_early(talk, plan)
    loud = _ask_loud(talk, plan)
    changes = [
        Change("what", LABELS["what"], Verbatim(words)),
        Change("when", LABELS["when"], wording.when(plan)),
        Change("early", LABELS["early"], wording.ahead(leads)),
    ]
    if loud is not None:
        changes.append(Change("loud", LABELS["loud"], _loud(loud)))
    talk.review("review", _("Shall I remember this?"), changes, p_("button", "Save"))
    _save(talk, words, plan, leads, loud=bool(loud))


def answers(talk: Talk, line: str, **known: Json) -> dict[str, Json]:
    """What a line answers already: words, a whole plan, or the part of one that it says."""
    line = clean(line, one_line=True)
    found, words, plan = said_in(line, talk.reader, talk.now)
    kept: dict[str, Json] = {"begun": True, "early": Notices.AS_PLANNED, **known}
    if words is not None:
        kept["what"] = words
    if isinstance(plan, Plan):
        kept["when"] = plan.to_json()
    elif not found.empty:
        kept["said"] = begun(line, talk.now)
    return kept


def said_in(line: str, reader: Reader, now: datetime) -> tuple[Found, str | None, Plan | Unfinished]:
    """What one line says: the words, and the plan or what it lacks. Raises Excuse for one that is too long."""
    if len(line) > LONGEST_LINE:
        raise Excuse(n_("Please keep it to {n} character.", "Please keep it to {n} characters.", LONGEST_LINE))
    zone = reader.timezone
    found = understand(line, reader.language, wall(now, zone))
    words = found.words[:LONGEST_WORDS] if any(sign.isalpha() for sign in found.words) else None
    return found, words, put_together(found, wall(now, zone), zone)


def ask_what(talk: Talk, question: Node | None = None) -> str:
    """Ask for the words."""
    return talk.ask("what", question or _("What shall I remind you of?"), Line(LONGEST_WORDS))


def ask_when(talk: Talk) -> Plan:
    """Ask for the time, or for the part of it that is not known."""
    closed = closed_for(talk.session, talk.person, talk.now)
    kind = Time(talk.reader, talk.now, closed, talk.start("said"))
    return talk.ask("when", kind.question(), kind)


def ask_early(talk: Talk, plan: Plan) -> tuple[int, ...]:
    """Ask how long before it is told as well; what the plan says, until somebody wants to change it."""
    kind = Notices(talk.reader, plan.leads)
    chosen = talk.ask("early", _("How long before shall I tell you as well? Choose, or write it."), kind)
    return plan.leads if chosen is None else chosen


def _ask_loud(talk: Talk, plan: Plan) -> bool | None:
    """Ask whether it may come in quiet hours, if it does; None if it does not."""
    alarm = next_alarm(plan.schedule(), (), talk.now)
    quiet = rhythms.wanted(talk.session, talk.person).quiet
    if alarm is None or quiet_until(alarm.due, quiet, talk.reader.timezone) is None:
        return None
    question = _("That is in your quiet hours. Shall it come all the same, or wait for their end?")
    # Translators: buttons: a reminder comes in quiet hours, or waits for their end.
    return talk.confirm("loud", question, yes=p_("button", "Come all the same"), no=p_("button", "Wait"))


def _loud(loud: bool) -> Node:
    return p_("button", "Come all the same") if loud else p_("button", "Wait")


def _save(talk: Talk, words: str, plan: Plan, leads: tuple[int, ...], *, loud: bool) -> None:
    facts = facts_of(Plan(**{**vars(plan), "leads": leads}), words, urgent=loud)
    made = keep(talk.session, talk.person, facts, talk.now)
    if made is None:
        raise Excuse(wording.trouble("never"), go("remind", p_("button", "New reminder")))
    talk.say(
        lines(_("Saved. I will remind you."), shown(words, plan, leads)),
        Option(f"/reminders delete {made}", p_("button", "Undo")),
        go("reminders", p_("button", "My reminders")),
    )


def shown(words: str, plan: Plan, leads: tuple[int, ...], owner: int | None = None) -> Node:
    """A reminder on a few lines."""
    return lines(
        Strong(Verbatim(words, owner)),
        wording.when(plan),
        entry(LABELS["early"], wording.ahead(leads)) if leads else None,
    )


def joined(*parts: Node | None) -> Node:
    """Parts on one line, leaving out those that are None."""
    return Joined(tuple(part for part in parts if part is not None), " · ")
