"""What a teacher has said of themselves, and what they look for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.models.base import Base, Code, Line
from storage.models.schools import School

UNVERIFIED, VERIFIED, SUSPENDED = "unverified", "verified", "suspended"
_IS_ASKED = text("asked_at IS NOT NULL")


class Teacher(Base):
    """A registered teacher. ``looking`` is False while they do not want to be suggested.

    ``status`` is UNVERIFIED, VERIFIED or SUSPENDED: only a verified teacher may contact others. ``asked_at`` is when
    they were asked whether they still look, until they answer; ``silent`` is True when they did not, until they are
    back. ``confirmed_at`` is when they last said so or went looking.
    """

    __tablename__ = "teachers"
    __table_args__ = (
        Index("ix_teachers_country_active_at", "country", "active_at"),
        Index("ix_teachers_asked_at", "asked_at", sqlite_where=_IS_ASKED, postgresql_where=_IS_ASKED),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[Line]
    country: Mapped[Code]
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), index=True)
    ages_from: Mapped[int]
    ages_to: Mapped[int]
    wish: Mapped[str]
    looking: Mapped[bool] = mapped_column(default=True)
    status: Mapped[Code] = mapped_column(default=UNVERIFIED, server_default=UNVERIFIED)
    silent: Mapped[bool] = mapped_column(default=False, server_default=false())
    asked_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    registered_at: Mapped[datetime]
    # Kept here as well as on the person, so that one index serves "who of this country was here lately".
    active_at: Mapped[datetime]

    school: Mapped[School] = relationship(lazy="raise")
    subjects: Mapped[list[TeacherSubject]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    languages: Mapped[list[TeacherLanguage]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class TeacherSubject(Base):
    """A subject that a teacher teaches."""

    __tablename__ = "teacher_subjects"
    __table_args__ = (Index("ix_teacher_subjects_code_person_id", "code", "person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("teachers.person_id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)


class TeacherLanguage(Base):
    """A language that a teacher can work in."""

    __tablename__ = "teacher_languages"
    __table_args__ = (Index("ix_teacher_languages_code_person_id", "code", "person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("teachers.person_id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)


class TeacherStem(Base):
    """The first letters of a word of a teacher's name, by which support finds them without reading every name."""

    __tablename__ = "teacher_stems"
    # Looked for in one country or in all; the last column is only read.
    __table_args__ = (Index("ix_teacher_stems_stem_country_person_id", "stem", "country", "person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("teachers.person_id", ondelete="CASCADE"), primary_key=True)
    stem: Mapped[str] = mapped_column(String(12), primary_key=True)
    country: Mapped[Code]


class Wish(Base):
    """The partners a teacher looks for; an empty list or a missing age means "any"."""

    __tablename__ = "wishes"

    person_id: Mapped[int] = mapped_column(ForeignKey("teachers.person_id", ondelete="CASCADE"), primary_key=True)
    countries: Mapped[list[Any]]
    subjects: Mapped[list[Any]]
    languages: Mapped[list[Any]]
    ages_from: Mapped[int | None]
    ages_to: Mapped[int | None]
    levels: Mapped[list[Any]] = mapped_column(default=list)
    kinds: Mapped[list[Any]] = mapped_column(default=list)
