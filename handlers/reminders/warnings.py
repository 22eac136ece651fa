"""What speaks against a time for people of several schools: holidays, the hours of lessons, a shift of clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.text import Name, Node, When, _
from handlers.reminders.circle import hours, title
from handlers.reminders.holidays import Holidays
from handlers.reminders.plans import Plan
from handlers.reminders.schedule import upcoming
from handlers.reminders.telling import times
from handlers.reminders.week import strain
from handlers.reminders.zones import moment, offset, wall
from storage.attendees import Guest

Kind = Literal["public", "break", "weekend", "hours", "clocks"]
_MOST = 8
#: How far ahead a row of appointments is looked through for holidays and clock changes.
_LOOK = timedelta(days=300)
_MOST_TIMES = 60


@dataclass(frozen=True)
class Caution:
    """Something that speaks against a time: for whom, and what it is called."""

    kind: Kind
    at: datetime
    guest: Guest | None = None
    name: str | None = None


def against(times: Sequence[datetime], minutes: int, guests: Sequence[Guest], holidays: Holidays) -> list[Caution]:
    """What speaks against moments, the first of each kind for each person and holiday."""
    found: dict[tuple[str, int | None, str | None], Caution] = {}
    for at in times:
        for guest in guests:
            for one in _for_one(at, minutes, guest, holidays):
                found.setdefault((one.kind, guest.person, one.name), one)
    clocks = shift(times, [guest.timezone for guest in guests])
    return [*list(found.values())[:_MOST], *([Caution("clocks", clocks)] if clocks is not None else [])]


def shift(times: Sequence[datetime], zones: Sequence[str]) -> datetime | None:
    """The first of several moments at which clocks of the zones are further apart, or closer, than at the first."""
    apart = None
    for at in times:
        offsets = [offset(at, zone) for zone in zones]
        now = [one - offsets[0] for one in offsets]
        if apart is not None and now != apart:
            return at
        apart = now
    return None


def row(plan: Plan, since: datetime) -> list[datetime]:
    """The moments of a plan from one on, as far as anybody looks ahead."""
    first = max(since, moment(plan.start, plan.zone))
    falls = upcoming(plan.schedule(), first, first + _LOOK, _MOST_TIMES)
    return [moment(at, plan.zone) for at in falls] or [moment(plan.start, plan.zone)]


def clocks(plan: Plan, zones: Sequence[str], since: datetime) -> Node | None:
    """What everybody's clocks show once they are further apart, or closer, than at the first time of a row."""
    at = shift(row(plan, since), zones)
    return None if at is None else _line(Caution("clocks", at), zones)


def _for_one(at: datetime, minutes: int, guest: Guest, holidays: Holidays) -> list[Caution]:
    day = wall(at, guest.timezone).date()
    if guest.country is not None:
        public = holidays.public(guest.country, day)
        if public is not None:
            return [Caution("public", at, guest, public)]
        pause = holidays.school(guest.country, guest.region, day)
        if pause is not None:
            return [Caution("break", at, guest, _named(pause.names))]
    outside = strain(hours(guest), at, minutes)
    if outside is None:
        return [Caution("weekend", at, guest)]
    return [Caution("hours", at, guest)] if outside else []


def _named(names: dict[str, str]) -> str | None:
    return names.get("en") or next(iter(names.values()), None)


def shown(found: Sequence[Caution], zones: Sequence[str]) -> list[Node]:
    """The warnings in words, a line each."""
    return [_line(one, zones) for one in found]


def _line(one: Caution, zones: Sequence[str]) -> Node:
    zone = one.guest.timezone if one.guest is not None else None
    day = When(one.at, "day", zone)
    if one.kind == "clocks":
        # Translators: from this day on, the clocks of the schools are further apart, or closer; their times follow.
        return _("⚠ Clocks change. From this day on: {day}, {times}", day=day, times=times(one.at, zones))
    assert one.guest is not None
    who = title(one.guest)
    if one.kind == "public":
        return _("⚠ Public holiday: {who}, {day} ({name})", who=who, day=day, name=Name(one.name or "–"))
    if one.kind == "break":
        return _("⚠ School holidays: {who}, {day} ({name})", who=who, day=day, name=Name(one.name or "–"))
    if one.kind == "weekend":
        return _("⚠ A day without lessons: {who}, {day}", who=who, day=day)
    return _("⚠ Outside of lessons: {who}, {time}", who=who, time=When(one.at, "time", zone))
