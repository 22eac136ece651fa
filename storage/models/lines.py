"""Private lines between partners: who talks to whom in a chat, how far each has read, what waits for a choice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id
from storage.sealing import SealedJson


class LineChat(Base):
    """To whom words go in a private chat. ``partnership_id`` is the line that was chosen there, if one was;
    ``last_id`` the one on which something was said last, so that a change of it is told."""

    __tablename__ = "line_chats"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnerships.id", ondelete="SET NULL"), index=True)
    last_id: Mapped[int | None] = mapped_column(ForeignKey("partnerships.id", ondelete="SET NULL"))


class LineSide(Base):
    """How far one of two partners has got: ``read_id`` is the newest utterance that they have surely seen."""

    __tablename__ = "line_sides"

    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnerships.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    read_id: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime]


class Unsent(Base):
    """Something a person said to others before they had chosen to whom; it waits for the choice."""

    __tablename__ = "unsent"

    id: Mapped[Id]
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    heard: Mapped[dict[str, Any]] = mapped_column(SealedJson("unsent.heard"))
    said_at: Mapped[datetime]
