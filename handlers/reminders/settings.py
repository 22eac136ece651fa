"""/settings: time zone, quiet hours, weekly digest, calendar, the region whose school holidays count."""

from __future__ import annotations

from collections.abc import Callable

from bot.talk import Option, Talk, one_of, some_of
from bot.text import City, Joined, Name, Node, Strong, TimeOfDay, Weekday, When, _, entry, lines, p_
from handlers.reminders.digest import next_time
from handlers.reminders.kinds import Clock, Hours, hours_shown
from handlers.reminders.places import Zone
from handlers.reminders.rules import DAYS
from handlers.reminders.week import USUAL, usual
from storage import breaks, people, rhythms, teachers
from storage.rhythms import QUIET, Wanted

_NONE = p_("quiet hours", "none")
_OFF = p_("digest", "off")


def settings(talk: Talk) -> None:
    """How a person wants to be told; one line is changed at a time, and the card comes back."""
    wanted = rhythms.wanted(talk.session, talk.person)
    saved = _("Saved.") if talk.start("saved") else None
    choice = talk.ask("choice", lines(saved, card(talk, wanted)), one_of(*_options(talk)), instead=True)
    if choice in {"calendar", "news"}:
        talk.then(choice)
        return
    _CHANGES[choice](talk, wanted)
    talk.then("settings", saved=True)


def card(talk: Talk, wanted: Wanted) -> Node:
    """What is set."""
    zone = talk.reader.timezone
    digest = _OFF if wanted.digest is None else Joined((Weekday(wanted.digest[0]), TimeOfDay(wanted.digest[1])), " ")
    week = wanted.week or usual(_country(talk))
    quiet = _NONE if wanted.quiet[0] == wanted.quiet[1] else hours_shown(wanted.quiet)
    return lines(
        Strong(_("How I remind you")),
        # Translators: lines of the settings.
        entry(p_("setting", "Your time"), Joined((City(zone), When(talk.now, "time", zone)), ", ")),
        entry(p_("setting", "Quiet hours"), quiet),
        entry(p_("setting", "Weekly digest"), digest),
        entry(p_("setting", "School hours"), Joined((_days(week[0]), hours_shown((week[1], week[2]))), ", ")),
        entry(p_("setting", "School holidays of"), Name(wanted.region)) if wanted.region else None,
    )


def _days(days: tuple[int, ...]) -> Node:
    """Days of the week; a row of them by its first and last."""
    if len(days) > 2 and days == tuple(range(days[0], days[-1] + 1)):
        return Joined((Weekday(days[0]), Weekday(days[-1])), "–")
    return Joined(tuple(Weekday(day) for day in days), ", ")


def _options(talk: Talk) -> list[Option]:
    options = [
        Option("zone", p_("button", "Time zone")),
        Option("quiet", p_("button", "Quiet hours")),
        Option("digest", p_("button", "Weekly digest")),
        Option("week", p_("button", "School hours")),
        Option("calendar", p_("button", "Calendar")),
        Option("news", p_("button", "What I get")),
    ]
    if _regions(talk):
        options.append(Option("region", p_("button", "Region")))
    return options


def _zone(talk: Talk, _wanted: Wanted) -> None:
    question = _("What do your clocks show? Choose, or write a large city with the same time.")
    zone = talk.ask("zone", question, Zone(talk.reader, _country(talk)))
    people.set_timezone(talk.session, talk.person, zone)
    wanted = rhythms.wanted(talk.session, talk.person)
    if wanted.digest is not None:
        rhythms.set_digest(talk.session, talk.person, wanted.digest, next_time(talk.now, wanted.digest, zone))


def _quiet(talk: Talk, _wanted: Wanted) -> None:
    question = _("When shall I be quiet? Choose, or write two times such as 21:00-7:00.")
    kind = Hours(talk.reader, [QUIET, (20 * 60, 7 * 60), (22 * 60, 6 * 60)], none=p_("button", "Never quiet"))
    rhythms.set_quiet(talk.session, talk.person, *talk.ask("quiet", question, kind))


def _digest(talk: Talk, _wanted: Wanted) -> None:
    days = [Option(str(day), Weekday(day)) for day in range(len(DAYS))]
    question = _("On which day shall I send you what comes in the week?")
    day = talk.ask("day", question, one_of(*days, Option("off", p_("button", "Never"))))
    if day == "off":
        rhythms.set_digest(talk.session, talk.person, None, None)
        return
    at = talk.ask("at", _("At what time?"), Clock(talk.reader, (7 * 60, 8 * 60, 16 * 60, 18 * 60)))
    when = (int(day), at)
    rhythms.set_digest(talk.session, talk.person, when, next_time(talk.now, when, talk.reader.timezone))


def _week(talk: Talk, wanted: Wanted) -> None:
    week = wanted.week or usual(_country(talk))
    question = _("On which days are there lessons at your school?")
    options = [Option(str(day), Weekday(day)) for day in range(len(DAYS))]
    days = talk.ask("days", question, some_of(*options))
    between = _("Between which hours? Choose, or write two times such as 8-15.")
    offered = list(dict.fromkeys([(week[1], week[2]), USUAL, (9 * 60, 16 * 60)]))
    start, end = talk.ask("hours", between, Hours(talk.reader, offered))
    rhythms.set_week(talk.session, talk.person, tuple(sorted(map(int, days))), min(start, end), max(start, end))


def _country(talk: Talk) -> str | None:
    told = teachers.facts(talk.session, talk.person)
    return told.country if told else None


def _region(talk: Talk, _wanted: Wanted) -> None:
    regions = [Option(region, Name(region)) for region in _regions(talk)]
    question = _("In which region is your school? Its school holidays count.")
    region = talk.ask("region", question, one_of(*regions, Option("none", p_("button", "None of these"))))
    rhythms.set_region(talk.session, talk.person, None if region == "none" else region)


def _regions(talk: Talk) -> list[str]:
    country = _country(talk)
    return breaks.regions(talk.session, country) if country else []


_CHANGES: dict[str, Callable[[Talk, Wanted], None]] = {
    "zone": _zone,
    "quiet": _quiet,
    "digest": _digest,
    "week": _week,
    "region": _region,
}
