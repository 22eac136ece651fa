"""A room whose doors have bad days: a group that is told to wait, and a homeserver that is away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from storage.models import Utterance
from storage.rooms import places
from tests.cast import OnMatrix
from tests.stories.teachers import verified
from tests.stories.test_rooms import begin, browsing, plain, staff_room
from tests.world import World

Worlds = Callable[..., World]


async def test_a_group_that_is_told_to_wait_gets_everything_in_order_and_once(worlds: Worlds) -> None:
    """Nobody at another door waits for it meanwhile."""
    async with staff_room(worlds) as here:
        api = here.world.api
        assert api is not None
        api.fault("sendMessage", kind="flood", chat_id=here.group.id, times=3, retry_after=1)
        for number in range(4):
            await here.page.says(f"web {number}")
            await here.in_group.says(f"group {number}", here.group)
        await here.page.until(lambda: len(here.page.seen) == 8)
        await here.heard_in_group("web 3")
        await here.world.app.idle()
        kept = await here.world.database.read(lambda s: list(s.scalars(select(Utterance.words).order_by(Utterance.id))))
        assert here.page.spoken() == kept
        assert [text.splitlines()[-1] for text in here.by_bot()] == [f"web {number}" for number in range(4)]


@pytest.mark.nightly
async def test_a_homeserver_that_was_away_gets_everything_in_order_and_once(worlds: Worlds) -> None:
    """A room on Matrix and a page: what is said while the homeserver is away arrives when it is back."""
    async with worlds("web", "telegram", "matrix") as world:
        amina, joao = await verified(world, "Amina", "web"), await verified(world, "João", "matrix")
        assert isinstance(joao.actor.ways, OnMatrix) and world.api is not None and world.server is not None
        group = world.api.group("Rivers", creator=world.api.user("Somebody"), bot="administrator")
        made = partial(begin, amina=amina.person, joao=joao.person, group=str(group.id), world=world)
        room = await world.database.write(made)
        await joao.actor.says(f"!room matrix {room.id}", hears="Open the rooms of this project on Matrix?")
        await joao.actor.chooses("Open on Matrix", hears="The rooms are being opened on Matrix.")
        await joao.actor.hears("are open on Matrix")
        await world.app.idle()
        doors = await world.database.read(lambda s: places.doors_of(s, room.project, "matrix"))
        chat, user = next(str(door.external) for door in doors if door.room == room.id), joao.actor.ways.user
        await user.is_invited(chat)
        await user.join(chat)
        page = browsing(world, amina, room)
        page.listen()
        world.server.stop()
        for number in range(5):
            await page.says(f"while you were away {number}")
        await page.hears("while you were away 4")
        # The group is no part of the homeserver's trouble.
        await world.api.wait_for(group, "while you were away 4")
        world.server.start()
        await user.ear.hears("while you were away 4", room_id=chat)
        await page.says("and now")
        await user.ear.hears("and now", room_id=chat)
        said = [plain(heard.body).splitlines()[-1] for heard in await user.history(chat) if "away" in heard.body]
        assert said == [f"while you were away {number}" for number in range(5)]
        await page.close()
