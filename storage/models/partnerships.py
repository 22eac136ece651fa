"""Who asks whom, who works with whom, and who wants nothing of whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Id
from storage.sealing import Sealed

OPEN, ACCEPTED, DECLINED, LAPSED, WITHDRAWN = "open", "accepted", "declined", "lapsed", "withdrawn"
_IS_OPEN, _IS_ON = text("state = 'open'"), text("ended_at IS NULL")


class PartnerRequest(Base):
    """One teacher asks another to be partners. ``state`` is OPEN until it is ACCEPTED, DECLINED, LAPSED or WITHDRAWN.

    ``reason`` is the code of a common reason to decline, ``words`` a reason in their own words; both are only there if
    the one who declined chose to give them. Who asks again later makes another row. ``nudged_at`` is when the one who
    was asked was reminded, ``offered_at`` when the asker was offered somebody else meanwhile.
    """

    __tablename__ = "requests"
    __table_args__ = (
        Index("ix_requests_asker_id_asked_id", "asker_id", "asked_id"),
        Index("ix_requests_asked_id_sent_at", "asked_id", "sent_at"),
        Index("ix_requests_asker_id_sent_at", "asker_id", "sent_at"),
        # No teacher has two open requests to the same one, and what lapses is found without reading the rest.
        Index(
            "uq_requests_open",
            "asker_id",
            "asked_id",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index("ix_requests_open_sent_at", "sent_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        CheckConstraint("asker_id <> asked_id", name="two_people"),
    )

    id: Mapped[Id]
    asker_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    asked_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    message: Mapped[str] = mapped_column(Sealed("requests.message"))
    state: Mapped[Code] = mapped_column(default=OPEN)
    sent_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    nudged_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
    reason: Mapped[Code | None]
    words: Mapped[str | None] = mapped_column(Sealed("requests.words"))


class Partnership(Base):
    """Two people who work together: ``one_id`` is always the smaller id. ``ended_by`` is who ended it, if one did;
    ``quiet_until`` is how long nobody is asked whether it goes on, though nothing is said."""

    __tablename__ = "partnerships"
    __table_args__ = (
        # Two people have at most one partnership that goes on.
        Index("uq_partnerships_open", "one_id", "other_id", unique=True, sqlite_where=_IS_ON, postgresql_where=_IS_ON),
        Index("ix_partnerships_one_id", "one_id"),
        Index("ix_partnerships_other_id", "other_id"),
        CheckConstraint("one_id < other_id", name="in_order"),
    )

    id: Mapped[Id]
    one_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    quiet_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))


class Block(Base):
    """Somebody wants nothing of somebody; neither is suggested to, asked by or heard by the other."""

    __tablename__ = "blocks"
    __table_args__ = (Index("ix_blocks_blocked_id", "blocked_id"),)

    blocker_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    blocked_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
