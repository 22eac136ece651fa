"""A partnership in which nothing is said: both are asked, and one tap frees both without blame."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from handlers.rematch import rematch_chore
from storage import partnerships
from tests.stories.teachers import Colleague, verified
from tests.stories.test_requests import two
from tests.world import World

Worlds = Callable[..., World]


async def later(world: World, days: int) -> None:
    """Let days go by, to an hour after noon: the seconds of the clock take no part of a day away."""
    world.offset += timedelta(days=days)
    world.offset = world.now().replace(hour=13, minute=0) - datetime.now(UTC)
    await world.app.do(rematch_chore)


async def pair(world: World, one: Colleague, other: Colleague) -> int:
    """Make two teachers partners, at noon, so that days are whole whatever the hour of the test."""
    world.offset = world.now().replace(hour=12, minute=0) - datetime.now(UTC)
    opening = partial(partnerships.open_, a=one.person, b=other.person, now=world.now())
    return await world.database.write(opening)


async def still(world: World, one: Colleague) -> int:
    """How many partners somebody has."""
    return len(await world.database.read(partial(partnerships.partners_of, person=one.person)))


@pytest.mark.parametrize("platform", ["telegram", "matrix"])
async def test_silence_is_asked_about_and_one_tap_frees_both(worlds: Worlds, platform: str) -> None:
    async with worlds("web", platform) as world:
        amina, joao = await verified(world, "Amina", platform), await verified(world, "João", "web")
        await pair(world, amina, joao)
        await later(world, 20)
        assert "It has been quiet" not in joao.actor.news()
        await later(world, 2)
        await amina.actor.hears(["It has been quiet for 22 days", "João Diallo", "We go on", "Match us anew"])
        await joao.actor.hears(["It has been quiet for 22 days", "Amina Diallo"])
        frees = amina.actor.chooses("Match us anew", hears=["without blame for anybody", "Partners for you"])
        await joao.actor.does(frees, hears=["You are free for new partners.", "Amina Diallo", "Find partners"])
        assert await still(world, amina) == 0
        # The other's question is answered as well.
        await joao.actor.says("/rematch", hears="None of your partnerships has gone quiet.")


async def test_who_goes_on_is_left_alone_for_some_months(worlds: Worlds) -> None:
    async with worlds("web") as world:
        amina, joao = await two(world)
        await pair(world, amina, joao)
        await later(world, 22)
        await amina.actor.hears("It has been quiet")
        await amina.actor.chooses("We go on", hears="I do not ask again for some months.")
        await later(world, 60)
        assert "It has been quiet" not in amina.actor.news()
        await amina.actor.says("/rematch", hears="It has been quiet for 82 days")
        await later(world, 40)
        await joao.actor.hears("It has been quiet for 122 days")
        assert await still(world, amina) == 1


async def test_only_the_two_may_end_it(worlds: Worlds) -> None:
    async with worlds("web") as world:
        amina, joao = await two(world)
        number = await pair(world, amina, joao)
        await later(world, 30)
        ines = await verified(world, "Ines", "web")
        for words in (f"/rematch yes {number}", f"/rematch yes {number + 7}", f"/rematch no {number}"):
            await ines.actor.says(words, hears="This partnership has ended already.")
        await ines.actor.says("/rematch yes 99999999999999", hears="None of your partnerships")
        assert await still(world, amina) == 1
