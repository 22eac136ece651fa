"""Polls: proposed times of an appointment, and whom they suit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Id, Line
from storage.sealing import Sealed

OPEN, DECIDED, CLOSED = "open", "decided", "closed"
_IS_OPEN = text("state = 'open'")


class Poll(Base):
    """Times on which the people of an appointment vote: OPEN until all have voted or ``closes_at``, then DECIDED (with
    the appointment that came of it) or CLOSED. ``slots`` are moments (ISO, in UTC), each with the minutes that it lies
    outside the hours of the school that it suits least; ``minutes`` is how long the appointment takes."""

    __tablename__ = "polls"
    __table_args__ = (Index("ix_polls_open", "closes_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),)

    id: Mapped[Id]
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Sealed("polls.words"))
    minutes: Mapped[int]
    slots: Mapped[list[Any]]
    circle: Mapped[Line | None]
    state: Mapped[Code] = mapped_column(default=OPEN)
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    reminder_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("reminders.id", ondelete="SET NULL"), index=True
    )


class Vote(Base):
    """Somebody who is asked which times of a poll suit, and the places of those in its list; None: not said yet."""

    __tablename__ = "votes"

    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    slots: Mapped[list[Any] | None]
    voted_at: Mapped[datetime | None]
