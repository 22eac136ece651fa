"""A room is talked in from the web and from a Telegram group while the program is killed with -9, again and again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from sqlalchemy.orm import Session

from storage import partnerships, projects, rooms
from storage.database import Database
from storage.models import Chat
from tests.acceptance.process import Town
from tests.acceptance.test_killed import Killer, _nothing_is_left, without_doubles
from tests.acceptance.test_lines_killed import teacher
from tests.cast import Actor, OnTelegram, OnWeb
from tests.projects.page import RoomPage
from tests.projects.town import RIVERS
from tests.stories.partners import called
from tests.vault import VAULT


def begin(session: Session, one: str, other: str, group: str) -> str:
    """A project of two, whose staff room has a group for its other door; the address of the room."""
    now = datetime.now(UTC)
    amina, joao = called(session, one), called(session, other)
    partnerships.open_(session, amina, joao, now)
    made = projects.propose(session, amina, joao, RIVERS, now).id
    projects.sign(session, made, joao, now)
    room = rooms.of_project(session, made)[0]
    chat = Chat(platform="telegram", external_id=group, kind="group")
    session.add(chat)
    session.flush()
    rooms.add_door(session, room.id, "telegram", chat.id, now)
    return room.address


async def staff_room(town: Town, amina: Actor, joao: Actor) -> tuple[RoomPage, Any]:
    assert isinstance(amina.ways, OnWeb)
    assert isinstance(joao.ways, OnTelegram)
    group = town.api.group("Rivers", creator=joao.ways.user, bot="administrator")
    database = Database(town.program.settings["TWINBOT_DATABASE_URL"], VAULT)
    made = partial(begin, one=amina.name, other=joao.name, group=str(group.id))
    address = await database.write(made)
    database.close()
    page = RoomPage(amina.ways.http, town.program.url, address)
    page.listen()
    return page, group


async def patiently(page: RoomPage, words: str) -> None:
    """Send a form until it is taken, under the same number, as the page's script does."""
    form = {"event": str(uuid4()), "text": words}
    while True:
        try:
            if await page.sends("say", form) == 204:
                return
        except (aiohttp.ClientError, ConnectionError):
            # The server is being restarted; connecting is what waits.
            await asyncio.sleep(0.05)


@pytest.mark.nightly
async def test_what_is_said_in_a_room_arrives_in_order_and_once(seed: int, folder: Path) -> None:
    async with Town(folder, "telegram", "web") as town:
        await town.program.start()
        amina, joao = await teacher(town, "Amina", "web"), await teacher(town, "Joao", "telegram")
        page, group = await staff_room(town, amina, joao)
        user, killer, rounds = joao.ways.user, Killer(town, seed), range(1, 8)  # type: ignore[attr-defined]
        for number in rounds:

            async def both(number: int = number) -> None:
                """Each says something, and hears what the other said."""
                here, there = f"from the web {number}", f"from Telegram {number}"
                await patiently(page, here)
                await town.api.wait_for(group, here, 60)
                await user.says(there, group)
                await page.hears(there)

            await killer.during(both)
        await killer.restart()
        wanted = [f"from the web {number}" for number in rounds]
        seen = page.spoken()
        brought = [message.text.splitlines()[-1] for message in group.messages if message.by_bot]
        print(f"\nseed {seed}: {killer.kills} kills; {len(brought) - len(rounds)} messages doubled on Telegram")
        assert [words for words in seen if "web" in words] == wanted
        assert [words for words in seen if "Telegram" in words] == [f"from Telegram {number}" for number in rounds]
        assert without_doubles(brought) == wanted
        assert len(brought) - len(rounds) <= killer.kills
        await page.close()
        assert town.api.violations == []
        town.program.kill()
        _nothing_is_left(town)
