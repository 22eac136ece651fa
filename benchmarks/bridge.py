"""How soon what is said at one door of a room is heard at another, beside the homeserver's own round trip.

A room has three doors: its page on the web, a room on a real Synapse, and a group at our Bot API server. Somebody says
something at one, and the time runs until a client sees it at the other. In the same run two accounts of the homeserver
write to each other in a room in which there is no bot. Bot, Bot API server and clients share this process; the
homeserver has its own.

    .venv/bin/python -m benchmarks.bridge [--messages 60]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage import rooms
from storage.models import ProjectMember, RoomMember, Teacher
from storage.rooms import places
from tests.cast import OnMatrix, OnTelegram, OnWeb
from tests.projects.page import RoomPage
from tests.servers.synapse import Synapse
from tests.stories.teachers import verified
from tests.stories.test_rooms import begin
from tests.world import World

#: A bot may send so many messages to a group of Telegram without waiting; the page takes one each 0.4 seconds.
TO_GROUP, BETWEEN = 15, 0.45

Say = Callable[[str], Awaitable[object]]
Hear = Callable[[str], Awaitable[object]]


class Doors:
    """The three doors of one room, and who says and hears something at each."""

    def __init__(self, world: World, page: RoomPage, group: Any, joao: OnTelegram, user: Any, chat: str) -> None:
        self.world, self.page, self.group, self.joao, self.user, self.chat = world, page, group, joao, user, chat

    async def on_web(self, words: str) -> None:
        await self.page.says(words)

    async def seen_on_web(self, words: str) -> None:
        await self.page.hears(words)

    async def on_telegram(self, words: str) -> None:
        await self.joao.user.says(words, self.group)

    async def seen_on_telegram(self, words: str) -> None:
        assert self.world.api is not None
        await self.world.api.wait_for(self.group, words)

    async def on_matrix(self, words: str) -> None:
        await self.user.says(self.chat, words)

    async def seen_on_matrix(self, words: str) -> None:
        await self.user.ear.hears(words, room_id=self.chat)


async def timed(world: World, say: Say, hear: Hear, number: int) -> list[float]:
    """The seconds from saying to hearing, for so many messages one after the other.

    By the bot's clock they are 20 seconds apart: who says more in a minute is slowed as a flood.
    """
    delays = []
    for _message in range(number):
        words = f"message {uuid4().hex[:8]}"
        began = time.perf_counter()
        heard = asyncio.create_task(hear(words))  # type: ignore[arg-type]
        await say(words)
        await heard
        delays.append(time.perf_counter() - began)
        world.offset += timedelta(seconds=20)
        await asyncio.sleep(BETWEEN)
    return delays


async def bare(world: World, number: int) -> list[float]:
    """The same between two accounts of the homeserver, without the bot."""
    one, other = [(await world.actor(name, "matrix")).ways for name in ("One", "Other")]
    assert isinstance(one, OnMatrix) and isinstance(other, OnMatrix)
    room = await one.user.create_room(other.user.user_id)
    await other.user.is_invited(room)
    await other.user.join(room)
    say, hear = partial(one.user.says, room), partial(other.user.ear.hears, room_id=room)
    return await timed(world, say, hear, number)


def joined(session: Session, person: int, room: rooms.Room, now: datetime) -> None:
    """Let one more teacher into the project and this room."""
    school = session.scalars(select(Teacher.school_id).where(Teacher.person_id == person)).one()
    inside = {"role": "teacher", "state": "in", "school_id": school, "asked_at": now}
    session.execute(insert(ProjectMember).values(project_id=room.project, person_id=person, **inside))
    session.execute(insert(RoomMember).values(room_id=room.id, person_id=person, joined_at=now))


async def opened(world: World) -> Doors:
    """A staff room with its three doors: Amina's page is open, João is on Telegram and Eve on Matrix."""
    amina, joao = await verified(world, "Amina", "web"), await verified(world, "João", "telegram")
    eve = await verified(world, "Eve", "matrix")
    web, telegram, matrix = amina.actor.ways, joao.actor.ways, eve.actor.ways
    assert isinstance(matrix, OnMatrix) and isinstance(telegram, OnTelegram) and isinstance(web, OnWeb)
    assert world.api is not None
    group = world.api.group("Rivers", creator=telegram.user, bot="administrator")
    made = partial(begin, amina=amina.person, joao=joao.person, group=str(group.id), world=world)
    room = await world.database.write(made)
    await world.database.write(partial(joined, person=eve.person, room=room, now=world.now()))
    await eve.actor.says(f"!room matrix {room.id}", hears="Open the rooms of this project on Matrix?")
    await eve.actor.chooses("Open on Matrix", hears="The rooms are being opened on Matrix.")
    await eve.actor.hears("are open on Matrix")
    doors = await world.database.read(lambda session: places.doors_of(session, room.project, "matrix"))
    chat = next(str(door.external) for door in doors if door.room == room.id)
    await matrix.user.is_invited(chat)
    await matrix.user.join(chat)
    page = RoomPage(web.http, world.address, room.address)
    page.listen()
    return Doors(world, page, group, telegram, matrix.user, chat)


async def measured(world: World, number: int) -> dict[str, list[float]]:
    """The delays of each way, in seconds."""
    found = {"the homeserver alone": await bare(world, number)}
    doors = await opened(world)
    # What is said elsewhere waits for its turn in the group, so the way there comes first.
    found["web to Telegram"] = await timed(world, doors.on_web, doors.seen_on_telegram, TO_GROUP)
    found["Telegram to web"] = await timed(world, doors.on_telegram, doors.seen_on_web, number)
    found["Telegram to Matrix"] = await timed(world, doors.on_telegram, doors.seen_on_matrix, number)
    found["Matrix to web"] = await timed(world, doors.on_matrix, doors.seen_on_web, number)
    found["web to Matrix"] = await timed(world, doors.on_web, doors.seen_on_matrix, number)
    await doors.page.close()
    return found


async def run(folder: Path, number: int) -> dict[str, list[float]]:
    synapse = Synapse(folder / "synapse")
    synapse.start()
    try:
        platforms = ("web", "telegram", "matrix")
        async with World(folder, f"sqlite:///{folder / 'bridge.db'}", platforms, synapse=lambda: synapse) as world:
            found = await measured(world, number)
            # What still waits for the group is no part of this.
            await world.stop()
            return found
    finally:
        synapse.stop()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(run(Path(folder), asked.messages))
    table = Table("from one door to another", "messages", "median, ms", "p95, ms", "last, ms")
    for way, delays in found.items():
        p95 = statistics.quantiles(delays, n=20)[-1]
        figures = (f"{1000 * figure:.0f}" for figure in (statistics.median(delays), p95, max(delays)))
        table.add_row(way, str(len(delays)), *figures)
    Console().print(table)


if __name__ == "__main__":
    main()
