"""What comes round by itself: erasures go on step by step, and people not heard of for two years are asked."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from bot.talk import Chore, News, Tell, go
from bot.text import Reader, When, _, encode, entry, lines, p_, plain
from handlers.reminders.inviting import call_off_all
from handlers.rights.deleteme import KEEP
from handlers.rights.former import FORMER
from handlers.rooms import coming
from storage.rights import erasing

__all__ = ["FORMER", "erasing_chore", "idle_chore"]


def _former(language: str) -> str:
    return plain(FORMER, Reader(language))


def _erase(session: Session, now: datetime, tell: Tell) -> bool:
    """Do one step of the erasure that is due first."""
    row = erasing.due(session, now)
    if row is not None:
        erasing.advance(session, row, now, partial(_farewell, session, now, tell), (encode(FORMER), _former))
    return row is not None


def _farewell(session: Session, now: datetime, tell: Tell, person: int) -> None:
    """Tell a person the last word, and those they would have met that they do not."""
    words = _("Your data is being erased now; this is my last word to you. Thank you for having been here.")
    tell(News(person, words))
    call_off_all(session, person, now, tell)
    coming.left_all(session, person, now, tell)


def _ask_idle(session: Session, now: datetime, tell: Tell) -> bool:
    """Ask people who have not been heard of for two years whether they want to stay."""
    found = erasing.idle_people(session, now)
    for person in found:
        due = erasing.ask(session, person, erasing.IDLE, now)
        body = lines(
            _("It has been two years since I heard from you. Shall I keep your account?"),
            entry(_("Otherwise everything about you is erased"), When(due)),
        )
        tell(News(person, body, (go("deleteme keep", KEEP), go("mydata", p_("button", "Take my data")))))
    return bool(found)


erasing_chore = Chore("erasing", 60, _erase)
idle_chore = Chore("idle", 3600, _ask_idle)
