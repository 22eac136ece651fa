"""What became of an announcement: counted by platform, language and country while its rows are there, then kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from storage.announcing.sending import bulks_of
from storage.models import Announcement, Chat, Officer, OutboxRow, Person, Teacher
from storage.models.post import READY, SENT, UNKNOWN, WITHDRAWN

#: How a row can end, in the order in which a report tells it; "waiting" is not an end yet, "gone" is of who was erased.
OUTCOMES = ("delivered", "blocked", "unreachable", "failed", "unknown", "cancelled", "waiting", "gone")


@dataclass(frozen=True)
class Figure:
    """So many readers of a platform, a language and a country ("" for none) with the same outcome."""

    platform: str
    language: str
    country: str
    outcome: str
    number: int


def figures(session: Session, row: Announcement) -> list[Figure]:
    """What became of it: as it was counted when it ended, or as it stands now."""
    found = [Figure(*one) for one in row.figures] or count(session, row)
    missing = row.total - sum(one.number for one in found)
    return [*found, Figure("", "", "", "gone", missing)] if missing > 0 else found


def count(session: Session, row: Announcement) -> list[Figure]:
    """Count the rows of the step at hand."""
    outcome = case(
        (OutboxRow.state == READY, "waiting"),
        (OutboxRow.state == SENT, "delivered"),
        (OutboxRow.state == UNKNOWN, "unknown"),
        (OutboxRow.state == WITHDRAWN, "cancelled"),
        (OutboxRow.error.startswith("unreachable") & OutboxRow.error.contains("block"), "blocked"),
        (OutboxRow.error.startswith("unreachable"), "unreachable"),
        else_="failed",
    )
    country = func.coalesce(Teacher.country, Officer.country, "")
    columns = Chat.platform, Person.language, country, outcome
    query = (
        select(*columns, func.count())
        .select_from(OutboxRow)
        .join(Chat, Chat.id == OutboxRow.chat_id)
        .join(Person, Person.id == Chat.person_id)
        .outerjoin(Teacher, Teacher.person_id == Person.id)
        .outerjoin(Officer, Officer.person_id == Person.id)
        .where(OutboxRow.bulk_id.in_(bulks_of(row.id, row.step)))
        .group_by(*columns)
    )
    return sorted((Figure(*found) for found in session.execute(query)), key=lambda one: one.platform + one.language)


def keep(session: Session, row: Announcement) -> None:
    """Keep the figures, for the rows are forgotten after a while."""
    row.figures = [[f.platform, f.language, f.country, f.outcome, f.number] for f in count(session, row)]
    session.flush()


def by(found: Sequence[Figure], what: str) -> dict[str, int]:
    """The numbers by "outcome", "platform", "language" or "country"."""
    numbers: Counter[str] = Counter()
    for one in found:
        numbers[getattr(one, what)] += one.number
    return dict(numbers)
