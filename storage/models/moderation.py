"""How order is kept in the rooms of a project: what was done there, and the words and links that its founders named."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Id
from storage.sealing import Sealed

STOPPED, SITE, SAFE = "stopped", "site", "safe"


class RoomAct(Base):
    """Something that was done to keep order in a room, for its founders and for support.

    ``actor_id`` did it (None: it came about by itself), to the teacher ``subject_id`` or the pupil ``pupil_id``, or to
    the message ``message_id``, which may be gone by now. ``detail`` has numbers, such as minutes; never words.
    """

    __tablename__ = "room_acts"
    __table_args__ = (
        Index("ix_room_acts_room_id_id", "room_id", "id"),
        Index("ix_room_acts_actor_id", "actor_id"),
        Index("ix_room_acts_subject_id", "subject_id"),
    )

    id: Mapped[Id]
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id", ondelete="CASCADE"))
    act: Mapped[Code]
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    detail: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class ProjectWord(Base):
    """A word that is STOPPED in the rooms of a project, a SITE to which no link leads, or a SAFE one, to which pupils
    may link without waiting."""

    __tablename__ = "project_words"
    __table_args__ = (Index("ix_project_words_project_id", "project_id"),)

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    kind: Mapped[Code]
    words: Mapped[str] = mapped_column(Sealed("project_words.words"))
    added_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    added_at: Mapped[datetime]
