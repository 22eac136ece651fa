"""People of support for stories: officers and ambassadors, and what teachers do until their case is answered."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.talk import Chore
from handlers.verification.chores import chores
from storage import staff
from storage.models import Person, Teacher
from tests.cast import Actor
from tests.stories.telling import register
from tests.world import World


async def newest(world: World) -> int:
    """The person who came last."""
    return await world.database.read(lambda session: session.scalar(select(func.max(Person.id))) or 0)


async def helper(
    world: World, name: str, platform: str, role: str = staff.NATIONAL, country: str | None = "PT", region: str = ""
) -> Actor:
    """Somebody with a role beyond a teacher's, who has said hello."""
    actor = await world.actor(name, platform)
    await actor.says("/start", hears="Welcome to twinbot")
    person = await newest(world)

    def named(session: Session) -> None:
        staff.name_officer(session, person, role, country, named_by=None, now=world.now(), region=region or None)

    await world.database.write(named)
    return actor


async def dismiss(world: World, person: int) -> None:
    """Take somebody's role away."""
    await world.database.write(lambda session: staff.remove_officer(session, person))


async def writes_to_support(actor: Actor, note: str = "I am on the school's page.") -> None:
    """A registered teacher puts a note before support."""
    await actor.says("/verification", hears="You are not verified yet")
    await actor.chooses("Write to support", hears="What shows that you teach there?")
    await actor.says(note, hears="Support reads it")


async def waiting(world: World, name: str, platform: str, *, called: str = "Amina Diallo") -> Actor:
    """A teacher who waits for support."""
    actor = await world.actor(name, platform)
    await register(actor, name=called)
    await writes_to_support(actor)
    return actor


async def status(world: World, name: str = "Amina Diallo") -> str | None:
    """A teacher's status."""
    where = select(Teacher.status).where(Teacher.name == name)
    return await world.database.read(lambda session: session.scalar(where))


def chore(name: str) -> Chore:
    """One of the chores of verification."""
    return next(each for each in chores() if each.name == f"verification {name}")


async def comes_round(world: World, *names: str) -> None:
    """The chores come round now."""
    for name in names:
        await world.app.do(chore(name))
