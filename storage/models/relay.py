"""What people say to each other through the bot, and where it stands in the chats of others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, BigId, Line
from storage.sealing import Sealed, SealedJson

_BIG = BigInteger().with_variant(Integer, "sqlite")


class Utterance(Base):
    """Something that somebody said to others: on the private line of a partnership, or in a room (see `RoomMessage`).

    ``chat_id`` and ``ref`` are where they said it: the chat, and the platform's own id of the message. ``words`` are
    as they are now, ``earlier`` what they were before each edit, oldest first; ``files`` are attachments as JSON.
    ``answers_id`` is the utterance that it replies to. It is kept for reports, also when it was taken back. Without an
    author it is a pupil's, or a former member's.
    """

    __tablename__ = "utterances"
    __table_args__ = (
        Index("ix_utterances_chat_id_ref", "chat_id", "ref"),
        Index("ix_utterances_partnership_id_id", "partnership_id", "id"),
        Index("ix_utterances_author_id_said_at", "author_id", "said_at"),
        Index("ix_utterances_said_at", "said_at"),
    )

    id: Mapped[BigId]
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnerships.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id", ondelete="SET NULL"))
    ref: Mapped[Line | None]
    answers_id: Mapped[int | None] = mapped_column(_BIG, ForeignKey("utterances.id", ondelete="SET NULL"), index=True)
    words: Mapped[str] = mapped_column(Sealed("utterances.words"))
    files: Mapped[list[Any]] = mapped_column(SealedJson("utterances.files"))
    earlier: Mapped[list[Any]] = mapped_column(SealedJson("utterances.earlier"))
    said_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class Copy(Base):
    """An utterance as it was brought to a chat: the outbox row that carried it there."""

    __tablename__ = "copies"
    __table_args__ = (Index("ix_copies_utterance_id_chat_id", "utterance_id", "chat_id"),)

    outbox_id: Mapped[int] = mapped_column(
        _BIG, ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    utterance_id: Mapped[int] = mapped_column(_BIG, ForeignKey("utterances.id", ondelete="CASCADE"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True)
