"""People, their accounts on the platforms, the chats in which they talk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import ACCOUNT, CHAT, Base, Code, Id, keyed
from storage.sealing import Sealed


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
    # Set when everything of theirs is gone; the bare row stays, because others' rows refer to its number.
    erased_at: Mapped[datetime | None]


class Account(Base):
    """A person on a platform: the numeric Telegram id, the full Matrix id, the web account; never a username.

    ``external_id`` is sealed; ``external_key`` finds it.
    """

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("platform", "external_key"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    platform: Mapped[Code]
    external_id: Mapped[str] = mapped_column(Sealed("accounts.external_id"))
    external_key: Mapped[str] = keyed(ACCOUNT, of="external_id")
    # Wrong guesses at link codes: how many since when, so that guessing is slow.
    guesses: Mapped[int] = mapped_column(default=0)
    guesses_since: Mapped[datetime | None]


class Chat(Base):
    """A place on a platform where messages go: a private chat or a group.

    ``external_id`` is sealed; ``external_key`` finds it.
    """

    __tablename__ = "chats"
    __table_args__ = (UniqueConstraint("platform", "external_key"),)

    id: Mapped[Id]
    platform: Mapped[Code]
    external_id: Mapped[str] = mapped_column(Sealed("chats.external_id"))
    external_key: Mapped[str] = keyed(CHAT, of="external_id")
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
    account: Mapped[str] = mapped_column(Sealed("web_sessions.account"))
    # On the web an account and its one chat have the same id.
    account_key: Mapped[str] = keyed(CHAT, of="account", index=True)
    created_at: Mapped[datetime]
