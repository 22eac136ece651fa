"""Proofs: what others were asked about a teacher, and what they said. They count for the teacher's present school."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, func, insert, select, update
from sqlalchemy.orm import Session

from storage.models import Proof, Teacher
from storage.models.teachers import UNVERIFIED

__all__ = [
    "add",
    "answer",
    "asked_of",
    "lapsed",
    "may_ask_head",
    "of_teacher",
    "open_proof",
    "owed",
    "settle",
]

HEAD_MAILS, HEAD_PERIOD = 3, timedelta(days=30)
"""So many times a teacher may have the head asked in this time; each mail goes to people with other work."""
SCHOOL_MAILS = 5
"""So many heads' mails a school gets a day, whoever asks."""


def add(
    session: Session,
    person: int,
    school: int,
    way: str,
    state: str,
    *,
    now: datetime,
    until: datetime,
    by: int | None = None,
    detail: str | None = None,
) -> int:
    """Note that somebody was asked, or (``state`` "yes") what is proved; the id of the note."""
    values = {"person_id": person, "school_id": school, "way": way, "state": state, "by_id": by, "detail": detail}
    answered = None if state == "asked" else now
    made = insert(Proof).values(**values, asked_at=now, until=until, answered_at=answered).returning(Proof.id)
    return session.scalars(made).one()


def of_teacher(session: Session, person: int) -> list[Proof]:
    """All that was asked or proved about a teacher at their present school, the newest first."""
    here = select(Teacher.school_id).where(Teacher.person_id == person).scalar_subquery()
    where = select(Proof).where(Proof.person_id == person, Proof.school_id == here)
    newest = where.order_by(Proof.asked_at.desc(), Proof.id.desc())
    return list(session.scalars(newest.execution_options(populate_existing=True)))


def open_proof(session: Session, proof: int, now: datetime) -> Proof | None:
    """A question that still waits for its answer, about a teacher who is not verified and still at that school."""
    where = (
        select(Proof)
        .join(Teacher, (Teacher.person_id == Proof.person_id) & (Teacher.school_id == Proof.school_id))
        .where(Proof.id == proof, Proof.state == "asked", Proof.until > now, Teacher.status == UNVERIFIED)
    )
    return session.scalars(where.execution_options(populate_existing=True)).one_or_none()


def answer(session: Session, proof: int, yes: bool, now: datetime) -> bool:
    """Note the answer. False: it was given already, or came too late."""
    where = update(Proof).where(Proof.id == proof, Proof.state == "asked", Proof.until > now)
    values = {"state": "yes" if yes else "no", "answered_at": now}
    changed = session.execute(where.values(**values).execution_options(synchronize_session=False))
    assert isinstance(changed, CursorResult)
    return changed.rowcount == 1


def asked_of(session: Session, ambassador: int, now: datetime) -> list[Proof]:
    """The teachers about whom an ambassador's word is asked for, who asked first first."""
    where = (
        select(Proof)
        .join(Teacher, (Teacher.person_id == Proof.person_id) & (Teacher.school_id == Proof.school_id))
        .where(Proof.by_id == ambassador, Proof.state == "asked", Proof.until > now, Teacher.status == UNVERIFIED)
        .order_by(Proof.asked_at, Proof.id)
    )
    return list(session.scalars(where))


def may_ask_head(session: Session, person: int, school: int, now: datetime) -> bool:
    """Whether another mail to the head may go out: neither the teacher nor others of the school sent too many."""
    sent = select(func.count()).select_from(Proof).where(Proof.way == "head")
    own = session.scalar(sent.where(Proof.person_id == person, Proof.asked_at > now - HEAD_PERIOD)) or 0
    theirs = session.scalar(sent.where(Proof.school_id == school, Proof.asked_at > now - timedelta(days=1))) or 0
    return own < HEAD_MAILS and theirs < SCHOOL_MAILS


def owed(session: Session, people: Iterable[int], now: datetime) -> dict[int, int]:
    """How many words each of these ambassadors still owes: the ones with the fewest are asked first."""
    waiting = select(Proof.by_id, func.count()).where(Proof.by_id.in_(list(people)), Proof.state == "asked")
    return {by: number for by, number in session.execute(waiting.where(Proof.until > now).group_by(Proof.by_id)) if by}


def lapsed(session: Session, now: datetime, limit: int) -> list[Proof]:
    """Questions whose time is over without an answer; each is given once, and counts as lapsed from then on."""
    where = select(Proof).where(Proof.state == "asked", Proof.until <= now).order_by(Proof.until, Proof.id)
    found = list(session.scalars(where.limit(limit)))
    _lapse(session, Proof.id.in_([proof.id for proof in found]))
    return found


def settle(session: Session, person: int) -> None:
    """Let the open questions about a teacher end: nobody needs an answer any more."""
    _lapse(session, Proof.person_id == person)


def _lapse(session: Session, which: ColumnElement[bool]) -> None:
    where = update(Proof).where(which, Proof.state == "asked")
    session.execute(where.values(state="lapsed").execution_options(synchronize_session=False))
