"""What somebody reports to support, with what was said around it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Id
from storage.sealing import Sealed, SealedJson

OPEN, NOTED, DISMISSED = "open", "noted", "dismissed"
_IS_OPEN = text("state = 'open'")


class Report(Base):
    """A report of one partner about the other, or about something in a room. Support of both countries reads it.

    In a room the reporter or the reported may be a pupil; then the country is that of the pupil's teacher. Without a
    reported one it is about the room as such. An appeal against what was decided in a room is a report too. ``reason``
    is a code, ``words`` what the reporter adds. ``evidence`` is what was said, as it stood when it was
    reported: taking it back or changing it later changes nothing here. ``seen_at`` is when support read it first.
    ``state`` is OPEN, NOTED or DISMISSED, and ``note`` what the officer wrote.
    """

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_open", "made_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_reports_reporter_id_made_at", "reporter_id", "made_at"),
        Index("ix_reports_made_at", "made_at"),
    )

    id: Mapped[Id]
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnerships.id", ondelete="SET NULL"))
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    reported_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="SET NULL"))
    reporter_pupil: Mapped[int | None] = mapped_column(ForeignKey("pupils.id", ondelete="SET NULL"))
    reported_pupil: Mapped[int | None] = mapped_column(ForeignKey("pupils.id", ondelete="SET NULL"))
    reporter_country: Mapped[Code]
    reported_country: Mapped[Code]
    reason: Mapped[Code]
    words: Mapped[str] = mapped_column(Sealed("reports.words"))
    evidence: Mapped[list[Any]] = mapped_column(SealedJson("reports.evidence"))
    made_at: Mapped[datetime]
    state: Mapped[Code] = mapped_column(default=OPEN)
    seen_at: Mapped[datetime | None]
    handled_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    handled_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Sealed("reports.note"))
