"""Announcements as support writes them: drafts, templates, history, groups of readers that are kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.announcing.segments import Audience, Segment
from storage.models import Announcement, AnnouncementDeed, AnnouncementText, SavedSegment
from storage.staff import Post

DRAFT, WAITING, SCHEDULED, RUNNING, PAUSED, CANCELLED, FINISHED = (
    "draft", "waiting", "scheduled", "running", "paused", "cancelled", "finished",
)  # fmt: skip
#: Who changed a draft so lately may still be at it.
AT_IT = timedelta(minutes=10)
_LISTED = 8
_NEVER_CUT = {WAITING, SCHEDULED, RUNNING, PAUSED}
_CHANGED = (
    "category", "segment", "file_id", "link", "link_label", "joins", "at", "morning", "again", "template", "language",
)  # fmt: skip


@dataclass(frozen=True)
class Deed:
    """Who did what, and when; ``person`` is None for somebody who is gone, and for what came by itself."""

    person: int | None
    deed: str
    at: datetime


def scope_of(post: Post) -> str | None:
    """The country beyond which an officer's announcements never go."""
    return None if post.country is None else post.country


def begin(session: Session, post: Post, language: str, words: str, now: datetime) -> int:
    """Make a draft with its first words; its number."""
    made = Announcement(
        author_id=post.person, country=scope_of(post), category="news", state=DRAFT, language=language, segment={},
        created_at=now, editor_id=post.person, edited_at=now, cursor=0,
    )  # fmt: skip
    session.add(made)
    session.flush()
    set_text(session, made.id, language, words)
    note(session, made.id, post.person, "written", now)
    return made.id


def copy(session: Session, number: int, post: Post, now: datetime) -> int:
    """Make a draft like an announcement, whatever became of that; its number."""
    old = session.get_one(Announcement, number)
    made = begin(session, post, old.language, texts(session, number)[old.language], now)
    kept = {
        name: getattr(old, name) for name in ("category", "segment", "file_id", "link", "link_label", "joins", "again")
    }
    session.execute(update(Announcement).where(Announcement.id == made).values(**kept))
    for language, words in texts(session, number).items():
        set_text(session, made, language, words)
    return made


def find(session: Session, number: int, post: Post) -> Announcement | None:
    """An announcement that an officer may see: of their country, or any for central support."""
    row = session.get(Announcement, number, populate_existing=True)
    if row is None or not (post.country is None or row.country == post.country):
        return None
    return row


def listed(session: Session, post: Post, *states: str) -> list[Announcement]:
    """The newest in these states that an officer sees; first all those that somebody may have to act on, then few of
    the others."""
    urgent = [state for state in states if state in _NEVER_CUT]
    others = [state for state in states if state not in _NEVER_CUT]
    query = select(Announcement).order_by(Announcement.id.desc())
    if post.country is not None:
        query = query.where(Announcement.country == post.country)
    first = list(session.scalars(query.where(Announcement.state.in_(urgent)))) if urgent else []
    return [*first, *session.scalars(query.where(Announcement.state.in_(others)).limit(_LISTED))]


def templates(session: Session, post: Post) -> list[Announcement]:
    """Those that were kept as templates."""
    query = select(Announcement).where(Announcement.template.is_not(None)).order_by(Announcement.id.desc())
    if post.country is not None:
        query = query.where(Announcement.country == post.country)
    return list(session.scalars(query.limit(_LISTED)))


def texts(session: Session, number: int) -> dict[str, str]:
    """The words in each language."""
    found = select(AnnouncementText.language, AnnouncementText.words).where(AnnouncementText.announcement_id == number)
    rows = session.execute(found.order_by(AnnouncementText.language)).all()
    return {row.language: row.words for row in rows}


def set_text(session: Session, number: int, language: str, words: str | None) -> None:
    """Set the words in one language; None takes them away."""
    theirs = AnnouncementText.announcement_id == number, AnnouncementText.language == language
    session.execute(delete(AnnouncementText).where(*theirs))
    if words is not None:
        session.add(AnnouncementText(announcement_id=number, language=language, words=words))
        session.flush()


def change(session: Session, number: int, person: int, seen: int, now: datetime, **values: Any) -> bool:
    """Change what stands in a draft. False: somebody else has changed or sent it since version ``seen``."""
    assert set(values) <= set(_CHANGED), values
    changed = {**values, "version": Announcement.version + 1, "editor_id": person, "edited_at": now}
    where = Announcement.id == number, Announcement.version == seen, Announcement.state == DRAFT
    return session.execute(update(Announcement).where(*where).values(**changed)).rowcount == 1  # type: ignore[attr-defined, no-any-return]


def at_it(session: Session, number: int, person: int, now: datetime) -> None:
    """Note who is about to change a draft."""
    where = update(Announcement).where(Announcement.id == number)
    session.execute(where.values(editor_id=person, edited_at=now))


def move(session: Session, number: int, before: str | Collection[str], after: str, **values: Any) -> bool:
    """Bring it from one of these states into another, in one statement: of two who do so at once the second finds that
    it is there no more. False: it was in another state by now."""
    where = Announcement.id == number, Announcement.state.in_({before} if isinstance(before, str) else before)
    changed = update(Announcement).where(*where).values(state=after, **values)
    done = session.execute(changed.execution_options(synchronize_session=False))
    # What this session knew of it may be older than what the statement found; and a draft may be gone.
    session.get(Announcement, number, populate_existing=True)
    return done.rowcount == 1  # type: ignore[attr-defined, no-any-return]


def remove(session: Session, number: int) -> bool:
    """Forget a draft. False: it is none any more."""
    where = Announcement.id == number, Announcement.state == DRAFT
    return session.execute(delete(Announcement).where(*where)).rowcount == 1  # type: ignore[attr-defined, no-any-return]


def note(session: Session, number: int, person: int | None, deed: str, now: datetime) -> None:
    """Write into the history who did what."""
    session.add(AnnouncementDeed(announcement_id=number, person_id=person, deed=deed, at=now))
    session.flush()


def deeds(session: Session, number: int) -> list[Deed]:
    """The history, the newest last."""
    query = select(AnnouncementDeed).where(AnnouncementDeed.announcement_id == number).order_by(AnnouncementDeed.id)
    return [Deed(row.person_id, row.deed, row.at) for row in session.scalars(query)]


def audience(row: Announcement, now: datetime) -> Audience:
    """Who is meant by an announcement."""
    return Audience(Segment.from_json(row.segment), row.category, row.country, row.started_at or now)


def save_segment(session: Session, post: Post, name: str, segment: Segment, now: datetime) -> None:
    """Keep readers under a name."""
    session.add(SavedSegment(
        owner_id=post.person, country=scope_of(post), name=name, segment=segment.to_json(), saved_at=now
    ))  # fmt: skip
    session.flush()


def saved_segments(session: Session, post: Post) -> list[SavedSegment]:
    """The readers that were kept by officers of the same country, or by central support."""
    where = SavedSegment.country.is_(None) if post.country is None else SavedSegment.country == post.country
    return list(session.scalars(select(SavedSegment).where(where).order_by(SavedSegment.id.desc()).limit(_LISTED)))
