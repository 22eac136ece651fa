"""The audit log: who did what to whom in support, one entry after the other, and none ever changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code


class AuditEntry(Base):
    """An act. ``id`` counts up without a gap; triggers refuse to change or delete a row.

    ``actor`` and ``subject`` are numbers of people, and no references: an entry outlives whom it is about. ``actor`` is
    None for the operator's command line. ``detail`` holds codes and numbers, never words or names. ``digest`` chains
    the entry to the one before it, by the audit subkey of the secret key that is named in ``key``.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject_id", "subject", "id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[int | None]
    act: Mapped[Code]
    subject: Mapped[int | None]
    country: Mapped[Code | None]
    detail: Mapped[dict[str, Any]]
    key: Mapped[str] = mapped_column(String(8))
    digest: Mapped[str] = mapped_column(String(43))
