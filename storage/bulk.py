"""What many get: its words are kept once, its rows are made in chunks and taken few at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, literal, literal_column, select, update
from sqlalchemy.orm import Session

from storage.models import Bulk, Chat, OutboxRow, Person
from storage.models.post import CANCELLED, PAUSED, READY, RUNNING
from storage.post import ANNOUNCEMENT, WAITS, Parcel, insert_for

__all__ = ["CANCELLED", "PAUSED", "RUNNING"]


def begin(
    session: Session,
    platform: str,
    payload: Mapping[str, Any],
    now: datetime,
    *,
    again: bool = False,
    not_before: datetime | None = None,
    state: int = RUNNING,
) -> int:
    """Make a bulk without recipients; its number. For the rest see `storage.models.post.Bulk`."""
    made = Bulk(platform=platform, payload=dict(payload), again=again, not_before=not_before, created_at=now)
    made.state = state
    session.add(made)
    session.flush()
    return made.id


def expand(
    session: Session, bulk: int, chats: Select[tuple[int]], now: datetime, *, after: int = 0, limit: int = 5000
) -> int | None:
    """Make rows for the next ``limit`` chats after one; the last chat, or None if there are no more.

    ``chats`` selects the numbers of chats. A chat that has a row of this bulk gets no second one, however often this is
    called, so that a process killed in between goes on where it was, or begins again.
    """
    number = next(iter(chats.selected_columns))
    chunk = chats.where(number > after).order_by(number).limit(limit).subquery()
    chat = next(iter(chunk.c))
    last = session.scalar(select(func.max(chat)))
    if last is None:
        return None
    key = literal(f"bulk{bulk}.").concat(cast(chat, String))
    constants: dict[str, ColumnElement[Any]] = {
        "lane": literal_column(str(ANNOUNCEMENT)),
        "kind": literal_column("'message'"),
        "payload": literal_column("'{}'"),
        "state": literal_column(str(READY)),
        "attempts": literal_column("0"),
        "created_at": literal(now, OutboxRow.created_at.type),
        "bulk_id": literal(bulk),
    }
    found = select(chat, key, *constants.values()).where(chat > after)
    new = insert_for(session.get_bind().dialect.name, OutboxRow)
    statement = new.from_select(["chat_id", "key", *constants], found)
    session.connection().execute(statement.on_conflict_do_nothing(index_elements=["key"]))
    return int(last)


def set_state(session: Session, bulk: int, state: int) -> None:
    """Let a bulk run, pause or end; rows that are under way by now still leave."""
    session.execute(update(Bulk).where(Bulk.id == bulk).values(state=state))


def progress(session: Session, bulk: int) -> dict[int, int]:
    """How many rows of a bulk are in which state."""
    found = select(OutboxRow.state, func.count()).where(OutboxRow.bulk_id == bulk).group_by(OutboxRow.state)
    return {int(state): int(number) for state, number in session.execute(found)}


def take(
    session: Session, platform: str, places: Mapping[int, int], limit: int, now: datetime
) -> tuple[list[Parcel], dict[int, int]]:
    """The next rows of all bulks of a platform that run and have any, an equal share of each.

    ``places`` says for each bulk after which row to go on; given back as they are now, 0 for one whose end is reached.
    """
    ripe = Bulk.not_before.is_(None) | (Bulk.not_before <= now)
    # A bulk is kept for weeks after its last row has left, for the reports; until then its words are not read again.
    some_wait = exists().where(OutboxRow.bulk_id == Bulk.id, WAITS)
    wanted = select(Bulk).where(Bulk.platform == platform, Bulk.state == RUNNING, ripe, some_wait)
    running = list(session.scalars(wanted))
    parcels: list[Parcel] = []
    moved: dict[int, int] = {}
    share = max(1, limit // max(1, len(running)))
    for bulk in running:
        found = _rows(session, bulk, places.get(bulk.id, 0), share, now)
        moved[bulk.id] = found[-1].id if len(found) == share else 0
        parcels += found
    return parcels, moved


def _rows(session: Session, bulk: Bulk, after: int, limit: int, now: datetime) -> list[Parcel]:
    found = (
        select(OutboxRow, Chat.external_id, Chat.kind, Person.language, Person.timezone)
        .join(Chat, Chat.id == OutboxRow.chat_id)
        .outerjoin(Person, Person.id == Chat.person_id)
        .where(OutboxRow.bulk_id == bulk.id, WAITS, OutboxRow.id > after, _ripe(now))
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    shared = {**bulk.payload, "again": bulk.again}
    return [
        Parcel(
            row.id,
            row.chat_id,
            bulk.platform,
            where,
            kind,
            {**shared, **row.payload},
            row.key,
            language or "en",
            zone or "UTC",
            ANNOUNCEMENT,
        )
        for row, where, kind, language, zone in session.execute(found)
    ]


def defer(session: Session, chat: int, until: datetime) -> None:
    """Let nothing of any bulk go to a chat before a moment."""
    sooner = OutboxRow.not_before.is_(None) | (OutboxRow.not_before < until)
    where = OutboxRow.chat_id == chat, OutboxRow.bulk_id.is_not(None), OutboxRow.state == READY, sooner
    changed = {"not_before": until, "attempts": OutboxRow.attempts + 1}
    session.execute(update(OutboxRow).where(*where).values(changed).execution_options(synchronize_session=False))


def _ripe(now: datetime) -> ColumnElement[bool]:
    return OutboxRow.not_before.is_(None) | (OutboxRow.not_before <= now)
