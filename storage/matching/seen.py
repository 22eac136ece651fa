"""What was suggested to whom, and what they said to it: never again, later, or interesting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, cast, get_args

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from storage.models import Suggestion
from storage.post import insert_for

__all__ = [
    "AGAIN_AFTER",
    "Mark",
    "Seen",
    "as_mark",
    "earlier",
    "interesting",
    "mark",
    "mark_of",
    "marked",
    "remember",
    "seen_by",
    "was_shown",
]

Mark = Literal["interesting", "later", "no"]

AGAIN_AFTER = timedelta(days=30)
"""Nobody is suggested again before so much time has passed, unless they are asked for."""


@dataclass(frozen=True)
class Seen:
    """Whom somebody does not want to be shown (``never``), and whom they were shown lately or have marked."""

    never: frozenset[int]
    lately: frozenset[int]


def seen_by(session: Session, person: int, now: datetime) -> Seen:
    """What a search by this person leaves out."""
    values = {"me": person, "since": now - AGAIN_AFTER}
    rows = session.connection().execute(_seen(), values).all()
    never = frozenset(other for other, said in rows if said == "no")
    return Seen(never, frozenset(other for other, _said in rows) - never)


@cache
def _seen() -> Any:
    lately = Suggestion.shown_at > bindparam("since", type_=Suggestion.shown_at.type)
    where = select(Suggestion.other_id, Suggestion.mark).where(Suggestion.person_id == bindparam("me"))
    return where.where(or_(lately, Suggestion.mark.is_not(None)))


def remember(session: Session, person: int, others: Iterable[int], now: datetime) -> None:
    """Note that these were shown to a person now. What was said of them before stays."""
    rows = [{"person_id": person, "other_id": other, "shown_at": now} for other in others]
    if rows:
        statement = insert_for(session.get_bind().dialect.name, Suggestion)
        changed = {"shown_at": statement.excluded.shown_at}
        session.execute(statement.on_conflict_do_update(index_elements=["person_id", "other_id"], set_=changed), rows)


def was_shown(session: Session, person: int, other: int) -> bool:
    """Whether somebody was ever suggested to a person."""
    where = select(Suggestion.shown_at).where(Suggestion.person_id == person, Suggestion.other_id == other)
    return session.scalar(where) is not None


def mark(
    session: Session, person: int, other: int, said: Mark | None, now: datetime, reason: str | None = None
) -> None:
    """Note what a person said of somebody who was shown to them."""
    where = update(Suggestion).where(Suggestion.person_id == person, Suggestion.other_id == other)
    session.execute(where.values(mark=said, reason=reason, marked_at=now))


def as_mark(word: str) -> Mark:
    """A word as a mark. Raises ValueError for a word that is none."""
    if word not in get_args(Mark):
        raise ValueError(f"{word!r} is no mark")
    return cast("Mark", word)


def mark_of(session: Session, person: int, other: int) -> str | None:
    """What a person said of somebody, if they did."""
    where = select(Suggestion.mark).where(Suggestion.person_id == person, Suggestion.other_id == other)
    return session.scalar(where)


def marked(session: Session, person: int, said: Mark) -> list[int]:
    """Those of whom a person said this, the last first."""
    where = select(Suggestion.other_id).where(Suggestion.person_id == person, Suggestion.mark == said)
    return list(session.scalars(where.order_by(Suggestion.marked_at.desc(), Suggestion.other_id)))


def interesting(session: Session, person: int) -> list[int]:
    """Those whom a person found interesting and was not shown since then, the last first."""
    where = select(Suggestion.other_id).where(
        Suggestion.person_id == person, Suggestion.mark == "interesting", Suggestion.shown_at <= Suggestion.marked_at
    )
    return list(session.scalars(where.order_by(Suggestion.marked_at.desc(), Suggestion.other_id)))


def earlier(session: Session, person: int, now: datetime, limit: int = 50) -> list[int]:
    """Those who were shown to a person lately and not declined, the last first."""
    where = select(Suggestion.other_id).where(
        Suggestion.person_id == person,
        Suggestion.shown_at > now - AGAIN_AFTER,
        Suggestion.mark.is_distinct_from("no"),
    )
    return list(session.scalars(where.order_by(Suggestion.shown_at.desc(), Suggestion.other_id).limit(limit)))
