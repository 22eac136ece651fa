"""Answers that say when: a plan in plain words, asked for piece by piece where it is not whole; notices; a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot.talk import Again, Kept, Kind, Option, Outdated, Said
from bot.text import Joined, Node, Reader, TimeOfDay, Weekday, _, lines, n_, p_
from handlers.kinds.typed import typed
from handlers.reminders import wording, words
from handlers.reminders.found import Found, lapses, merged
from handlers.reminders.grammar import Sentence
from handlers.reminders.plans import LONGEST_LEAD, MOST_LEADS, Plan, Unfinished, put_together
from handlers.reminders.reading import Asked, understand
from handlers.reminders.schedule import Closed, next_alarm
from handlers.reminders.telling import lapse
from handlers.reminders.times import find_time
from handlers.reminders.tokens import tokens
from handlers.reminders.zones import moment, wall

Json = Any

#: Times of the day that are offered, in minutes.
_TIMES = (8 * 60, 10 * 60, 12 * 60, 14 * 60, 16 * 60, 18 * 60)
_LONGEST = 400


def begun(line: str, now: datetime) -> Json:
    """A line that says a part of a plan, and when it was said (a moment), as a flow may keep it."""
    return [line[:_LONGEST], now.isoformat()]


class Time(Kind[Plan]):
    """A plan. ``known`` is a line that says a part of it (see `begun`); ``closed`` says which days are holidays."""

    reads_numbers = True

    def __init__(self, reader: Reader, now: datetime, closed: Closed, known: Json = None) -> None:
        self._reader, self._now, self._closed, self._known = reader, now, closed, known

    def question(self) -> Node:
        """What to ask first: for what the known line lacks, or for all of it."""
        plan = put_together(self._found(self._known), self._local(), self._reader.timezone)
        if isinstance(plan, Unfinished) and plan.trouble is not None:
            return lines(wording.trouble(plan.trouble), wording.missing("when"), wording.EXAMPLE)
        lacks = plan.lacks if isinstance(plan, Unfinished) and plan.lacks else "when"
        return wording.missing(lacks) if lacks != "when" else lines(wording.missing("when"), wording.EXAMPLE)

    def options(self, draft: Json) -> Sequence[Option]:
        """Times or days, where one is lacking."""
        lacks = self._lacks(draft)
        if lacks == "time":
            return [Option(f"at:{minutes}", TimeOfDay(minutes)) for minutes in _TIMES]
        if lacks == "day":
            today = self._local().date()
            days = [today + timedelta(days=n) for n in range(7)]
            names: list[Node] = [
                p_("button", "Today"),
                p_("button", "Tomorrow"),
                *(Weekday(day.weekday()) for day in days[2:]),
            ]
            return [Option(f"on:{day.isoformat()}", name) for day, name in zip(days, names, strict=True)]
        return ()

    def read(self, said: Said, draft: Json) -> Kept | Again:
        """A line of words, or what was offered; with what is known already, where it is no whole plan by itself."""
        before, asked = draft or self._known, self._lacks(draft)
        more = self._more(said, asked)
        if before is not None and more.trouble is None and not _whole(more, asked):
            more = merged(self._found(before), more)
        plan = put_together(more, self._local(), self._reader.timezone)
        if isinstance(plan, Plan):
            never = next_alarm(plan.schedule(self._closed), plan.leads, self._now) is None
            return Again(wording.trouble("holidays")) if never else Kept(plan.to_json())
        if plan.trouble is not None:
            return Again(wording.trouble(plan.trouble), draft)
        if more.empty:
            return Again(_("I found no time in that."), draft)
        text = " ".join(filter(None, (before[0] if before else "", _spoken(said))))
        return Again(None, begun(text, self._now))

    def asks(self, draft: Json) -> Node | None:
        """What is lacking now, once a part is known."""
        lacks = self._lacks(draft) if draft is not None else None
        return wording.missing(lacks) if lacks is not None else None

    def recall(self, kept: Json) -> Plan:
        """The plan. Raises Outdated once its beginning has passed."""
        try:
            plan = Plan.from_json(kept)
        except (ValueError, KeyError, TypeError):
            raise Outdated(None) from None
        if moment(plan.start, plan.zone) <= self._now:
            raise Outdated(wording.trouble("past"))
        return plan.opened(self._closed)

    def show(self, value: Plan) -> Node:
        """The plan in words."""
        return wording.when(value)

    def _local(self) -> datetime:
        return wall(self._now, self._reader.timezone).replace(microsecond=0)

    def _found(self, known: Json) -> Found:
        if known is None:
            return Found()
        line, at = known
        return understand(line, self._reader.language, wall(datetime.fromisoformat(at), self._reader.timezone))

    def _lacks(self, draft: Json) -> Asked | None:
        known = draft or self._known
        if known is None:
            return None
        plan = put_together(self._found(known), self._local(), self._reader.timezone)
        lacks = plan.lacks if isinstance(plan, Unfinished) else None
        return lacks if lacks in {"day", "time"} else None

    def _more(self, said: Said, asked: Asked | None) -> Found:
        option = said.option or ""
        if option.startswith("at:"):
            minutes = int(option[3:])
            return Found(at=datetime(2000, 1, 1, minutes // 60, minutes % 60).time())
        if option.startswith("on:"):
            return Found(day=date.fromisoformat(option[3:]))
        return understand(said.text or "", self._reader.language, self._local(), asked)


class Notices(Kind[tuple[int, ...] | None]):
    """How long before it is told as well, in minutes; None for what the plan says itself."""

    AS_PLANNED = "plan"
    _OFFERED = (10, 60, 1440, 2880, 10080)

    def __init__(self, reader: Reader, chosen: Sequence[int] = ()) -> None:
        self._reader, self._chosen = reader, list(chosen)

    def options(self, draft: Json) -> Sequence[Option]:
        """Boxes for the usual ones, and those that were chosen."""
        ticked = self._ticked(draft)
        boxes = sorted({*self._OFFERED, *ticked})
        return [*(Option(str(m), lapse(m), m in ticked) for m in boxes), Option("!done", p_("button", "✓ Done"))]

    def read(self, said: Said, draft: Json) -> Kept | Again:
        """Tick or untick, finish, or take a line such as "1 week, 1 day"."""
        ticked = self._ticked(draft)
        if said.option == "!done":
            return Kept(ticked)
        if said.option is not None:
            minutes = int(said.option)
            changed = [m for m in ticked if m != minutes] if minutes in ticked else [*ticked, minutes]
            return Again(None, changed) if len(changed) <= MOST_LEADS else Again(wording.trouble("ahead"), ticked)
        line = typed(said) or ""
        found = [lapse_.minutes for lapse_ in lapses(tokens(line[:_LONGEST], words.lexicon(self._reader.language)))]
        if not found:
            return Again(_("Please write lengths of time, such as: 1 week, 1 day"), ticked)
        if len(set(found)) > MOST_LEADS or not all(0 < m <= LONGEST_LEAD for m in found):
            return Again(wording.trouble("ahead"), ticked)
        return Kept(sorted(set(found), reverse=True))

    def recall(self, kept: Json) -> tuple[int, ...] | None:
        """The minutes."""
        return None if kept == self.AS_PLANNED else tuple(sorted((int(m) for m in kept), reverse=True))

    def show(self, value: tuple[int, ...] | None) -> Node:
        """The lengths of time."""
        return wording.ahead(value or ())

    def _ticked(self, draft: Json) -> list[int]:
        return self._chosen if draft is None else list(draft)


class Hours(Kind[tuple[int, int]]):
    """A part of the day, from and to, in minutes: "21-7", "22:00 – 6:30"; equal ones where "none" is offered."""

    reads_numbers = True

    def __init__(self, reader: Reader, offered: Sequence[tuple[int, int]], *, none: Node | None = None) -> None:
        self._reader, self._offered, self._none = reader, offered, none

    def options(self, draft: Json) -> Sequence[Option]:
        """The usual ones, and none."""
        usual = [Option(f"{start}-{end}", self.show((start, end))) for start, end in self._offered]
        return [*usual, *([Option("none", self._none)] if self._none is not None else [])]

    def read(self, said: Said, draft: Json) -> Kept | Again:
        """What was offered, or two times of the day."""
        if said.option == "none":
            return Kept([0, 0])
        if said.option is not None:
            start, end = said.option.split("-")
            return Kept([int(start), int(end)])
        found = [clock_minutes(part, self._reader) for part in _parted(said.text or "")]
        if len(found) != 2 or None in found or found[0] == found[1]:
            return Again(_("Please write two times of the day, such as: 21:00-7:00"))
        return Kept(found)

    def recall(self, kept: Json) -> tuple[int, int]:
        """From and to."""
        start, end = kept
        return int(start), int(end)

    def show(self, value: tuple[int, int]) -> Node:
        """From and to, or that there are none."""
        if value[0] == value[1] and self._none is not None:
            return self._none
        return hours_shown(value)


class Clock(Kind[int]):
    """A time of the day, in minutes."""

    reads_numbers = True

    def __init__(self, reader: Reader, offered: Sequence[int]) -> None:
        self._reader, self._offered = reader, offered

    def options(self, draft: Json) -> Sequence[Option]:
        """The usual ones."""
        return [Option(str(minutes), TimeOfDay(minutes)) for minutes in self._offered]

    def read(self, said: Said, draft: Json) -> Kept | Again:
        """What was offered, or a time in words."""
        if said.option is not None:
            return Kept(int(said.option))
        minutes = clock_minutes(said.text or "", self._reader)
        return Kept(minutes) if minutes is not None else Again(wording.trouble("no_such_time"))

    def recall(self, kept: Json) -> int:
        """The minutes from midnight."""
        return int(kept)

    def show(self, value: int) -> Node:
        """What a clock shows."""
        return TimeOfDay(value)


def hours_shown(value: tuple[int, int]) -> Node:
    """A part of the day: "21:00–07:00"."""
    return Joined((TimeOfDay(value[0]), TimeOfDay(value[1])), "–")


def clock_minutes(line: str, reader: Reader) -> int | None:
    """The time of day that a line says, in minutes from midnight; None if it says none."""
    found = Found()
    sentence = Sentence(tokens(line[:_LONGEST], words.lexicon(reader.language)), reader.language)
    find_time(sentence, found, datetime(2000, 1, 1), asked=True, literal=True)
    return None if found.at is None or found.trouble else found.at.hour * 60 + found.at.minute


def _spoken(said: Said) -> str:
    """What was said in words that are read again; a time or day that was offered as every language writes it."""
    if said.option is None:
        return said.text or ""
    way, _colon, what = said.option.partition(":")
    return what if way == "on" else f"{int(what) // 60}:{int(what) % 60:02}"


def _whole(found: Found, asked: Asked | None) -> bool:
    """Whether an answer says more than the one thing that was asked, so that it stands for itself."""
    timed = found.at is not None or found.exact is not None
    return timed and (asked is None or found.day is not None or found.exact is not None or found.repeat is not None)


def _parted(line: str) -> list[str]:
    """Two halves of a line, at its dash or in the middle of its words."""
    for sign in ("–", "—", "-"):
        if sign in line:
            return [part for part in line.split(sign) if part.strip()]
    parts = line.split()
    half = len(parts) // 2
    return [" ".join(parts[:half]), " ".join(parts[half:])] if half else []


def too_many(most: int) -> Node:
    """The answer to one reminder too many."""
    return n_(
        "There can be {n} reminder for one person. Delete one that you no longer need.",
        "There can be {n} reminders for one person. Delete some that you no longer need.",
        most,
    )
