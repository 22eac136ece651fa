"""Buttons that are pressed twice, too late, by somebody else, or that never were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from storage.models import Teacher
from tests.cast import Actor, OnTelegram, OnWeb
from tests.stories.telling import register, to_question, to_summary
from tests.world import World

#: Where old messages keep their buttons, or can be answered; in a terminal a line only ever means now.
WITH_BUTTONS = ("web", "telegram", "matrix")
#: Where a button carries a payload that can be made up.
WITH_PAYLOADS = ("web", "telegram")


async def teachers(world: World) -> int:
    """How many teachers there are."""
    return await world.database.read(lambda s: s.scalar(select(func.count()).select_from(Teacher)) or 0)


async def test_saving_twice_saves_once(world: World) -> None:
    before = await teachers(world)
    amina = await world.actor("Amina")
    await to_summary(amina)
    await amina.taps_twice("Save", hears="Welcome, Amina Diallo!")
    await amina.says("/profile", hears="Your profile")
    assert await teachers(world) == before + 1


@pytest.mark.parametrize("platform", WITH_BUTTONS, indirect=True)
async def test_two_taps_turn_one_page(world: World) -> None:
    amina = await world.actor("Amina")
    await register(amina)
    await amina.says("/partners", hears=["5. ", "More"])
    await amina.taps_twice("More", hears=["6. ", "That question is answered already."])
    assert "11. " not in amina.news()


@pytest.mark.parametrize("platform", WITH_BUTTONS, indirect=True)
async def test_a_stale_button_is_explained_and_changes_nothing(world: World) -> None:
    amina = await world.actor("Amina")
    await to_question(amina, 4)
    await amina.says("back", hears="Which school?")
    await amina.says("Viseu", hears="Which of these is it?")
    where = amina.message("Viriato")
    await amina.chooses("Viriato", hears="4/7")
    await amina.chooses_again(where, "Viriato", hears="That question is answered already.")
    await amina.says("music", hears="5/7")


@pytest.mark.parametrize("platform", WITH_BUTTONS, indirect=True)
async def test_an_old_button_after_the_end_offers_a_way_on(world: World) -> None:
    amina = await world.actor("Amina")
    await amina.says("/register", hears="1/7")
    await amina.says("Amina", hears="2/7")
    where = amina.message("Ireland")
    await amina.says("cancel", hears="Stopped. Nothing was saved.")
    await amina.chooses_again(where, "Ireland", hears=["answered already", "What would you like to do?"])


def _payload(actor: Actor, label: str) -> str:
    ways, where = actor.ways, actor.message(label)
    if isinstance(ways, OnWeb):
        return ways.payload(where, label)
    assert isinstance(ways, OnTelegram)
    button = ways.api.chat(ways.user).kept[int(where)].button(label)
    assert button is not None
    return str(button["callback_data"])


def _presser(actor: Actor) -> Callable[[str], Awaitable[object]]:
    ways = actor.ways
    if isinstance(ways, OnWeb):
        return ways.presses_payload
    assert isinstance(ways, OnTelegram)
    message = ways.api.chat(ways.user).kept[int(actor.message(""))]
    return lambda payload: ways.user.presses_data(payload, message)


@pytest.mark.parametrize("platform", WITH_PAYLOADS, indirect=True)
async def test_a_button_of_somebody_else_does_nothing(world: World) -> None:
    before = await teachers(world)
    amina, eve = await world.actor("Amina"), await world.actor("Eve")
    await to_summary(amina)
    payload = _payload(amina, "Save")
    await eve.says("/start", hears="Welcome to twinbot")
    await _presser(eve)(payload)
    await eve.hears(["That button is too old.", "What would you like to do?"])
    assert await teachers(world) == before
    await amina.chooses("Save", hears="Welcome, Amina Diallo!")


@pytest.mark.parametrize("platform", WITH_PAYLOADS, indirect=True)
@pytest.mark.parametrize("payload", ["x", "." * 48, "!cancel", "/partners", "AAAAAAAAAAAAAAAA.000000000000"])
async def test_a_forged_button_does_nothing(world: World, payload: str) -> None:
    eve = await world.actor("Eve")
    await eve.says("/register", hears="1/7")
    await _presser(eve)(payload)
    await eve.hears(["That button is too old.", "1/7"])


@pytest.mark.parametrize("platform", WITH_PAYLOADS, indirect=True)
async def test_a_real_token_with_a_forged_option_does_nothing(world: World) -> None:
    eve = await world.actor("Eve")
    await to_summary(eve)
    token = _payload(eve, "Save").partition(".")[0]
    await _presser(eve)(f"{token}.000000000000")
    await eve.hears(["That button is too old.", "Is everything right?"])
