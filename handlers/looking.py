"""/looking: whether a teacher looks for partners now; and the question that asks it once a month."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy.orm import Session

from bot.talk import Chore, News, Option, Talk, go
from bot.talk.chores import Tell
from bot.text import Node, _, n_, p_
from storage import teachers
from storage.matching import availability

#: Nobody is asked at night: hours of the day, by their own clock.
_FROM, _TO = 9, 18
_AT_ONCE = 100

_YES = go("looking yes", p_("button", "Yes, still looking"))
_NO = go("looking no", p_("button", "Not now"))


def looking(talk: Talk) -> None:
    """Says whether others find a teacher, or changes it; one tap is enough."""
    said = talk.turn.argument.casefold()
    if said not in {"yes", "no"}:
        _say_how_it_stands(talk)
        return
    teachers.set_looking(talk.session, talk.person, said == "yes")
    if said == "yes":
        availability.confirm(talk.session, talk.person, talk.now)
        talk.say(_("Good. Other teachers find you, and I ask again in a month."), _partners())
    else:
        talk.say(_("Good. Nobody finds you until you say that you are looking again."), _YES)


def _say_how_it_stands(talk: Talk) -> None:
    told = teachers.facts(talk.session, talk.person)
    if told is not None and told.looking:
        talk.say(_("You are looking for partners, so others can find you."), _NO, _partners())
    else:
        talk.say(_("You are not looking now, so nobody finds you."), _YES)


def _partners() -> Option:
    return go("partners", p_("button", "Find partners"))


def still_looking(session: Session, now: datetime, tell: Tell) -> bool:
    """Ask whose month is over, and hide those who have not answered for a week."""
    hidden = availability.hide(session, now, _AT_ONCE)
    people = availability.due(session, now, _awake(now), _AT_ONCE)
    availability.ask(session, people, now)
    for person in people:
        tell(News(person, _question(), (_YES, _NO)))
    return len(people) == _AT_ONCE or len(hidden) == _AT_ONCE


def _question() -> Node:
    days = availability.PATIENCE.days
    return n_(
        "Are you still looking for partner schools? If I hear nothing from you for {n} day, I stop suggesting you "
        "until you are back.",
        "Are you still looking for partner schools? If I hear nothing from you for {n} days, I stop suggesting you "
        "until you are back.",
        days,
    )


def _awake(now: datetime) -> list[str]:
    """The time zones where it is day."""
    return [name for name, zone in _zones().items() if _FROM <= now.astimezone(zone).hour < _TO]


@cache
def _zones() -> dict[str, ZoneInfo]:
    return {name: ZoneInfo(name) for name in sorted(available_timezones())}


looking_chore = Chore("looking", 1800, still_looking)
