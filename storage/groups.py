"""Groups of four to six schools: founded around an idea, all asked at once, open when enough are in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage import blocks, partnerships
from storage.models import GroupMember, SchoolGroup, Teacher
from storage.models.groups import ASKED, CLOSED, GATHERING, IN, OPENED, OUT
from storage.models.teachers import VERIFIED
from storage.people import hold

__all__ = [
    "ASKED",
    "CLOSED",
    "FEWEST",
    "GATHERING",
    "IN",
    "LIFETIME",
    "MOST",
    "MOST_ASKED",
    "MOST_A_WEEK",
    "MOST_INVITED",
    "OPENED",
    "OUT",
    "PATIENCE",
    "Full",
    "Group",
    "answer",
    "ask",
    "carry_over",
    "close",
    "expired",
    "find",
    "found",
    "founded_lately",
    "gathering_of",
    "invited",
    "people_of",
    "to_replace",
]

FEWEST, MOST = 4, 6
"""How many schools a group has, the founder's among them."""

MOST_ASKED = 15
"""So many are asked at most; then a group waits for those who have not answered."""

MOST_A_WEEK = 3
"""So many groups may be founded by one person within a week: each asks up to `MOST_ASKED` schools."""

MOST_INVITED = 2
"""Whoever has so many groups to answer is asked into no further one."""

PATIENCE, LIFETIME = timedelta(hours=72), timedelta(days=14)
"""After this without an answer somebody else is asked as well; and after this a group that has not opened closes."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it stands."""

    id: int
    founder: int
    kind: str
    language: str
    idea: str
    wanted: int
    state: str


class Full(Exception):
    """A group has as many schools as it may have."""


def found(
    session: Session, founder: int, *, kind: str, language: str, idea: str, wanted: int, now: datetime
) -> Group | None:
    """Found a group; None if this founder gathers one already, or has founded too many lately."""
    hold(session, founder, founder)
    if gathering_of(session, founder) is not None or founded_lately(session, founder, now) >= MOST_A_WEEK:
        return None
    row = SchoolGroup(founder_id=founder, kind=kind, language=language, idea=idea, wanted=wanted, founded_at=now)
    session.add(row)
    session.flush()
    return _group(row)


def founded_lately(session: Session, founder: int, now: datetime) -> int:
    """How many groups somebody has founded within a week."""
    there = select(func.count()).where(
        SchoolGroup.founder_id == founder, SchoolGroup.founded_at > now - timedelta(days=7)
    )
    return session.scalar(there) or 0


def invited(session: Session) -> frozenset[int]:
    """Those who have as many groups to answer as they should."""
    there = select(GroupMember.person_id).join(SchoolGroup, SchoolGroup.id == GroupMember.group_id)
    waits = there.where(SchoolGroup.state == GATHERING, GroupMember.state == ASKED).group_by(GroupMember.person_id)
    return frozenset(session.scalars(waits.having(func.count() >= MOST_INVITED)))


def ask(session: Session, group: int, people: Iterable[int], now: datetime) -> None:
    """Note that these are asked into a group."""
    session.add_all([GroupMember(group_id=group, person_id=person, asked_at=now) for person in people])
    session.flush()


def find(session: Session, group: int, person: int) -> tuple[Group, str] | None:
    """A group with how a person stands to it: "founder", or ASKED, IN or OUT; None if they have no part in it."""
    row = session.get(SchoolGroup, group, populate_existing=True)
    if row is None:
        return None
    if row.founder_id == person:
        return _group(row), "founder"
    member = session.get(GroupMember, (group, person), populate_existing=True)
    return None if member is None else (_group(row), member.state)


def gathering_of(session: Session, founder: int) -> Group | None:
    """The group that a founder gathers now."""
    there = select(SchoolGroup).where(SchoolGroup.founder_id == founder, SchoolGroup.state == GATHERING)
    row = session.scalar(there)
    return None if row is None else _group(row)


