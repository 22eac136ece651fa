"""What matching reads: one narrow row a teacher, and what was suggested to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code

Mask = Annotated[int, mapped_column(BigInteger, default=0)]
Tally = Annotated[int, mapped_column(default=0)]


class MatchRow(Base):
    """A teacher as matching sees them. Derived from the other tables by `storage.matching.rows`, never edited by hand.

    Sets of codes are masks in words of 63 bits (`storage/reference/bits.py`); a wish of 0 means "any". Ages are masks
    of years. Days are counted from 1970, weeks from its first Monday. ``revision`` grows with each change, so that
    processes can follow. ``suggestible``: whether the teacher may be suggested at all. ``shown`` counts how often
    they were suggested, halved for each week since ``shown_week``; ``requests`` wait for their answer, ``asked`` are
    those that had their time, and ``answered`` how many of these were accepted or declined.
    """

    __tablename__ = "match_rows"
    __table_args__ = (Index("ix_match_rows_revision", "revision"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("teachers.person_id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    suggestible: Mapped[bool]
    school_id: Mapped[int]
    country: Mapped[int]
    level: Mapped[int]
    subjects_0: Mapped[Mask]
    subjects_1: Mapped[Mask]
    languages_0: Mapped[Mask]
    languages_1: Mapped[Mask]
    ages: Mapped[Mask]
    wish_countries_0: Mapped[Mask]
    wish_countries_1: Mapped[Mask]
    wish_subjects_0: Mapped[Mask]
    wish_subjects_1: Mapped[Mask]
    wish_languages_0: Mapped[Mask]
    wish_languages_1: Mapped[Mask]
    wish_levels_0: Mapped[Mask]
    wish_kinds_0: Mapped[Mask]
    wish_ages: Mapped[Mask]
    active_day: Mapped[int]
    joined_day: Mapped[int]
    shown: Mapped[Tally]
    shown_week: Mapped[Tally]
    asked: Mapped[Tally]
    answered: Mapped[Tally]
    requests: Mapped[Tally]


class Suggestion(Base):
    """That one teacher was suggested to another: when last, and what they said to it.

    ``mark`` is "interesting", "later" or "no", with an optional ``reason`` for the last one; None: nothing yet.
    """

    __tablename__ = "suggestions"

    person_id: Mapped[int] = mapped_column(ForeignKey("teachers.person_id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(
        ForeignKey("teachers.person_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    shown_at: Mapped[datetime]
    mark: Mapped[Code | None]
    reason: Mapped[Code | None]
    marked_at: Mapped[datetime | None]


class Counter(Base):
    """A number that only grows, by its name. On SQLite it gives the revisions; PostgreSQL has its transaction ids."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
