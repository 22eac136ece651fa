"""When people may be told what does not hurry: not in their quiet hours, by their own clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.reminders.quiet import quiet_until
from storage.models import Person
from storage.rhythms import wanted


def until_day(session: Session, person: int, now: datetime) -> timedelta | None:
    """How long news for somebody waits so as not to wake them; None: it may go now."""
    zone = session.scalar(select(Person.timezone).where(Person.id == person)) or "UTC"
    until = quiet_until(now, wanted(session, person).quiet, zone)
    return None if until is None else until - now
