"""Revisions: how a process learns which rows of `match_rows` have changed since it last looked.

On PostgreSQL a revision is the id of the transaction that wrote it, and what is asked for is everything since the
oldest transaction that was open at the last look: so a row is never missed because its transaction began earlier
and ended later. SQLite has one writer, so a counter does.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from storage.models import Counter

__all__ = ["CHANNEL", "mark", "next_revision"]

CHANNEL = "twinbot_matching"
"""PostgreSQL tells listeners on this channel that something was committed."""

_NAME = "matching"
_XID: Any = select(literal_column("CAST(CAST(pg_current_xact_id() AS text) AS bigint)"))
_XMIN: Any = select(literal_column("CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"))
_NOTIFY = text("SELECT pg_notify(:channel, '')")
_INSERT = sqlite.insert(Counter).values(name=bindparam("name"), value=1)
_COUNT = _INSERT.on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1}).returning(
    Counter.value
)
_COUNTED = select(Counter.value).where(Counter.name == bindparam("name"))


def next_revision(session: Session) -> int:
    """The revision for what this transaction changes; on PostgreSQL listeners hear of it at the commit."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return int(connection.execute(_COUNT, {"name": _NAME}).scalar_one())
    connection.execute(_NOTIFY, {"channel": CHANNEL})
    return int(connection.execute(_XID).scalar_one())


def mark(connection: Connection) -> int:
    """What to ask for the next time: everything from this revision on. Read it before the rows."""
    if connection.dialect.name == "sqlite":
        return int(connection.execute(_COUNTED, {"name": _NAME}).scalar() or 0) + 1
    return int(connection.execute(_XMIN).scalar_one())
