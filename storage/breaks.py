"""School holidays, as they were imported."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.models import SchoolBreak
from storage.post import insert_for


@dataclass(frozen=True)
class Break:
    """School holidays of a country, or of one of its regions (its ISO 3166-2 code); both days included."""

    country: str
    region: str | None
    first: date
    last: date
    names: dict[str, str]

    def holds(self, day: date, region: str | None) -> bool:
        """Whether it is school holidays on a day in a region; where the region is not known, in all of the country."""
        return self.first <= day <= self.last and self.region in {None, region}


def of_countries(session: Session, countries: Collection[str], since: date) -> list[Break]:
    """The school holidays of countries that end on a day or later, in their order."""
    found = select(SchoolBreak).where(SchoolBreak.country.in_(countries), SchoolBreak.last >= since)
    return [
        Break(row.country, row.region or None, row.first, row.last, row.names)
        for row in session.scalars(found.order_by(SchoolBreak.first, SchoolBreak.id))
    ]


def regions(session: Session, country: str) -> list[str]:
    """The regions of a country that have school holidays of their own."""
    found = select(SchoolBreak.region).where(SchoolBreak.country == country, SchoolBreak.region != "").distinct()
    return sorted(session.scalars(found))


def keep(session: Session, breaks: Iterable[tuple[str, Break]]) -> int:
    """Keep breaks, each with the id that its source gives it; known ones are changed. Gives how many there are."""
    rows = [
        {
            "country": each.country,
            "region": each.region or "",
            "source_id": source,
            "first": each.first,
            "last": each.last,
            "names": each.names,
        }
        for source, each in breaks
    ]
    if rows:
        session.execute(_keeping(session.get_bind().dialect.name), rows)
    return len(rows)


def purge(session: Session, now: datetime, keep_for: timedelta) -> None:
    """Forget breaks that ended long ago."""
    session.execute(delete(SchoolBreak).where(SchoolBreak.last < (now - keep_for).date()))


def _keeping(dialect: str) -> Any:
    statement = insert_for(dialect, SchoolBreak)
    changed = {name: statement.excluded[name] for name in ("first", "last", "names")}
    return statement.on_conflict_do_update(index_elements=["country", "region", "source_id"], set_=changed)
