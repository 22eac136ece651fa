"""Who helps teachers, and whose word counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Line

AMBASSADOR, NATIONAL, CENTRAL = "ambassador", "national", "central"


class Officer(Base):
    """Somebody with a role beyond a teacher's: an ambassador, or a support officer (national or central).

    ``country`` is where the role counts; central support has none. ``region`` is an ambassador's, in words.
    ``named_by`` is the officer who gave the role, or None for the operator's command line.
    """

    __tablename__ = "officers"
    __table_args__ = (Index("ix_officers_role_country", "role", "country"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Code]
    country: Mapped[Code | None]
    region: Mapped[Line | None]
    named_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    named_at: Mapped[datetime]
