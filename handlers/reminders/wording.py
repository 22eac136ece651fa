"""A plan in words, for the reader's language and zone: when, how often, until when, except when, how long before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.text import Count, Day, Joined, Node, Weekday, When, _, n_, p_
from handlers.reminders.found import Trouble
from handlers.reminders.plans import FURTHEST, LONGEST_HOURLY, MOST_LEADS, Missing, Plan
from handlers.reminders.rules import Rule
from handlers.reminders.schedule import is_moved
from handlers.reminders.telling import NO_SUCH_HOUR, lapse
from handlers.reminders.zones import moment

# Translators: which one of these days in a month, after the name of the day: "Monday (1st in the month)".
_PLACES: dict[int, Node] = {
    1: p_("place in the month", "1st in the month"),
    2: p_("place in the month", "2nd in the month"),
    3: p_("place in the month", "3rd in the month"),
    4: p_("place in the month", "4th in the month"),
    -1: p_("place in the month", "last in the month"),
}


def when(plan: Plan) -> Node:
    """The first time, how often, until when and except when, one after another."""
    parts: list[Node] = [When(moment(plan.start, plan.zone), "full")]
    if is_moved(plan.start, plan.zone):
        parts.append(NO_SUCH_HOUR)
    if plan.rule is not None:
        parts.append(repeats(plan.rule))
        if plan.rule.until is not None:
            parts.append(_("until: {day}", day=When(moment(plan.rule.until, plan.zone), "day", plan.zone)))
    left_out = except_for(plan.but_holidays, plan.skipped)
    if left_out is not None:
        parts.append(_("except: {days}", days=left_out))
    if plan.minutes:
        parts.append(lapse(plan.minutes))
    return Joined(tuple(parts), " · ")


def repeats(rule: Rule) -> Node:
    """How often: "every 2 weeks: Tuesday, Thursday"."""
    return _STEPS[rule.step](rule)


def except_for(but_holidays: bool, skipped: tuple[date, ...]) -> Node | None:
    """What is left out."""
    # Translators: what is left out: "except: holidays".
    parts: list[Node] = [p_("except", "holidays")] if but_holidays else []
    parts += [Day(day) for day in skipped]
    return Joined(tuple(parts), ", ") if parts else None


def ahead(leads: tuple[int, ...]) -> Node:
    """How long before it is told as well."""
    if not leads:
        # Translators: no notice before the time itself.
        return p_("notices", "none")
    return Joined(tuple(lapse(lead) for lead in sorted(leads, reverse=True)), " · ")


def _hourly(rule: Rule) -> Node:
    return n_("every hour", "every {n} hours", rule.interval)


def _daily(rule: Rule) -> Node:
    return n_("every day", "every {n} days", rule.interval)


def _weekly(rule: Rule) -> Node:
    days = Joined(tuple(Weekday(day) for day in rule.days), ", ")
    return n_("every week: {days}", "every {n} weeks: {days}", rule.interval, days=days)


def _monthly(rule: Rule) -> Node:
    if rule.nth is not None:
        which = {"day": Weekday(rule.days[0]), "place": _PLACES[rule.nth]}
        return n_("every month: {day} ({place})", "every {n} months: {day} ({place})", rule.interval, **which)
    if rule.day == -1:
        return n_("every month, on its last day", "every {n} months, on the last day", rule.interval)
    return n_("every month, on day {day}", "every {n} months, on day {day}", rule.interval, day=Count(rule.day or 1))


def _yearly(rule: Rule) -> Node:
    return n_("every year", "every {n} years", rule.interval)


_STEPS: dict[str, Callable[[Rule], Node]] = {
    "hour": _hourly,
    "day": _daily,
    "week": _weekly,
    "month": _monthly,
    "year": _yearly,
}

EXAMPLE = _("For example: tomorrow at 10 · each Tuesday 9:30 except holidays · 3 December at 9, two weeks before")

_MISSING: dict[Missing, Node] = {
    "when": _("When shall I remind you?"),
    "day": _("On which day does it begin?"),
    "time": _("At what time?"),
}

_TROUBLES: dict[Trouble, Node] = {
    "no_such_day": _("There is no such day in the calendar."),
    "no_such_time": _("No clock shows that time."),
    "past": _("That moment has passed."),
    "too_far": n_("I look at most {n} year ahead.", "I look at most {n} years ahead.", FURTHEST),
    "too_often": n_(
        "That rings too often: once an hour at most, and then for {n} day at most.",
        "That rings too often: once an hour at most, and then for {n} days at most.",
        LONGEST_HOURLY,
    ),
    "never": _("That never comes."),
    "over": _("That ends before it begins."),
    "ahead": n_(
        "There can be {n} notice before, a year ahead at most.",
        "There can be {n} notices before, a year ahead at most.",
        MOST_LEADS,
    ),
    "other_weekday": _("That date is another day of the week."),
    "holidays": _("That always falls on holidays."),
}


def missing(what: Missing) -> Node:
    """The question for what a plan lacks."""
    return _MISSING[what]


def trouble(why: Trouble) -> Node:
    """Why a plan cannot be."""
    return _TROUBLES[why]
