"""What every table shares: the naming of constraints, UTC datetimes, common column types."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

from storage.sealing import Keyed

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC on both databases. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC for the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone; it is always UTC."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class WallClock(TypeDecorator[datetime]):
    """What a clock on the wall shows, without a zone; that stands beside it. An aware datetime is refused."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Let only naive values pass."""
        if value is not None and value.tzinfo is not None:
            raise ValueError("a wall-clock time has no time zone")
        return value


class Base(DeclarativeBase):
    """The parent of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Moment(), dict[str, Any]: JSON(), list[Any]: JSON()}  # noqa: RUF012


Id = Annotated[int, mapped_column(primary_key=True)]
Code = Annotated[str, mapped_column(String(32))]
Line = Annotated[str, mapped_column(String(255))]
Wall = Annotated[datetime, mapped_column(WallClock())]
# For the tables that grow with every message; SQLite counts up only plain INTEGER keys.
BigId = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]


# Among what a digest is looked up: columns of one place have the same digest of the same value.
ACCOUNT, CHAT, CARD = "account", "chat", "card"


def keyed(place: str, *, of: str, index: bool = False, unique: bool = False) -> MappedColumn[str]:
    """A column that finds the sealed column ``of``; an insert fills it in from there, an update has to name both."""
    filled = Keyed(place, of)
    return mapped_column(filled, default=lambda row: row.get_current_parameters()[of], index=index, unique=unique)
