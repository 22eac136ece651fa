"""How many messages a second one process relays from door to door, and the processor time of its own for each copy.

Many rooms have a group at our Bot API server and a page on the web. Their teachers say something in all groups at once,
which the pages show; then on all pages at once, which the groups hear. The bot is a process of its own, so that its
processor time is nobody else's; Telegram's limits are lifted, for they would be what is measured.

    .venv/bin/python -m benchmarks.relay [--rooms 40] [--messages 15]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.platforms.web.sessions import Visitor
from storage import partnerships, projects, rooms, teachers, web
from storage.database import Database
from storage.migrations import upgrade
from storage.models import Account, Chat, Person
from storage.projects import Facts
from storage.schools import add_school
from storage.teachers import TeacherFacts
from tests.acceptance.process import Town
from tests.projects.page import RoomPage
from tests.vault import VAULT

#: Seconds between two messages on a page, which takes none sooner.
BETWEEN = 0.45
FACTS = Facts("Rivers", "We sing.", "An album", ("music",), ("en",), (9, 11), 40, date(2026, 3, 1), date(2027, 6, 30))


class Place:
    """One room: its group, the user who speaks there, and the page of the other teacher."""

    def __init__(self, group: Any, user: Any, page: RoomPage) -> None:
        self.group, self.user, self.page = group, user, page

    async def on_telegram(self, words: str) -> None:
        await self.user.says(words, self.group)

    async def on_web(self, words: str) -> None:
        await self.page.says(words)


def token(number: int) -> str:
    return f"{number:043d}"


def settle(session: Session, number: int, user: str, group: str) -> str:
    """A project of two, one on Telegram and one on the web, whose staff room has a group; the address of the room."""
    now = datetime.now(UTC)
    school = add_school(session, "PT", f"Escola {number}", "Viseu", "primary", now=now).id
    one, other = 2 * number + 1, 2 * number + 2
    for person, platform, external in ((one, "telegram", user), (other, "web", f"web{number}")):
        session.execute(insert(Person).values(id=person, language="en", created_at=now, active_at=now))
        told = TeacherFacts(f"Teacher {person}", "PT", school, ("music",), ("en",), (8, 10), "")
        teachers.register(session, person, told, now)
        teachers.set_status(session, person, "verified")
        session.execute(insert(Account).values(person_id=person, platform=platform, external_id=external))
    web.sign_in(session, Visitor(token(number), None).token_hash, f"web{number}", now)
    partnerships.open_(session, one, other, now)
    made = projects.propose(session, one, other, FACTS, now).id
    projects.sign(session, made, other, now)
    room = rooms.of_project(session, made)[0]
    chat = Chat(platform="telegram", external_id=group, kind="group")
    session.add(chat)
    session.flush()
    rooms.add_door(session, room.id, "telegram", chat.id, now)
    return room.address


async def settled(town: Town, many: int) -> list[Place]:
    """The rooms, before the bot begins; each page has a browser of its own."""
    url, found = town.program.settings["TWINBOT_DATABASE_URL"], list[Place]()
    database = Database(url, VAULT)
    upgrade(database.engine)
    for number in range(many):
        user = town.api.user(f"Teacher {number}", language_code="en", started=True)
        group = town.api.group(f"Rivers {number}", creator=user, bot="administrator")
        address = await database.write(partial(settle, number=number, user=str(user.id), group=str(group.id)))
        browser = aiohttp.ClientSession(headers={"Cookie": f"twinbot={token(number)}"})
        town.stack.push_async_callback(browser.close)
        page = RoomPage(browser, town.program.url, address)
        town.stack.push_async_callback(page.close)
        found.append(Place(group, user, page))
    database.close()
    return found


def words(number: int) -> list[str]:
    return [f"message {place} of the river" for place in range(number)]


async def from_telegram(places: list[Place], number: int) -> None:
    for one in words(number):
        for place in places:
            await place.user.says(one, place.group)
    await asyncio.gather(*(place.page.hears(one) for place in places for one in words(number)))


async def from_web(town: Town, places: list[Place], number: int) -> None:
    async def says(place: Place) -> None:
        for one in words(number):
            await place.page.says(f"web {one}")
            await asyncio.sleep(BETWEEN)

    async def hears(place: Place) -> None:
        for one in words(number):
            await town.api.wait_for(place.group, f"web {one}")

    await asyncio.gather(*(says(place) for place in places), *(hears(place) for place in places))


async def relayed(town: Town, way: Awaitable[None], copies: int) -> tuple[float, float]:
    """Copies a second, and the milliseconds of the bot's processor for each."""
    assert town.program.process is not None
    watched = psutil.Process(town.program.process.pid)
    used, began = sum(watched.cpu_times()[:2]), time.perf_counter()
    await way
    took, used = time.perf_counter() - began, sum(watched.cpu_times()[:2]) - used
    return copies / took, 1000 * used / copies


async def measured(folder: Path, many: int, number: int) -> dict[str, tuple[float, float]]:
    """What `relayed` finds for either way."""
    async with Town(folder, "telegram", "web") as town:
        places = await settled(town, many)
        await town.program.start()
        for place in places:
            place.page.listen()
        # The first message of each room is no part of this: what the start had not read yet is read for it.
        await asyncio.gather(*(place.user.says("hello", place.group) for place in places))
        await asyncio.gather(*(place.page.hears("hello") for place in places))
        return {
            "Telegram to web": await relayed(town, from_telegram(places, number), many * number),
            "web to Telegram": await relayed(town, from_web(town, places, number), many * number),
        }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rooms", type=int, default=40)
    parser.add_argument("--messages", type=int, default=15)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measured(Path(folder), asked.rooms, asked.messages))
    table = Table("from one door to another", "rooms", "copies", "copies a second", "CPU a copy, ms")
    for way, (rate, spent) in found.items():
        copies = asked.rooms * asked.messages
        table.add_row(way, str(asked.rooms), str(copies), f"{rate:.0f}", f"{spent:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
