"""What came in and what goes out: raw updates, the outbox, a platform's own marks, the web's messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import CHAT, Base, BigId, Code, Id, Line, keyed
from storage.sealing import Keyed, Sealed, SealedJson

NEW, DONE, DEAD = 0, 1, 2
# Keys are made from the numbers of these rows, so SQLite must not give a number again after its row was deleted.
_NEVER_AGAIN = {"sqlite_autoincrement": True}
_IS_NEW, _IS_DEAD = text("state = 0"), text("state = 2")
_IS_LATER = text("state = 0 AND not_before IS NOT NULL AND bulk_id IS NULL")
_IS_BULK = text("state = 0 AND bulk_id IS NOT NULL")
READY, SENT, UNKNOWN, FAILED = 0, 1, 2, 3
# What was left of a bulk when it was cancelled.
WITHDRAWN = -1
RUNNING, PAUSED, CANCELLED = 0, 1, 2


class Update(Base):
    """A raw update as the platform gave it, stored before it is acknowledged.

    ``state``: NEW, DONE (``body`` and ``chat`` are emptied then) or DEAD (set aside, with its reason and error id).
    ``lane`` is the digest of the chat: updates of one lane are taken one at a time, in order of ``id``.
    """

    __tablename__ = "updates"
    __table_args__ = (
        UniqueConstraint("platform", "event_id"),
        Index("ix_updates_new", "platform", "lane", "id", sqlite_where=_IS_NEW, postgresql_where=_IS_NEW),
        Index("ix_updates_dead", "id", sqlite_where=_IS_DEAD, postgresql_where=_IS_DEAD),
        Index("ix_updates_received_at", "received_at"),
        _NEVER_AGAIN,
    )

    id: Mapped[BigId]
    platform: Mapped[Code]
    event_id: Mapped[Line]
    # Kept only so that the lane can be computed anew when the key changes.
    chat: Mapped[str] = mapped_column(Sealed("updates.chat", alike=True))
    lane: Mapped[str] = keyed(CHAT, of="chat")
    body: Mapped[str] = mapped_column(Sealed("updates.body"))
    received_at: Mapped[datetime]
    state: Mapped[int] = mapped_column(default=NEW)
    reason: Mapped[str | None] = mapped_column(Text)
    error_id: Mapped[Code | None]


class OutboxRow(Base):
    """A message (or other effect) that is committed and still has to reach a chat, or has.

    ``key`` is unique and travels to platforms that know idempotency. ``state``: READY, SENT, UNKNOWN (Telegram may
    or may not have it) or FAILED (refused for good; ``error`` says why). ``external_ref`` is the platform's id of what
    was sent. ``lane`` says what goes first where not all can go at once. A row of a ``bulk_id`` has its words there.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_ready", "lane", "id", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
        Index("ix_outbox_later", "not_before", sqlite_where=_IS_LATER, postgresql_where=_IS_LATER),
        Index("ix_outbox_bulk", "bulk_id", "id", sqlite_where=_IS_BULK, postgresql_where=_IS_BULK),
        Index("ix_outbox_failed", "id", sqlite_where=text("state > 1"), postgresql_where=text("state > 1")),
        Index("ix_outbox_chat_id_external_ref", "chat_id", "external_ref"),
        _NEVER_AGAIN,
    )

    id: Mapped[BigId]
    lane: Mapped[int]
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Code]
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson("outbox.payload"))
    key: Mapped[str] = mapped_column(unique=True)
    not_before: Mapped[datetime | None]
    state: Mapped[int] = mapped_column(default=READY)
    attempts: Mapped[int] = mapped_column(default=0)
    external_ref: Mapped[Line | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    bulk_id: Mapped[int | None] = mapped_column(ForeignKey("bulks.id", ondelete="CASCADE"))


class Bulk(Base):
    """The same words to many chats of one platform, each of which has an outbox row.

    ``payload`` is what their rows have in common. ``state``: RUNNING, PAUSED or CANCELLED. Nothing of it is sent before
    ``not_before``. ``again``: a row whose outcome is unknown is sent again, at the risk of a double.
    """

    __tablename__ = "bulks"

    id: Mapped[Id]
    platform: Mapped[Code]
    state: Mapped[int] = mapped_column(default=RUNNING)
    again: Mapped[bool] = mapped_column(default=False)
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson("bulks.payload"))
    not_before: Mapped[datetime | None]
    created_at: Mapped[datetime]


class OutboxPart(Base):
    """A part of a message that went out as several, in the order in which they stand in the chat.

    ``external_ref`` is the platform's id of the part; the last part's stands in the outbox row as well.
    """

    __tablename__ = "outbox_parts"
    __table_args__ = (Index("ix_outbox_parts_chat_id_external_ref", "chat_id", "external_ref"),)

    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    external_ref: Mapped[Line]


class PlatformState(Base):
    """A platform's own marks: the sync token, the device, the offset. Their values are sealed: some are secrets."""

    __tablename__ = "platform_state"

    platform: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Sealed("platform_state.value"))


class WebMessage(Base):
    """A line of the web chat, as its page shows it; ``ref`` is stable, so that nothing shows twice.

    ``content`` is the rendered message (text, spans, buttons); ``version`` grows with each edit. ``change`` counts
    the lines and edits of a chat, so that an open page can ask for what is newer than what it has.
    """

    __tablename__ = "web_messages"
    __table_args__ = (UniqueConstraint("chat", "ref"), UniqueConstraint("chat", "change"), _NEVER_AGAIN)

    id: Mapped[BigId]
    chat: Mapped[str] = mapped_column(Keyed(CHAT))
    ref: Mapped[Line]
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson("web_messages.content"))
    mine: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)
    change: Mapped[int]
    created_at: Mapped[datetime]
