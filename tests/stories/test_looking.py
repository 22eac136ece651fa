"""Once a month a teacher is asked whether they still look; silence hides them until they are back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.looking import looking_chore
from storage.matching.rows import side
from storage.models import Teacher
from storage.models.teachers import VERIFIED
from storage.teachers import set_status
from tests.stories.telling import register
from tests.world import World


async def registered(world: World) -> int:
    """The newest teacher, verified."""

    def verify(session: Session) -> int:
        person = session.scalars(select(Teacher.person_id).order_by(Teacher.person_id.desc()).limit(1)).one()
        set_status(session, person, VERIFIED)
        return person

    return await world.database.write(verify)


async def found(world: World, person: int) -> bool:
    """Whether others find a teacher."""
    row = await world.database.read(partial(side, person=person))
    assert row is not None
    return row.suggestible


async def later(world: World, days: int) -> None:
    """So many days on, at noon, the work comes round."""
    world.offset += timedelta(days=days)
    noon = world.now().replace(hour=12, minute=0)
    world.offset = noon - datetime.now(UTC)
    await world.app.do(looking_chore)


async def test_one_tap_is_enough(world: World) -> None:
    amina = await world.actor("Amina")
    await register(amina)
    person = await registered(world)
    await later(world, 29)
    await amina.says("/help", hears="/looking")
    await later(world, 3)
    await amina.hears("Are you still looking for partner schools?")
    await amina.chooses("Yes, still looking", hears="I ask again in a month")
    await later(world, 20)
    assert await found(world, person)
    await later(world, 12)
    await amina.hears("Are you still looking")
    await amina.chooses("Not now", hears="Nobody finds you")
    assert not await found(world, person)
    await amina.chooses("Yes, still looking", hears="Other teachers find you")
    assert await found(world, person)


async def test_silence_hides_until_they_are_back(world: World) -> None:
    amina = await world.actor("Amina")
    await register(amina)
    person = await registered(world)
    await later(world, 31)
    await amina.hears("Are you still looking")
    await later(world, 6)
    assert await found(world, person)
    await later(world, 2)
    assert not await found(world, person)
    await later(world, 30)
    await amina.says("/help", hears="/looking")
    assert await found(world, person)


async def test_who_goes_looking_is_not_asked(world: World) -> None:
    amina = await world.actor("Amina")
    await register(amina)
    await registered(world)
    await later(world, 28)
    await amina.says("/partners", hears="Partners for you")
    await later(world, 20)
    assert "Are you still looking" not in amina.news()
    await later(world, 11)
    await amina.hears("Are you still looking")
