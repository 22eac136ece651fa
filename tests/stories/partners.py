"""Partners for stories, made at once: what registering, verifying and asking lead to."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage import partnerships, teachers
from storage.models import Person, School, Teacher
from storage.teachers import TeacherFacts
from tests.cast import Actor
from tests.world import World


async def teacher(world: World, name: str, platform: str | None = None, *, country: str = "PT") -> Actor:
    """A verified teacher of the cast, who has just said hello."""
    actor = await world.actor(name, platform)
    await actor.says("/start", hears="Welcome to twinbot")
    await world.database.write(partial(become, name=name, country=country, now=world.now()))
    return actor


def become(session: Session, name: str, country: str, now: datetime) -> None:
    """Make a verified teacher of the person who came last."""
    person = session.scalar(select(func.max(Person.id)))
    school = session.scalar(select(School.id).where(School.country == country).limit(1))
    assert person is not None
    assert school is not None
    told = TeacherFacts(name, country, school, ("music",), ("en",), (9, 11), "Songs of our rivers")
    teachers.register(session, person, told, now)
    session.execute(update(Teacher).where(Teacher.person_id == person).values(status="verified"))


def called(session: Session, name: str) -> int:
    """The person of a teacher of the cast."""
    found = session.scalar(select(func.max(Teacher.person_id)).where(Teacher.name == name))
    assert found is not None, name
    return found


async def pair(world: World, one: Actor, other: Actor) -> int:
    """Make two teachers partners; the number of their partnership."""

    def made(session: Session) -> int:
        people = called(session, one.name), called(session, other.name)
        return partnerships.open_(session, *people, now=world.now())

    return await world.database.write(made)


async def status(world: World, actor: Actor, now: str) -> None:
    """Change the status of a teacher, such as to "suspended"."""

    def change(session: Session) -> None:
        where = update(Teacher).where(Teacher.person_id == called(session, actor.name))
        session.execute(where.values(status=now))

    await world.database.write(change)
