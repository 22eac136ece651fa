"""Support sees how matching goes in its country, as figures and as a picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO

import pytest
from PIL import Image

from handlers.staff import bars
from storage import requests as store
from storage import staff
from storage.matching.health import health
from tests.stories.support import helper
from tests.stories.test_requests import two
from tests.world import World

Worlds = Callable[..., World]


@pytest.mark.parametrize("platform", ["web", "telegram", "matrix"])
async def test_an_officer_sees_figures_and_a_picture(worlds: Worlds, platform: str) -> None:
    async with worlds("web", *{platform} - {"web"}) as world:
        amina, joao = await two(world)
        sent = await world.database.write(
            partial(store.send, asker=joao.person, asked=amina.person, message="Hello", now=world.now())
        )
        world.tick()
        await world.database.write(partial(store.accept, request=sent.request.id, person=amina.person, now=world.now()))
        ines = await helper(world, "Ines", platform, country="PT")
        heard = await ines.says("/matching", hears=["How matching goes", "Portugal", "The picture:"])
        assert "have no partner yet" in heard
        assert "Hours until a request is answered (median): 0" in heard
        figures = await world.database.read(partial(health, country="PT", now=world.now()))
        assert figures.weeks[-1] == 1
        assert sum(figures.weeks) == 1
        assert figures.answer_hours is not None
        everywhere = await world.database.read(partial(health, country=None, now=world.now()))
        assert everywhere.waiting > figures.waiting > 0
        assert not (await world.database.read(partial(health, country="IS", now=world.now()))).weeks[-1]


async def test_nobody_else_sees_it(worlds: Worlds) -> None:
    async with worlds("web") as world:
        amina, _joao = await two(world)
        await amina.actor.says("/matching", hears="This is for those who help teachers")
        eve = await helper(world, "Eve", "web", role=staff.AMBASSADOR)
        await eve.says("/matching", hears="This is for those who help teachers")


@pytest.mark.parametrize("figures", [[0, 3, 7, 12], [0] * 12, [], [10**9]])
def test_the_picture_is_one(figures: list[int]) -> None:
    drawn = BytesIO()
    bars.draw(figures, drawn)
    drawn.seek(0)
    with Image.open(drawn) as picture:
        assert (picture.format, picture.size) == ("PNG", (bars.WIDTH, bars.HEIGHT))
        assert len(picture.getcolors(100_000) or []) >= 2
