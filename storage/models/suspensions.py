"""Suspensions of teachers, and what they say against it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Id
from storage.sealing import Sealed

_OPEN, _UNTOLD = text("ended_at IS NULL"), text("told_at IS NULL AND ended_at IS NULL")
_WAITS = text("answered_at IS NULL")


class Suspension(Base):
    """A teacher who may use nothing for now. ``before`` is the status that they get back.

    The teacher is told some seconds after ``since`` (``told_at``), so that a slip can be taken back unseen.
    """

    __tablename__ = "suspensions"
    __table_args__ = (
        Index("uq_suspensions_open", "person_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_suspensions_untold", "since", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
        Index("ix_suspensions_country_since", "country", "since", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    country: Mapped[Code]
    before: Mapped[Code]
    reason: Mapped[str] = mapped_column(Sealed("suspensions.reason"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    since: Mapped[datetime]
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))


class Appeal(Base):
    """What a suspended teacher says against it, and support's answer."""

    __tablename__ = "appeals"
    __table_args__ = (
        Index("uq_appeals_waiting", "suspension_id", unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS),
    )

    id: Mapped[Id]
    suspension_id: Mapped[int] = mapped_column(ForeignKey("suspensions.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Sealed("appeals.words"))
    at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Sealed("appeals.answer"))
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    answered_at: Mapped[datetime | None]
