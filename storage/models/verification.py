"""Verification: the cases that support answers, the proofs that support them, and the codes sent by mail."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Code, Id, Line
from storage.sealing import Keyed, Sealed

# Where a case stands: in the queue, with the teacher who was asked something, decided but not carried out, put by
# while the teacher is suspended, over.
WAITING, ASKED, HELD, PAUSED, CLOSED = "waiting", "asked", "held", "paused", "closed"

_OPEN = text("state != 'closed'")
_WAITING = text("state = 'waiting'")
_ASKED = text("state = 'asked'")
_NATIONAL = text("state = 'waiting' AND national")
_HELD = text("state = 'held'")
_CLOSED = text("state = 'closed'")


class Case(Base):
    """One go of a teacher at being verified; at most one of a teacher is open.

    ``state`` is one of those above. ``waiting_since`` gives the place in the queue, which an answered question does not
    cost; ``due_at`` is when central support takes over (``national`` is False from then on). ``version`` grows with
    each change, so that nobody decides on what they did not see; ``looked_by`` had it on the screen last. ``outcome``
    is "approved", "declined" or "revoked" by an officer, "proved" without one (``reason`` is the way then), or
    "withdrawn"; a decision is carried out at ``carry_at``. ``before`` is the state that an undo, or the end of a
    suspension, brings back.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_open", "person_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_cases_queue", "country", "waiting_since", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_cases_central", "national", "waiting_since", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_cases_asked", "country", sqlite_where=_ASKED, postgresql_where=_ASKED),
        Index("ix_cases_due", "due_at", sqlite_where=_NATIONAL, postgresql_where=_NATIONAL),
        Index("ix_cases_held", "carry_at", sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_cases_closed", "country", "closed_at", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    country: Mapped[Code]
    state: Mapped[Code]
    national: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(Sealed("cases.note"), default="")
    opened_at: Mapped[datetime]
    waiting_since: Mapped[datetime]
    due_at: Mapped[datetime]
    escalated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    looked_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    looked_at: Mapped[datetime | None]
    outcome: Mapped[Code | None]
    reason: Mapped[Code | None]
    words: Mapped[str | None] = mapped_column(Sealed("cases.words"))
    before: Mapped[Code | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[datetime | None]
    carry_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class CaseWord(Base):
    """What support asked about a case, or what the teacher answered; ``support`` says which."""

    __tablename__ = "case_words"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    support: Mapped[bool]
    words: Mapped[str] = mapped_column(Sealed("case_words.words"))
    at: Mapped[datetime]


class Proof(Base):
    """What was asked of somebody about a teacher and a school, and what came of it.

    ``way`` is "email", "head" or "ambassador" (then ``by_id`` is whom); ``state`` is "asked", "yes", "no" or
    "lapsed". ``until`` is how long an answer counts; ``detail`` the domain that the code was sent to.
    """

    __tablename__ = "proofs"
    __table_args__ = (
        Index(
            "ix_proofs_asked",
            "until",
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), index=True)
    way: Mapped[Code]
    state: Mapped[Code]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    detail: Mapped[Line | None]
    asked_at: Mapped[datetime]
    until: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class MailCode(Base):
    """A code that was sent to a school address; of both only digests are kept.

    ``guesses`` counts the wrong ones; ``used`` says that it counts no more, ``proved`` that it was written rightly.
    Rows stay a day, to limit the mails, and proved ones for good: an address proves one teacher alone.
    """

    __tablename__ = "mail_codes"
    __table_args__ = (
        Index("ix_mail_codes_address_sent_at", "address", "sent_at"),
        Index("ix_mail_codes_domain_sent_at", "domain", "sent_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(Keyed("mail_codes.code"))
    address: Mapped[str] = mapped_column(Keyed("mail_codes.address"))
    domain: Mapped[Line]
    guesses: Mapped[int] = mapped_column(default=0)
    used: Mapped[bool] = mapped_column(default=False)
    proved: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class QueueLine(Base):
    """When an officer was last told what waits: the day where they live, and the moment."""

    __tablename__ = "queue_lines"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date]
    told_at: Mapped[datetime]
