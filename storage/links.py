"""Joining a person's accounts: a one-time code given on one platform is written on another."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage import audit, blocks, groups, lines, partnerships, polls, projects, reminders, requests, staff
from storage.announcing import joining
from storage.models import Account, Chat, LinkCode, Person, Teacher
from storage.models.schools import School
from storage.verification import cases

# Without letters and digits that are mistaken for each other; ten of them are 49 bits.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
LIFETIME = timedelta(minutes=15)
GUESSES = 5
GUESS_PERIOD = timedelta(hours=1)


@dataclass(frozen=True)
class Found:
    """Whom a code belongs to."""

    person: int
    teacher: bool


def make_code(session: Session, person: int, now: datetime) -> str:
    """Make a code for this person; earlier ones stop working. Only its hash is kept."""
    session.execute(delete(LinkCode).where((LinkCode.person_id == person) | (LinkCode.expires_at < now)))
    code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    session.add(LinkCode(code_hash=_hash(code), person_id=person, expires_at=now + LIFETIME))
    return f"{code[:5]}-{code[5:]}"


def may_guess(session: Session, person: int, now: datetime) -> bool:
    """Whether this person has wrong guesses left in this hour."""
    where = select(Account.guesses, Account.guesses_since).where(Account.person_id == person)
    return all(
        guesses < GUESSES or since is None or now - since > GUESS_PERIOD for guesses, since in session.execute(where)
    )


def count_guess(session: Session, person: int, now: datetime) -> None:
    """Count a wrong guess on all accounts of this person."""
    for account in session.scalars(select(Account).where(Account.person_id == person)):
        if account.guesses_since is None or now - account.guesses_since > GUESS_PERIOD:
            account.guesses, account.guesses_since = 0, now
        account.guesses += 1


def find(session: Session, code: str, now: datetime) -> Found | None:
    """Whom a code belongs to, if it is right and not expired. Spaces, dashes and case do not matter."""
    row = session.get(LinkCode, _hash(_given(code)))
    if row is None or row.expires_at < now:
        return None
    return Found(row.person_id, session.get(Teacher, row.person_id) is not None)


def join(session: Session, person: int, into: int, now: datetime) -> None:
    """Give all accounts and chats of ``person`` to ``into`` and forget the rest of ``person``."""
    session.execute(delete(LinkCode).where(LinkCode.person_id == into))
    session.execute(update(Account).where(Account.person_id == person).values(person_id=into))
    session.execute(update(Chat).where(Chat.person_id == person).values(person_id=into))
    session.execute(update(School).where(School.added_by == person).values(added_by=into))
    blocks.carry_over(session, person, into)
    staff.carry_over(session, person, into)
    lines.carry_over(session, person, into)
    partnerships.carry_over(session, person, into)
    requests.carry_over(session, person, into)
    groups.carry_over(session, person, into)
    projects.carry_over(session, person, into)
    reminders.carry_over(session, person, into)
    polls.carry_over(session, person, into)
    joining.carry_over(session, person, into)
    audit.carry_over(session, person, into, now)
    cases.carry_over(session, person, into)
    session.execute(delete(Person).where(Person.id == person))


def spend(session: Session, code: str) -> None:
    """Use a code up that was right."""
    session.execute(delete(LinkCode).where(LinkCode.code_hash == _hash(_given(code))))


def _given(code: str) -> str:
    return "".join(c for c in code.upper() if c.isalnum())


def _hash(code: str) -> str:
    return hashlib.sha256(f"link:{code}".encode()).hexdigest()
