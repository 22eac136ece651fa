"""The picture or file that goes with an announcement: kept once, for all who get it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from storage.models import Announcement, AnnouncementFile


@dataclass(frozen=True)
class Enclosed:
    """What a file is; ``size`` in bytes, ``width`` and ``height`` in pixels where it is a picture."""

    kind: str
    name: str
    mime: str | None
    size: int
    width: int | None = None
    height: int | None = None


def put(session: Session, what: Enclosed, content: bytes) -> int:
    """Keep a file; its number."""
    made = AnnouncementFile(
        kind=what.kind, name=what.name, mime=what.mime, size=what.size, width=what.width, height=what.height,
        content=content,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def find(session: Session, number: int | None) -> Enclosed | None:
    """What a file is, without its content."""
    row = None if number is None else session.get(AnnouncementFile, number)
    return None if row is None else Enclosed(row.kind, row.name, row.mime, row.size, row.width, row.height)


def content(session: Session, number: int) -> bytes | None:
    """What is in a file."""
    return session.scalar(select(AnnouncementFile.content).where(AnnouncementFile.id == number))


def tidy(session: Session) -> None:
    """Forget the files that no announcement has any more."""
    theirs = exists().where(Announcement.file_id == AnnouncementFile.id)
    session.execute(delete(AnnouncementFile).where(~theirs).execution_options(synchronize_session=False))
