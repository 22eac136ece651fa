"""How fast many get something: making the rows, and sending without a limit, on both databases.

.venv/bin/python -m benchmarks.reliability.drain [--people 335000] [--sent 20000]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.reliability.crowd import NOW, announce, bot, processor, settle
from benchmarks.reliability.sink import Control, sink
from bot.delivery import Delivery
from bot.platforms.platform import Pace, Post
from bot.tasks import Tasks
from storage.database import Database
from tests.servers.postgres import postgres


class Nowhere:
    """A platform that takes everything at once."""

    name, numbered, limit, caption, pace = "telegram", False, 4096, 1024, Pace()

    def __init__(self, enough: int) -> None:
        self.count, self.enough, self.reached = 0, enough, asyncio.Event()

    async def send(self, post: Post) -> str:
        self.count += 1
        if self.count >= self.enough:
            self.reached.set()
        return str(self.count)


@dataclass(frozen=True)
class Drained:
    """Messages a second, and the processor time of the sender for each of them, in seconds."""

    rate: float
    used: float

    def __str__(self) -> str:
        return f"{self.rate:,.0f} (of a processor {self.used * 1e6:.0f} µs each)"


async def drained(database: Database, count: int) -> Drained:
    """What comes out of delivery, with what became of it noted."""
    platform: Any = Nowhere(count)
    tasks = Tasks()
    delivery = Delivery(database, {"telegram": platform}, tasks, lambda: NOW)
    began, used = time.perf_counter(), time.process_time()
    delivery.wake_bulks()
    await platform.reached.wait()
    await delivery.settling.settled()
    seconds, used = time.perf_counter() - began, time.process_time() - used
    await tasks.stop()
    return Drained(platform.count / seconds, used / platform.count)


def over_http(url: str, count: int) -> Drained:
    """What `twinbot run` sends over HTTP to a server on this machine; the first tenth is not counted."""
    with sink() as server, tempfile.TemporaryDirectory() as folder, bot(url, server.url, Path(folder), 0) as process:
        _until(server, count // 10)
        before, used, began = server.count(), processor(process.pid), time.perf_counter()
        _until(server, count)
        came, used, seconds = server.count() - before, processor(process.pid) - used, time.perf_counter() - began
        return Drained(came / seconds, used / came)


def _until(server: Control, count: int) -> None:
    while server.count() < count:
        time.sleep(0.05)


def once(name: str, url: str, people: int, sent: int, table: Table) -> None:
    database = settle(url, people)
    _bulk, seconds, longest = announce(database)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rate = runner.run(drained(database, sent))
    database.close()
    http = over_http(url, sent)
    expanded = f"{seconds:.1f} s ({people / seconds:,.0f} a second, longest transaction {longest * 1000:.0f} ms)"
    table.add_row(name, expanded, str(rate), str(http))
    Console(stderr=True).print(f"{name}: {expanded}; {rate} to nowhere; {http} over HTTP")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=335_000)
    options.add_argument("--sent", type=int, default=20_000)
    chosen = options.parse_args()
    table = Table("database", f"rows for {chosen.people:,}", "a second to nowhere", "a second over HTTP")
    with tempfile.TemporaryDirectory() as folder:
        once("SQLite", f"sqlite:///{folder}/twinbot.db", chosen.people, chosen.sent, table)
    with postgres() as server:
        once("PostgreSQL", server.fresh_database(), chosen.people, chosen.sent, table)
    Console().print(table)


if __name__ == "__main__":
    main()
