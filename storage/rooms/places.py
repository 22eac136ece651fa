"""The chats that a project has on a platform: its space and the doors of its rooms there, and who is in them.

What should be there follows from the project; what is there is told by the platform. Handlers compare the two.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from storage import people
from storage.models import (
    Account,
    Chat,
    DoorMember,
    Erasure,
    Guest,
    Project,
    ProjectMember,
    ProjectSpace,
    Room,
    RoomDoor,
    RoomMember,
    Teacher,
)
from storage.models import projects as of_project
from storage.models.rooms import DOWN, OPEN, OPENING, SHUT
from storage.models.teachers import SUSPENDED

CALLED, ASKED, KNOCKING, IN, OUT, GOING, STUCK = "called", "asked", "knocking", "in", "out", "going", "stuck"
#: A chat that is not there yet is called this and the key of its spot.
COMING = "door:"
_THERE = (CALLED, ASKED, KNOCKING, IN)
#: The best place of somebody's accounts counts, in this order.
_BEST = (IN, ASKED, OUT)


@dataclass(frozen=True)
class Spot:
    """A chat of a project on a platform: its space, or with ``room`` a door. ``external`` is its id there."""

    id: int
    project: int
    room: int | None
    platform: str
    chat: int | None
    external: str
    key: str
    state: str
    lacks: tuple[str, ...]
    by: int | None
    hushed: bool = False

    @property
    def there(self) -> bool:
        """Whether the platform has made it."""
        return bool(self.external) and not self.external.startswith(COMING)


def space_of(session: Session, project: int, platform: str) -> Spot | None:
    """The space of a project; None if it has none there."""
    return next(
        iter(_spaces(session, (ProjectSpace.project_id == project) & (ProjectSpace.platform == platform))), None
    )


def doors_of(session: Session, project: int, platform: str) -> list[Spot]:
    """The doors of the rooms of a project, in the order of the rooms; not those that were closed."""
    return _doors(session, (Room.project_id == project) & (RoomDoor.platform == platform))


def spot_of(session: Session, chat: int) -> Spot | None:
    """What a chat is to its project, by the storage's id; None if it is nothing."""
    found = [*_spaces(session, ProjectSpace.chat_id == chat), *_doors(session, RoomDoor.chat_id == chat)]
    return next(iter(found), None)


def spot_at(session: Session, platform: str, external: str) -> Spot | None:
    """What a chat is to its project, by the platform's id."""
    chat = session.scalar(select(Chat.id).where(Chat.platform == platform, Chat.external_key == external))
    return None if chat is None else spot_of(session, chat)


def _spaces(session: Session, where: ColumnElement[bool]) -> list[Spot]:
    found = select(ProjectSpace, Chat.external_id).outerjoin(Chat, Chat.id == ProjectSpace.chat_id).where(where)
    rows = session.execute(found.order_by(ProjectSpace.id).execution_options(populate_existing=True)).all()
    return [_spot(row, row.project_id, None, external, hushed=True) for row, external in rows]


def _doors(session: Session, where: ColumnElement[bool]) -> list[Spot]:
    found = (
        select(RoomDoor, Room.project_id, Chat.external_id)
        .join(Room, Room.id == RoomDoor.room_id)
        .outerjoin(Chat, Chat.id == RoomDoor.chat_id)
        .where(where, RoomDoor.state != SHUT)
        .order_by(Room.id, RoomDoor.id)
    )
    rows = session.execute(found.execution_options(populate_existing=True)).all()
    return [_spot(row, project, row.room_id, external, hushed=row.hushed) for row, project, external in rows]


def _spot(row: ProjectSpace | RoomDoor, project: int, room: int | None, external: str | None, *, hushed: bool) -> Spot:
    lacks = tuple(str(each) for each in row.lacks)
    where = row.platform, row.chat_id, external or "", row.key or "", row.state, lacks, row.opened_by
    return Spot(row.id, project, room, *where, hushed=hushed)


