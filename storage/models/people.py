"""People, their accounts on the platforms, the chats in which they talk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Id, Line


class Person(Base):
    """One human being, however many accounts they have."""

    __tablename__ = "people"

    id: Mapped[Id]
    language: Mapped[Code]
    # Whether they chose the language themselves; until then a platform's hint may set it.
    language_chosen: Mapped[bool] = mapped_column(default=False)
    timezone: Mapped[str] = mapped_column(default="UTC")
    created_at: Mapped[datetime]
    active_at: Mapped[datetime]


class Account(Base):
    """A person on a platform: the numeric Telegram id, the full Matrix id, the web account; never a username."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    platform: Mapped[Code]
    external_id: Mapped[Line]
    # Wrong guesses at link codes: how many since when, so that guessing is slow.
    guesses: Mapped[int] = mapped_column(default=0)
    guesses_since: Mapped[datetime | None]


class Chat(Base):
    """A place on a platform where messages go: a private chat or a group."""

    __tablename__ = "chats"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: Mapped[Id]
    platform: Mapped[Code]
    external_id: Mapped[Line]
    kind: Mapped[Code]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    # Set when the platform says that nothing can be sent here any more (blocked, removed, deleted).
    unreachable_at: Mapped[datetime | None]
    # When somebody last spoke here: news from others goes where a person was last.
    heard_at: Mapped[datetime | None]


class LinkCode(Base):
    """A one-time code that joins another account to a person; only its hash is kept."""

    __tablename__ = "link_codes"
    __table_args__ = (Index("ix_link_codes_expires_at", "expires_at"),)

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]


class WebSession(Base):
    """A browser that is signed in: the hash of its cookie, and the web account it speaks for."""

    __tablename__ = "web_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[Line] = mapped_column(index=True)
    created_at: Mapped[datetime]
