"""The dates of a ready plan as reminders: offered, and kept if somebody wants them."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot.talk import Excuse, Talk, go
from bot.text import Day, Strong, _, entry, lines, n_, p_, plain
from handlers.projects.answering import found
from handlers.projects.words import button, coming_tasks, excuse, titled
from handlers.reminders.keeping import LONGEST_WORDS, MOST, facts_of, keep
from handlers.reminders.plans import Plan
from storage import reminders
from storage.projects import Cannot

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
    # Translators: two buttons under the dates of a project: be reminded of all of them, or not.
    if not talk.confirm("sure", question, yes=p_("button", "Remind me"), no=p_("button", "No, thank you")):
        talk.say(_("Good, I do not."), button(project))
        return
    if reminders.count(talk.session, talk.person) + len(coming) > MOST:
        raise Excuse(_("You have too many reminders for these. Please delete some first."), go("reminders", _MINE))
    zone, kept = talk.reader.timezone, 0
    for day, task in coming:
        words = f"{project.facts.title}: {plain(task, talk.reader)}"[:LONGEST_WORDS]
        plan = Plan(datetime.combine(day, AT), zone)
        kept += keep(talk.session, talk.person, facts_of(plan, words), talk.now) is not None
    talk.say(
        n_("I will remind you of {n} date.", "I will remind you of {n} dates.", kept),
        go("reminders", _MINE),
        button(project),
    )


_MINE = p_("button", "My reminders")