def plan(
    session: Session, project: int, platform: str, by: int | None, now: datetime, *, again: bool = True
) -> list[Spot]:
    """Note that the rooms of a project are to be opened on a platform; what is to be made for that, the space first.

    With ``again`` what was planned before and failed is planned anew, under the same key: perhaps it is there, and
    nobody knows; and doors that were closed are opened anew.
    """
    held = select(Project.id).where(Project.id == project).with_for_update()
    session.execute(held)
    known = [space_of(session, project, platform)]
    rooms = session.scalars(select(Room.id).where(Room.project_id == project).order_by(Room.id)).all()
    doors = {door.room: door for door in doors_of(session, project, platform)}
    closed = set() if again else _closed(session, rooms, platform)
    known += [doors.get(room) for room in rooms]
    planned = []
    for room, spot in zip([None, *rooms], known, strict=True):
        if spot is None and room not in closed:
            planned.append(_new(session, project, room, platform, by, now))
        elif spot is not None and spot.state == DOWN and again:
            planned.append(_anew(session, spot, now))
    return planned


def _closed(session: Session, rooms: Sequence[int], platform: str) -> set[int]:
    """The rooms of which somebody closed a door on a platform; these are opened there again only when it is wanted."""
    found = select(RoomDoor.room_id).where(RoomDoor.room_id.in_(rooms), RoomDoor.platform == platform)
    return set(session.scalars(found.where(RoomDoor.state == SHUT)))


def _new(session: Session, project: int, room: int | None, platform: str, by: int | None, now: datetime) -> Spot:
    chat, key = _coming(session, platform)
    common: dict[str, Any] = {"platform": platform, "chat_id": chat, "key": key, "state": OPENING, "lacks": []}
    common |= {"opened_by": by, "opened_at": now}
    row = ProjectSpace(project_id=project, **common) if room is None else RoomDoor(room_id=room, **common)
    session.add(row)
    session.flush()
    return _found(session, chat)


def _anew(session: Session, spot: Spot, now: datetime) -> Spot:
    """Plan again what failed. A chat that was there and is lost gets another in its place."""
    values: dict[str, Any] = {"state": OPENING, "lacks": [], "opened_at": now}
    chat = spot.chat
    if spot.there or chat is None:
        lost = session.scalar(select(Chat.unreachable_at).where(Chat.id == spot.chat))
        chat, key = _coming(session, spot.platform, lost)
        values |= {"chat_id": chat, "key": key}
    _change(session, spot, **values)
    return _found(session, chat)


def _coming(session: Session, platform: str, lost: datetime | None = None) -> tuple[int, str]:
    """A chat that is not there yet, and the key under which it will be; ``lost`` is when the one before was lost."""
    key = f"twinbot-{secrets.token_hex(8)}"
    chat = Chat(platform=platform, external_id=f"{COMING}{key}", kind="group", unreachable_at=lost)
    session.add(chat)
    session.flush()
    return chat.id, key


def _found(session: Session, chat: int) -> Spot:
    spot = spot_of(session, chat)
    assert spot is not None
    return spot


def lost_at(session: Session, spot: Spot) -> datetime | None:
    """Since when nothing gets through to a chat; None if all does, or nothing ever did."""
    return session.scalar(select(Chat.unreachable_at).where(Chat.id == spot.chat))


def arrived(session: Session, spot: Spot, external: str, now: datetime) -> Spot:
    """A chat is there, or has another id now: its spot is open."""
    assert spot.chat is not None
    taken = session.scalar(select(Chat.id).where(Chat.platform == spot.platform, Chat.external_key == external))
    if taken is None:
        people.move_chat(session, spot.platform, spot.external, external)
    chat = spot.chat if taken is None else taken
    session.execute(update(Chat).where(Chat.id == chat).values(unreachable_at=None, heard_at=now))
    _change(session, spot, state=OPEN, lacks=[], chat_id=chat)
    return _found(session, chat)


def change(session: Session, spot: Spot, state: str, lacks: Iterable[str] = ()) -> None:
    """Note how a spot stands: OPENING, OPEN, or DOWN for lack of something."""
    _change(session, spot, state=state, lacks=list(lacks))


def hush(session: Session, spot: Spot, hushed: bool) -> None:
    """Note that a platform was told who may write at a door."""
    _change(session, spot, hushed=hushed)


def _change(session: Session, spot: Spot, **values: Any) -> None:
    table: Any = ProjectSpace if spot.room is None else RoomDoor
    session.execute(update(table).where(table.id == spot.id).values(**values))


