"""The post: raw updates in, outbox rows out, and a platform's own marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.models import (
    Announcement,
    AnnouncementBulk,
    Bulk,
    Chat,
    Copy,
    OutboxPart,
    OutboxRow,
    Person,
    PlatformState,
    Prompt,
    Update,
)
from storage.models.post import DEAD, DONE, FAILED, NEW, READY, SENT, UNKNOWN
from storage.sealing import Digest

#: What goes first where not all can go at once: an answer, what others say, what falls due, what many get.
INTERACTIVE, ROOM, REMINDER, ANNOUNCEMENT = 0, 1, 2, 3
#: The kind of a row that is no message, but something to be done on a platform.
DEED = "deed"

__all__ = ["DEAD", "DONE", "FAILED", "NEW", "READY", "SENT", "UNKNOWN"]


@dataclass(frozen=True)
class Stored:
    """An update that waits for its turn. ``lane`` is the digest of its chat, the same before and after a restart."""

    id: int
    platform: str
    lane: str
    body: str


@dataclass
class Parcel:
    """An outbox row with all that delivery needs: where it goes and how its reader reads."""

    id: int
    chat_id: int
    platform: str
    chat: str
    kind: str
    payload: dict[str, Any]
    key: str
    language: str
    timezone: str
    lane: int = INTERACTIVE
    #: When delivery got to know of it, in seconds of its clock.
    since: float = 0.0


def insert_for(dialect: str, table: Any) -> Any:
    """An INSERT of a dialect, which knows ON CONFLICT."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@lru_cache
def _storing(dialect: str) -> Any:
    statement = insert_for(dialect, Update).on_conflict_do_nothing(index_elements=["platform", "event_id"])
    return statement.returning(Update.id, Update.lane, Update.event_id)


@lru_cache
def _marking(dialect: str) -> Any:
    statement = insert_for(dialect, PlatformState)
    changed = {"value": statement.excluded.value}
    return statement.on_conflict_do_update(index_elements=["platform", "key"], set_=changed)


def store_updates(
    session: Session, platform: str, updates: Sequence[tuple[str, str, str]], marks: Mapping[str, str], now: datetime
) -> list[Stored]:
    """Store (event id, chat, body) triples and marks; return those that are new, in their order."""
    stored: list[Stored] = []
    if updates:
        rows = [
            {"platform": platform, "event_id": e, "chat": chat, "body": body, "received_at": now, "state": NEW}
            for e, chat, body in updates
        ]
        # An event that comes twice in one batch is stored as it came first.
        bodies = {e: body for e, _chat, body in reversed(updates)}
        found = session.connection().execute(_storing(session.get_bind().dialect.name), rows)
        stored = sorted((Stored(i, platform, lane, bodies[e]) for i, lane, e in found), key=lambda s: s.id)
    if marks:
        save_marks(session, platform, marks)
    return stored


def waiting_lanes(session: Session) -> list[tuple[str, Digest]]:
    """The (platform, lane) pairs in which updates wait."""
    found = select(Update.platform, Update.lane).where(Update.state == NEW).distinct()
    return [(platform, Digest(lane)) for platform, lane in session.execute(found)]


def waiting_updates(session: Session, platform: str, lane: str, after: int, limit: int) -> list[Stored]:
    """The next updates of a lane."""
    found = (
        select(Update.id, Update.body)
        .where(Update.platform == platform, Update.lane == lane, Update.state == NEW, Update.id > after)
        .order_by(Update.id)
        .limit(limit)
    )
    return [Stored(i, platform, lane, body) for i, body in session.execute(found)]


_DONE = (
    update(Update)
    .where(Update.id == bindparam("update_id"), Update.state == NEW)
    .values(state=DONE, body="", chat="")
    .execution_options(synchronize_session=False)
)


def done(session: Session, update_id: int) -> bool:
    """Mark an update as handled and forget its words. False: it was handled already."""
    result = session.connection().execute(_DONE, {"update_id": update_id})
    return result.rowcount == 1


