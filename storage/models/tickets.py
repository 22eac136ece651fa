"""Tickets: web addresses that work once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code


class Ticket(Base):
    """A web address that works once; only the hash of its token is kept.

    ``purpose`` says what it does, ``data`` holds codes and ids that the purpose needs, never words or addresses of
    people. Once it is used it has ``used_at`` and the ``choice`` that was made.
    """

    __tablename__ = "tickets"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[Code]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    choice: Mapped[Code | None]
