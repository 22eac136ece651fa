"""What is said when a reminder comes: on time, ahead, late, or all that was missed in one message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.talk import Option
from bot.text import Clocks, Joined, Node, Strong, Text, Verbatim, When, _, lines, n_, p_
from handlers.reminders.found import MINUTES
from handlers.reminders.quiet import Verdict
from handlers.reminders.schedule import is_moved
from handlers.reminders.zones import moment
from storage.alarms import Due, Missed

#: The most lines of a summary.
_MOST_LINES = 20
#: Of a time in the gap of a clock change.
NO_SUCH_HOUR = _("That hour does not exist on this day, because clocks go forward; so it comes later.")
_UNITS = ("week", "day", "hour", "minute")


def lapse(minutes: int) -> Node:
    """A length of time in words: "1 week", "1 hour, 30 minutes"."""
    parts: list[Node] = []
    for unit in _UNITS:
        number, minutes = divmod(minutes, MINUTES[unit])
        if number:
            parts.append(_count(unit, number))
    return Joined(tuple(parts), ", ") if parts else _count("minute", 0)


def _count(unit: str, n: int) -> Text:
    if unit == "week":
        return n_("{n} week", "{n} weeks", n)
    if unit == "day":
        return n_("{n} day", "{n} days", n)
    if unit == "hour":
        return n_("{n} hour", "{n} hours", n)
    return n_("{n} minute", "{n} minutes", n)


def ring(due: Due, occurrence: datetime, lead: int, verdict: Verdict, zones: Sequence[str] = ()) -> Node:
    """A reminder as it is told; ``zones`` are those of an appointment's people."""
    zone = due.facts.timezone
    # Translators: above a notice of what comes later; a length of time follows, such as "1 day".
    ahead = Joined((p_("reminder", "Coming up"), lapse(lead)), " · ") if lead > 0 else p_("reminder", "Reminder")
    return lines(
        Joined((Verbatim("⏰"), ahead), " "),
        Strong(Verbatim(due.facts.words, due.owner)),
        When(moment(occurrence, zone), "full"),
        times(moment(occurrence, zone), zones) if len(zones) > 1 else None,
        NO_SUCH_HOUR if is_moved(occurrence, zone) else None,
        _("It has waited for the end of your quiet hours.") if due.put_off and verdict != "late" else None,
        _("This comes late: I was not running at that time.") if verdict == "late" else None,
    )


def times(at: datetime, zones: Sequence[str]) -> Node:
    """What clocks show at a moment, the reader's own first: "10:00 Lisbon · 12:00 Athens"."""
    return Clocks(at, tuple(dict.fromkeys(zones)))


def ways(reminder: int, occurrence: datetime) -> tuple[Option, ...]:
    """What can be done with a reminder that was told."""
    which = f"{reminder} {occurrence.isoformat(timespec='minutes')}"
    return (
        # Translators: a button under a reminder: it need not be told again.
        Option(f"/reminders done {which}", p_("button", "Done")),
        # Translators: buttons under a reminder: tell me again in 10 minutes, in an hour, tomorrow.
        Option(f"/reminders snooze {which} 10", p_("button", "In 10 minutes")),
        Option(f"/reminders snooze {which} 60", p_("button", "In an hour")),
        Option(f"/reminders snooze {which} 1440", p_("button", "Tomorrow")),
    )


def summary(missed: Sequence[Missed]) -> Node:
    """What came to nothing while the bot was away, in one message."""
    shown = [
        Joined((When(moment(one.occurrence, one.timezone)), Verbatim(one.words, one.owner)), " · ")
        for one in missed[:_MOST_LINES]
    ]
    more = len(missed) - len(shown)
    return lines(
        Strong(_("While I was not running, these times passed:")),
        *shown,
        n_("and {n} more", "and {n} more", more) if more else None,
    )
