"""That something changed of which a room has a notice: whoever changes it says so here, and the room draws it anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from storage.models import RoomNotice


def about_reminder(session: Session, reminder: int, now: datetime) -> None:
    """A reminder or appointment is another one now, or somebody answered."""
    where = update(RoomNotice).where(RoomNotice.reminder_id == reminder, RoomNotice.changed_at.is_(None))
    session.execute(where.values(changed_at=now).execution_options(synchronize_session=False))


def about_poll(session: Session, poll: int, now: datetime) -> None:
    """Somebody voted, or a vote has ended."""
    where = update(RoomNotice).where(RoomNotice.poll_id == poll, RoomNotice.changed_at.is_(None))
    session.execute(where.values(changed_at=now).execution_options(synchronize_session=False))
