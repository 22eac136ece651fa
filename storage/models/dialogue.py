"""Open dialogues, and the prompts whose buttons may still be pressed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, Line
from storage.sealing import SealedJson


class Dialogue(Base):
    """What a person is being asked in a chat: a stack of states, the open one last.

    ``last`` is the token of the newest prompt, so that a bare number or label can be understood.
    """

    __tablename__ = "dialogues"
    __table_args__ = (UniqueConstraint("chat_id", "person_id"),)

    id: Mapped[Id]
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    stack: Mapped[list[Any]] = mapped_column(SealedJson("dialogues.stack"))
    last: Mapped[str | None]
    updated_at: Mapped[datetime]


class Prompt(Base):
    """A message with options: whom it was shown to, and what each option means.

    ``question`` is flow, run and key of the question it asks (None: it only offers ways on); ``options`` are pairs of
    option id and label. ``token`` is what the platform's buttons carry; ``outbox_id`` is the message that shows it,
    so that it can be edited and so that replies and reactions find it.
    """

    __tablename__ = "prompts"

    token: Mapped[str] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    outbox_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    question: Mapped[Line | None]
    options: Mapped[list[Any]] = mapped_column(SealedJson("prompts.options"))
    created_at: Mapped[datetime]
