"""The life of a case: opened, answered, asked back, decided, undone, carried out, passed on to central support.

Each change of a case is one UPDATE that names the state it must be in, and most name the version that was seen; so of
two officers who press at the same moment one is refused, on both databases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import CursorResult, delete, insert, literal, select, update
from sqlalchemy.orm import Session

from storage import teachers
from storage.models import Case, CaseWord, Officer, Proof
from storage.models.staff import NATIONAL
from storage.models.teachers import UNVERIFIED, VERIFIED
from storage.models.verification import ASKED, CLOSED, HELD, PAUSED, WAITING
from storage.verification.reading import status_of

__all__ = [
    "ASKED",
    "CLOSED",
    "HELD",
    "UNDO",
    "WAITING",
    "Decision",
    "Outcome",
    "answer",
    "ask",
    "carry",
    "carry_over",
    "close",
    "decide",
    "find",
    "look",
    "move",
    "open_case",
    "open_of",
    "pause",
    "prove",
    "resume",
    "revoke",
    "to_carry",
    "undo",
]

Outcome = Literal["approved", "declined", "revoked", "proved", "withdrawn"]

UNDO = timedelta(seconds=10)
"""How long a decision can be undone; then it is carried out."""

_UNDECIDED = Case.state.in_([WAITING, ASKED])


@dataclass(frozen=True)
class Decision:
    """What an officer decides: the outcome, and why, as the code of a common reason or in their own words."""

    outcome: Outcome
    officer: int
    reason: str | None = None
    words: str | None = None

    def held(self, now: datetime) -> dict[str, Any]:
        """The columns of a case on which this was decided now."""
        return {
            "state": HELD,
            "outcome": self.outcome,
            "reason": self.reason,
            "words": self.words,
            "decided_by": self.officer,
            "decided_at": now,
            "carry_at": now + UNDO,
        }


def find(session: Session, case: int) -> Case | None:
    """A case by its id, as it stands now."""
    return session.get(Case, case, populate_existing=True)


def open_of(session: Session, person: int) -> Case | None:
    """The open case of a teacher."""
    where = select(Case).where(Case.person_id == person, Case.state != literal(CLOSED, literal_execute=True))
    return session.scalars(where.execution_options(populate_existing=True)).one_or_none()


def open_case(session: Session, person: int, country: str, note: str, *, now: datetime, due: datetime) -> Case:
    """Put a teacher into the queue; if they are in it, their words are added. A case that was asked about comes back.

    ``due`` is when central support takes over.
    """
    known = open_of(session, person)
    if known is None:
        row = Case(person_id=person, country=country, state=WAITING, note=note, opened_at=now, waiting_since=now)
        row.due_at = due
        session.add(row)
        session.flush()
        return row
    values: dict[str, Any] = {"note": "\n".join(filter(None, (known.note, note)))}
    if known.state == ASKED:
        values |= {"state": WAITING, "due_at": due}
    _change(session, known.id, **values)
    return known


def look(session: Session, case: int, officer: int, now: datetime) -> None:
    """Note that an officer has a case on the screen."""
    session.execute(_where(case).values(looked_by=officer, looked_at=now))


def decide(session: Session, case: int, decision: Decision, *, version: int, now: datetime) -> bool:
    """Hold a decision on a case, to be carried out when it can no longer be undone. False: the case has changed."""
    return _change(session, case, _UNDECIDED, version=version, before=Case.state, **decision.held(now))


def revoke(session: Session, person: int, country: str, decision: Decision, *, now: datetime) -> Case | None:
    """Hold the decision that a verified teacher is verified no more. None: they are not, or have a case."""
    if status_of(session, person) != VERIFIED or open_of(session, person) is not None:
        return None
    row = Case(person_id=person, country=country, opened_at=now, waiting_since=now, due_at=now, **decision.held(now))
    session.add(row)
    session.flush()
    return row


def undo(session: Session, case: int, officer: int, now: datetime) -> bool:
    """Take back a decision of one's own while it is held. False: too late, or not theirs."""
    known = find(session, case)
    if known is None or known.carry_at is None or known.carry_at <= now:
        return False
    return _back(session, known, Case.decided_by == officer)


def to_carry(session: Session, now: datetime, limit: int) -> list[Case]:
    """Decisions that can no longer be undone, the oldest first."""
    held = Case.state == literal(HELD, literal_execute=True)
    where = select(Case).where(held, Case.carry_at <= now).order_by(Case.carry_at, Case.id).limit(limit)
    return list(session.scalars(where.execution_options(populate_existing=True)))


def carry(session: Session, case: Case, now: datetime) -> bool:
    """Carry out a held decision. False: whoever made it is no longer in office, so the case waits again."""
    if not _in_office(session, case):
        _back(session, case)
        return False
    if not _change(session, case.id, Case.state == HELD, state=CLOSED, closed_at=now):
        return False
    if case.outcome == "approved":
        teachers.set_status(session, case.person_id, VERIFIED, was=UNVERIFIED)
    elif case.outcome == "revoked":
        teachers.set_status(session, case.person_id, UNVERIFIED, was=VERIFIED)
    return True


