"""What happens to projects by itself: proposals lapse, closed ones are archived, old codes and old words go."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from bot.talk import Chore, News, Tell
from bot.text import Day, _, lines
from handlers.daytime import until_day
from handlers.projects.answering import ROOMS
from handlers.projects.tending import ask_silent, takes, tell_end
from handlers.projects.words import MINE, button, titled
from storage import projects, pupils
from storage.rooms import ending, opening

AT_ONCE, WORDS_AT_ONCE = 50, 1000


def _tend(session: Session, now: datetime, tell: Tell, kept: timedelta) -> bool:
    """Do what is due; whether more of it waits. ``kept`` is for how long words stay after the end of a project."""
    lapsed = projects.lapse_due(session, now, AT_ONCE)
    for project in lapsed:
        if project.starter is not None:
            words = lines(titled(project), _("Your partner has not answered, so this proposal has lapsed."))
            tell(News(project.starter, words, (MINE,), until_day(session, project.starter, now)))
    archived = projects.archive_due(session, now, AT_ONCE)
    projects.forget_codes(session, now)
    opening.forget_begun(session, now)
    pupils.purge(session, now, AT_ONCE)
    warned = ending.to_warn(session, now, AT_ONCE, kept)
    for number in warned:
        _warn(session, number, now, tell)
    erased = ending.erase_due(session, now, WORDS_AT_ONCE, kept)
    more = [ask_silent(session, now, tell), tell_end(session, now, tell)]
    return any(more) or AT_ONCE in {len(lapsed), archived, len(warned)} or erased == WORDS_AT_ONCE


def _warn(session: Session, number: int, now: datetime, tell: Tell) -> None:
    """Tell the founders that what was said in the rooms will be erased."""
    project = projects.find(session, number)
    assert project is not None
    words = lines(
        titled(project),
        _("This project is over. What was said in its rooms will be erased; copy what you want to keep before:"),
        Day((now + ending.NOTICE).date()),
    )
    ways = (*takes(session, number), button(project), ROOMS)
    for founder in projects.founders(session, number):
        tell(News(founder, words, ways, until_day(session, founder, now)))


def project_chore_for(kept: timedelta) -> Chore:
    """The upkeep of projects; what was said in their rooms is kept for so long after the end."""
    return Chore("projects", 600, partial(_tend, kept=kept))


project_chore = project_chore_for(ending.KEPT)
