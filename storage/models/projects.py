"""Projects of partner schools: what they are about, who is in them, the codes that lead into them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import CARD, Base, Code, Id, Line, keyed
from storage.sealing import Sealed, SealedJson

PROPOSED, OPEN, CLOSED, ARCHIVED, DROPPED = "proposed", "open", "closed", "archived", "dropped"
FOUNDER, TEACHER = "founder", "teacher"
ASKED, IN, OUT = "asked", "in", "out"
_IS_IN = text("state = 'in'")


class Project(Base):
    """What some schools do together.

    ``state`` is PROPOSED until the partner co-signs (OPEN) or nothing comes of it (DROPPED); CLOSED can be opened
    again for a while, ARCHIVED no more. ``pupils`` is about how many take part; ``plan`` names the ready plan it began
    from. ``starts_on`` and ``ends_on`` are its first and last day. ``warned_at`` is when its founders were told that
    what was said in its rooms will be erased. Nobody is asked whether it goes on before ``quiet_until``; ``end_told``
    is how many days before its end they were told of it last.
    """

    __tablename__ = "projects"
    __table_args__ = (Index("ix_projects_state_ends_on", "state", "ends_on"),)

    id: Mapped[Id]
    starter_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    title: Mapped[str] = mapped_column(Sealed("projects.title"))
    about: Mapped[str] = mapped_column(Sealed("projects.about"))
    results: Mapped[str] = mapped_column(Sealed("projects.results"))
    subjects: Mapped[list[Any]]
    languages: Mapped[list[Any]]
    youngest: Mapped[int]
    oldest: Mapped[int]
    pupils: Mapped[int]
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    plan: Mapped[Code | None]
    state: Mapped[Code] = mapped_column(default=PROPOSED)
    proposed_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    quiet_until: Mapped[datetime | None]
    end_told: Mapped[int | None]


class ProjectMember(Base):
    """A teacher of a project: ASKED, IN or OUT (declined, or left); ``school_id`` is the school they joined with.

    ``role`` is FOUNDER or TEACHER. ``pupils_age`` is the age of their pupils in this project, and ``holds`` whether
    what these write waits for a tap; None is what the age says. Where it does not, ``first_waits`` says whether the
    first message of each does.
    """

    __tablename__ = "project_members"
    __table_args__ = (
        Index("ix_project_members_in", "project_id", "role", sqlite_where=_IS_IN, postgresql_where=_IS_IN),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("schools.id", ondelete="SET NULL"), index=True)
    role: Mapped[Code]
    state: Mapped[Code]
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    asked_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    pupils_age: Mapped[int | None]
    holds: Mapped[bool | None]
    first_waits: Mapped[bool] = mapped_column(default=True)


class ProjectCode(Base):
    """A code that lets teachers ask their way into a project until it expires; only its hash is kept."""

    __tablename__ = "project_codes"
    __table_args__ = (Index("ix_project_codes_expires_at", "expires_at"),)

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]


class ProjectFeed(Base):
    """The secret address of a project's calendar, for all of its teachers; any founder renews it.

    ``feed`` is a digest of the secret, by which it is found.
    """

    __tablename__ = "project_feeds"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    feed: Mapped[Line] = mapped_column(unique=True)
    feed_secret: Mapped[str] = mapped_column(Sealed("project_feeds.feed_secret"))


class Pupil(Base):
    """A place for a pupil: a nickname, a word for their picture, a language, an end, and nothing else of anybody.

    ``owner_id`` is the teacher whose place it is. ``code`` stands on the card and ``card`` finds the place by it;
    ``pictures`` are the three of the picture password, by their numbers. Both are sealed and not only digests, so that
    a card that was lost can be printed again. ``written`` says that the teacher chose the nickname; ``taken_at`` is
    when somebody first came in. ``elsewhere`` says that the teacher lets them in by Telegram or Matrix.
    """

    __tablename__ = "pupils"
    __table_args__ = (Index("ix_pupils_expires_at", "expires_at"),)

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    nickname: Mapped[str] = mapped_column(Sealed("pupils.nickname"))
    written: Mapped[bool] = mapped_column(default=False)
    picture: Mapped[Code]
    language: Mapped[Code]
    code: Mapped[str] = mapped_column(Sealed("pupils.code"))
    card: Mapped[str] = keyed(CARD, of="code", unique=True)
    pictures: Mapped[list[Any]] = mapped_column(SealedJson("pupils.pictures"))
    holds: Mapped[bool | None]
    elsewhere: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PupilSession(Base):
    """A browser in which a pupil is: only the hash of its cookie, and whose place it opens."""

    __tablename__ = "pupil_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime]


class PupilChat(Base):
    """A private chat on Telegram or Matrix that is the class room for a pupil: what is needed to bring things there.

    ``person_id`` is the account that writes there, of whom nothing else is known. ``over`` says that the card opens it
    no more; then a chore sends the account away and forgets it.
    """

    __tablename__ = "pupil_chats"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id", ondelete="SET NULL"), unique=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="SET NULL"), index=True)
    over: Mapped[bool] = mapped_column(default=False)
