"""Announcements of a person who turns out to be another one, because both sets of accounts are theirs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.models import Announcement, AnnouncementAnswer, AnnouncementDeed, LeftCategory, SavedSegment

_OFFICERS: tuple[InstrumentedAttribute[Any], ...] = (
    Announcement.author_id,
    Announcement.editor_id,
    Announcement.approved_by,
    Announcement.card_for,
    AnnouncementDeed.person_id,
    SavedSegment.owner_id,
)


def carry_over(session: Session, person: int, into: int) -> None:
    """Give what an officer wrote, what a reader left and what they answered to the one they turn out to be."""
    for column in _OFFICERS:
        session.execute(update(column.class_).where(column == person).values({column.key: into}))
    for table, what in (
        (LeftCategory, LeftCategory.category),
        (AnnouncementAnswer, AnnouncementAnswer.announcement_id),
    ):
        both = select(what).where(table.person_id == into)
        theirs = update(table).where(table.person_id == person, what.not_in(both)).values(person_id=into)
        session.execute(theirs.execution_options(synchronize_session=False))
