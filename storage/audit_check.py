"""Whether the audit log is still what was recorded: every entry, in its order, to its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.orm import Session

from storage.audit import Head, digest_of, entry_of, head
from storage.models import AuditEntry, VaultKey
from storage.sealing import SealError, vault_of

_CHUNK = 1000


@dataclass
class Checked:
    """What a look at the log has found: how far it goes, and a sentence for each thing that is wrong."""

    head: Head = field(default_factory=Head)
    problems: list[str] = field(default_factory=list)


def check(session: Session, since: Head | None = None) -> Checked:
    """Follow the chain from its beginning, or on from where it ended once, and say what does not fit."""
    return _Check(session, since or Head()).run()


def compare(session: Session, since: Head | None) -> list[str]:
    """What has become of the end that the log had once; nothing to say if that entry still stands where it stood."""
    now = head(session)
    if since is None or since.number == 0:
        return []
    if now.number < since.number:
        return [f"the log was cut off: it ended with entry {since.number} once, and ends with {now.number} now"]
    if session.scalar(_digest_at(since.number)) != since.digest:
        return [f"entry {since.number} is not the one that stood there"]
    return []


class _Check:
    """One walk along the chain. After something that does not fit it goes on from there, to find what else does not."""

    def __init__(self, session: Session, since: Head) -> None:
        self._session, self._found = session, Checked(since)
        self._vault = vault_of(session.get_bind().dialect)
        self._keys = self._audit_keys()
        # A new key comes into use with the entry that says so, and with no other.
        self._key = session.scalar(select(AuditEntry.key).where(AuditEntry.id == since.number))

    def run(self) -> Checked:
        since = self._found.head
        self._found.problems += compare(self._session, since)
        for row in self._rows(since.number):
            self._look(row)
        if self._key is not None and self._key != self._vault.id:
            self._wrong(f"it ends with the secret key {self._key}, and that of the database is {self._vault.id}")
        return self._found

    def _wrong(self, problem: str) -> None:
        self._found.problems.append(problem)

    def _audit_keys(self) -> dict[str, bytes]:
        """The audit subkeys of all secret keys there were, by their names."""
        found = {}
        try:
            for key in self._session.scalars(select(VaultKey)):
                found[key.id] = bytes.fromhex(key.audit_key)
        except (SealError, ValueError):
            self._wrong("the keys of earlier entries cannot be read")
        return {**found, self._vault.id: self._vault.audit_key}

    def _rows(self, after: int) -> Iterator[RowMapping]:
        found = select(AuditEntry.__table__).order_by(AuditEntry.id).limit(_CHUNK)
        while ids := self._session.scalars(_ids_after(after)).all():
            try:
                rows = self._session.execute(found.where(AuditEntry.id > after)).mappings().all()
            except (ValueError, TypeError):
                # Something there is not even of its kind: they are read one by one, to say which.
                rows = [row for number in ids if (row := self._one(number)) is not None]
            yield from rows
            after = ids[-1]

    def _one(self, number: int) -> RowMapping | None:
        where = select(AuditEntry.__table__).where(AuditEntry.id == number)
        try:
            return self._session.execute(where).mappings().one()
        except (ValueError, TypeError):
            self._wrong(f"entry {number} was changed: it cannot be read")
            return None

    def _look(self, row: RowMapping) -> None:
        number, expected = row["id"], self._found.head.number + 1
        if number != expected:
            gap = f"entry {expected} is" if number == expected + 1 else f"entries {expected} to {number - 1} are"
            self._wrong(f"{gap} missing")
        self._look_at_key(row)
        key = self._keys.get(row["key"])
        if key is None:
            self._wrong(f"entry {number} names a secret key that never was ({row['key']})")
        elif not self._fits(row, key):
            self._wrong(f"entry {number} was changed, or does not belong behind the one before it")
        self._found.head = Head(number, row["digest"])

    def _fits(self, row: RowMapping, key: bytes) -> bool:
        try:
            return bool(digest_of(entry_of(row), self._found.head.digest, key) == row["digest"])
        except (TypeError, AttributeError):
            return False

    def _look_at_key(self, row: RowMapping) -> None:
        detail = row["detail"] if isinstance(row["detail"], dict) else {}
        changed = row["act"] == "key_rotated" and (detail.get("old"), detail.get("new")) == (self._key, row["key"])
        if self._key not in {None, row["key"]} and not changed:
            self._wrong(f"entry {row['id']} has another secret key than the one before it, without a change of key")
        self._key = row["key"]


def _ids_after(number: int) -> Select[int]:
    return select(AuditEntry.id).where(AuditEntry.id > number).order_by(AuditEntry.id).limit(_CHUNK)


def _digest_at(number: int) -> Select[str]:
    return select(AuditEntry.digest).where(AuditEntry.id == number)
