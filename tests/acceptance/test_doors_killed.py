"""Rooms are made on Matrix while the program is killed with -9, each time just after the homeserver has made one."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from storage import rooms
from storage.database import Database
from storage.models.rooms import OPEN
from storage.rooms import places
from tests.acceptance.process import Town
from tests.acceptance.test_lines_killed import teacher
from tests.acceptance.test_rooms_killed import begin
from tests.cast import OnMatrix
from tests.servers.matrix_user import MatrixUser
from tests.servers.synapse import Synapse
from tests.vault import VAULT


async def joined(bot: MatrixUser) -> set[str]:
    """The rooms that the bot's account is in."""
    return set((await bot.call("GET", "/joined_rooms"))["joined_rooms"])


async def one_more(bot: MatrixUser, than: set[str]) -> set[str]:
    """Wait until the homeserver has made another room for the bot."""
    async with asyncio.timeout(60):
        while True:
            now = await joined(bot)
            if len(now) > len(than):
                return now


def noted(session: Session, project: int) -> int:
    """How many chats of a project on Matrix are known to be there."""
    space = places.space_of(session, project, "matrix")
    there = [space, *places.doors_of(session, project, "matrix")]
    return sum(one is not None and one.state == OPEN for one in there)


@pytest.mark.nightly
async def test_a_kill_between_making_a_room_and_its_commit_makes_none_twice(folder: Path, homeserver: Synapse) -> None:
    async with Town(folder, "telegram", "web", "matrix", homeserver=homeserver) as town:
        await town.program.start()
        amina, joao = await teacher(town, "Amina", "web"), await teacher(town, "Joao", "matrix")
        assert isinstance(joao.ways, OnMatrix)
        database = Database(town.program.settings["TWINBOT_DATABASE_URL"], VAULT)
        address = await database.write(lambda session: begin(session, amina.name, joao.name, "-1001"))
        room = await database.read(lambda session: rooms.of_address(session, address))
        assert room is not None
        bot = MatrixUser(homeserver.url, town.login, joao.ways.user._http)
        known = before = await joined(bot)
        await joao.says(f"!room matrix {room.id}", hears="Open the rooms of this project on Matrix?")
        choosing = asyncio.ensure_future(joao.chooses("Open on Matrix"))
        # The space and its two rooms: each is made, and before that is noted the program is gone.
        between = 0
        while len(known) < len(before) + 3:
            known = await one_more(bot, known)
            town.program.kill()
            between += await database.read(partial(noted, project=room.project)) < len(known) - len(before)
            await town.program.start()
        await choosing
        assert between, "No kill came before the commit."
        await joao.hears("are open on Matrix")
        assert len(await joined(bot)) == len(before) + 3
        chats = await database.read(lambda s: [one.chat for one in rooms.doors(s, room.id) if one.platform == "matrix"])
        assert len(chats) == 1
        database.close()
