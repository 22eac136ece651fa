"""A request that waits: a reminder after two days, another school for the asker after three, and nobody is woken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from handlers.requests.clock import clock_chore
from tests.stories.teachers import PLACES, Colleague, verified
from tests.stories.test_requests import MESSAGE, ask, two
from tests.world import World

Worlds = Callable[..., World]


@pytest.fixture
async def web(worlds: Callable[..., World]) -> AsyncIterator[World]:
    """A world with the web alone."""
    async with worlds("web") as made:
        yield made


async def at(world: World, days: int, hour: int = 12) -> None:
    """So many days on, at this hour in UTC, the clock comes round."""
    world.offset += timedelta(days=days)
    world.offset = world.now().replace(hour=hour, minute=30) - datetime.now(UTC)
    await world.app.do(clock_chore)


@pytest.mark.parametrize("platform", ["telegram", "matrix"])
async def test_a_reminder_after_two_days_and_another_school_after_three(worlds: Worlds, platform: str) -> None:
    async with worlds("web", platform) as world:
        # Each of them is once on the platform and once on the web.
        places = (platform, "web") if platform == "telegram" else ("web", platform)
        amina, joao = [await verified(world, name, at) for name, at in zip(("Amina", "João"), places, strict=True)]
        await _waits(world, amina, joao)


async def _waits(web: World, amina: Colleague, joao: Colleague) -> None:
    await at(web, 0)
    await ask(amina, joao, MESSAGE)
    ines = await verified(web, "Ines", "web")
    await at(web, 1)
    assert "still waits" not in joao.actor.news()
    await at(web, 1, hour=13)
    await joao.actor.hears(["A request still waits for your answer:", "Amina Diallo", "Accept", "Decline"])
    assert "No answer yet" not in amina.actor.news()
    await at(web, 1, hour=14)
    heard = await amina.actor.hears(["No answer yet from:", PLACES["João"][1], "Ask this school"])
    assert PLACES["Ines"][1] in heard
    await amina.actor.chooses("Ask this school", hears=["A request to:", PLACES["Ines"][1]])
    await amina.actor.says("/cancel")
    # Once is enough, and an answer may still come.
    await at(web, 1)
    assert "No answer yet" not in amina.actor.news()
    accepts = joao.actor.chooses("Accept", hears="You are partners now.")
    await amina.actor.does(accepts, hears="Your request is accepted")
    assert ines.person


async def test_nobody_is_woken(web: World) -> None:
    amina, joao = await two(web)
    await at(web, 0, hour=1)
    await ask(amina, joao, MESSAGE)
    await at(web, 2, hour=2)
    await web.app.idle()
    assert "still waits" not in joao.actor.news()
    web.offset += timedelta(hours=6)
    await web.app.delivery.due()
    await joao.actor.hears("A request still waits for your answer:")


async def test_where_nobody_else_suits_the_wait_is_said_all_the_same(web: World) -> None:
    amina, joao = await two(web)
    await amina.actor.says("/partners Irish, Poland", hears=PLACES["João"][1])
    await amina.actor.says("/cancel")
    await at(web, 0)
    await ask(amina, joao, MESSAGE)
    await at(web, 4)
    heard = await amina.actor.hears(["No answer yet from:", "Other suggestions"])
    assert "Ask this school" not in heard
