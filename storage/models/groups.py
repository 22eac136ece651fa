"""Groups of schools around an idea: who founded one, who was asked, who is in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Id
from storage.sealing import Sealed

GATHERING, OPENED, CLOSED = "gathering", "open", "closed"
ASKED, IN, OUT = "asked", "in", "out"
_GATHERS = text("state = 'gathering'")


class SchoolGroup(Base):
    """Some schools around an idea. ``kind`` is a kind of project, ``language`` the one that all share, ``wanted`` how
    many schools it shall have. ``state`` is GATHERING until enough are in (OPENED), or too few were (CLOSED)."""

    __tablename__ = "school_groups"
    __table_args__ = (
        Index(
            "uq_school_groups_gathering", "founder_id", unique=True, sqlite_where=_GATHERS, postgresql_where=_GATHERS
        ),
        Index("ix_school_groups_gathering_since", "founded_at", sqlite_where=_GATHERS, postgresql_where=_GATHERS),
    )

    id: Mapped[Id]
    founder_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Code]
    language: Mapped[Code]
    idea: Mapped[str] = mapped_column(Sealed("school_groups.idea"))
    wanted: Mapped[int]
    state: Mapped[Code] = mapped_column(default=GATHERING)
    founded_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]


class GroupMember(Base):
    """Somebody who was asked into a group: ASKED, IN or OUT (declined, or gone before it opened)."""

    __tablename__ = "group_members"

    group_id: Mapped[int] = mapped_column(ForeignKey("school_groups.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    state: Mapped[Code] = mapped_column(default=ASKED)
    asked_at: Mapped[datetime]
    # When somebody who has not answered was given up for another; their yes still counts.
    replaced_at: Mapped[datetime | None]