def answer(session: Session, group: int, person: int, state: str, now: datetime) -> list[int] | None:
    """Somebody who was asked is IN or OUT. If that opens the group, or it is open, all who are in are each other's
    partners from now on, and are given; else None. Raises Full where there is no room."""
    row = session.get(SchoolGroup, group, with_for_update=True, populate_existing=True)
    assert row is not None
    if state == IN and len(people_of(session, group, {IN})) + 1 >= MOST:
        raise Full
    session.execute(
        update(GroupMember).where(GroupMember.group_id == group, GroupMember.person_id == person).values(state=state)
    )
    everyone = _verified(session, [row.founder_id, *people_of(session, group, {IN})])
    if state != IN or row.state == CLOSED or (row.state == GATHERING and len(everyone) < FEWEST):
        return None
    if row.state == GATHERING:
        row.state, row.opened_at = OPENED, now
        session.flush()
    for one, other in combinations(everyone, 2):
        if not blocks.blocked(session, one, other):
            partnerships.open_(session, one, other, now)
    return everyone


def _verified(session: Session, people: Sequence[int]) -> list[int]:
    """Those of them who are verified teachers still."""
    there = select(Teacher.person_id).where(Teacher.person_id.in_(people), Teacher.status == VERIFIED)
    still = set(session.scalars(there))
    return [person for person in people if person in still]


def people_of(session: Session, group: int, states: Collection[str]) -> list[int]:
    """Those who stand like this to a group, those asked first before others; the founder is not among them."""
    there = select(GroupMember.person_id).where(GroupMember.group_id == group, GroupMember.state.in_(sorted(states)))
    return list(session.scalars(there.order_by(GroupMember.asked_at, GroupMember.person_id)))


def to_replace(session: Session, now: datetime, limit: int) -> list[tuple[Group, int]]:
    """Groups that still gather and have somebody who has not answered for three days, with how many others may be asked
    for them. Each is given once for the same people."""
    late = (GroupMember.state == ASKED, GroupMember.replaced_at.is_(None), GroupMember.asked_at <= now - PATIENCE)
    numbers = select(GroupMember.group_id, func.count()).join(SchoolGroup, SchoolGroup.id == GroupMember.group_id)
    numbers = numbers.where(SchoolGroup.state == GATHERING, *late).group_by(GroupMember.group_id)
    found_now = dict(session.execute(numbers.order_by(GroupMember.group_id).limit(limit)).all())
    session.execute(update(GroupMember).where(GroupMember.group_id.in_(found_now), *late).values(replaced_at=now))
    rows = session.scalars(select(SchoolGroup).where(SchoolGroup.id.in_(found_now)).order_by(SchoolGroup.id)).all()
    return [(_group(row), found_now[row.id]) for row in rows]


def expired(session: Session, now: datetime, limit: int) -> list[Group]:
    """Groups that did not find enough schools in time; they are closed now."""
    late = select(SchoolGroup).where(SchoolGroup.state == GATHERING, SchoolGroup.founded_at <= now - LIFETIME)
    rows = session.scalars(late.order_by(SchoolGroup.id).limit(limit)).all()
    return [close(session, row.id) for row in rows]


def close(session: Session, group: int) -> Group:
    """Close a group that has not opened."""
    row = session.get_one(SchoolGroup, group)
    row.state = CLOSED
    session.flush()
    return _group(row)


def carry_over(session: Session, person: int, into: int) -> None:
    """Give what a person founded and was asked into to another, who is the same human being."""
    mine = gathering_of(session, person)
    if mine is not None and gathering_of(session, into) is not None:
        close(session, mine.id)
    session.execute(update(SchoolGroup).where(SchoolGroup.founder_id == person).values(founder_id=into))
    for row in session.scalars(select(GroupMember).where(GroupMember.person_id == person)).all():
        twin = session.get(GroupMember, (row.group_id, into))
        founder = session.scalar(select(SchoolGroup.founder_id).where(SchoolGroup.id == row.group_id))
        if twin is None and founder != into:
            session.add(GroupMember(group_id=row.group_id, person_id=into, state=row.state, asked_at=row.asked_at))
    session.flush()


def _group(row: SchoolGroup) -> Group:
    return Group(row.id, row.founder_id, row.kind, row.language, row.idea, row.wanted, row.state)
