"""Changing the secret key: all that is sealed is sealed anew, and found by new digests, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Table,
    bindparam,
    column,
    func,
    insert,
    select,
    table,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from storage import audit
from storage.models import Base, VaultKey
from storage.sealing import Digest, Keyed, Sealed, SealedJson, Vault, vault_of

_CHUNK = 1000

Progress = Callable[[int, int], None]


def rotate(engine: Engine, old: Vault, *, now: datetime, progress: Progress = lambda _done, _all: None) -> None:
    """Seal everything with the key of the engine's vault, which also opens what ``old`` sealed: all, or nothing.

    Nobody else may use the database. ``progress`` is told how many rows are done, and of how many.
    """
    new = vault_of(engine.dialect)
    with _whole(engine) as connection:
        _Rotation(connection, old, new, progress).run()
        connection.execute(update(VaultKey).where(VaultKey.until.is_(None)).values(until=now))
        connection.execute(insert(VaultKey).values(id=new.id, audit_key=new.audit_key.hex(), since=now))
        with Session(connection, join_transaction_mode="rollback_only") as session:
            # The first entry that the new key chains says that it is the key from here on.
            audit.record(session, actor=None, act="key_rotated", subject=None, detail=_names(old, new), now=now)
            session.flush()
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            # What the old key opens must not stay behind in the log beside the file.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _names(old: Vault, new: Vault) -> dict[str, str | int]:
    return {"old": old.id, "new": new.id}


@contextmanager
def _whole(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


class _Plan:
    """What of a table changes. It is read and written as it lies there, past the types that would open and seal it."""

    def __init__(self, of: Table) -> None:
        self.ids = [one.name for one in of.primary_key]
        self.sealed = {c.name: c.type.place for c in of.columns if isinstance(c.type, Sealed | SealedJson)}
        keyed = {c.name: c.type for c in of.columns if isinstance(c.type, Keyed)}
        #: Digests of a sealed column beside them; and those that stand alone.
        self.digests = {name: (kind.of, kind.place) for name, kind in keyed.items() if kind.of}
        self.alone = {name: kind.place for name, kind in keyed.items() if not kind.of}
        self.table = table(of.name, *map(column, dict.fromkeys([*self.ids, *self.sealed, *keyed])))


class _Rotation:
    """One change of key, within its transaction."""

    def __init__(self, connection: Connection, old: Vault, new: Vault, progress: Progress) -> None:
        self._connection, self._old, self._new, self._progress = connection, old, new, progress
        plans = map(_Plan, Base.metadata.sorted_tables)
        self._plans = [plan for plan in plans if plan.sealed or plan.alone]
        # By place: the digests that stand alone. Each is the digest of something that is sealed elsewhere.
        self._wanted: dict[str, set[str]] = defaultdict(set)
        self._found: dict[tuple[str, str], Digest] = {}

    def run(self) -> None:
        """Change every row."""
        for plan in self._plans:
            for name, place in plan.alone.items():
                self._wanted[place].update(self._connection.scalars(select(plan.table.c[name]).distinct()))
        counts = [select(func.count()).select_from(plan.table).scalar_subquery() for plan in self._plans]
        everything, done = sum(self._connection.execute(select(*counts)).one()), 0
        for plan in self._plans:
            for rows in self._chunks(plan):
                self._write(plan, rows)
                done += len(rows)
                self._progress(done, everything)
        for plan in self._plans:
            self._rename(plan)

    def _chunks(self, plan: _Plan) -> Iterator[Sequence[RowMapping]]:
        """The rows of a table in the order of their primary key."""
        order = [plan.table.c[name] for name in plan.ids]
        found = select(plan.table).order_by(*order).limit(_CHUNK)
        rows = self._connection.execute(found).mappings().all()
        while rows:
            yield rows
            last = tuple(rows[-1][name] for name in plan.ids)
            rows = self._connection.execute(found.where(tuple_(*order) > last)).mappings().all()

    def _write(self, plan: _Plan, rows: Sequence[RowMapping]) -> None:
        if not plan.sealed:
            return
        where = [plan.table.c[name] == bindparam(f"id_{name}") for name in plan.ids]
        new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in [*plan.sealed, *plan.digests]}
        values = [
            {**{f"id_{name}": row[name] for name in plan.ids}, **{f"new_{k}": v for k, v in self._sealed(plan, row)}}
            for row in rows
        ]
        self._connection.execute(plan.table.update().where(*where).values(new), values)

    def _sealed(self, plan: _Plan, row: RowMapping) -> Iterator[tuple[str, Any]]:
        plain = {name: row[name] and self._new.open(row[name], place) for name, place in plan.sealed.items()}
        for name, value in plain.items():
            yield name, value and self._new.seal(value, plan.sealed[name])
        for name, (of, place) in plan.digests.items():
            # What is emptied has no value any more from which to make another digest.
            yield name, self._digest(plain[of], place) if plain[of] else row[name]

    def _digest(self, value: str, place: str) -> str:
        digest = self._new.digest(value, place)
        if place in self._wanted and (before := self._old.digest(value, place)) in self._wanted[place]:
            self._found[place, before] = digest
        return str(digest)

    def _rename(self, plan: _Plan) -> None:
        """Digests that stand alone become new ones of the same values. One whose value is gone stays as it is."""
        for name, place in plan.alone.items():
            it = plan.table.c[name]
            changes = [
                {"before": old, "after": str(new)} for (where, old), new in self._found.items() if where == place
            ]
            if changes:
                change = plan.table.update().where(it == bindparam("before")).values({name: bindparam("after")})
                self._connection.execute(change, changes)
