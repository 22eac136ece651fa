"""An older pupil comes in by a private chat, where the account says who it is: the nickname alone goes anywhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from bot.text import Reader, plain
from bot.text.emblems import EMBLEMS
from handlers.rights.ending import erasing_chore
from storage import pupils
from storage.pupils import Place
from tests.cast import Actor, OnMatrix, OnTelegram
from tests.pictures import MARK, photo
from tests.stories.teachers import Colleague, verified
from tests.stories.test_nothing_stays import opened
from tests.stories.test_rooms import begin
from tests.world import World

Worlds = Callable[..., World]
PLANTED = ("Zqmaria", "Zqsilva", "zqnick", MARK.decode())


async def pupil_on(world: World, platform: str) -> Actor:
    """Somebody whose account says who they are."""
    if platform == "matrix":
        return await world.actor(PLANTED[0], "matrix")
    assert world.api is not None
    user = world.api.user(PLANTED[0], last_name=PLANTED[1], username=PLANTED[2], language_code="en", started=True)
    return Actor(PLANTED[0], OnTelegram(world.api, user))


async def place_for(world: World, joao: Colleague) -> Place:
    """The teacher makes a place that opens the class room in chats, too."""
    await joao.actor.says("/pupils 1", hears="How old are the youngest of them?")
    await joao.actor.says("17", hears="They are old enough to come in by Telegram or Matrix as well.")
    await joao.actor.chooses("There too", hears="In which language")
    await joao.actor.chooses("English", hears="1 place is made.")
    return (await world.database.read(lambda s: pupils.of_owner(s, joao.person)))[0]


async def comes_in(pupil: Actor, card: Place) -> None:
    join = f"!join {card.code.lower()}" if pupil.platform == "matrix" else f"/start join_{card.code}"
    await pupil.says(join, hears="The three pictures on your card")
    pictures = [plain(EMBLEMS[number].name, Reader("en")) for number in card.pictures]
    await pupil.says(", ".join(pictures), hears="Choose your nickname")
    await pupil.chooses(card.nickname, hears=["You are in your class room.", card.nickname])


def account_of(pupil: Actor) -> list[str]:
    """What the platform calls the account and its chat."""
    if isinstance(pupil.ways, OnMatrix):
        return [pupil.ways.user.user_id, pupil.ways.room]
    assert isinstance(pupil.ways, OnTelegram)
    return [str(pupil.ways.user.id)]


@pytest.mark.parametrize("platform", ["telegram", "matrix"])
async def test_a_private_chat_is_the_class_room(
    worlds: Worlds, platform: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with worlds("web", "telegram", *({platform} - {"telegram"})) as world:
        amina, joao = await verified(world, "Amina", "web"), await verified(world, "João", "telegram")
        assert world.api is not None and isinstance(joao.actor.ways, OnTelegram)
        group = world.api.group("Rivers", creator=joao.actor.ways.user, bot="administrator")
        await world.database.write(
            partial(begin, amina=amina.person, joao=joao.person, group=f"{group.id}", world=world, place=1)
        )
        card = await place_for(world, joao)
        pupil = await pupil_on(world, platform)
        await comes_in(pupil, card)
        await pupil.says("Good morning", hears="Waits until your teacher has read it")
        await joao.actor.hears("1 message waits for you")
        await joao.actor.chooses("Let out all: 1")
        said = await world.api.wait_for(group, "Good morning")
        assert card.nickname in said.text
        await pupil.does(joao.actor.ways.user.says("Dzień dobry!", group, reply_to=said), hears="Dzień dobry!")
        picture = photo()
        await pupil.sends_picture(picture, "Our river")
        await world.api.wait_for(group, lambda m: "Our river" in m.data.get("caption", ""))
        await pupil.says("/register" if platform == "telegram" else "!register", hears="goes to your class room")
        await pupil.says("/leave" if platform == "telegram" else "!leave", hears="I forget you.")
        await world.app.idle()
        calls = [call for call in world.api.calls if account_of(pupil)[0] not in repr(call)]
        files = [file for file in world.api.files.values() if file[1] != picture]
        for _step in range(8):
            world.offset += timedelta(minutes=11)
            await world.app.delivery.due()
            await world.app.idle()
            await world.app.do(erasing_chore)
        kept = await world.database.read(opened)
        logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("twinbot"))
        out = repr(calls) + repr(files)
        for text in (out, kept, logged):
            assert [word for word in PLANTED if word.casefold() in text.casefold()] == []
        assert [word for word in account_of(pupil) if word.casefold() in kept] == []
        assert card.code.casefold() not in logged.casefold()
        assert json.dumps(card.nickname)[1:-1].casefold() in kept
