"""Erasures under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Line


class Erasure(Base):
    """A person who is to be erased, and how far that has got.

    ``reason`` is ASKED (by themselves) or IDLE (not heard of for two years). ``stage`` is WAITING until ``due_at``,
    while they may still change their mind; then FAREWELL, and then the name of the table that is being cleaned, of
    whose rows those up to ``cursor`` are done.
    """

    __tablename__ = "erasures"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[Code]
    stage: Mapped[Code]
    cursor: Mapped[Line | None]
    # Whether they were to be suggested before: nobody is shown a teacher who is about to go.
    looking: Mapped[bool] = mapped_column(default=False)
    # Whether what they said in rooms stays there, as that of a former member.
    keeps_words: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
