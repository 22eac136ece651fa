"""Verified teachers for stories that begin after registration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import people, teachers
from storage.models import Person, School
from storage.schools import add_school
from storage.teachers import TeacherFacts
from tests.cast import Actor
from tests.world import World

#: A language that no teacher of the fiction works in: who filters by it finds the people of the story alone.
RARE = "ga"
RARE_NAME = "Irish"
PLACES = {
    "Amina": ("PT", "Escola Básica do Viriato", "Viseu"),
    "João": ("PL", "Szkoła Podstawowa nr 77", "Kielce"),
    "Ines": ("GR", "77ο ΕΠΑΛ", "Καβάλα"),
    "Eve": ("FR", "École des Tilleuls", "Tours"),
}


@dataclass
class Colleague:
    """Somebody of a story, and their number."""

    actor: Actor
    person: int


async def verified(world: World, name: str, platform: str | None = None, *, language: str = "en") -> Colleague:
    """Somebody of the cast who has said hello and is a verified teacher at a school of their own."""
    actor = await world.actor(name, platform, language=language)
    await actor.says("/start", hears="twinbot")
    person = await world.database.write(partial(_newest, name=name, language=language, now=world.now()))
    return Colleague(actor, person)


def _newest(session: Session, name: str, language: str, now: datetime) -> int:
    person = session.scalars(select(func.max(Person.id))).one()
    people.set_language(session, person, language)
    make_teacher(session, person, name, now)
    return person


def make_teacher(session: Session, person: int, name: str, now: datetime) -> None:
    """Make a person a verified teacher at the school of this name's place."""
    country, school, town = PLACES[name]
    there = session.scalar(select(School.id).where(School.name == school, School.town == town))
    if there is None:
        there = add_school(session, country, school, town, "primary", now=now).id
    told = TeacherFacts(f"{name} Diallo", country, there, ("history", "music"), ("en", RARE), (8, 10), f"{name} sings.")
    teachers.register(session, person, told, now)
    teachers.set_status(session, person, "verified")


async def stand(world: World, colleague: Colleague, status: str) -> None:
    """Give somebody of a story another status."""
    await world.database.write(partial(teachers.set_status, person=colleague.person, status=status))
