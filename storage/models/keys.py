"""Which secret key the database is sealed with, and which ones it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base
from storage.sealing import Sealed


class VaultKey(Base):
    """A secret key by its name; the key itself is never here. ``until`` is None for the one in use.

    ``audit_key`` is the subkey that chained the audit log in its time, so that old entries can still be checked.
    """

    __tablename__ = "vault_keys"

    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    audit_key: Mapped[str] = mapped_column(Sealed("vault_keys.audit_key"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
