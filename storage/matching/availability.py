"""Whether teachers still look for partners: once a month they are asked, and silence hides them until they are back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from storage.matching.rows import touch
from storage.models import Chat, Person, Teacher
from storage.models.teachers import VERIFIED

__all__ = ["MONTH", "PATIENCE", "ask", "confirm", "due", "hide", "returned"]

MONTH = timedelta(days=30)
"""How long a teacher's word that they are looking is taken for true."""

PATIENCE = timedelta(days=7)
"""How long the question waits for an answer before its silence counts."""

_FRESH = timedelta(days=1)


def due(session: Session, now: datetime, zones: Collection[str], limit: int) -> list[int]:
    """Who has to be asked again, among those whose time zone is one of these: teachers who look, can be reached and
    have not said so, nor looked for partners, for a month."""
    reached = select(Chat.id).where(Chat.person_id == Teacher.person_id, Chat.kind == "private").exists()
    said = func.coalesce(Teacher.confirmed_at, Teacher.registered_at)
    waiting = (Teacher.status == VERIFIED, Teacher.looking, Teacher.silent.is_(False), Teacher.asked_at.is_(None))
    where = select(Teacher.person_id).join(Person, Person.id == Teacher.person_id)
    where = where.where(*waiting, said < now - MONTH, Person.timezone.in_(sorted(zones)), reached)
    return list(session.scalars(where.order_by(said, Teacher.person_id).limit(limit)))


def ask(session: Session, people: Sequence[int], now: datetime) -> None:
    """Note that these are asked now."""
    session.execute(update(Teacher).where(Teacher.person_id.in_(people)).values(asked_at=now))


def confirm(session: Session, person: int, now: datetime) -> None:
    """Note that a teacher looks for partners now: they said so, or went looking. Writes at most once a day."""
    stale = or_(
        Teacher.silent, Teacher.asked_at.is_not(None), func.coalesce(Teacher.confirmed_at, now - MONTH) < now - _FRESH
    )
    there = update(Teacher).where(Teacher.person_id == person, stale)
    changed = session.scalars(
        there.values(confirmed_at=now, asked_at=None, silent=False).returning(Teacher.person_id)
    ).all()
    touch(session, *changed)


def hide(session: Session, now: datetime, limit: int) -> list[int]:
    """Hide those who have not answered in time; who they are."""
    late = select(Teacher.person_id).where(Teacher.asked_at < now - PATIENCE, Teacher.silent.is_(False))
    people = list(session.scalars(late.order_by(Teacher.asked_at, Teacher.person_id).limit(limit)))
    session.execute(update(Teacher).where(Teacher.person_id.in_(people)).values(silent=True))
    touch(session, *people)
    return people


def returned(session: Session, person: int, now: datetime) -> None:
    """Somebody who was hidden for their silence has spoken again: they are suggested again, and asked in a month."""
    there = update(Teacher).where(Teacher.person_id == person, Teacher.silent)
    changed = there.values(silent=False, asked_at=None, confirmed_at=now).returning(Teacher.person_id)
    touch(session, *session.scalars(changed).all())