def set_aside(session: Session, update_id: int, reason: str, error_id: str | None = None) -> None:
    """Make an update a dead letter, with the reason."""
    where = update(Update).where(Update.id == update_id)
    session.execute(where.values(state=DEAD, reason=reason[:500], error_id=error_id))


def dead_updates(session: Session, limit: int = 100) -> list[Update]:
    """Updates that were set aside, newest first."""
    return list(session.scalars(select(Update).where(Update.state == DEAD).order_by(Update.id.desc()).limit(limit)))


def retry_updates(session: Session, ids: Iterable[int] | None = None) -> int:
    """Let dead letters take their turn again; all of them if no ids are given."""
    where = update(Update).where(Update.state == DEAD)
    if ids is not None:
        where = where.where(Update.id.in_(list(ids)))
    return _count(session.execute(where.values(state=NEW, reason=None, error_id=None)))


_PUT = insert(OutboxRow).returning(OutboxRow.id)


def put(
    session: Session,
    *,
    chat: int,
    kind: str,
    payload: dict[str, Any],
    key: str,
    lane: int,
    now: datetime,
    not_before: datetime | None = None,
) -> int:
    """Put something into the outbox; it is sent after the commit, and not before ``not_before``."""
    values = {"chat_id": chat, "kind": kind, "payload": payload, "key": key, "lane": lane, "created_at": now}
    values["not_before"] = not_before
    return int(session.connection().execute(_PUT, {**values, "state": READY, "attempts": 0}).scalar_one())


_PUT_MANY = insert(OutboxRow).returning(OutboxRow.id, sort_by_parameter_order=True)


def put_many(session: Session, rows: Sequence[Mapping[str, Any]], lane: int, now: datetime) -> list[int]:
    """Put messages into the outbox in one statement; their numbers grow in this order.

    Each row has ``chat_id``, ``payload``, ``key`` and ``not_before``.
    """
    same = {"kind": "message", "lane": lane, "created_at": now, "state": READY, "attempts": 0}
    if not rows:
        return []
    return [int(row[0]) for row in session.connection().execute(_PUT_MANY, [{**row, **same} for row in rows])]


@lru_cache
def _putting_once(dialect: str) -> Any:
    statement = insert_for(dialect, OutboxRow).on_conflict_do_nothing(index_elements=["key"])
    return statement.returning(OutboxRow.id)


def put_once(
    session: Session, *, chat: int, kind: str, payload: dict[str, Any], key: str, lane: int, now: datetime
) -> int | None:
    """Like `put`; None, and nothing more, if there is a row of this key already."""
    values = {"chat_id": chat, "kind": kind, "payload": payload, "key": key, "lane": lane, "created_at": now}
    row = {**values, "state": READY, "attempts": 0, "not_before": None}
    found = session.connection().execute(_putting_once(session.get_bind().dialect.name), row).scalar_one_or_none()
    return None if found is None else int(found)


def deed_of(session: Session, row: int) -> tuple[int, str, dict[str, Any]] | None:
    """The chat, the platform and the payload of a deed, which is then forgotten but for its name: it may tell whom
    it was about. None if the row is none, or is gone."""
    where = select(OutboxRow.chat_id, Chat.platform, OutboxRow.payload).join(Chat, Chat.id == OutboxRow.chat_id)
    found = session.execute(where.where(OutboxRow.id == row, OutboxRow.kind == DEED)).one_or_none()
    if found is None:
        return None
    chat, platform, payload = found
    bare = update(OutboxRow).where(OutboxRow.id == row).values(payload={"deed": payload["deed"], "args": {}})
    session.execute(bare.execution_options(synchronize_session=False))
    return chat, platform, dict(payload)


def _ripe(now: datetime) -> ColumnElement[bool]:
    return OutboxRow.not_before.is_(None) | (OutboxRow.not_before <= now)


# A state that is written into the statement, and not bound, lets both databases use the small indexes of such rows.
WAITS = OutboxRow.state == literal_column(str(READY))


@dataclass(frozen=True)
class Waiting:
    """A lane of a chat in which something waits. ``digest`` is that of the chat."""

    platform: str
    digest: str
    chat: int
    lane: int


