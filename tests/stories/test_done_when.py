"""As a new user would: a project is opened, cards are made, two pupils come in, and a message that waited is let out:
it arrives in a room on Matrix and in a group on Telegram."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import aiohttp
import pytest

from storage import pupils, rooms
from storage.pupils import Place
from storage.rooms import places
from tests.cast import OnMatrix, OnTelegram
from tests.projects.page import RoomPage
from tests.stories.teachers import verified
from tests.stories.test_matrix_door import plain
from tests.stories.test_rooms import begin
from tests.world import World

Worlds = Callable[..., World]


async def window(world: World, card: Place, room: rooms.Room) -> tuple[aiohttp.ClientSession, RoomPage]:
    """A browser of a pupil who has come in with a card."""
    headers = {"Origin": world.address}
    browser = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers=headers)
    form = {"code": card.code, **{f"p{number}": "1" for number in card.pictures}}
    async with browser.post(f"{world.address}/join", data=form) as answer:
        assert answer.url.path == "/join/name"
    async with browser.post(f"{world.address}/join/name", data={"name": ""}) as answer:
        assert answer.url.path == f"/class/{room.address}"
    page = RoomPage(browser, world.address, room.address)
    page.base = f"{world.address}/class/{room.address}"
    page.listen()
    return browser, page


@pytest.mark.nightly
async def test_a_held_message_is_let_out_and_arrives_everywhere(worlds: Worlds) -> None:
    async with worlds("web", "telegram", "matrix") as world:
        joao, amina = await verified(world, "João", "telegram"), await verified(world, "Amina", "matrix")
        assert world.api is not None and isinstance(joao.actor.ways, OnTelegram)
        assert isinstance(amina.actor.ways, OnMatrix)
        group = world.api.group("Rivers", creator=joao.actor.ways.user, bot="administrator")
        made = partial(begin, amina=amina.person, joao=joao.person, group=f"{group.id}", world=world, place=1)
        room = await world.database.write(made)
        await amina.actor.says(f"!room matrix {room.id}", hears="Open the rooms of this project on Matrix?")
        await amina.actor.chooses("Open on Matrix", hears="The rooms are being opened on Matrix.")
        await amina.actor.hears("are open on Matrix")
        doors = await world.database.read(lambda s: places.doors_of(s, room.project, "matrix"))
        chat = next(door.external for door in doors if door.room == room.id)
        user = amina.actor.ways.user
        await user.is_invited(chat)
        await user.join(chat)
        await joao.actor.says("/pupils 2", hears="How old are the youngest of them?")
        await joao.actor.says("10", hears="In which language")
        await joao.actor.chooses("English", hears=["2 places are made.", "waits for your tap"])
        cards = await world.database.read(lambda s: pupils.of_owner(s, joao.person))
        (one, first), (other, second) = [await window(world, card, room) for card in cards]
        await first.says("Our river is called Odra")
        await joao.actor.hears(["1 message waits for you", "Odra"])
        assert "Odra" not in repr(group.messages) and not [h for h in await user.history(chat) if "Odra" in h.body]
        await joao.actor.chooses("Let out all: 1", hears="1 message is out.")
        await second.hears("Our river is called Odra")
        assert cards[0].nickname in (await world.api.wait_for(group, "Our river is called Odra")).text
        heard = await user.ear.hears("Our river is called Odra", room_id=chat)
        assert cards[0].nickname in plain(heard.body)
        await first.close()
        await second.close()
        await one.close()
        await other.close()