def ask(session: Session, case: int, officer: int, words: str, *, version: int, now: datetime) -> bool:
    """Put a question to the teacher; the case leaves the queue until they answer. False: the case has changed."""
    asked = _change(session, case, _UNDECIDED, version=version, state=ASKED)
    if asked:
        _say(session, case, officer, words, support=True, now=now)
    return asked


def answer(session: Session, case: int, words: str, *, now: datetime, due: datetime) -> bool:
    """Take the teacher's answer; the case comes back to its old place. False: it waits for no answer any more."""
    known = find(session, case)
    if known is None or not _change(session, case, Case.state == ASKED, state=WAITING, due_at=due):
        return False
    _say(session, case, known.person_id, words, support=False, now=now)
    return True


def prove(session: Session, person: int, country: str, way: str, now: datetime) -> bool:
    """A teacher is verified by a proof alone; an open case closes with it. False: they are verified or suspended."""
    if not teachers.set_status(session, person, VERIFIED, was=UNVERIFIED):
        return False
    known = open_of(session, person)
    values: dict[str, Any] = {"state": CLOSED, "outcome": "proved", "reason": way, "closed_at": now}
    values |= {"words": None, "decided_by": None, "decided_at": None, "carry_at": None}
    if known is None:
        times = {"opened_at": now, "waiting_since": now, "due_at": now}
        session.execute(insert(Case).values(person_id=person, country=country, note="", **times, **values))
    else:
        _change(session, known.id, **values)
    return True


def close(session: Session, person: int, now: datetime) -> None:
    """Take a teacher's open case out of the queue without an answer."""
    known = open_of(session, person)
    if known is not None:
        _change(session, known.id, state=CLOSED, outcome="withdrawn", closed_at=now, carry_at=None)


def pause(session: Session, person: int) -> None:
    """Put a case by while its teacher is suspended; a decision that is not carried out yet counts no more."""
    known = open_of(session, person)
    if known is not None and known.state == HELD:
        _back(session, known)
        known = open_of(session, person)
    if known is not None:
        _change(session, known.id, state=PAUSED, before=known.state)


def resume(session: Session, person: int) -> None:
    """The suspension has ended: the case is where it was, in its old place."""
    known = open_of(session, person)
    if known is not None:
        _change(session, known.id, Case.state == PAUSED, state=known.before, before=None)


def move(session: Session, person: int, country: str, *, now: datetime, due: datetime) -> bool:
    """A teacher has another school: what was verified is so no more, and an open case is about the new school.

    Whether they were verified.
    """
    known = open_of(session, person)
    if known is not None and known.outcome == "revoked":
        close(session, person, now)
    elif known is not None:
        if known.state == HELD:
            _back(session, known)
        _change(session, known.id, country=country, due_at=due, national=True, escalated_at=None)
    return teachers.set_status(session, person, UNVERIFIED, was=VERIFIED)


def carry_over(session: Session, person: int, into: int) -> None:
    """What a person did for others is now done by another, who is the same human being.

    The cases of a profile that is given up go with it.
    """
    for column in (Case.decided_by, Case.looked_by, CaseWord.author_id, Proof.by_id):
        where = update(column.class_).where(column == person).execution_options(synchronize_session=False)
        session.execute(where.values({column.key: into}))


def _in_office(session: Session, case: Case) -> bool:
    post = session.get(Officer, case.decided_by, populate_existing=True) if case.decided_by is not None else None
    return post is not None and (post.country is None or (post.role == NATIONAL and post.country == case.country))


def _back(session: Session, case: Case, *also: Any) -> bool:
    """Undo a held decision: the case is where it was, and one that was made for the decision is gone."""
    if case.before is None:
        where = delete(Case).where(Case.id == case.id, Case.state == HELD, *also)
        return _count(session.execute(where.execution_options(synchronize_session=False))) == 1
    cleared = {"outcome": None, "reason": None, "words": None, "decided_by": None, "decided_at": None, "carry_at": None}
    return _change(session, case.id, Case.state == HELD, *also, state=case.before, before=None, **cleared)


def _say(session: Session, case: int, author: int, words: str, *, support: bool, now: datetime) -> None:
    session.execute(insert(CaseWord).values(case_id=case, author_id=author, words=words, support=support, at=now))


def _change(session: Session, case: int, *also: Any, version: int | None = None, **values: Any) -> bool:
    """Change a case, if it is as ``also`` says and as it was seen. False: it is not, and nothing has changed."""
    seen = () if version is None else (Case.version == version,)
    changed = session.execute(_where(case, *also, *seen).values(version=Case.version + 1, **values))
    return _count(changed) == 1


def _where(case: int, *also: Any) -> Any:
    return update(Case).where(Case.id == case, *also).execution_options(synchronize_session=False)


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
