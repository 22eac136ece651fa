"""An officer sees in one place what waits, and in each case what a name looks like."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.staff.parts import Worlds, officer
from tests.stories.support import waiting
from tests.world import World


@pytest.fixture
async def world(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds("telegram", "web") as made:
        yield made


async def test_home_leads_to_who_waits_and_the_card_warns_of_the_name(world: World) -> None:
    ana = await officer(world, "Ana", "telegram")
    await waiting(world, "Eve", "web", called="5upp0rt Portugal")
    await ana.says("/staff", hears=["1 teacher waits to be verified.", "Who waits", "Sign in on the web"])
    assert sum("Who waits" in label for label in ana.last.labels) == 1
    await ana.chooses("Who waits", hears=["5upp0rt Portugal", "Careful: the name looks like support"])


async def test_a_plain_name_brings_no_warning_and_other_countries_see_nothing(world: World) -> None:
    ana, marie = await officer(world, "Ana", "telegram"), await officer(world, "Marie", "web", "FR")
    await waiting(world, "Amina", "web")
    assert "Careful" not in await ana.says("/verify", hears="Amina Diallo")
    await marie.says("/staff", hears="Nothing waits for you now.")
