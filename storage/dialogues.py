"""Open dialogues and the prompts that belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.models import Dialogue, Prompt
from storage.post import upsert


@dataclass(frozen=True)
class Asked:
    """A prompt as it was shown: the question it asks, and what may be chosen (option id, label as JSON)."""

    token: str
    question: str | None
    options: list[tuple[str, Any]]
    row: int | None


def keep(session: Session, chat: int, person: int, stack: list[Any], last: str | None, now: datetime) -> None:
    """Store where a person's dialogue in a chat stands."""
    values = {"chat_id": chat, "person_id": person, "stack": stack, "last": last, "updated_at": now}
    statement = upsert(session, Dialogue)
    changed = {name: statement.excluded[name] for name in ("stack", "last", "updated_at")}
    statement = statement.on_conflict_do_update(index_elements=["chat_id", "person_id"], set_=changed)
    session.connection().execute(statement, values)


def show(session: Session, chat: int, person: int, asked: Asked, now: datetime) -> None:
    """Store a prompt, or what a prompt has become after an edit."""
    statement = upsert(session, Prompt)
    changed = {name: statement.excluded[name] for name in ("question", "options", "outbox_id")}
    statement = statement.on_conflict_do_update(index_elements=["token"], set_=changed)
    values = {
        "token": asked.token,
        "chat_id": chat,
        "person_id": person,
        "outbox_id": asked.row,
        "question": asked.question,
        "options": [list(pair) for pair in asked.options],
        "created_at": now,
    }
    session.connection().execute(statement, values)


def prompt(session: Session, chat: int, person: int, token: str) -> Asked | None:
    """The prompt of this token, if it was shown to this person in this chat."""
    where = select(Prompt).where(Prompt.token == token, Prompt.chat_id == chat, Prompt.person_id == person)
    return _asked(session, where)


def prompt_of_row(session: Session, chat: int, person: int, row: int) -> Asked | None:
    """The prompt that an outbox row showed."""
    where = select(Prompt).where(Prompt.outbox_id == row, Prompt.chat_id == chat, Prompt.person_id == person)
    return _asked(session, where.order_by(Prompt.created_at.desc()).limit(1))


def purge(session: Session, now: datetime, keep_for: timedelta) -> None:
    """Forget prompts that nobody will press any more."""
    session.execute(delete(Prompt).where(Prompt.created_at < now - keep_for))


def _asked(session: Session, where: Any) -> Asked | None:
    found = session.scalars(where).one_or_none()
    if found is None:
        return None
    return Asked(found.token, found.question, [(i, label) for i, label in found.options], found.outbox_id)
