"""The audit log: acts of support and changes of role are recorded, and nobody can change the record unnoticed."""

from __future__ import annotations

import hmac
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import RowMapping, exists, insert, select, text
from sqlalchemy.orm import Session

from storage.models import AuditEntry
from storage.sealing import vault_of

#: Everything that can be recorded. Who adds an act adds it here, and nowhere else.
Act = Literal[
    "officer_named",
    "officer_removed",
    "ambassador_named",
    "ambassador_removed",
    "verified",
    "declined",
    "revoked",
    "undone",
    "suspended",
    "reinstated",
    "question_asked",
    "escalated",
    "report_seen",
    "report_closed",
    "data_exported",
    "account_erased",
    "appeal_answered",
    "accounts_joined",
    "key_rotated",
    "loss_accepted",
    "announced",
]
ACTS: frozenset[str] = frozenset(get_args(Act))

Detail = Mapping[str, str | int]

_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_LOCK = 7_239_410_023
_CHUNK = 1000


@dataclass(frozen=True)
class Entry:
    """An entry as it is read. ``number`` is its place, from 1."""

    number: int
    at: datetime
    actor: int | None
    act: str
    subject: int | None
    country: str | None
    detail: dict[str, str | int]


@dataclass(frozen=True)
class Head:
    """Where the log ends: the number and digest of its last entry; 0 and "" while there is none."""

    number: int = 0
    digest: str = ""


def record(
    session: Session,
    *,
    actor: int | None,
    act: Act,
    subject: int | None,
    country: str | None = None,
    detail: Detail | None = None,
    now: datetime,
) -> int:
    """Add an entry in this transaction; gives its number.

    ``actor`` is who did it, None for the operator; ``subject`` whom it is about. Raises ValueError for an act that is
    not in the list, and for a detail that is no code or number: words and names have no place here.
    """
    if act not in ACTS:
        raise ValueError(f"no act that can be recorded: {act}")
    known = _codes(detail or {})
    _hold(session)
    last, vault = head(session), vault_of(session.get_bind().dialect)
    entry = Entry(last.number + 1, now.astimezone(UTC), actor, act, subject, country, known)
    values = {
        "id": entry.number, "at": entry.at, "actor": actor, "act": act, "subject": subject, "country": country,
        "detail": known, "key": vault.id, "digest": digest_of(entry, last.digest, vault.audit_key),
    }  # fmt: skip
    session.execute(insert(AuditEntry).values(**values))
    return entry.number


def head(session: Session) -> Head:
    """Where the log ends now."""
    last = select(AuditEntry.id, AuditEntry.digest).order_by(AuditEntry.id.desc()).limit(1)
    row = session.execute(last).one_or_none()
    return Head() if row is None else Head(row.id, row.digest)


def entries(session: Session, *, person: int | None = None, limit: int = 100) -> list[Entry]:
    """The newest entries, newest first; of one person, those in which they act or are meant."""
    found = select(AuditEntry.__table__).order_by(AuditEntry.id.desc()).limit(limit)
    if person is not None:
        found = found.where((AuditEntry.subject == person) | (AuditEntry.actor == person))
    return [entry_of(row) for row in session.execute(found).mappings()]


def entries_about(session: Session, person: int, limit: int = 100) -> list[Entry]:
    """What was done about a person, newest first, for that person to see; also under numbers they had before."""
    numbers = _numbers_of(session, person)
    found = (
        select(AuditEntry.__table__).where(AuditEntry.subject.in_(numbers)).order_by(AuditEntry.id.desc()).limit(limit)
    )
    return [entry_of(row) for row in session.execute(found).mappings()]


def carry_over(session: Session, person: int, into: int, now: datetime) -> None:
    """Two people turn out to be one: what was recorded of the one is found under the number of the other."""
    if session.scalar(select(exists().where(AuditEntry.subject == person))):
        record(session, actor=into, act="accounts_joined", subject=into, detail={"person": person}, now=now)


def digest_of(entry: Entry, before: str, key: bytes) -> str:
    """The digest that chains an entry to the one before it; only the holder of the key can compute it."""
    said = {
        "number": entry.number, "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor, "act": entry.act, "subject": entry.subject, "country": entry.country,
        "detail": entry.detail, "before": before,
    }  # fmt: skip
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return urlsafe_b64encode(hmac.digest(key, canonical, "sha256")).decode().rstrip("=")


def entry_of(row: RowMapping) -> Entry:
    """The entry of a row of the table."""
    names = ("at", "actor", "act", "subject", "country", "detail")
    return Entry(row["id"], *(row[name] for name in names))


def _codes(detail: Detail) -> dict[str, str | int]:
    for name, value in detail.items():
        good = isinstance(value, int) if not isinstance(value, str) else _CODE.fullmatch(value)
        if not good or not _CODE.fullmatch(name):
            raise ValueError(f"{name}: a detail of an entry is a code or a number")
    return dict(detail)


def _numbers_of(session: Session, person: int) -> set[int]:
    """The numbers a person has, and had before their accounts were joined."""
    numbers, new = {person}, {person}
    while new:
        joined = select(AuditEntry.detail).where(AuditEntry.act == "accounts_joined", AuditEntry.subject.in_(new))
        new = {int(detail["person"]) for detail in session.scalars(joined)} - numbers
        numbers |= new
    return numbers


def _hold(session: Session) -> None:
    """Let only one transaction at a time add to the log, until it ends. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
