"""What stories about support share: people with roles, and the chores that tell them things."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handlers import chores
from storage.models import Account, Teacher
from storage.models.teachers import VERIFIED
from storage.staff import name_officer
from tests.cast import Actor
from tests.stories.telling import register
from tests.world import World

Worlds = Callable[..., World]
REAL = ("telegram", "web", "matrix", "terminal")


def newest_person(session: Session) -> int:
    """Whoever spoke for the first time last."""
    newest = select(Account.person_id).where(Account.platform.in_(REAL)).order_by(Account.id.desc()).limit(1)
    return session.scalars(newest).one()


async def officer(world: World, name: str, platform: str, country: str | None = "PT") -> Actor:
    """A support officer: national, or central if there is no country."""
    actor = await world.actor(name, platform)
    await actor.says("/start", hears="Welcome to twinbot")
    role = "central" if country is None else "national"

    def unit(session: Session) -> None:
        name_officer(session, newest_person(session), role, country, named_by=None, now=world.now())

    await world.database.write(unit)
    return actor


async def teacher(world: World, name: str, platform: str, *, verified: bool = True) -> Actor:
    """A registered teacher of Portugal."""
    actor = await world.actor(name, platform)
    await register(actor, name=name)

    def unit(session: Session) -> None:
        person = newest_person(session)
        session.execute(update(Teacher).where(Teacher.person_id == person).values(status=VERIFIED))

    if verified:
        await world.database.write(unit)
    return actor


async def later(world: World, seconds: float) -> None:
    """Let time pass, and do the chores."""
    world.offset += timedelta(seconds=seconds)
    for chore in chores():
        await world.app.do(chore)


async def person_called(world: World, name: str) -> int:
    """The number of a teacher."""
    unit = partial(_called, name=name)
    return await world.database.read(unit)


def _called(session: Session, name: str) -> int:
    return session.scalars(select(Teacher.person_id).where(Teacher.name == name)).one()
