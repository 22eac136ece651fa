"""The weekly digest: what comes in the next seven days, on the day and at the hour that a person likes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.talk import News, Tell, go
from bot.text import Joined, Node, Strong, Verbatim, When, _, lines, n_, p_
from handlers.reminders.holidays import Holidays
from handlers.reminders.keeping import schedule_of
from handlers.reminders.schedule import upcoming
from handlers.reminders.zones import is_zone, moment, wall
from storage import reminders, rhythms, teachers
from storage.reminders import Kept

_WEEK = timedelta(days=7)
_BATCH, _MOST = 50, 30


def digests(session: Session, now: datetime, tell: Tell) -> bool:
    """Send the digests that are due. Returns whether more of them wait."""
    due = rhythms.digests_due(session, now, _BATCH)
    for person, zone, when, _due in due:
        zone = zone if is_zone(zone) else "UTC"  # noqa: PLW2901
        tell(News(person, digest(session, person, now), (go("reminders", p_("button", "All reminders")),)))
        rhythms.next_digest(session, person, next_time(now, when, zone))
    return len(due) == _BATCH


def next_time(now: datetime, when: tuple[int, int], zone: str) -> datetime:
    """The next moment after now at which a clock in the zone shows this day of the week and minute of the day."""
    day, minutes = when
    local = wall(now, zone)
    start = local.replace(hour=minutes // 60, minute=minutes % 60, second=0, microsecond=0)
    start += timedelta(days=(day - local.weekday()) % 7)
    while moment(start, zone) <= now:
        start += _WEEK
    return moment(start, zone)


def digest(session: Session, person: int, now: datetime) -> Node:
    """What comes for a person in the next seven days."""
    coming = week(session, person, now)
    if not coming:
        return lines(Strong(_("Your week")), _("Nothing is to come in the next seven days."))
    shown = [Joined((When(at), Verbatim(kept.facts.words, kept.owner)), " · ") for at, kept in coming[:_MOST]]
    more = len(coming) - len(shown)
    return lines(Strong(_("Your week")), *shown, n_("and {n} more", "and {n} more", more) if more else None)


def week(session: Session, person: int, now: datetime) -> list[tuple[datetime, Kept]]:
    """The occurrences of the next seven days, in their order."""
    told, holidays = teachers.facts(session, person), Holidays(session, now)
    region = rhythms.wanted(session, person).region
    closed = holidays.closed(told.country if told else None, region)
    found: list[tuple[datetime, Kept]] = []
    for kept in reminders.between(session, person, now + _WEEK, 500):
        schedule = schedule_of(kept.facts, closed)
        zone = kept.facts.timezone
        found += [(moment(at, zone), kept) for at in upcoming(schedule, now, now + _WEEK, _MOST)]
    return sorted(found, key=lambda pair: (pair[0], pair[1].id))
