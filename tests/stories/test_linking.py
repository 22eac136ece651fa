"""One person with accounts on several platforms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from tests.cast import Actor
from tests.stories.telling import register, to_question
from tests.world import World

_CODE = re.compile(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b")
PAIRS = [("telegram", "web"), ("matrix", "web"), ("matrix", "telegram")]


@pytest.fixture(params=PAIRS, ids="-".join)
async def two(request: pytest.FixtureRequest, worlds: Callable[..., World]) -> AsyncIterator[World]:
    """A world with two platforms."""
    async with worlds(*request.param) as made:
        yield made


@pytest.fixture
async def web(worlds: Callable[..., World]) -> AsyncIterator[World]:
    """A world with the web alone."""
    async with worlds("web") as made:
        yield made


async def code_of(actor: Actor) -> str:
    """A code as it is given."""
    found = _CODE.search(await actor.says("/link", hears="Your code"))
    assert found is not None
    return found.group()


async def test_a_teacher_comes_to_another_platform(two: World) -> None:
    here, there = [await two.actor("Amina", platform) for platform in two.platforms]
    await register(here)
    code = await code_of(here)
    await there.says(f"/link {code.lower().replace('-', ' ')}", hears=["Done:", "My profile"])
    await there.says("/profile", hears=["Amina Diallo", "Viseu"])
    await there.chooses("Change: Looking for", hears="What are you looking for?")
    await there.says("Letters by ship", hears="Saved.")
    await here.says("/profile", hears="Letters by ship")
    # A code is good for one use.
    other = await two.actor("Eve", two.platforms[1])
    await other.says(f"/link {code}", hears="That code is not right")
    await other.says("/profile", hears="This is for registered teachers.")


async def test_a_code_of_a_newcomer_joins_them_to_the_teacher(two: World) -> None:
    here, there = [await two.actor("Amina", platform) for platform in two.platforms]
    await register(here)
    await there.says("/start", hears="Welcome to twinbot")
    await here.says(f"/link {await code_of(there)}", hears="Done:")
    await there.says("/profile", hears="Amina Diallo")
    await here.says("/profile", hears="Amina Diallo")


async def test_linking_in_the_middle_of_registering(two: World) -> None:
    here, there = [await two.actor("Amina", platform) for platform in two.platforms]
    await register(here)
    code = await code_of(here)
    await to_question(there, 4)
    await there.says(f"/link {code}", hears=["Done:", "You are registered already."])
    await there.says("/profile", hears="Amina Diallo")


async def test_a_newcomer_is_asked_on_where_they_were(two: World) -> None:
    """Nobody is registered yet: the dialogue of each chat goes on there."""
    here, there = [await two.actor("Amina", platform) for platform in two.platforms]
    code = await code_of(here)
    await to_question(there, 2)
    await there.says(f"/link {code}", hears=["Done:", "2/7"])
    await there.says("Portugal", hears="3/7")


async def test_wrong_old_and_own_codes(web: World) -> None:
    amina, eve = await web.actor("Amina"), await web.actor("Eve")
    await register(amina)
    own = await code_of(amina)
    await amina.says(f"/link {own}", hears="That is your own code.")
    await eve.says("/link 22222-22222", hears="That code is not right")
    web.offset += timedelta(minutes=16)
    await eve.says(f"/link {own}", hears="That code is not right")
    for _guess in range(3):
        await eve.says("/link 33333-33333", hears="That code is not right")
    code = await code_of(amina)
    await eve.says(f"/link {code}", hears="Too many wrong codes.")
    web.offset += timedelta(minutes=61)
    await eve.says(f"/link {code}", hears="That code is not right")
    await eve.says(f"/link {await code_of(amina)}", hears="Done:")


async def test_two_profiles_become_the_one_that_is_chosen(two: World) -> None:
    here, there = [await two.actor("Amina", platform) for platform in two.platforms]
    await register(here)
    await register(there, name="Amina the Second")
    await there.says(f"/link {await code_of(here)}", hears=["Which one do you want to keep?", "The other one"])
    await there.chooses("The other one", hears="Done:")
    for actor in (here, there):
        assert "Second" not in await actor.says("/profile", hears="Amina Diallo")


async def test_two_profiles_stay_two_if_it_is_cancelled(two: World) -> None:
    here, there = [await two.actor("Amina", platform) for platform in two.platforms]
    await register(here)
    await register(there, name="Amina the Second")
    await there.says(f"/link {await code_of(here)}", hears="Which one do you want to keep?")
    await there.says("cancel", hears="Stopped.")
    await there.says("/profile", hears="Amina the Second")
    await here.says("/profile", hears="Amina Diallo")


@pytest.mark.parametrize("two", PAIRS[:2], ids="-".join, indirect=True)
async def test_a_teacher_comes_back_in_a_new_browser(two: World) -> None:
    amina = await two.actor("Amina", two.platforms[0])
    await register(amina)
    first = await two.actor("Amina", "web")
    await first.says(f"/link {await code_of(amina)}", hears="Done:")
    second = await two.actor("Amina", "web")
    await second.says("/profile", hears="This is for registered teachers.")
    await second.says(f"/link {await code_of(first)}", hears="Done:")
    await second.says("/profile", hears="Amina Diallo")
