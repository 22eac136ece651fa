"""How many turns a second one, two and more processes take on one PostgreSQL: people who ask for help in the web chat.

    .venv/bin/python -m benchmarks.reliability.processes [--people 300] [--lines 10] [--most 2]

All lines are stored while the processes run and share the work; then they are told. It ends when everything is answered
and what became of the answers is noted. Database, processes and this script share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.herald import Herald
from bot.mine import SHARDS
from storage import post
from storage.database import Database
from storage.migrations import upgrade
from storage.models import OutboxRow, Update
from storage.post import NEW, READY
from tests.acceptance.process import Program
from tests.servers.postgres import postgres
from tests.vault import VAULT

_HOLDERS = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND objid > 0 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid"
)


def _shared(session: Session, processes: int) -> bool:
    """Whether each process has its share."""
    found = [int(count) for count in session.execute(_HOLDERS).scalars()]
    return len(found) == processes and max(found) <= -(-SHARDS // processes) + 2


def _all_answered(session: Session) -> bool:
    turns = select(func.count()).select_from(Update).where(Update.state == NEW)
    answers = select(func.count()).select_from(OutboxRow).where(OutboxRow.state == READY)
    return not session.scalar(turns) and not session.scalar(answers)


async def _until(database: Database, is_so: Callable[[Session], bool]) -> None:
    while True:
        if await database.read(is_so):
            return
        await asyncio.sleep(0.05)


def _said(people: int, lines: int) -> list[tuple[str, str, str]]:
    body = [json.dumps({"account": f"person{number}", "text": "/help", "language": "en"}) for number in range(people)]
    return [(f"{number}.{line}", f"person{number}", body[number]) for line in range(lines) for number in range(people)]


async def answered(database: Database, people: int, lines: int) -> float:
    """Turns a second until nothing waits."""
    said = _said(people, lines)
    unit = partial(post.store_updates, platform="web", updates=said, marks={}, now=datetime.now(UTC))
    stored = await database.write(unit)
    began = time.perf_counter()
    herald = Herald(database, lambda _words: None)
    for update in stored:
        herald.tell(f"updates web {update.lane}")
    await herald.flush()
    await _until(database, _all_answered)
    return len(said) / (time.perf_counter() - began)


async def measured(url: str, processes: int, people: int, lines: int) -> float:
    """Turns a second of so many processes."""
    database = Database(url, VAULT)
    upgrade(database.engine)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        programs = [Program(Path(folder), {"TWINBOT_DATABASE_URL": url}, f"p{n}") for n in range(processes)]
        for program in programs:
            stack.callback(program.close)
            await program.start()
        await _until(database, partial(_shared, processes=processes))
        rate = await answered(database, people, lines)
        for program in programs:
            await program.ended(signal.SIGTERM)
    database.close()
    return rate


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=300)
    options.add_argument("--lines", type=int, default=10)
    options.add_argument("--most", type=int, default=2)
    chosen = options.parse_args()
    table = Table("processes", "turns a second", "processor time of all processes, starts included")
    with postgres() as server:
        for processes in range(1, chosen.most + 1):
            before = _processor()
            rate = asyncio.run(measured(server.fresh_database(), processes, chosen.people, chosen.lines))
            table.add_row(str(processes), f"{rate:,.0f}", f"{_processor() - before:.1f} s")
    Console().print(table)


if __name__ == "__main__":
    main()
