"""Rooms of projects: their doors, who is in them, what is said there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import ACCOUNT, Base, Code, Id, Line, keyed
from storage.sealing import Sealed, SealedJson

STAFF, CLASS, MORE = "staff", "class", "more"
TEACHERS, EVERYONE = "teachers", "everyone"
OPENING, OPEN, DOWN, SHUT = "opening", "open", "down", "shut"
OUT, HELD, RETURNED = "out", "held", "returned"
_BIG = BigInteger().with_variant(Integer, "sqlite")
BY_PERSON, BY_PUPIL = text("person_id IS NOT NULL"), text("pupil_id IS NOT NULL")
_IS_HELD = text("state = 'held'")


def _unique(name: str, *columns: str, where: Any) -> Index:
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


class Room(Base):
    """A room of a project: STAFF, CLASS or one MORE with a name of its own; ``audience`` is who may be in it.

    ``address`` is what its page is called; it says nothing and is not a secret. ``change`` is the number of the last
    thing that changed here: whoever takes the next one holds the room, so what is said keeps its order. While it is
    locked only founders speak; in slow mode everybody waits so many seconds between two messages.
    """

    __tablename__ = "rooms"
    __table_args__ = (Index("ix_rooms_project_id", "project_id"),)

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    kind: Mapped[Code]
    audience: Mapped[Code]
    name: Mapped[str | None] = mapped_column(Sealed("rooms.name"))
    address: Mapped[Code] = mapped_column(unique=True)
    change: Mapped[int] = mapped_column(default=0)
    slow_seconds: Mapped[int] = mapped_column(default=0)
    locked_at: Mapped[datetime | None]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]


class RoomDoor(Base):
    """One platform's side of a room: the chat where it is heard, and the topic there (``thread``) if it has one.

    ``state`` is OPENING until the platform's part is done, then OPEN; DOWN while nothing gets through, SHUT when it was
    closed. ``key`` finds a door that is being opened, by a digest of what the platform brings back; ``lacks`` are the
    rights that the bot still needs there; ``link`` is where one asks to be let in. It is ``hushed`` where only the bot
    may write. Every room has a door on the web.
    """

    __tablename__ = "room_doors"
    __table_args__ = (
        UniqueConstraint("chat_id", "thread"),
        UniqueConstraint("key"),
        Index("ix_room_doors_room_id_platform", "room_id", "platform"),
        # Two NULLs are never equal, so a chat without topics needs a rule of its own.
        Index(
            "uq_room_doors_whole_chat",
            "chat_id",
            unique=True,
            sqlite_where=text("thread IS NULL"),
            postgresql_where=text("thread IS NULL"),
        ),
    )

    id: Mapped[Id]
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    platform: Mapped[Code]
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id", ondelete="SET NULL"))
    thread: Mapped[Line | None]
    key: Mapped[Line | None]
    state: Mapped[Code]
    lacks: Mapped[list[Any]]
    link: Mapped[str | None] = mapped_column(Sealed("room_doors.link"))
    hushed: Mapped[bool] = mapped_column(default=False)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    opened_at: Mapped[datetime]


class ProjectSpace(Base):
    """What holds the rooms of a project together on a platform that has such a thing: a space on Matrix.

    Its fields are as those of `RoomDoor`.
    """

    __tablename__ = "project_spaces"
    __table_args__ = (UniqueConstraint("project_id", "platform"), UniqueConstraint("chat_id"))

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    platform: Mapped[Code]
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id", ondelete="SET NULL"))
    key: Mapped[Line] = mapped_column(unique=True)
    state: Mapped[Code]
    lacks: Mapped[list[Any]]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    opened_at: Mapped[datetime]


class Guest(Base):
    """An account in a chat of a project, as far as the platform has told or was told of it, whoever it is.

    ``state``: CALLED while an invitation is under way, then ASKED; KNOCKING asks to come in; IN, or OUT, which it chose
    itself; GOING while it is being sent away, STUCK where that was refused. Who was sent away has no row.
    """

    __tablename__ = "guests"
    __table_args__ = (UniqueConstraint("chat_id", "external_key"),)

    id: Mapped[Id]
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(Sealed("guests.external_id"))
    external_key: Mapped[str] = keyed(ACCOUNT, of="external_id", index=True)
    state: Mapped[Code]
    since: Mapped[datetime]


class RoomMember(Base):
    """Somebody in a room, a teacher or a pupil. ``read_change`` is how far they have surely read on the web."""

    __tablename__ = "room_members"
    __table_args__ = (
        _unique("uq_room_members_person", "room_id", "person_id", where=BY_PERSON),
        _unique("uq_room_members_pupil", "room_id", "pupil_id", where=BY_PUPIL),
        Index("ix_room_members_person_id", "person_id"),
        Index("ix_room_members_pupil_id", "pupil_id"),
    )

    id: Mapped[Id]
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id", ondelete="CASCADE"))
    joined_at: Mapped[datetime]
    read_change: Mapped[int] = mapped_column(default=0)
    spoke_at: Mapped[datetime | None]
    muted_until: Mapped[datetime | None]
    # Who was removed from a room stays known, so that no door lets them in again.
    removed_at: Mapped[datetime | None]


class DoorMember(Base):
    """Where a member reads beside the web: at which door they are ASKED, IN or OUT (see `ProjectMember`)."""

    __tablename__ = "door_members"

    door_id: Mapped[int] = mapped_column(ForeignKey("room_doors.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(
        ForeignKey("room_members.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    state: Mapped[Code]
    since: Mapped[datetime]


class RoomMessage(Base):
    """What makes an utterance one of a room; what was said, by whom and where stands there.

    ``change`` grows with everything that becomes of it, so that an open page can ask for what is newer; ``place`` is
    the number under which it came out, which is its place in the room. A pupil's is HELD until a teacher lets it OUT,
    or RETURNED with a ``note``; ``reminded_at`` is when teachers heard again that it waits. ``removed_by`` is who took
    it away, if somebody other than its author did. ``marks`` are stretches that stand out, ``poll`` is what it asks,
    where it is a ballot (see `storage.rooms.ballots`).
    """

    __tablename__ = "room_messages"
    __table_args__ = (
        UniqueConstraint("room_id", "change"),
        Index("ix_room_messages_room_id_id", "room_id", "id"),
        Index("ix_room_messages_room_id_place", "room_id", "place"),
        Index("ix_room_messages_pupil_id", "pupil_id"),
        Index("ix_room_messages_held", "room_id", sqlite_where=_IS_HELD, postgresql_where=_IS_HELD),
    )

    id: Mapped[int] = mapped_column(
        _BIG, ForeignKey("utterances.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    door_id: Mapped[int | None] = mapped_column(ForeignKey("room_doors.id", ondelete="SET NULL"))
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id", ondelete="SET NULL"))
    change: Mapped[int]
    place: Mapped[int]
    state: Mapped[Code] = mapped_column(default=OUT)
    marks: Mapped[list[Any]] = mapped_column(SealedJson("room_messages.marks"))
    poll: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("room_messages.poll"))
    note: Mapped[str | None] = mapped_column(Sealed("room_messages.note"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))


class RoomReaction(Base):
    """A sign that somebody put on a message of a room, and the door at which they did; ``ref`` is the platform's id of
    it, where signs have one."""

    __tablename__ = "room_reactions"
    __table_args__ = (
        _unique("uq_room_reactions_person", "message_id", "person_id", "sign", where=BY_PERSON),
        _unique("uq_room_reactions_pupil", "message_id", "pupil_id", "sign", where=BY_PUPIL),
        Index("ix_room_reactions_person_id", "person_id"),
        Index("ix_room_reactions_pupil_id", "pupil_id"),
    )

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(_BIG, ForeignKey("room_messages.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id", ondelete="CASCADE"))
    sign: Mapped[Code]
    door_id: Mapped[int | None] = mapped_column(ForeignKey("room_doors.id", ondelete="SET NULL"), index=True)
    ref: Mapped[Line | None]
    at: Mapped[datetime]


class RoomVote(Base):
    """Which answer of a ballot somebody in the room has chosen, by its place; a person and a pupil have one each."""

    __tablename__ = "room_votes"
    __table_args__ = (
        _unique("uq_room_votes_person", "message_id", "person_id", where=BY_PERSON),
        _unique("uq_room_votes_pupil", "message_id", "pupil_id", where=BY_PUPIL),
        Index("ix_room_votes_person_id", "person_id"),
        Index("ix_room_votes_pupil_id", "pupil_id"),
    )

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(_BIG, ForeignKey("room_messages.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id", ondelete="CASCADE"))
    answer: Mapped[int]
    at: Mapped[datetime]


class RoomFile(Base):
    """A file of a message as the web room has it, cleaned; empty where it could not be brought. ``key`` is that of
    the outbox row that carried it."""

    __tablename__ = "room_files"
    __table_args__ = (Index("ix_room_files_message_id", "message_id"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    message_id: Mapped[int] = mapped_column(_BIG, ForeignKey("room_messages.id", ondelete="CASCADE"))
    what: Mapped[dict[str, Any]] = mapped_column(SealedJson("room_files.what"))
