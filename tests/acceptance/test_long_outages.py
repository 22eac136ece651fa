"""A homeserver that is away for ten minutes, and a database for one: nothing is lost, all comes in order and once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import monotonic

import pytest

from storage import rooms
from storage.database import Database
from storage.rooms import places
from tests.acceptance.conftest import with_a_school
from tests.acceptance.process import Town
from tests.acceptance.test_killed import transcript
from tests.acceptance.test_lines_killed import teacher
from tests.acceptance.test_rooms_killed import begin
from tests.cast import Actor, OnMatrix, OnTelegram, OnWeb
from tests.projects.page import RoomPage
from tests.servers.botapi import BotApi, Chat, User
from tests.servers.chaos import chaos
from tests.servers.postgres import Postgres
from tests.servers.synapse import Synapse
from tests.vault import VAULT

#: Seconds that each is away, and how many lines each person writes in all. What was written on Matrix meanwhile comes
#: at once when it is back, and a room takes no more than 20 of one person in a minute.
HOMESERVER_AWAY, DATABASE_AWAY = 600.0, 60.0
LINES = 15


class Bridge:
    """A room that is talked in on its web page and in a room on Matrix, and read in a group on Telegram as well."""

    def __init__(self, api: BotApi, page: RoomPage, group: Chat, joao: OnMatrix, chat: str) -> None:
        self.api, self.page, self.group = api, page, group
        self.joao, self.chat = joao, chat

    async def both_say(self, number: int) -> None:
        """One line from the web, and one from Matrix."""
        await self.page.says(f"web {number}")
        await self.joao.user.says(self.chat, f"matrix {number}")

    def on_web(self) -> list[str]:
        return said(self.page.spoken())

    def on_telegram(self) -> list[str]:
        return said([message.text for message in self.group.messages if message.by_bot])

    def on_matrix(self) -> list[str]:
        events = [heard for heard in self.joao.user.ear.events if heard.room_id == self.chat]
        return said([h.body for h in events if h.sender != self.joao.user.user_id and not h.replaces])


def said(texts: Sequence[str]) -> list[str]:
    """The lines among what was heard, in their order."""
    return re.findall(r"(?:web|matrix) \d+", "\n".join(texts))


def lines(place: str) -> list[str]:
    return [f"{place} {number}" for number in range(LINES + 1)]


async def opened(town: Town) -> Bridge:
    """Amina on the web and João on Matrix have a room, which has a group on Telegram too."""
    amina, joao = await teacher(town, "Amina", "web"), await teacher(town, "Joao", "matrix")
    assert isinstance(amina.ways, OnWeb) and isinstance(joao.ways, OnMatrix)
    group = town.api.group("Rivers", creator=town.api.user("Rui"), bot="administrator")
    database = Database(town.program.settings["TWINBOT_DATABASE_URL"], VAULT)
    address = await database.write(partial(begin, one="Amina", other="Joao", group=str(group.id)))
    room = await database.read(lambda session: rooms.of_address(session, address))
    assert room is not None
    await joao.says(f"!room matrix {room.id}", hears="Open the rooms of this project on Matrix?")
    await joao.chooses("Open on Matrix", hears="The rooms are being opened on Matrix.")
    await joao.hears("are open on Matrix")
    doors = await database.read(partial(places.doors_of, project=room.project, platform="matrix"))
    chat = next(door.external for door in doors if door.room == room.id)
    database.close()
    await joao.ways.user.join(chat)
    page = RoomPage(amina.ways.http, town.program.url, address)
    page.listen()
    return Bridge(town.api, page, group, joao.ways, chat)


@pytest.mark.nightly
async def test_a_homeserver_is_away_for_ten_minutes(folder: Path, homeserver: Synapse) -> None:
    async with (
        Town(folder, "telegram", "web", "matrix", homeserver=homeserver) as town,
        chaos(homeserver.url) as line,
    ):
        town.program.settings["TWINBOT_MATRIX_HOMESERVER"] = line.url
        await town.program.start()
        bridge = await opened(town)
        await bridge.both_say(0)
        await bridge.page.hears("matrix 0")
        await bridge.joao.until(lambda: bridge.on_matrix() == ["web 0"])
        line.leave()
        waits = []
        for number in range(1, LINES):
            # Time itself is what is tried here: people write over the whole of it.
            await asyncio.sleep(HOMESERVER_AWAY / (LINES - 1))
            began = monotonic()
            await bridge.both_say(number)
            await bridge.api.wait_for(bridge.group, f"web {number}", 60)
            waits.append(monotonic() - began)
        assert bridge.on_matrix() == ["web 0"] and "matrix 1" not in bridge.on_web()
        line.come_back()
        began = monotonic()
        await bridge.page.hears(f"matrix {LINES - 1}")
        heard = monotonic() - began
        await bridge.joao.until(lambda: f"web {LINES - 1}" in bridge.on_matrix())
        await bridge.api.wait_for(bridge.group, f"matrix {LINES - 1}", 60)
        cleared = monotonic() - began
        print(f"\naway for {HOMESERVER_AWAY:.0f} s, {LINES - 1} lines written on either side")
        print(f"meanwhile what is said on the web was in the group within {max(waits):.2f} s")
        print(
            f"then the web had heard all of Matrix after {heard:.1f} s, and everybody everything after {cleared:.1f} s"
        )
        # What comes twice would come before what is said now.
        await bridge.both_say(LINES)
        await bridge.page.hears(f"matrix {LINES}")
        await bridge.joao.until(lambda: f"web {LINES}" in bridge.on_matrix())
        await bridge.api.wait_for(bridge.group, f"matrix {LINES}", 60)
        from_web, from_matrix = lines("web"), lines("matrix")
        assert bridge.on_matrix() == from_web
        for there in (bridge.on_web(), bridge.on_telegram()):
            assert [one for one in there if one in from_web] == from_web
            assert [one for one in there if one in from_matrix] == from_matrix
        await bridge.page.close()


async def ask(people: Sequence[Actor], number: int) -> None:
    """Each says a line, and nobody waits for an answer."""
    line = ("/privacy", "/help")[number % 2]
    await asyncio.gather(*(actor.says(line) for actor in people))


@pytest.mark.nightly
async def test_a_database_is_away_for_a_minute(tmp_path: Path, postgresql: Postgres) -> None:
    url = postgresql.fresh_database()
    with_a_school(url)
    async with Town(tmp_path, "telegram", "web", settings={"TWINBOT_DATABASE_URL": url}) as town:
        await town.program.start()
        people = [await town.actor("Amina", "telegram") for _person in range(20)]
        await asyncio.gather(*(actor.says("/start", hears="Welcome to twinbot") for actor in people))
        rounds = 6
        postgresql.stop()
        try:
            for number in range(rounds):
                await ask(people, number)
                await asyncio.sleep(DATABASE_AWAY / rounds)
        finally:
            postgresql.start()
        began = monotonic()
        for actor in people:
            assert isinstance(actor.ways, OnTelegram)
            user = actor.ways.user
            await town.api.until(lambda user=user: answers(town.api, user) >= rounds + 1, 120)
        waited, took = rounds * len(people), monotonic() - began
        print(f"\naway for {DATABASE_AWAY:.0f} s; {waited} messages waited, all were answered after {took:.1f} s")
        firsts = [[text.splitlines()[0] for text in await transcript(actor)] for actor in people]
        assert firsts[0][1:] == [firsts[0][1], firsts[0][2]] * (rounds // 2)
        assert firsts[0][1] == "Your data" and firsts == [firsts[0]] * len(people)


def answers(api: BotApi, user: User) -> int:
    return sum(message.by_bot for message in api.chat(user).messages)
