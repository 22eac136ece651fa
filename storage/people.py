"""People and chats: who is meant by an account of a platform, and where to reach them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from storage.matching.availability import returned
from storage.matching.rows import here
from storage.models import (
    Account,
    Chat,
    Dialogue,
    Officer,
    OutboxPart,
    OutboxRow,
    Person,
    PupilChat,
    RoomDoor,
    Teacher,
    Utterance,
)

_STALE = timedelta(hours=1)
_ELSEWHERE = timedelta(minutes=5)


@dataclass
class Met:
    """Who speaks, where, and what they are being asked there. ``new``: seen for the first time just now; ``back``:
    until now, nothing could be sent to this chat.

    ``roles`` are the teacher's status, the officer's role, and what follows from them (see `roles_of`).
    """

    person: int
    chat: int
    language: str
    timezone: str
    roles: frozenset[str]
    stack: list[Any]
    last: str | None
    new: bool = False
    back: bool = False

    @property
    def teacher(self) -> bool:
        """Whether they have registered."""
        return "teacher" in self.roles


@lru_cache
def roles_of(status: str | None, role: str | None, pupil: int | None = None) -> frozenset[str]:
    """What somebody is: "teacher" with their status, their role as an officer, and "officer" for both kinds of
    support. A suspended teacher is that alone, whatever else they were; so is a pupil in their chat (``pupil``)."""
    if pupil is not None:
        return frozenset({"pupil"})
    if status == "suspended":
        return frozenset({"teacher", "suspended"})
    roles = {"teacher", status} if status else set()
    if role:
        roles |= {role, "officer"} if role != "ambassador" else {role}
    return frozenset(each for each in roles if each)


def meet(session: Session, platform: str, sender: str, chat: str, kind: str, *, now: datetime, language: str) -> Met:
    """Find the person and chat of an account, or make them. A chat that speaks is reachable again."""
    row = _known(session, platform, sender, chat)
    if row is None:
        return _first_time(session, platform, sender, chat, kind, now, language)
    if row.unreachable_at is not None or row.heard_at is None or now - row.heard_at > _ELSEWHERE:
        session.execute(update(Chat).where(Chat.id == row.chat).values(unreachable_at=None, heard_at=now))
    if now - row.active_at > _STALE:
        session.execute(update(Person).where(Person.id == row.person).values(active_at=now))
        session.execute(update(Teacher).where(Teacher.person_id == row.person).values(active_at=now))
        if row.status is not None:
            here(session, row.person, now)
            returned(session, row.person, now)
    roles = roles_of(row.status, row.role, row.pupil)
    back = row.unreachable_at is not None
    return Met(row.person, row.chat, row.language, row.timezone, roles, list(row.stack or ()), row.last, back=back)


def knows(session: Session, platform: str, sender: str, chat: str) -> bool:
    """Whether this account has spoken in this chat before."""
    return _known(session, platform, sender, chat) is not None


def _known(session: Session, platform: str, sender: str, chat: str) -> Row[Any] | None:
    values = {"platform": platform, "sender": sender, "chat": chat}
    return session.connection().execute(_KNOWN, values).one_or_none()


def _known_query() -> Any:
    platform = bindparam("platform", type_=Account.platform.type)
    return (
        select(
            Person.id.label("person"),
            Chat.id.label("chat"),
            Person.language,
            Person.timezone,
            Person.active_at,
            Chat.unreachable_at,
            Chat.heard_at,
            Teacher.status,
            Officer.role,
            PupilChat.chat_id.label("pupil"),
            Dialogue.stack,
            Dialogue.last,
        )
        .select_from(Account)
        .join(Person, Person.id == Account.person_id)
        .join(Chat, (Chat.platform == Account.platform) & (Chat.external_key == bindparam("chat")))
        .outerjoin(Dialogue, (Dialogue.chat_id == Chat.id) & (Dialogue.person_id == Person.id))
        .outerjoin(Teacher, Teacher.person_id == Person.id)
        .outerjoin(Officer, Officer.person_id == Person.id)
        .outerjoin(PupilChat, PupilChat.person_id == Person.id)
        .where(Account.platform == platform, Account.external_key == bindparam("sender"))
    )


_KNOWN = _known_query()
_HAS_CHAT = select(Chat.id).where(Chat.person_id == Person.id).exists()


def _first_time(
    session: Session, platform: str, sender: str, chat: str, kind: str, now: datetime, language: str
) -> Met:
    where = select(Account.person_id).where(Account.platform == platform, Account.external_key == sender)
    person = session.scalar(where)
    new = person is None
    if person is not None:
        # An account that was named in advance (an officer's) is first heard here: now its language can be guessed.
        unheard = Person.id == person, Person.language_chosen.is_(False), ~_HAS_CHAT
        session.execute(update(Person).where(*unheard).values(language=language, active_at=now))
    if person is None:
        made = insert(Person).values(language=language, created_at=now, active_at=now).returning(Person.id)
        person = session.scalars(made).one()
        session.execute(insert(Account).values(person_id=person, platform=platform, external_id=sender))
    place = session.scalar(select(Chat.id).where(Chat.platform == platform, Chat.external_key == chat))
    if place is None:
        owner = person if kind == "private" else None
        values = {"platform": platform, "external_id": chat, "kind": kind, "person_id": owner, "heard_at": now}
        session.execute(insert(Chat).values(**values))
    row = _known(session, platform, sender, chat)
    assert row is not None
    session.info.pop("wrote", None)
    return Met(
        row.person, row.chat, row.language, row.timezone, roles_of(row.status, row.role, row.pupil), [], None, new
    )


def refresh(session: Session, met: Met) -> None:
    """Read again what a flow may have changed: who the person is (accounts may have been joined) and how they read."""
    where = (
        select(
            Person.id,
            Person.language,
            Person.timezone,
            Teacher.status,
            Officer.role,
            PupilChat.chat_id.label("pupil"),
        )
        .select_from(Chat)
        .join(Person, Person.id == func.coalesce(Chat.person_id, met.person))
        .outerjoin(Teacher, Teacher.person_id == Person.id)
        .outerjoin(Officer, Officer.person_id == Person.id)
        .outerjoin(PupilChat, PupilChat.person_id == Person.id)
        .where(Chat.id == met.chat)
    )
    row = session.execute(where).one_or_none()
    if row is not None:
        met.person, met.language, met.timezone = row.id, row.language, row.timezone
        met.roles = roles_of(row.status, row.role, row.pupil)


@dataclass(frozen=True)
class Reached:
    """Where somebody is reached, and how they read there: mostly a private chat.

    ``person`` is 0 where the chat is nobody's own. ``lost``: nothing can be sent there until it is heard from again.
    ``heard_at`` is when somebody last spoke there, to five minutes.
    """

    person: int
    chat: int
    platform: str
    external_id: str
    kind: str
    language: str
    timezone: str
    lost: bool
    heard_at: datetime | None


def reach(session: Session, person: int) -> Reached | None:
    """The private chat in which a person spoke last; one that cannot be reached only if there is no other."""
    session.flush()
    return _reached(session.connection().execute(_REACH, {"person": person}).one_or_none())


def reach_all(session: Session, persons: Collection[int]) -> dict[int, Reached]:
    """The same for many people at once; whoever has no chat is not among them."""
    session.flush()
    found: dict[int, Reached] = {}
    for row in session.connection().execute(_REACH_ALL, {"persons": list(persons)}) if persons else ():
        place_ = _reached(row)
        if place_ is not None:
            found[place_.person] = place_
    return found


def place(session: Session, chat: int) -> Reached | None:
    """A chat, and how those who are in it read."""
    return _reached(session.execute(_PLACE.where(Chat.id == chat)).one_or_none())


def place_of(session: Session, platform: str, chat: str) -> Reached | None:
    """The chat that a platform calls so."""
    where = _PLACE.where(Chat.platform == platform, Chat.external_key == chat)
    return _reached(session.execute(where).one_or_none())


_PLACE = select(
    Chat.id,
    Chat.platform,
    Chat.external_id,
    Chat.kind,
    Chat.person_id,
    Chat.unreachable_at,
    Chat.heard_at,
    Person.language,
    Person.timezone,
).outerjoin(Person, Person.id == Chat.person_id)
#: Built once: a thousand people may be told something in the same second.
_REACH = (
    _PLACE.where(Chat.person_id == bindparam("person"), Chat.kind == "private")
    .order_by(Chat.unreachable_at.is_not(None), Chat.heard_at.desc().nulls_last(), Chat.id.desc())
    .limit(1)
)

_PLACES = (
    _PLACE.add_columns(
        func.row_number()
        .over(
            partition_by=Chat.person_id,
            order_by=(Chat.unreachable_at.is_not(None), Chat.heard_at.desc().nulls_last(), Chat.id.desc()),
        )
        .label("place")
    )
    .where(Chat.person_id.in_(bindparam("persons", expanding=True)), Chat.kind == "private")
    .subquery()
)
_REACH_ALL = select(_PLACES).where(_PLACES.c.place == 1)


def _reached(row: Any) -> Reached | None:
    if row is None:
        return None
    return Reached(
        person=row.person_id or 0,
        chat=row.id,
        platform=row.platform,
        external_id=row.external_id,
        kind=row.kind,
        language=row.language or "en",
        timezone=row.timezone or "UTC",
        lost=row.unreachable_at is not None,
        heard_at=row.heard_at,
    )


def hold(session: Session, *persons: int) -> None:
    """Let nobody else who holds one of these people go on until this transaction ends; for what two do to each other.

    SQLite has one writer anyway. PostgreSQL locks the rows in one order, so that two who hold the same people wait for
    each other and never both for ever; what was read before may be old, so read it again.
    """
    rows = select(Person.id).where(Person.id.in_(sorted(persons))).order_by(Person.id)
    session.connection().execute(rows.with_for_update(key_share=True))


def language_of(session: Session, person: int) -> str | None:
    """The language that is spoken with a person; None if there is no such person."""
    return session.scalar(select(Person.language).where(Person.id == person))


def set_language(session: Session, person: int, language: str) -> None:
    """Remember the language a person chose."""
    session.execute(update(Person).where(Person.id == person).values(language=language, language_chosen=True))


def set_timezone(session: Session, person: int, timezone: str) -> None:
    """Remember the IANA time zone a person lives in."""
    session.execute(update(Person).where(Person.id == person).values(timezone=timezone))


def move_chat(session: Session, platform: str, chat: str, moved_to: str) -> None:
    """Follow a chat to its new id; if the new one is known already, the old one is left unreachable, and doors of rooms
    go over to the new one. What stood in the old one is not found in the new one, where messages have other ids."""
    old = session.scalar(select(Chat.id).where(Chat.platform == platform, Chat.external_key == chat))
    taken = session.scalar(select(Chat.id).where(Chat.platform == platform, Chat.external_key == moved_to))
    if old is None or old == taken:
        return
    where = update(Chat).where(Chat.id == old)
    new = {"external_id": moved_to, "external_key": moved_to}
    session.execute(where.values(unreachable_at=func.now()) if taken else where.values(new))
    session.execute(update(RoomDoor).where(RoomDoor.chat_id == old).values(chat_id=taken or old, link=None))
    named = OutboxRow.chat_id == old, OutboxRow.external_ref.is_not(None)
    session.execute(update(OutboxRow).where(*named).values(external_ref=None))
    session.execute(delete(OutboxPart).where(OutboxPart.chat_id == old))
    session.execute(update(Utterance).where(Utterance.chat_id == old).values(ref=None))


def lose_chat(session: Session, platform: str, chat: str, now: datetime) -> None:
    """Note that nothing can be sent to a chat until it is heard from again."""
    where = update(Chat).where(Chat.platform == platform, Chat.external_key == chat, Chat.unreachable_at.is_(None))
    session.execute(where.values(unreachable_at=now))


def find_chat(session: Session, chat: int) -> None:
    """Note that a chat can be reached again."""
    session.execute(update(Chat).where(Chat.id == chat).values(unreachable_at=None))


def platforms_of(session: Session, person: int) -> list[str]:
    """The platforms on which a person has an account."""
    found = select(Account.platform).where(Account.person_id == person).order_by(Account.id)
    return list(session.scalars(found))