#: Suspended teachers are nowhere, and neither is who is being erased: they are sent away before their accounts go.
_STAYING = (
    Teacher.status != SUSPENDED,
    ~select(Erasure.person_id).where(Erasure.person_id == Account.person_id, Erasure.stage != "waiting").exists(),
)


def wanted(session: Session, spot: Spot) -> dict[str, tuple[str, int]]:
    """Who should be in a chat: accounts with the people whose they are, by digest.

    The space is for the teachers of the project, a room for those who are in it; who is suspended is nowhere.
    """
    found = (
        select(Account.external_key, Account.external_id, Account.person_id)
        .join(Teacher, Teacher.person_id == Account.person_id)
        .join(ProjectMember, ProjectMember.person_id == Account.person_id)
        .where(Account.platform == spot.platform, *_STAYING)
        .where(ProjectMember.project_id == spot.project, ProjectMember.state == of_project.IN)
    )
    if spot.room is not None:
        found = found.join(RoomMember, RoomMember.person_id == Account.person_id)
        found = found.where(RoomMember.room_id == spot.room, RoomMember.removed_at.is_(None))
    return {key: (external, person) for key, external, person in session.execute(found.order_by(Account.id))}


def near(session: Session, spot: Spot) -> set[str]:
    """Who belongs into the space of a room, by digest, whether or not into the room itself; nobody for the space."""
    space = None if spot.room is None else space_of(session, spot.project, spot.platform)
    return set() if space is None else set(wanted(session, space))


def guests(session: Session, chat: int) -> dict[str, Guest]:
    """Who is known to be in a chat, or to have been asked, by digest."""
    found = select(Guest).where(Guest.chat_id == chat).order_by(Guest.id)
    return {row.external_key: row for row in session.scalars(found.execution_options(populate_existing=True))}


def note(session: Session, chat: int, account: str, state: str, now: datetime) -> Guest:
    """Note how an account stands to a chat."""
    found = select(Guest).where(Guest.chat_id == chat, Guest.external_key == account)
    row = session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        row = Guest(chat_id=chat, external_id=account)
        session.add(row)
    row.state, row.since = state, now
    session.flush()
    return row


def guest(session: Session, chat: int, account: str) -> Guest | None:
    """How an account stands to a chat."""
    found = select(Guest).where(Guest.chat_id == chat, Guest.external_key == account)
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def drop(session: Session, row: Guest) -> None:
    """Forget an account in a chat."""
    session.delete(row)
    session.flush()


def forget_all(session: Session, chat: int) -> None:
    """Forget who was in a chat."""
    session.execute(delete(Guest).where(Guest.chat_id == chat))


def ask_again(session: Session, project: int, person: int, platform: str) -> int:
    """Somebody who left chats of a project wants to be asked again; from how many they had gone."""
    chats = [
        spot.chat for spot in (space_of(session, project, platform), *doors_of(session, project, platform)) if spot
    ]
    theirs = select(Account.external_key).where(Account.person_id == person, Account.platform == platform)
    gone = delete(Guest).where(Guest.chat_id.in_(chats), Guest.state == OUT, Guest.external_key.in_(theirs))
    found = session.scalars(gone.returning(Guest.id).execution_options(synchronize_session=False)).all()
    return len(found)


def mirror(session: Session, spot: Spot, now: datetime) -> None:
    """Note at which door the members of a room read: the best of what their accounts are there counts."""
    assert spot.chat is not None
    if spot.room is None:
        return
    places = (
        select(RoomMember.id, Guest.state)
        .join(Account, Account.person_id == RoomMember.person_id)
        .join(Guest, Guest.external_key == Account.external_key)
        .where(RoomMember.room_id == spot.room, Account.platform == spot.platform, Guest.chat_id == spot.chat)
    )
    best: dict[int, str] = {}
    for member, state in session.execute(places):
        seen = {IN: IN, ASKED: ASKED, CALLED: ASKED, OUT: OUT}.get(state, OUT)
        best[member] = min(best.get(member, OUT), seen, key=_BEST.index)
    known = {row.member_id: row for row in session.scalars(select(DoorMember).where(DoorMember.door_id == spot.id))}
    for member, row in known.items():
        if member not in best:
            session.delete(row)
        elif row.state != best[member]:
            row.state, row.since = best[member], now
    session.add_all(
        DoorMember(door_id=spot.id, member_id=m, state=s, since=now) for m, s in best.items() if m not in known
    )
    session.flush()


