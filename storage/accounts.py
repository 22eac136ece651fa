"""Accounts: whose they are, which ones a person has, and the mailboxes that are nobody's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from storage.models import Account, Chat, OutboxRow, Person


def owner_of(session: Session, platform: str, external_id: str) -> int | None:
    """Whose account this is; None if nobody has ever been heard under it."""
    return session.scalar(
        select(Account.person_id).where(Account.platform == platform, Account.external_key == external_id)
    )


def newest_account(session: Session, person: int, platform: str) -> str | None:
    """The account of a person on a platform that was made last."""
    theirs = select(Account.external_id).where(Account.person_id == person, Account.platform == platform)
    return session.scalar(theirs.order_by(Account.id.desc()).limit(1))


def accounts_of(session: Session, person: int) -> list[tuple[str, str]]:
    """A person's accounts as (platform, external id), the oldest first."""
    theirs = select(Account.platform, Account.external_id).where(Account.person_id == person).order_by(Account.id)
    return [(platform, external_id) for platform, external_id in session.execute(theirs)]


def made_known(session: Session, platform: str, external_id: str, now: datetime) -> int:
    """The person of an account; made in advance where nobody has ever been heard under it."""
    known = owner_of(session, platform, external_id)
    if known is not None:
        return known
    made = insert(Person).values(language="en", created_at=now, active_at=now).returning(Person.id)
    person = session.scalars(made).one()
    add_account(session, person, platform, external_id)
    return person


def add_account(session: Session, person: int, platform: str, external_id: str) -> None:
    """Give a person an account, under which nobody has been heard before."""
    session.execute(insert(Account).values(person_id=person, platform=platform, external_id=external_id))


def mailbox(session: Session, platform: str, address: str, now: datetime) -> int:
    """The chat that stands for an e-mail address. It belongs to nobody, so no news go there by themselves."""
    there = Chat.platform == platform, Chat.external_key == address
    known: int | None = session.scalar(update(Chat).where(*there).values(heard_at=now).returning(Chat.id))
    if known is not None:
        return known
    made = insert(Chat).values(platform=platform, external_id=address, kind="private", heard_at=now)
    return session.scalars(made.returning(Chat.id)).one()


def forget_mailbox(session: Session, chat: int) -> None:
    """Forget an address at once, if nothing of what was written to it is left."""
    waiting = select(OutboxRow.chat_id).where(OutboxRow.chat_id == Chat.id).exists()
    session.execute(delete(Chat).where(Chat.id == chat, ~waiting))


def forget_mailboxes(session: Session, platform: str, before: datetime) -> None:
    """Forget the addresses that nothing was written to since ``before`` and of which nothing is left in the outbox."""
    waiting = select(OutboxRow.chat_id).where(OutboxRow.chat_id == Chat.id).exists()
    session.execute(delete(Chat).where(Chat.platform == platform, Chat.heard_at < before, ~waiting))
