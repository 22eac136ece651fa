"""How fast many get something: making the rows, and sending without a limit, on both databases.

.venv/bin/python -m benchmarks.reliability.drain [--people 335000] [--sent 20000]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.reliability.crowd import NOW, announce, bot, settle
from benchmarks.reliability.sink import sink
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


async def drained(database: Database, count: int) -> float:
    """Messages a second that come out of delivery, with what became of them noted."""
    platform: Any = Nowhere(count)
    tasks = Tasks()
    delivery = Delivery(database, {"telegram": platform}, tasks, lambda: NOW)
    began = time.perf_counter()
    delivery.wake_bulks()
    await platform.reached.wait()
    await delivery.settling.settled()
    seconds = time.perf_counter() - began
    await tasks.stop()
    return platform.count / seconds


def over_http(url: str, count: int) -> float:
    """Messages a second of `twinbot run` over HTTP to a server on this machine."""
    with sink() as server, tempfile.TemporaryDirectory() as folder, bot(url, server.url, Path(folder), 0):
        while server.count() == 0:
            time.sleep(0.05)
        while (came := len(times := server.ask("stats"))) < count:
            time.sleep(0.2)
        return (came - 1) / (times[-1] - times[0])


def once(name: str, url: str, people: int, sent: int, table: Table) -> None:
    database = settle(url, people)
    _bulk, seconds, longest = announce(database)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rate = runner.run(drained(database, sent))
    database.close()
    http = over_http(url, sent)
    expanded = f"{seconds:.1f} s ({people / seconds:,.0f} a second, longest transaction {longest * 1000:.0f} ms)"
    table.add_row(name, expanded, f"{rate:,.0f}", f"{http:,.0f}")
    Console(stderr=True).print(f"{name}: {expanded}; {rate:,.0f} to nowhere; {http:,.0f} over HTTP")


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
