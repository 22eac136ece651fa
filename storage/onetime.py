"""One-time links: a ticket is made for one purpose, shown as often as one likes, and used once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.orm import Session

from storage.models import Ticket

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
#: How long a ticket that has expired is still known as such.
REMEMBERED = timedelta(days=30)


@dataclass(frozen=True)
class Found:
    """A ticket as its purpose sees it: whom it was made for (``person``), and what it was used for, if it was."""

    key: str
    purpose: str
    person: int | None
    data: dict[str, Any]
    expires_at: datetime
    used_at: datetime | None = None
    choice: str | None = None

    def expired(self, now: datetime) -> bool:
        """Whether it is too late to use it."""
        return now >= self.expires_at


def make(
    session: Session,
    purpose: str,
    *,
    now: datetime,
    lifetime: timedelta,
    person: int | None = None,
    data: dict[str, Any] | None = None,
) -> str:
    """Make a ticket and give its token, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    values = {"token_hash": _hash(token), "purpose": purpose, "person_id": person, "data": data or {}}
    session.execute(insert(Ticket).values(**values, created_at=now, expires_at=now + lifetime))
    return token


def find(session: Session, token: str) -> Found | None:
    """The ticket of a token, also if it is used or expired; None if there never was one."""
    if not TOKEN.fullmatch(token):
        return None
    key = _hash(token)
    row = session.get(Ticket, key, populate_existing=True)
    if row is None or not hmac.compare_digest(row.token_hash, key):
        return None
    return Found(key, row.purpose, row.person_id, row.data, row.expires_at, row.used_at, row.choice)


def use(session: Session, found: Found, choice: str, now: datetime) -> bool:
    """Use a ticket up. False if it was used already, perhaps a moment ago by another request, or is too old."""
    fresh = Ticket.token_hash == found.key, Ticket.used_at.is_(None), Ticket.expires_at > now
    result = session.execute(update(Ticket).where(*fresh).values(used_at=now, choice=choice[:32]))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def reopen(session: Session, found: Found) -> None:
    """Let a ticket be used after all: it led to a question, and not to a deed."""
    session.execute(update(Ticket).where(Ticket.token_hash == found.key).values(used_at=None, choice=None))


def withdraw(session: Session, purpose: str, person: int) -> None:
    """Take back what was made for a person and this purpose and was not used."""
    unused = Ticket.purpose == purpose, Ticket.person_id == person, Ticket.used_at.is_(None)
    session.execute(delete(Ticket).where(*unused))


def waiting(session: Session, purpose: str, person: int, now: datetime) -> datetime | None:
    """Until when the newest unused ticket of a person for this purpose is good; None if there is none."""
    unused = Ticket.purpose == purpose, Ticket.person_id == person, Ticket.used_at.is_(None), Ticket.expires_at > now
    return session.scalar(select(Ticket.expires_at).where(*unused).order_by(Ticket.expires_at.desc()).limit(1))


def purge(session: Session, now: datetime) -> None:
    """Forget tickets that expired long ago."""
    session.execute(delete(Ticket).where(Ticket.expires_at < now - REMEMBERED))


def _hash(token: str) -> str:
    return hashlib.sha256(f"ticket:{token}".encode()).hexdigest()
