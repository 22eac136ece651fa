"""The demo: fictional people who can be played. Nobody else can be, and nothing of this exists outside of the demo."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.orm import Session

from storage import accounts, finding, staff
from storage.finding import Known
from storage.models import Account, Chat, OutboxRow, School, Teacher
from storage.staff import CENTRAL, NATIONAL

__all__ = ["FICTION", "Player", "fictional", "find", "newest", "officer", "set_the_stage"]

#: The platform of accounts that nobody writes from.
FICTION = "fiction"
_SHOWN = 12


@dataclass(frozen=True)
class Player:
    """A fictional teacher who can be played; ``told_at`` is when they were last told something."""

    person: int
    name: str
    school: str
    town: str
    country: str
    told_at: datetime | None = None


def set_the_stage(session: Session, now: datetime) -> int:
    """Let fictional teachers be written to, and keep them looking for partners; how many are new to it."""
    theirs = select(Account.person_id).where(Account.platform == FICTION)
    there = select(Chat.id).where(Chat.person_id == Teacher.person_id).exists()
    new = session.scalars(select(Teacher.person_id).where(Teacher.person_id.in_(theirs), ~there)).all()
    rows = [(person, secrets.token_urlsafe(16)) for person in new]
    _add(session, Account, [{"person_id": p, "platform": "web", "external_id": a, "guesses": 0} for p, a in rows])
    _add(session, Chat, [{"person_id": p, "platform": "web", "external_id": a, "kind": "private"} for p, a in rows])
    # Nobody answers for them when they are asked whether they still look.
    session.execute(update(Teacher).where(Teacher.person_id.in_(theirs)).values(confirmed_at=now, asked_at=None))
    return len(rows)


def officer(session: Session, country: str | None, now: datetime, *, second: bool = False) -> int:
    """A fictional officer of a country, or of central support; made if there is none. The ``second`` is another one.

    They have a chat on the web from the start: what they are told is there when they first come in.
    """
    name = f"support {country or 'central'}{' 2' if second else ''}"
    person = accounts.made_known(session, FICTION, name, now)
    if staff.post_of(session, person) is None:
        staff.name_officer(session, person, NATIONAL if country else CENTRAL, country, named_by=None, now=now)
    if accounts.newest_account(session, person, "web") is None:
        address = secrets.token_urlsafe(16)
        _add(session, Account, [{"person_id": person, "platform": "web", "external_id": address, "guesses": 0}])
        _add(session, Chat, [{"person_id": person, "platform": "web", "external_id": address, "kind": "private"}])
    return person


def fictional(session: Session, person: int) -> bool:
    """Whether somebody is a fictional teacher, and so may be played by anybody."""
    theirs = select(Account.id).where(Account.person_id == person, Account.platform == FICTION)
    is_teacher = select(Teacher.person_id).where(Teacher.person_id == person, theirs.exists())
    return session.scalar(is_teacher) is not None


def newest(session: Session) -> list[Player]:
    """The fictional teachers who were told something last."""
    told = (
        select(Chat.person_id, func.max(OutboxRow.created_at).label("at"))
        .join(Chat, Chat.id == OutboxRow.chat_id)
        .where(Chat.person_id.in_(select(Account.person_id).where(Account.platform == FICTION)))
        .group_by(Chat.person_id)
        .order_by(func.max(OutboxRow.id).desc())
        .limit(_SHOWN)
        .subquery()
    )
    columns = (Teacher.person_id, Teacher.name, School.name, School.town, Teacher.country, told.c.at)
    found = select(*columns).join(told, told.c.person_id == Teacher.person_id)
    rows = session.execute(found.join(School, School.id == Teacher.school_id).order_by(told.c.at.desc()))
    return [Player(*row) for row in rows]


def find(session: Session, words: str) -> list[Player]:
    """The fictional teachers whose names are like these words."""
    return _players(session, finding.find_teachers(session, words, None, 5 * _SHOWN))


def _players(session: Session, found: Sequence[Known]) -> list[Player]:
    known = [one for one in found if fictional(session, one.person)]
    return [Player(one.person, one.name, one.school, one.town, one.country) for one in known][:_SHOWN]


def _add(session: Session, model: type[Account] | type[Chat], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        # The table itself, not its class: the ORM's bookkeeping would take longer than the database.
        assert isinstance(model.__table__, Table)
        session.execute(insert(model.__table__), rows)
