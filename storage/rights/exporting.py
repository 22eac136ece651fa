"""Everything that is stored about a person, table by table, as plain JSON values."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from storage.rights.holdings import HOLDINGS, Holding

Row = dict[str, Any]
#: So many rows are fetched at once; a person's rows need never all be in memory.
_STEP = 1000


@dataclass(frozen=True)
class Piece:
    """The rows of one table that are about a person."""

    table: str
    rows: list[Row]


def amount(session: Session, person: int) -> Mapping[str, int]:
    """How many rows each table holds of a person; tables without any are left out."""
    counted: Counter[str] = Counter()
    for holding in _open():
        rows = select(func.count()).select_from(holding.model).where(holding.rows(person))
        counted[holding.model.__tablename__] += session.scalar(rows) or 0
    return +counted


def pieces(session: Session, person: int) -> Iterator[Piece]:
    """What is stored about a person, in steps: a table with many rows comes in several pieces, one after the other."""
    for holding in _open():
        table = inspect(holding.model).local_table
        columns = [column for column in table.columns if column.name not in holding.hidden]
        key = inspect(holding.model).primary_key
        found = session.execute(select(*columns).where(holding.rows(person)).order_by(*key))
        names = [column.name for column in columns]
        for rows in found.partitions(_STEP):
            yield Piece(holding.model.__tablename__, [dict(zip(names, map(_plain, row), strict=True)) for row in rows])


def _open() -> Iterator[Holding]:
    return (holding for holding in HOLDINGS if not holding.secret)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
