"""The dates of a ready plan as reminders: offered, and kept if somebody wants them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.talk import Excuse, Option, Talk, go, one_of
from bot.text import Day, Joined, Node, Reader, Strong, Verbatim, _, entry, lines, n_, p_, plain
from handlers import speaking
from handlers.projects.answering import found
from handlers.projects.words import button, coming_tasks, excuse, titled
from handlers.reminders.keeping import LONGEST_WORDS, MOST, facts_of, keep
from handlers.reminders.plans import Plan
from handlers.reminders.voting import staff_room
from storage import reminders
from storage.projects import Cannot, Project

#: At this time of the day, in the zone of the one who is reminded.
AT = time(8, 0)


def dates(talk: Talk, number: int) -> None:
    """Show what the plan has for the weeks to come; with one tap each task becomes a reminder of one's own."""
    project, me = found(talk, number)
    if me.state != "in" or project.state != "open":
        raise excuse(Cannot("foreign" if me.state != "in" else "state"))
    coming = coming_tasks(project.facts, (talk.now + timedelta(days=1)).date())
    if not coming:
        raise Excuse(_("This project has no dates to come that I know of."), button(project))
    rows = [entry(Day(day), task) for day, task in coming]
    question = lines(titled(project), Strong(_("Shall I remind you of these?")), *rows)
    # Translators: buttons under the dates of a project: be reminded of all of them alone, with all teachers, or not.
    ways = [Option("me", p_("button", "Remind me"))]
    ways += [Option("room", p_("button", "Remind our room"))] if me.founder else []
    whom = talk.ask("whom", question, one_of(*ways, Option("no", p_("button", "No, thank you"))))
    if whom == "no":
        talk.say(_("Good, I do not."), button(project))
        return
    if reminders.count(talk.session, talk.person) + len(coming) > MOST:
        raise Excuse(_("You have too many reminders for these. Please delete some first."), go("reminders", _MINE))
    if whom == "room":
        _for_room(talk, project, coming)
        return
    kept = _keep(talk, [(day, f"{project.facts.title}: {plain(task, talk.reader)}") for day, task in coming], None)
    talk.say(
        n_("I will remind you of {n} date.", "I will remind you of {n} dates.", kept),
        go("reminders", _MINE),
        button(project),
    )


def _for_room(talk: Talk, project: Project, coming: Sequence[tuple[date, Node]]) -> None:
    """Remind the staff room, in the project's language; it sees now of what."""
    room = staff_room(talk.session, project.id)
    if room is None:
        raise excuse(Cannot("state"))
    reads = speaking.reads(talk.session, room, talk.reader.timezone)
    kept = _keep(talk, [(day, plain(task, Reader(*reads))) for day, task in coming], room.id)
    rows = [entry(Day(day), task) for day, task in coming]
    body = lines(Joined((Verbatim("⏰"), p_("title", "I will remind this room")), " "), *rows)
    speaking.speak(
        talk.session, talk.relay, room.id, speaking.Saying(body), reads=reads, now=talk.now, person=talk.person
    )
    talk.say(
        n_("I will remind the staff room of {n} date.", "I will remind the staff room of {n} dates.", kept),
        button(project),
    )


def _keep(talk: Talk, dated: Sequence[tuple[date, str]], room: int | None) -> int:
    """Keep a reminder for each; how many of them will be told."""
    kept = 0
    for day, words in dated:
        plan = Plan(datetime.combine(day, AT), talk.reader.timezone)
        facts = replace(facts_of(plan, words[:LONGEST_WORDS]), room_id=room)
        kept += keep(talk.session, talk.person, facts, talk.now) is not None
    return kept


_MINE = p_("button", "My reminders")
