"""An announcement on its way: a bulk for each platform and language, rows in chunks, pause, resume, cancel, the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage import bulk
from storage.announcing import drafts
from storage.announcing.drafts import CANCELLED, FINISHED, PAUSED, RUNNING, SCHEDULED, audience
from storage.announcing.segments import readers
from storage.models import Announcement, AnnouncementBulk, Bulk, Chat, OutboxRow, Person, Rhythm
from storage.models.post import FAILED, READY, SENT, UNKNOWN, WITHDRAWN
from storage.post import ANNOUNCEMENT, WAITS

SEND, CORRECT, REMOVE = "send", "correct", "remove"
#: So many rows are made in one transaction: it takes a few hundredths of a second.
CHUNK = 2000


@dataclass(frozen=True)
class Words:
    """What a bulk says in one language: its payload, the token of its buttons and what they offer."""

    payload: Mapping[str, Any]
    token: str
    options: Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Reader:
    """Somebody who gets a row, and when they rest (minutes of the day; None for what is usual)."""

    person: int
    timezone: str
    quiet: tuple[int, int] | None


#: Makes the words for a language.
Write = Callable[[str], Words]
#: Not before when a reader gets it; None for at once.
Moment = Callable[[Reader], datetime | None]


def begin_step(
    session: Session, row: Announcement, doing: str, languages: Iterable[str], write: Write, now: datetime
) -> bool:
    """Make the bulks of a step; rows are made by `expand`. The first step begins where nobody has got anything.

    False: it was cancelled, or another step of it began, in the same moment.
    """
    before, first = ((SCHEDULED,), {"started_at": now}) if doing == SEND else ((FINISHED, CANCELLED), {})
    step = row.step + (doing != SEND)
    if not drafts.move(
        session, row.id, before, RUNNING, doing=doing, cursor=0, step=step, shown={}, total=0, ended_at=None, **first
    ):
        return False
    known = select(Chat.platform).where(Chat.kind == "private").distinct()
    for platform in sorted(set(session.scalars(known)) - {"mail", "fiction"}):
        for language in languages:
            words = write(language)
            made = bulk.begin(session, platform, words.payload, _now(row), again=row.again or doing != SEND)
            session.add(
                AnnouncementBulk(
                    announcement_id=row.id,
                    step=row.step,
                    platform=platform,
                    language=language,
                    bulk_id=made,
                    token=words.token,
                    options=[list(pair) for pair in words.options],
                )
            )
    session.flush()
    return True


def _now(row: Announcement) -> datetime:
    assert row.started_at is not None
    return row.started_at


def expand(session: Session, row: Announcement, variants: Mapping[str, str], when: Moment, now: datetime) -> bool:
    """Make the rows of the next chunk; whether there may be more. ``variants`` says which language a reader gets."""
    made = _readers_chunk(session, row, variants, when) if row.doing == SEND else _rows_chunk(session, row)
    if not made:
        row.cursor = None
        session.flush()
        return False
    statement = _insert(session).values(
        lane=literal_column(str(ANNOUNCEMENT)), kind=literal_column("'message'"), attempts=literal_column("0")
    )
    each = [{**one, "created_at": now} for one in made]
    session.connection().execute(statement.on_conflict_do_nothing(index_elements=["key"]), each)
    row.total += len(made)
    session.flush()
    return True


def _insert(session: Session) -> Any:
    # The table itself, not its class: the ORM's bookkeeping would take longer than the database.
    table = OutboxRow.__table__
    assert isinstance(table, Table)
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)


def _readers_chunk(
    session: Session, row: Announcement, variants: Mapping[str, str], when: Moment
) -> list[dict[str, Any]]:
    """The rows of the next readers. What is known not to arrive is noted as such, and never tried."""
    bulks = _bulks(session, row)
    query = readers(audience(row, _now(row))).where(Person.id > row.cursor).limit(CHUNK)
    found = session.execute(query).all()
    rows = []
    for one in found:
        quiet = None if one.quiet_from is None else (one.quiet_from, one.quiet_to)
        rows.append(
            {
                "chat_id": one.chat,
                "key": f"a{row.id}.{one.person}",
                "bulk_id": bulks[one.platform, variants.get(one.language, row.language)],
                "payload": {},
                "state": FAILED if one.lost else READY,
                "error": "unreachable: known" if one.lost else None,
                "not_before": None if one.lost else when(Reader(one.person, one.timezone, quiet)),
            }
        )
    row.cursor = found[-1].person if found else None
    return rows


def _rows_chunk(session: Session, row: Announcement) -> list[dict[str, Any]]:
    """The rows that change or take back what was delivered."""
    name = "edits" if row.doing == CORRECT else "removes"
    bulks = _bulks(session, row)
    sent = select(AnnouncementBulk.bulk_id, AnnouncementBulk.platform, AnnouncementBulk.language)
    first = {b: bulks[p, la] for b, p, la in session.execute(sent.where(*_of(row.id, 0))) if b is not None}
    arrived = OutboxRow.state.in_((SENT, UNKNOWN)), OutboxRow.external_ref.is_not(None)
    query = select(OutboxRow.id, OutboxRow.chat_id, OutboxRow.bulk_id).where(OutboxRow.bulk_id.in_(first), *arrived)
    found = session.execute(query.where(OutboxRow.id > row.cursor).order_by(OutboxRow.id).limit(CHUNK)).all()
    row.cursor = found[-1].id if found else None
    return [
        {
            "chat_id": one.chat_id,
            "key": f"a{row.id}.{row.step}.{one.id}",
            "bulk_id": first[one.bulk_id],
            "payload": {name: one.id},
            "state": READY,
            "error": None,
            "not_before": None,
        }
        for one in found
    ]


def _bulks(session: Session, row: Announcement) -> dict[tuple[str, str], int]:
    query = select(AnnouncementBulk.platform, AnnouncementBulk.language, AnnouncementBulk.bulk_id)
    found = session.execute(query.where(*_of(row.id, row.step)))
    return {(platform, language): number for platform, language, number in found if number is not None}


def _of(number: int, step: int) -> tuple[Any, Any]:
    return AnnouncementBulk.announcement_id == number, AnnouncementBulk.step == step


def bulks_of(number: int, step: int) -> Select[Any]:
    """Selects the bulks of a step."""
    return select(AnnouncementBulk.bulk_id).where(*_of(number, step), AnnouncementBulk.bulk_id.is_not(None))


def remaining(session: Session, row: Announcement) -> int:
    """How many rows of the step have not ended yet."""
    ours = OutboxRow.bulk_id.in_(bulks_of(row.id, row.step))
    return session.scalar(select(func.count()).select_from(OutboxRow).where(WAITS, ours)) or 0


def pause(session: Session, number: int) -> bool:
    """Hold it: what is under way still leaves. False: it does not run."""
    return _turn(session, number, RUNNING, PAUSED, bulk.PAUSED)


def resume(session: Session, number: int) -> bool:
    """Let it go on; its bulks follow (`release`) when what they have left was judged anew. False: it is not held."""
    return drafts.move(session, number, PAUSED, RUNNING)


def is_held(session: Session, row: Announcement) -> bool:
    """Whether its bulks are still held, though it may go on already."""
    held = select(Bulk.id).where(Bulk.id.in_(bulks_of(row.id, row.step)), Bulk.state == bulk.PAUSED).limit(1)
    return session.scalar(held) is not None


def release(session: Session, row: Announcement) -> None:
    """Let the bulks of one that goes on go on too. Whoever holds or cancels it in the same moment has the last word."""
    if drafts.move(session, row.id, RUNNING, RUNNING):
        _set_bulks(session, row.id, bulk.RUNNING)


def put_off(session: Session, row: Announcement, when: Moment, now: datetime) -> bool:
    """Judge anew what could leave now, a chunk at a time, and put off what shall be later; whether there may be more.

    There are few zones and quiet hours, and many readers: each of the former is judged once.
    """
    ripe = OutboxRow.not_before.is_(None) | (OutboxRow.not_before <= now)
    where = WAITS, OutboxRow.bulk_id.in_(bulks_of(row.id, row.step)), ripe
    resting = Person.timezone, Rhythm.quiet_from, Rhythm.quiet_to
    query = _resting(select(*resting)).where(*where).distinct()
    left = CHUNK
    for zone, start, end in session.execute(query).all():
        until = when(Reader(0, zone, None if start is None else (start, end)))
        if until is None:
            continue
        alike = [column.is_not_distinct_from(value) for column, value in zip(resting, (zone, start, end), strict=True)]
        ids = list(session.scalars(_resting(select(OutboxRow.id)).where(*where, *alike).limit(left)))
        later = update(OutboxRow).where(OutboxRow.id.in_(ids), WAITS).values(not_before=until)
        session.execute(later.execution_options(synchronize_session=False))
        left -= len(ids)
        if left == 0:
            return True
    return False


def _resting(query: Any) -> Any:
    query = query.select_from(OutboxRow).join(Chat, Chat.id == OutboxRow.chat_id)
    return query.join(Person, Person.id == Chat.person_id).outerjoin(Rhythm, Rhythm.person_id == Person.id)


def cancel(session: Session, number: int, now: datetime) -> bool:
    """Let nothing more leave. False: it neither runs nor is held, for it may have ended in the same moment."""
    if not drafts.move(session, number, (RUNNING, PAUSED, SCHEDULED), CANCELLED, cursor=None, ended_at=now):
        return False
    _set_bulks(session, number, bulk.CANCELLED)
    return True


def withdraw(session: Session, row: Announcement) -> bool:
    """Mark what a cancelled announcement has left, a chunk at a time; whether there is more of it."""
    ours = OutboxRow.bulk_id.in_(bulks_of(row.id, row.step))
    some = select(OutboxRow.id).where(WAITS, ours).limit(CHUNK)
    ids = list(session.scalars(some))
    # What is under way in this moment arrives, and is noted as that afterwards.
    gone = {"state": WITHDRAWN, "error": "cancelled"}
    if ids:
        session.execute(update(OutboxRow).where(OutboxRow.id.in_(ids), WAITS).values(gone))
    return bool(ids)


def _turn(session: Session, number: int, before: str, after: str, state: int) -> bool:
    if not drafts.move(session, number, before, after):
        return False
    _set_bulks(session, number, state)
    return True


def _set_bulks(session: Session, number: int, state: int) -> None:
    row = session.get_one(Announcement, number)
    session.execute(
        update(Bulk)
        .where(Bulk.id.in_(bulks_of(row.id, row.step)))
        .values(state=state)
        .execution_options(synchronize_session=False)
    )


def moving(session: Session, *states: str) -> list[Announcement]:
    """Those in these states, the oldest first."""
    return list(session.scalars(select(Announcement).where(Announcement.state.in_(states)).order_by(Announcement.id)))


def finish(session: Session, row: Announcement, now: datetime) -> bool:
    """All rows have ended. False: somebody has held or cancelled it in the same moment."""
    return drafts.move(session, row.id, RUNNING, FINISHED, ended_at=now)
