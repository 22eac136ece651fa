"""Reports to support: made, read, handled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, true, update
from sqlalchemy.orm import Session

from storage.models import Report
from storage.models.reports import DISMISSED, NOTED, OPEN
from storage.relay import Spoken
from storage.staff import Post

__all__ = [
    "DISMISSED",
    "NOTED",
    "OPEN",
    "Evidence",
    "close",
    "find",
    "made_by_pupil_since",
    "made_since",
    "make",
    "purge",
    "see",
    "waiting",
]

Json = Any


@dataclass(frozen=True)
class Evidence:
    """Something that was said, as it stood when it was reported. ``earlier`` are its words before each edit; ``name``
    is how its author is called in the room, where it was said in one."""

    author: int
    words: str
    files: tuple[str, ...]
    said_at: datetime
    taken_back: bool
    reported: bool
    earlier: tuple[str, ...] = ()
    name: str = ""

    @classmethod
    def of(cls, spoken: Spoken, reported: int | None, name: str = "") -> Evidence:
        """What was said; ``reported`` is the utterance that is reported."""
        return cls(
            author=spoken.author,
            words=spoken.words,
            files=tuple(file["kind"] for file in spoken.files),
            said_at=spoken.said_at,
            taken_back=spoken.removed_at is not None,
            reported=spoken.id == reported,
            earlier=tuple(words for _until, words in spoken.earlier),
            name=name,
        )

    def to_json(self) -> dict[str, Json]:
        """As JSON, for the report."""
        lists = {"files": list(self.files), "earlier": list(self.earlier)}
        return {**vars(self), **lists, "said_at": self.said_at.isoformat()}

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Evidence:
        """Back from the JSON of `to_json`."""
        told = {"files": tuple(data["files"]), "earlier": tuple(data["earlier"])}
        return cls(**{**data, **told, "said_at": datetime.fromisoformat(data["said_at"])})


def make(
    session: Session,
    *,
    reporter: int | None,
    reported: int | None,
    countries: tuple[str, str],
    reason: str,
    words: str,
    evidence: Sequence[Evidence],
    now: datetime,
    partnership: int | None = None,
    room: int | None = None,
    pupils: tuple[int | None, int | None] = (None, None),
) -> int:
    """Make a report about a partnership or a room; ``countries`` are those of the reporter and of the reported, each a
    person or one of ``pupils``. Gives its number."""
    row = Report(
        partnership_id=partnership,
        room_id=room,
        reporter_id=reporter,
        reported_id=reported,
        reporter_pupil=pupils[0],
        reported_pupil=pupils[1],
        reporter_country=countries[0],
        reported_country=countries[1],
        reason=reason,
        words=words,
        evidence=[one.to_json() for one in evidence],
        made_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def find(session: Session, number: int, post: Post) -> Report | None:
    """A report by its number, if this officer may read it."""
    return session.scalar(select(Report).where(Report.id == number, _within(post)))


def waiting(session: Session, post: Post, limit: int) -> list[Report]:
    """The open reports that an officer may read, the oldest first."""
    found = select(Report).where(Report.state == OPEN, _within(post)).order_by(Report.made_at, Report.id)
    return list(session.scalars(found.limit(limit)))


def see(session: Session, number: int, now: datetime) -> bool:
    """Note that support has read a report; whether it was for the first time."""
    where = update(Report).where(Report.id == number, Report.seen_at.is_(None))
    return session.scalar(where.values(seen_at=now).returning(Report.id)) is not None


def close(session: Session, number: int, state: str, officer: int, now: datetime, note: str | None = None) -> bool:
    """Note how a report ended; False if somebody else was faster."""
    where = update(Report).where(Report.id == number, Report.state == OPEN)
    values = {"state": state, "handled_by": officer, "handled_at": now, "note": note}
    return session.scalar(where.values(**values).returning(Report.id)) is not None


def made_since(session: Session, reporter: int, since: datetime) -> int:
    """How many reports somebody has made since a moment."""
    where = select(func.count()).select_from(Report).where(Report.reporter_id == reporter, Report.made_at > since)
    return session.scalar(where) or 0


def made_by_pupil_since(session: Session, pupil: int, since: datetime) -> int:
    """How many reports a pupil has made since a moment."""
    where = select(func.count()).select_from(Report).where(Report.reporter_pupil == pupil, Report.made_at > since)
    return session.scalar(where) or 0


def purge(session: Session, before: datetime) -> None:
    """Forget reports from before a moment."""
    session.execute(delete(Report).where(Report.made_at < before))


def _within(post: Post) -> ColumnElement[bool]:
    """The reports that concern the country of an officer; all of them for central support."""
    if post.country is None:
        return true()
    return or_(Report.reporter_country == post.country, Report.reported_country == post.country)
