"""Schools, and the words by which they are found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Id, Line
from storage.sealing import Sealed


class School(Base):
    """A school of a country. ``removed_at`` hides it from new teachers without breaking what refers to it."""

    __tablename__ = "schools"
    __table_args__ = (Index("ix_schools_country_town", "country", "town"),)

    id: Mapped[Id]
    country: Mapped[Code]
    name: Mapped[Line]
    town: Mapped[Line]
    level: Mapped[Code]
    # The number a national register gives it, if the import had one: importing again updates, never doubles.
    register_id: Mapped[Line | None] = mapped_column(index=True)
    # The mail domains whose addresses are its teachers' alone, with spaces between them; and its own address, to which
    # its head is asked. Both come from the import: nobody may add them to a school that they added themselves.
    domains: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Sealed("schools.email"))
    added_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class SchoolWord(Base):
    """A folded word of a school's name or town, for searching with typos."""

    __tablename__ = "school_words"
    # The last column is only read: a search finds the schools of a word without opening the table.
    __table_args__ = (Index("ix_school_words_country_word_school_id", "country", "word", "school_id"),)

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
    country: Mapped[Code]