def readers(session: Session, door: int) -> list[tuple[int, str]]:
    """Who reads at a door, as far as is known: people with ASKED, IN or OUT."""
    found = select(RoomMember.person_id, DoorMember.state).join(RoomMember, RoomMember.id == DoorMember.member_id)
    found = found.where(DoorMember.door_id == door, RoomMember.person_id.is_not(None)).order_by(DoorMember.member_id)
    return [(person, state) for person, state in session.execute(found) if person is not None]


def out_of_step(session: Session, platform: str, limit: int) -> list[int]:
    """Projects whose chats on a platform are not as they should be: somebody or a door is missing or too much."""
    found: set[int] = set()
    for query in (_missing(platform), _surplus(platform), _unhushed(platform), _doorless(platform)):
        found.update(session.scalars(query.limit(limit)))
    return sorted(found)[:limit]


def _should(platform: str, chat: Any) -> Any:
    """Open chats with the accounts that should be in them: project, chat and digest."""
    mine = (
        select(ProjectMember.project_id, chat.chat_id, Account.external_key)
        .join(Account, Account.person_id == ProjectMember.person_id)
        .join(Teacher, Teacher.person_id == Account.person_id)
        .where(ProjectMember.state == of_project.IN, Account.platform == platform, *_STAYING)
    )
    if chat is ProjectSpace:
        mine = mine.join(ProjectSpace, ProjectSpace.project_id == ProjectMember.project_id)
    else:
        mine = mine.join(Room, Room.project_id == ProjectMember.project_id).join(RoomDoor, RoomDoor.room_id == Room.id)
        inside = and_(RoomMember.room_id == Room.id, RoomMember.person_id == ProjectMember.person_id)
        mine = mine.join(RoomMember, inside).where(RoomMember.removed_at.is_(None))
    return mine.where(chat.platform == platform, chat.state == OPEN)


def _both(platform: str) -> Any:
    return _should(platform, ProjectSpace).union_all(_should(platform, RoomDoor)).subquery()


def _missing(platform: str) -> Any:
    should = _both(platform)
    there = select(Guest.id).where(Guest.chat_id == should.c.chat_id, Guest.external_key == should.c.external_key)
    return select(should.c.project_id).where(~there.exists()).distinct()


def _surplus(platform: str) -> Any:
    should = _both(platform)
    right = select(should.c.chat_id).where(
        should.c.chat_id == Guest.chat_id, should.c.external_key == Guest.external_key
    )
    of_space = and_(ProjectSpace.chat_id == Guest.chat_id, ProjectSpace.state == OPEN)
    of_door = and_(RoomDoor.chat_id == Guest.chat_id, RoomDoor.state == OPEN)
    return (
        select(func.coalesce(ProjectSpace.project_id, Room.project_id))
        .select_from(Guest)
        .outerjoin(ProjectSpace, of_space)
        .outerjoin(RoomDoor, of_door)
        .outerjoin(Room, Room.id == RoomDoor.room_id)
        .where(Guest.state.in_((*_THERE, OUT)), ~right.exists())
        .where(or_(ProjectSpace.platform == platform, RoomDoor.platform == platform))
        .distinct()
    )


def _unhushed(platform: str) -> Any:
    """Doors at which it is not as the project stands who may write."""
    closed = Project.state != of_project.OPEN
    return (
        select(Project.id)
        .join(Room, Room.project_id == Project.id)
        .join(RoomDoor, RoomDoor.room_id == Room.id)
        .where(RoomDoor.platform == platform, RoomDoor.state == OPEN, RoomDoor.hushed != closed)
        .distinct()
    )


def _doorless(platform: str) -> Any:
    """Rooms that were made after the project's space."""
    door = select(RoomDoor.id).where(RoomDoor.room_id == Room.id, RoomDoor.platform == platform)
    return (
        select(Room.project_id)
        .join(ProjectSpace, ProjectSpace.project_id == Room.project_id)
        .where(ProjectSpace.platform == platform, ProjectSpace.state == OPEN, ~door.exists())
        .distinct()
    )
