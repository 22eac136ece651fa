"""Private lines: the one that was chosen in a chat, what each side has read, what waits for a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, func, select, true, update
from sqlalchemy.orm import Session

from storage import partnerships
from storage.models import (
    Chat,
    Copy,
    LineChat,
    LineSide,
    OutboxRow,
    Partnership,
    Report,
    School,
    Teacher,
    Unsent,
    Utterance,
)
from storage.post import FAILED, insert_for

Json = Any


@dataclass(frozen=True)
class Line:
    """A line as one of its two sees it: the partnership, and whom they talk to. ``status`` is the other teacher's:
    only a verified one is written to."""

    id: int
    open: bool
    other: int
    name: str
    school: str
    country: str
    status: str
    active_at: datetime


def line_of(session: Session, partnership: int, person: int) -> Line | None:
    """The line of a partnership as this person sees it; None if it is not theirs."""
    return next(iter(_lines(session, person, Partnership.id == partnership)), None)


def line_now(session: Session, partnership: int, person: int) -> Line | None:
    """The line of a partnership; if that has ended and the two are partners again, the new one."""
    line = line_of(session, partnership, person)
    if line is None or line.open:
        return line
    again = partnerships.between(session, person, line.other)
    return line if again is None else line_of(session, again, person)


def lines_of(session: Session, person: int, *, ended: bool = False) -> list[Line]:
    """The open lines of a person, those on which something was said last first; with ``ended``, also those that have
    ended."""
    found = _lines(session, person, true() if ended else Partnership.ended_at.is_(None))
    newest = (
        select(Utterance.partnership_id, func.max(Utterance.id))
        .where(Utterance.partnership_id.in_([line.id for line in found]))
        .group_by(Utterance.partnership_id)
    )
    said: dict[int | None, int] = {row[0]: row[1] for row in session.execute(newest)}
    return sorted(found, key=lambda line: (-(said.get(line.id) or 0), -line.id))


def _lines(session: Session, person: int, which: ColumnElement[bool]) -> list[Line]:
    other = case((Partnership.one_id == person, Partnership.other_id), else_=Partnership.one_id)
    found = (
        select(
            Partnership.id,
            Partnership.ended_at.is_(None),
            Teacher.person_id,
            Teacher.name,
            School.name,
            Teacher.country,
            Teacher.status,
            Teacher.active_at,
        )
        .join(Teacher, Teacher.person_id == other)
        .join(School, School.id == Teacher.school_id)
        .where(which, (Partnership.one_id == person) | (Partnership.other_id == person))
    )
    return [Line(*row) for row in session.execute(found)]


def chosen(session: Session, chat: int) -> tuple[int | None, int | None]:
    """The partnership that words go to in a chat, if one was chosen there, and the one they went to last."""
    row = session.execute(
        select(LineChat.partnership_id, LineChat.last_id).where(LineChat.chat_id == chat)
    ).one_or_none()
    return (None, None) if row is None else (row.partnership_id, row.last_id)


def choose(session: Session, chat: int, partnership: int | None, now: datetime) -> None:
    """From now on words in this chat go to this line; None: to the bot."""
    _set(session, chat, now, partnership_id=partnership)


def spoke(session: Session, chat: int, partnership: int, now: datetime) -> None:
    """Note on which line something was said last in a chat."""
    _set(session, chat, now, last_id=partnership)


def leave_everywhere(session: Session, partnership: int) -> None:
    """Nobody talks on this line any more."""
    for row in session.scalars(select(LineChat).where(LineChat.partnership_id == partnership)):
        row.partnership_id = None
    session.flush()


def read(session: Session, partnership: int, person: int, now: datetime) -> None:
    """Note that somebody has seen all that was said on a line so far."""
    newest = session.scalar(select(func.max(Utterance.id)).where(Utterance.partnership_id == partnership)) or 0
    values = {"partnership_id": partnership, "person_id": person, "read_id": newest, "read_at": now}
    statement = insert_for(session.get_bind().dialect.name, LineSide).values(**values)
    changed = {name: statement.excluded[name] for name in ("read_id", "read_at")}
    session.execute(statement.on_conflict_do_update(index_elements=["partnership_id", "person_id"], set_=changed))


@dataclass(frozen=True)
class Standing:
    """Where a line stands for one of the two: how much of the other's is new to them, how much of their own the other
    may not have seen, and when they themselves said something last."""

    new: int
    unseen: int
    mine_at: datetime | None


def standing(session: Session, partnership: int, person: int, other: int) -> Standing:
    """Where a line stands for ``person``."""
    return Standing(
        new=session.scalar(_after(partnership, author=other, reader=person)) or 0,
        unseen=session.scalar(_after(partnership, author=person, reader=other)) or 0,
        mine_at=session.scalar(select(func.max(Utterance.said_at)).where(*_of(partnership, person))),
    )


def _after(partnership: int, author: int, reader: int) -> Select[int]:
    """Counts what one of them said, and did not take back, since the other read last."""
    side = select(LineSide.read_id).where(LineSide.partnership_id == partnership, LineSide.person_id == reader)
    return (
        select(func.count())
        .select_from(Utterance)
        .where(
            *_of(partnership, author),
            Utterance.removed_at.is_(None),
            Utterance.id > func.coalesce(side.scalar_subquery(), 0),
        )
    )


def _of(partnership: int, author: int) -> tuple[ColumnElement[bool], ...]:
    return Utterance.partnership_id == partnership, Utterance.author_id == author


def waiting(session: Session, partnership: int, author: int) -> list[int]:
    """What somebody said on a line that was brought nowhere, because the other could not be reached, and was not taken
    back."""
    done = (
        select(Copy.outbox_id)
        .join(OutboxRow, OutboxRow.id == Copy.outbox_id)
        .where(
            Copy.utterance_id == Utterance.id, (OutboxRow.state != FAILED) | OutboxRow.error.not_like("unreachable%")
        )
    )
    found = select(Utterance.id).where(
        Utterance.partnership_id == partnership,
        Utterance.author_id == author,
        Utterance.removed_at.is_(None),
        ~done.exists(),
    )
    return list(session.scalars(found.order_by(Utterance.id)))


def edit_unsent(session: Session, chat: int, ref: str, heard: Mapping[str, Json] | None) -> bool:
    """Change what waits for a choice, or forget it if ``heard`` is None; False if nothing of that ``ref`` waits."""
    for row in session.scalars(select(Unsent).where(Unsent.chat_id == chat)):
        if row.heard.get("ref") == ref:
            if heard is None:
                session.delete(row)
            else:
                row.heard = dict(heard)
            session.flush()
            return True
    return False


def put_by(session: Session, chat: int, heard: Mapping[str, Json], now: datetime) -> int:
    """Keep something until it is known to whom it goes; gives how much waits in this chat now."""
    session.add(Unsent(chat_id=chat, heard=dict(heard), said_at=now))
    session.flush()
    return session.scalar(select(func.count()).select_from(Unsent).where(Unsent.chat_id == chat)) or 0


def take_up(session: Session, chat: int) -> list[dict[str, Json]]:
    """What waits in a chat, in the order in which it was said; it waits no longer."""
    found = list(session.scalars(select(Unsent).where(Unsent.chat_id == chat).order_by(Unsent.id)))
    session.execute(delete(Unsent).where(Unsent.chat_id == chat))
    return [row.heard for row in found]


def waits(session: Session, chat: int) -> int:
    """How much waits in a chat."""
    return session.scalar(select(func.count()).select_from(Unsent).where(Unsent.chat_id == chat)) or 0


def purge(session: Session, before: datetime) -> None:
    """Forget what has waited for a choice since before a moment."""
    session.execute(delete(Unsent).where(Unsent.said_at < before))


def _set(session: Session, chat: int, now: datetime, **values: int | None) -> None:
    """Set it; and what others answer comes here at once, where a person would else be looked for as before."""
    session.execute(update(Chat).where(Chat.id == chat).values(heard_at=now))
    statement = insert_for(session.get_bind().dialect.name, LineChat).values(chat_id=chat, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["chat_id"], set_=values))


def carry_over(session: Session, person: int, into: int) -> None:
    """Give what a person said on lines to another, who is the same human being. To be done before their partnerships
    are carried over: where both have the same partner, what was said goes on on the one line that stays."""
    session.execute(update(Utterance).where(Utterance.author_id == person).values(author_id=into))
    for column in (Report.reporter_id, Report.reported_id, Report.handled_by):
        session.execute(update(Report).where(column == person).values({column: into}))
    for line in _lines(session, person, Partnership.ended_at.is_(None)):
        twin = partnerships.between(session, into, line.other)
        if twin is not None:
            session.execute(update(Utterance).where(Utterance.partnership_id == line.id).values(partnership_id=twin))
            session.execute(update(LineChat).where(LineChat.partnership_id == line.id).values(partnership_id=twin))