def chats_waiting(session: Session, now: datetime) -> list[Waiting]:
    """The lanes in which something waits in the outbox that may be sent now; bulk is not among it."""
    return _waiting(session, OutboxRow.lane < ANNOUNCEMENT, _ripe(now))


def chats_due(session: Session, now: datetime) -> list[Waiting]:
    """The lanes in which something was to be sent later, and may be sent now."""
    return _waiting(session, OutboxRow.not_before.is_not(None), OutboxRow.not_before <= now)


def _waiting(session: Session, *conditions: ColumnElement[bool]) -> list[Waiting]:
    where = WAITS, OutboxRow.bulk_id.is_(None), *conditions
    lanes = select(OutboxRow.chat_id, OutboxRow.lane).where(*where).distinct().subquery()
    found = select(Chat.platform, Chat.external_key, lanes.c.chat_id, lanes.c.lane)
    return [Waiting(*row) for row in session.execute(found.join(lanes, lanes.c.chat_id == Chat.id))]


def waiting_parcels(
    session: Session, chat: int, after: int, limit: int, now: datetime, lane: int = INTERACTIVE
) -> list[Parcel]:
    """The next outbox rows of a chat that may be sent now, of one lane."""
    mine = OutboxRow.chat_id == chat, OutboxRow.lane == lane, OutboxRow.bulk_id.is_(None)
    found = (
        select(OutboxRow, Chat.platform, Chat.external_id, Chat.kind, Person.language, Person.timezone)
        .join(Chat, Chat.id == OutboxRow.chat_id)
        .outerjoin(Person, Person.id == Chat.person_id)
        .where(*mine, OutboxRow.state == READY, OutboxRow.id > after, _ripe(now))
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    return [
        Parcel(row.id, row.chat_id, platform, where, kind, row.payload, row.key, language or "en", zone or "UTC", lane)
        for row, platform, where, kind, language, zone in session.execute(found)
    ]


_SENT = (
    update(OutboxRow)
    .where(OutboxRow.id == bindparam("row_id"))
    .values(state=bindparam("to_state"), external_ref=bindparam("ref"), error=bindparam("why"), sent_at=bindparam("at"))
    .execution_options(synchronize_session=False)
)


def settle(session: Session, results: Sequence[tuple[int, int, str | None, str | None]], now: datetime) -> None:
    """Note what became of outbox rows: (id, state, the platform's id, error)."""
    rows = [{"row_id": i, "to_state": state, "ref": ref, "why": error, "at": now} for i, state, ref, error in results]
    session.connection().execute(_SENT, rows)


def failed_rows(session: Session, limit: int = 100) -> list[OutboxRow]:
    """Outbox rows that did not get through, newest first."""
    where = select(OutboxRow).where(OutboxRow.state > SENT).order_by(OutboxRow.id.desc()).limit(limit)
    return list(session.scalars(where))


def retry_rows(session: Session, ids: Iterable[int] | None = None) -> int:
    """Let failed outbox rows be sent again; all of them if no ids are given. What became of a deed is known, and
    whoever wanted it has done what follows. Where the author of an announcement chose that what may have arrived is
    left, it is left, unless it is named."""
    where = update(OutboxRow).where(OutboxRow.state > SENT, OutboxRow.kind != DEED)
    if ids is not None:
        where = where.where(OutboxRow.id.in_(list(ids)))
    else:
        left = exists().where(Bulk.id == OutboxRow.bulk_id, Bulk.again.is_(False))
        where = where.where(~((OutboxRow.state == UNKNOWN) & left))
    again = where.values(state=READY, error=None).execution_options(synchronize_session=False)
    return _count(session.execute(again))


def references(session: Session, row: int) -> list[str]:
    """The platform's ids of what an outbox row became: mostly one, several for what was sent in parts."""
    parts = select(OutboxPart.external_ref).where(OutboxPart.outbox_id == row).order_by(OutboxPart.position)
    found = list(session.scalars(parts))
    one = None if found else session.scalar(select(OutboxRow.external_ref).where(OutboxRow.id == row))
    return found or ([one] if one else [])


def keep_parts(session: Session, row: int, references: Sequence[str]) -> None:
    """Note the platform's ids of the parts of a message, in place of those that were noted before."""
    session.execute(delete(OutboxPart).where(OutboxPart.outbox_id == row))
    chat = session.scalar(select(OutboxRow.chat_id).where(OutboxRow.id == row))
    if chat is not None:
        found = enumerate(references)
        session.add_all(OutboxPart(outbox_id=row, position=i, chat_id=chat, external_ref=ref) for i, ref in found)
        session.flush()


def payload_of(session: Session, row: int) -> dict[str, Any]:
    """What an outbox row holds."""
    return dict(session.scalar(select(OutboxRow.payload).where(OutboxRow.id == row)) or {})


def row_of(session: Session, chat: int, reference: str) -> int | None:
    """The outbox row that became this message of the platform (the first, for one that was edited later)."""
    where = select(OutboxRow.id).where(OutboxRow.chat_id == chat, OutboxRow.external_ref == reference)
    found = session.scalar(where.order_by(OutboxRow.id).limit(1))
    if found is not None:
        return found
    part = select(OutboxPart.outbox_id).where(OutboxPart.chat_id == chat, OutboxPart.external_ref == reference)
    return session.scalar(part.order_by(OutboxPart.outbox_id).limit(1))


def marks(session: Session, platform: str) -> dict[str, str]:
    """A platform's own marks."""
    found = select(PlatformState.key, PlatformState.value).where(PlatformState.platform == platform)
    return {row.key: row.value for row in session.execute(found)}


def save_marks(session: Session, platform: str, values: Mapping[str, str]) -> None:
    """Set some of a platform's marks."""
    rows = [{"platform": platform, "key": key, "value": value} for key, value in values.items()]
    session.connection().execute(_marking(session.get_bind().dialect.name), rows)


def alone(session: Session, name: str) -> None:
    """Let only one transaction at a time do what has this name, whichever process it is of; SQLite does so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        hold = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        session.execute(hold, {"name": f"alone {name}"})


# A message whose choices may still be made is needed for finding them by a reply or a reaction.
_PROMPTING = select(Prompt.outbox_id).where(Prompt.outbox_id.is_not(None))
# So is one that brought what somebody said, for as long as that is kept.
_COPYING = select(Copy.outbox_id)


# What is to be sent yet is not old, however long ago it was written.
_WAITING_BULKS = select(OutboxRow.bulk_id).where(WAITS, OutboxRow.bulk_id.is_not(None))


def _reported(old: datetime) -> Select[int | None]:
    """Selects the bulks of announcements that run, are held, or ended since: a report counts their rows, and whoever
    takes one back has to find them."""
    of = select(AnnouncementBulk.bulk_id).join(Announcement, Announcement.id == AnnouncementBulk.announcement_id)
    return of.where(
        AnnouncementBulk.bulk_id.is_not(None), or_(Announcement.ended_at.is_(None), Announcement.ended_at >= old)
    )


def purge(session: Session, now: datetime, keep: timedelta, keep_dead: timedelta) -> int:
    """Forget handled updates and sent messages older than ``keep``, and dead letters older than ``keep_dead``."""
    old, very_old = now - keep, now - keep_dead
    reported = _reported(old)
    told = or_(OutboxRow.bulk_id.is_(None), OutboxRow.bulk_id.not_in(reported))
    needless = OutboxRow.id.not_in(_PROMPTING), OutboxRow.id.not_in(_COPYING), told
    # What has waited for long left long after it was written.
    left = func.coalesce(OutboxRow.sent_at, OutboxRow.created_at)
    gone = [
        delete(Update).where(Update.state == DONE, Update.received_at < old),
        delete(Update).where(Update.state == DEAD, Update.received_at < very_old),
        delete(OutboxRow).where(OutboxRow.state == SENT, left < old, *needless),
        delete(OutboxRow).where(OutboxRow.state > SENT, OutboxRow.created_at < very_old, told),
        delete(Bulk).where(Bulk.created_at < very_old, Bulk.id.not_in(_WAITING_BULKS), Bulk.id.not_in(reported)),
    ]
    return sum(_count(session.execute(statement)) for statement in gone)


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
