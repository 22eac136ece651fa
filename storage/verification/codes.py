"""Codes that are sent by mail to a school address: made, guessed, limited. Only keyed digests are kept."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from storage.domains import folded
from storage.links import ALPHABET
from storage.models import MailCode
from storage.sealing import vault_of

__all__ = ["GUESSES", "LENGTH", "LIFETIME", "MAILS", "active", "guess", "make", "may_mail", "purge", "used_by_other"]

LENGTH = 6
"""Six signs of 31 are 30 bits: with five guesses at each of three codes an hour nobody gets far."""
LIFETIME = timedelta(minutes=15)
GUESSES = 5
MAILS, PERIOD = 3, timedelta(hours=1)
"""So many mails a person may ask for, and an address gets, in this time; a domain gets ten times as many."""
_KEEP = timedelta(days=1)

Guess = Literal["right", "wrong", "gone", "taken"]


def may_mail(session: Session, person: int, address: str, domain: str, now: datetime) -> bool:
    """Whether another code may be sent: neither by this person, nor to this address or domain were too many."""

    def sent(where: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(MailCode).where(where, MailCode.sent_at > now - PERIOD)
        return session.scalar(query) or 0

    if sent(MailCode.person_id == person) >= MAILS or sent(MailCode.address == folded(address)) >= MAILS:
        return False
    return sent(MailCode.domain == domain) < 10 * MAILS


def used_by_other(session: Session, person: int, address: str) -> bool:
    """Whether another teacher has proved this address to be theirs."""
    return _proved_by_other(session, person, folded(address))


def make(session: Session, person: int, school: int, address: str, domain: str, now: datetime) -> str:
    """A code for this person, school and address, as it is to be mailed; earlier ones stop working."""
    _stop(session, person)
    code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    session.add(
        MailCode(
            person_id=person,
            school_id=school,
            code=code,
            address=folded(address),
            domain=domain,
            sent_at=now,
            expires_at=now + LIFETIME,
        )
    )
    return f"{code[:3]}-{code[3:]}"


def active(session: Session, person: int, school: int, now: datetime) -> MailCode | None:
    """The code that this person may write now, for this school."""
    where = select(MailCode).where(
        MailCode.person_id == person,
        MailCode.school_id == school,
        MailCode.used.is_(False),
        MailCode.expires_at > now,
        MailCode.guesses < GUESSES,
    )
    newest = where.order_by(MailCode.id.desc()).limit(1)
    return session.scalars(newest.execution_options(populate_existing=True)).one_or_none()


def guess(session: Session, row: MailCode, given: str) -> Guess:
    """Try a code: a right one is used up, a wrong one is counted, and "gone" says that the last guess was wrong.

    "taken": it is right, but meanwhile another teacher has proved the same address, who had asked for a code as well.
    """
    wanted = "".join(sign for sign in given.upper() if sign.isalnum())
    digest = vault_of(session.get_bind().dialect).digest(wanted, "mail_codes.code")
    right = secrets.compare_digest(digest.encode(), row.code.encode())
    taken = right and _proved_by_other(session, row.person_id, row.address)
    values = {"used": True, "proved": not taken} if right else {"guesses": MailCode.guesses + 1}
    where = update(MailCode).where(MailCode.id == row.id, MailCode.used.is_(False), MailCode.guesses < GUESSES)
    changed = session.execute(where.values(**values).execution_options(synchronize_session=False))
    assert isinstance(changed, CursorResult)
    if changed.rowcount != 1:
        return "gone"
    if taken:
        return "taken"
    return "right" if right else "wrong" if row.guesses + 1 < GUESSES else "gone"


def purge(session: Session, now: datetime) -> None:
    """Forget codes that neither work nor limit anything; which address proved whom is kept."""
    session.execute(delete(MailCode).where(MailCode.sent_at < now - _KEEP, MailCode.proved.is_(False)))


def _proved_by_other(session: Session, person: int, known: Any) -> bool:
    """Whether another teacher has proved this address, given as it is compared or as the digest of that."""
    others = select(MailCode.id).where(MailCode.address == known, MailCode.proved.is_(True))
    return session.scalar(others.where(MailCode.person_id != person).limit(1)) is not None


def _stop(session: Session, person: int) -> None:
    where = update(MailCode).where(MailCode.person_id == person, MailCode.used.is_(False))
    session.execute(where.values(used=True).execution_options(synchronize_session=False))
