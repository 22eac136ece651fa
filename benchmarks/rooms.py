"""How soon many who look at one room on the web see what is said there, and what one more of them costs in memory.

One process serves the pages; the browsers are live streams in another one. A message goes all the way: the form, the
stored update, the turn, the commit, the streams. The first message after the start has a row of its own: it finds
nothing ready yet. The last row is a room with one person in it, which is the least that this way takes.

    .venv/bin/python -m benchmarks.rooms [--people 500] [--messages 20]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.app import App
from bot.platforms.web import Web
from storage import partnerships, projects, rooms, teachers, web
from storage.database import Database
from storage.migrations import upgrade
from storage.models import Account, Person, ProjectMember, RoomMember
from storage.projects import Facts
from storage.schools import add_school
from storage.teachers import TeacherFacts
from storage.web import WebBook
from tests.vault import VAULT

FACTS = Facts("Rivers", "We sing.", "An album", ("music",), ("en",), (9, 11), 40, date(2026, 3, 1), date(2027, 6, 30))


def token(person: int) -> str:
    return f"{person:043d}"


def settle(session: Session, people: int) -> str:
    """A project in which everybody is in the staff room; the address of that room."""
    from bot.platforms.web.sessions import Visitor

    now = datetime.now(UTC)
    school = add_school(session, "PT", "Escola", "Viseu", "primary", now=now).id
    for person in range(1, people + 1):
        session.execute(insert(Person).values(id=person, language="en", created_at=now, active_at=now))
        told = TeacherFacts(f"Teacher {person}", "PT", school, ("music",), ("en",), (8, 10), "")
        teachers.register(session, person, told, now)
        teachers.set_status(session, person, "verified")
        session.execute(insert(Account).values(person_id=person, platform="web", external_id=f"web{person}"))
        web.sign_in(session, Visitor(token(person), None).token_hash, f"web{person}", now)
    partnerships.open_(session, 1, 2, now)
    made = projects.propose(session, 1, 2, FACTS, now).id
    projects.sign(session, made, 2, now)
    room = rooms.of_project(session, made)[0]
    more = range(3, people + 1)
    inside = {"project_id": made, "role": "teacher", "state": "in", "school_id": school, "asked_at": now}
    if more:
        session.execute(insert(ProjectMember), [{**inside, "person_id": person} for person in more])
        session.execute(insert(RoomMember), [{"room_id": room.id, "person_id": p, "joined_at": now} for p in more])
    return room.address


def serve(path: str, ready: Any) -> None:
    """The process with the pages."""

    async def run() -> None:
        database = Database(path, VAULT)
        pages = Web(WebBook(database, lambda: datetime.now(UTC)), port=0, now=lambda: datetime.now(UTC))
        app = App(database, {"web": pages})
        await app.start()
        await pages.started.wait()
        ready.send(pages.port)
        await asyncio.Event().wait()

    asyncio.run(run())


class Reader:
    """One open page."""

    def __init__(self, number: int) -> None:
        self.cookie = {"Cookie": f"twinbot={token(number)}"}
        self.heard: dict[str, float] = {}
        self.listening = asyncio.Event()
        self._bell = asyncio.Event()

    async def until(self, mark: str) -> None:
        while mark not in self.heard:
            self._bell.clear()
            await self._bell.wait()

    async def listen(self, http: aiohttp.ClientSession, base: str) -> None:
        async with http.get(f"{base}/events?after=0", headers=self.cookie, timeout=None) as stream:
            self.listening.set()
            async for raw in stream.content:
                if raw.startswith(b"data: {"):
                    html = json.loads(raw[6:]).get("html", "")
                    found = html.partition("<<")[2] or html.partition("&lt;&lt;")[2]
                    self.heard.setdefault(found[:8], time.perf_counter())
                    self._bell.set()


async def measure(url: str, address: str, people: int, messages: int) -> list[float]:
    base, delays = f"{url}/room/{address}", list[float]()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        readers = [Reader(number) for number in range(1, people + 1)]
        tasks = [asyncio.create_task(reader.listen(http, base)) for reader in readers]
        await asyncio.gather(*(reader.listening.wait() for reader in readers))
        for _message in range(messages):
            mark = uuid4().hex[:8]
            began = time.perf_counter()
            form = {"event": str(uuid4()), "text": f"<<{mark}"}
            headers = {**readers[0].cookie, "Origin": url, "Accept": "application/json"}
            async with http.post(f"{base}/say", data=form, headers=headers) as answer:
                assert answer.status == 204, await answer.text()
            await asyncio.gather(*(reader.until(mark) for reader in readers))
            delays += [reader.heard[mark] - began for reader in readers]
            # The page lets nobody write faster than this.
            await asyncio.sleep(0.4)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return delays


def once(people: int, messages: int) -> tuple[list[float], float, float]:
    """The delays in seconds, the memory of the serving process at the end in MB, and its CPU in ms for each message
    that a page was shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"sqlite:///{Path(folder) / 'rooms.db'}"
        database = Database(path, VAULT)
        upgrade(database.engine)
        address = database.do(lambda session: settle(session, max(people, 2)))
        database.close()
        here, there = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(path, there))
        process.start()
        url = f"http://127.0.0.1:{here.recv()}"
        watched = psutil.Process(process.pid)
        before = sum(watched.cpu_times()[:2])
        delays = asyncio.run(measure(url, address, people, messages))
        memory, spent = watched.memory_info().rss / 1e6, sum(watched.cpu_times()[:2]) - before
        process.terminate()
        process.join()
    return delays, memory, 1000 * spent / len(delays)


def row(name: str, delays: list[float], *more: str) -> tuple[str, ...]:
    """The name, the median, p95 and the last delay in whole milliseconds, and what else is known."""
    p95 = statistics.quantiles(delays, n=20)[-1] if len(delays) > 1 else delays[0]
    return (name, *(f"{1000 * figure:.0f}" for figure in (statistics.median(delays), p95, max(delays))), *more)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--messages", type=int, default=20, help="after the first one")
    asked = parser.parse_args()
    heads = ("people", "median, ms", "p95, ms", "last, ms", "CPU a copy, ms", "memory, MB", "each more, kB")
    table = Table(*heads)
    alone = once(1, asked.messages + 1)
    for people, (delays, memory, spent) in ((asked.people, once(asked.people, asked.messages + 1)), (1, alone)):
        each = f"{(memory - alone[1]) * 1000 / people:.0f}" if people > 1 else ""
        table.add_row(*row(f"{people}, first message", delays[:people]))
        table.add_row(*row(f"{people}", delays[people:], f"{spent:.2f}", f"{memory:.0f}", each))
    Console().print(table)


if __name__ == "__main__":
    main()
