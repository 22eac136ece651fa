"""What the bot itself says in rooms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Line
from storage.sealing import SealedJson

SAID, HINT, DRAFT, REMINDER, APPOINTMENT, VOTE = "said", "hint", "draft", "reminder", "appointment", "vote"
BALLOT = "ballot"
_BIG = BigInteger().with_variant(Integer, "sqlite")
_IS_STALE, _IS_OPEN = text("changed_at IS NOT NULL"), text("closes_at IS NOT NULL")


class RoomNotice(Base):
    """What makes a message of a room one of the bot; its words in the room's language stand in the utterance.

    ``kind`` is SAID (nothing becomes of it), HINT (how to write a command, shown on the page alone), DRAFT (what waits
    for a yes, as ``draft``), REMINDER, APPOINTMENT, VOTE or BALLOT, which are drawn anew when something changes.
    ``body`` is the text as data, ``options`` are pairs of an id and a label; their buttons carry ``token``, which is
    good for everybody in the room. ``person_id`` is who asked for it. ``changed_at`` is when something changed that
    is not drawn yet, ``closes_at`` until when a ballot takes votes; None where it takes none any more.
    """

    __tablename__ = "room_notices"
    __table_args__ = (
        Index("ix_room_notices_stale", "drawn_at", sqlite_where=_IS_STALE, postgresql_where=_IS_STALE),
        Index("ix_room_notices_kind_drawn_at", "kind", "drawn_at"),
        Index("ix_room_notices_open", "closes_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    )

    id: Mapped[int] = mapped_column(
        _BIG, ForeignKey("room_messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[Code]
    token: Mapped[str] = mapped_column(unique=True)
    body: Mapped[list[Any]] = mapped_column(SealedJson("room_notices.body"))
    options: Mapped[list[Any]] = mapped_column(SealedJson("room_notices.options"))
    draft: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("room_notices.draft"))
    language: Mapped[Code]
    timezone: Mapped[Line]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    reminder_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("reminders.id", ondelete="SET NULL"), index=True
    )
    poll_id: Mapped[int | None] = mapped_column(ForeignKey("polls.id", ondelete="SET NULL"), index=True)
    drawn_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
