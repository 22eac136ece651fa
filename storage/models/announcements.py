"""What support writes to many: announcements, their words in each language, whom they reach, what readers answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Id, Line

_IS_MOVING = text("state IN ('scheduled', 'running', 'paused')")


class Announcement(Base):
    """Something that support writes to many, from its first word to its report.

    ``country`` is that of a national officer, beyond which it never goes; None for central support. ``language`` is the
    one that is read where there are no words in the reader's own. ``segment`` says who gets it (see
    `storage.announcing.segments`). ``link_label`` names the words on the button that leads to ``link``. ``version``
    grows with every change, so that two who change it notice each other.

    Each ``step`` (sending is 0, each correction one more) goes through its audience up to ``cursor``, a person for
    sending and an outbox row after that; None when all its rows are made, of which there are ``total``. ``card`` is the
    token of the message in which its progress is shown, ``shown`` what that said last.
    """

    __tablename__ = "announcements"
    __table_args__ = (
        Index("ix_announcements_moving", "state", sqlite_where=_IS_MOVING, postgresql_where=_IS_MOVING),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    country: Mapped[Code | None]
    category: Mapped[Code]
    state: Mapped[Code]
    language: Mapped[Code]
    segment: Mapped[dict[str, Any]]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("announcement_files.id", ondelete="SET NULL"), index=True)
    link: Mapped[str | None] = mapped_column(Text)
    link_label: Mapped[Code] = mapped_column(default="more")
    joins: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime | None]
    morning: Mapped[bool] = mapped_column(default=False)
    again: Mapped[bool] = mapped_column(default=False)
    template: Mapped[Line | None]
    version: Mapped[int] = mapped_column(default=1)
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    edited_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    step: Mapped[int] = mapped_column(default=0)
    doing: Mapped[Code] = mapped_column(default="send")
    cursor: Mapped[int | None] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(default=0)
    figures: Mapped[list[Any]] = mapped_column(default=list)
    card: Mapped[Line | None]
    card_for: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    shown: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AnnouncementFile(Base):
    """A picture or file that goes with announcements: cleaned, and kept here once, however many get it."""

    __tablename__ = "announcement_files"

    id: Mapped[Id]
    kind: Mapped[Code]
    name: Mapped[Line]
    mime: Mapped[Line | None]
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class AnnouncementText(Base):
    """The words of an announcement in one language, as an officer wrote them."""

    __tablename__ = "announcement_texts"

    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[Code] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(Text)


class AnnouncementBulk(Base):
    """The bulk that carries a step of an announcement to one platform in one language.

    It outlives the bulk, because its buttons (``token``, ``options``: id and label) may be pressed long afterwards.
    """

    __tablename__ = "announcement_bulks"
    __table_args__ = (UniqueConstraint("announcement_id", "step", "platform", "language"),)

    id: Mapped[Id]
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"))
    step: Mapped[int]
    platform: Mapped[Code]
    language: Mapped[Code]
    bulk_id: Mapped[int | None] = mapped_column(ForeignKey("bulks.id", ondelete="SET NULL"), unique=True)
    token: Mapped[str] = mapped_column(unique=True)
    options: Mapped[list[Any]]


class AnnouncementDeed(Base):
    """Who did what with an announcement, and when."""

    __tablename__ = "announcement_deeds"

    id: Mapped[Id]
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    deed: Mapped[Code]
    at: Mapped[datetime]


class AnnouncementAnswer(Base):
    """What a reader answered with a button: "in" or "out"."""

    __tablename__ = "announcement_answers"

    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    answer: Mapped[Code]
    at: Mapped[datetime]


class LeftCategory(Base):
    """A kind of announcement that somebody does not want."""

    __tablename__ = "left_categories"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    category: Mapped[Code] = mapped_column(primary_key=True)
    left_at: Mapped[datetime]


class SavedSegment(Base):
    """Readers whom support writes to again and again, under a name. ``country`` as at an announcement."""

    __tablename__ = "saved_segments"

    id: Mapped[Id]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    country: Mapped[Code | None]
    name: Mapped[Line]
    segment: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
