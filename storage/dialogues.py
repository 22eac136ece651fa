"""Open dialogues and the prompts that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from storage.models import Dialogue, Prompt
from storage.post import insert_for


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
    session.connection().execute(_keeping(session.get_bind().dialect.name), values)


def show_last(session: Session, chat: int, person: int, last: str, now: datetime) -> None:
    """Note the newest prompt of a chat, and leave what is being asked there as it is."""
    values = {"chat_id": chat, "person_id": person, "stack": [], "last": last, "updated_at": now}
    session.connection().execute(_noting(session.get_bind().dialect.name), values)


def show(session: Session, chat: int, person: int, asked: Asked, now: datetime) -> None:
    """Store a prompt, or what a prompt has become after an edit."""
    values = {
        "token": asked.token,
        "chat_id": chat,
        "person_id": person,
        "outbox_id": asked.row,
        "question": asked.question,
        "options": [list(pair) for pair in asked.options],
        "created_at": now,
    }
    session.connection().execute(_showing(session.get_bind().dialect.name), values)


def show_all(session: Session, shown: Sequence[tuple[int, int, Asked]], now: datetime) -> None:
    """Store prompts (chat, person, prompt) that many people get at once, each the newest of its chat."""
    if not shown:
        return
    dialect, connection = session.get_bind().dialect.name, session.connection()
    prompts = [
        {
            "token": asked.token,
            "chat_id": chat,
            "person_id": person,
            "outbox_id": asked.row,
            "question": asked.question,
            "options": [list(pair) for pair in asked.options],
            "created_at": now,
        }
        for chat, person, asked in shown
    ]
    newest = {(chat, person): asked.token for chat, person, asked in shown}
    last = [
        {"chat_id": chat, "person_id": person, "stack": [], "last": token, "updated_at": now}
        for (chat, person), token in newest.items()
    ]
    connection.execute(_showing(dialect), prompts)
    connection.execute(_noting(dialect), last)


def prompt(session: Session, chat: int, person: int, token: str) -> Asked | None:
    """The prompt of this token, if it was shown to this person in this chat."""
    return _asked(session, _BY_TOKEN, {"token": token, "chat": chat, "person": person})


def chat_of(session: Session, person: int, token: str) -> int | None:
    """The chat in which this prompt was shown to a person."""
    return session.scalar(select(Prompt.chat_id).where(Prompt.token == token, Prompt.person_id == person))


def prompt_of_row(session: Session, chat: int, person: int, row: int) -> Asked | None:
    """The newest prompt that an outbox row showed."""
    return _asked(session, _BY_ROW, {"row": row, "chat": chat, "person": person})


def purge(session: Session, now: datetime, keep_for: timedelta) -> None:
    """Forget prompts that nobody will press any more."""
    session.execute(delete(Prompt).where(Prompt.created_at < now - keep_for))


# Every turn runs these statements, so each is built once; building one costs more than running it.
@lru_cache
def _keeping(dialect: str) -> Any:
    return _upsert(dialect, Dialogue, ("chat_id", "person_id"), ("stack", "last", "updated_at"))


@lru_cache
def _noting(dialect: str) -> Any:
    return _upsert(dialect, Dialogue, ("chat_id", "person_id"), ("last",))


@lru_cache
def _showing(dialect: str) -> Any:
    return _upsert(dialect, Prompt, ("token",), ("question", "options", "outbox_id"))


def _upsert(dialect: str, table: type[Dialogue | Prompt], unique: Sequence[str], changed: Sequence[str]) -> Any:
    statement = insert_for(dialect, table)
    return statement.on_conflict_do_update(
        index_elements=list(unique), set_={name: statement.excluded[name] for name in changed}
    )


_SHOWN = select(Prompt.token, Prompt.question, Prompt.options, Prompt.outbox_id).where(
    Prompt.chat_id == bindparam("chat"), Prompt.person_id == bindparam("person")
)
_BY_TOKEN = _SHOWN.where(Prompt.token == bindparam("token"))
_BY_ROW = _SHOWN.where(Prompt.outbox_id == bindparam("row")).order_by(Prompt.created_at.desc()).limit(1)


def _asked(session: Session, statement: Any, values: dict[str, Any]) -> Asked | None:
    found = session.connection().execute(statement, values).one_or_none()
    if found is None:
        return None
    return Asked(found.token, found.question, [(i, label) for i, label in found.options], found.outbox_id)
