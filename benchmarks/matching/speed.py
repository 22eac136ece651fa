"""How long a suggestion takes, what the index costs, and how far two processes are apart.

    .venv/bin/python -m benchmarks.matching.speed [--size 335000] [--databases sqlite,postgresql,memory] [--joins 25]

"memory" is the index alone, filled without any database, where filling one would take too long.

Beside the index in memory stand, in the same run on the same tables, the same search in SQL on masks, and the join over
normalised tables that a straightforward implementation would write (my wishes, their wished countries, a language and a
subject in common, the most in common first). Wall time is what somebody waits; processor time is what it costs on a
machine that others use too (of this process alone: a database server's is not in it).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.matching.people import TODAY, People, population
from benchmarks.matching.tables import NOON, fill
from bot.following import Following
from storage import teachers
from storage.database import Database
from storage.matching import sql
from storage.matching.finding import find
from storage.matching.index import CHUNK, Index
from storage.matching.keeper import keeper_of
from storage.matching.population import Population
from storage.matching.rows import side, touch
from storage.matching.rules import Terms
from storage.migrations import upgrade
from tests.servers.postgres import postgres
from tests.vault import VAULT

NOW = NOON.replace(tzinfo=UTC)
SEED = 7

JOIN = """
SELECT t.person_id, count(DISTINCT s.code) + count(DISTINCT l.code) AS common
FROM teachers t
JOIN schools ON schools.id = t.school_id
JOIN teacher_subjects s ON s.person_id = t.person_id
JOIN teacher_languages l ON l.person_id = t.person_id
WHERE t.looking AND t.status = 'verified' AND schools.removed_at IS NULL
  AND t.person_id <> :me AND t.school_id <> :school
  AND s.code IN (SELECT code FROM teacher_subjects WHERE person_id = :me)
  AND l.code IN (SELECT code FROM teacher_languages WHERE person_id = :me)
  AND (NOT EXISTS (SELECT 1 FROM bench_wish_countries m WHERE m.person_id = :me)
       OR t.country IN (SELECT code FROM bench_wish_countries m WHERE m.person_id = :me))
  AND (NOT EXISTS (SELECT 1 FROM bench_wish_countries w WHERE w.person_id = t.person_id)
       OR EXISTS (SELECT 1 FROM bench_wish_countries w WHERE w.person_id = t.person_id AND w.code = :country))
GROUP BY t.person_id, t.active_at
ORDER BY common DESC, t.active_at DESC, t.person_id LIMIT 5
"""


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of a call: on the clock, and of this thread's processor time."""
    clock, used = time.perf_counter(), time.thread_time()
    work()
    return (time.perf_counter() - clock) * 1e3, (time.thread_time() - used) * 1e3


def percentiles(values: list[float]) -> str:
    return " / ".join(f"{value:.2f}" for value in np.percentile(values, (50, 95, 99)))


def resident() -> float:
    """Megabytes that this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@contextmanager
def databases(name: str) -> Iterator[str]:
    if name == "postgresql":
        with postgres() as server:
            yield server.fresh_database()
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/bench.db"


class Bench:
    """One database with a population, and what is measured on it."""

    def __init__(self, url: str, people: People, table: Table, label: str) -> None:
        self.url, self.people, self.table, self.label = url, people, table, label
        self.database = Database(url, VAULT)
        self.rng = np.random.default_rng(3)

    def row(self, what: str, clock: list[float], used: list[float] | None = None, note: str = "") -> float:
        self.table.add_row(self.label, what, percentiles(clock), percentiles(used) if used else "", note)
        return statistics.median(clock)

    def seekers(self, number: int) -> list[int]:
        return [int(place) + 1 for place in self.rng.integers(0, len(self.people), number)]

    def run(self, joins: int) -> None:
        with Session(self.database.engine) as session:
            join = self.each("normalised join", joins, partial(self.joined, session))
            self.each("SQL on masks", joins, lambda me: sql.search(session, self.terms(session, me), 30))
        index = self.loads()
        with Session(self.database.engine) as session:
            known = [self.terms(session, me) for me in self.seekers(300)]
            times = [timed(partial(index.search, terms, 30)) for terms in known]
            memory = self.row("index in memory", [t[0] for t in times], [t[1] for t in times])
            keeper_of(self.database.engine).index = index
            self.each("a suggestion as /partners makes it", 300, lambda me: find(session, me, 5, NOW))
        self.table.add_row(self.label, "index against join, p50", f"{join / memory:.0f} times", "", "")
        self.updates(index)
        self.table.add_row(self.label, "ms until another process knows", percentiles(self.staleness()), "", "p50/95/99")
        self.database.close()

    def each(self, what: str, number: int, work: Callable[[int], object]) -> float:
        times = [timed(partial(work, me)) for me in self.seekers(number)]
        return self.row(what, [t[0] for t in times], [t[1] for t in times])

    def terms(self, session: Session, person: int) -> Terms:
        me = side(session, person)
        assert me is not None
        return Terms(me, TODAY, frozenset({1, 2, 3}), frozenset(range(100, 140)))

    def joined(self, session: Session, person: int) -> object:
        row = session.execute(
            text("SELECT school_id, country FROM teachers WHERE person_id = :me"), {"me": person}
        ).one()
        return session.execute(text(JOIN), {"me": person, "school": row.school_id, "country": row.country}).all()

    def loads(self) -> Index:
        """Fill an index as at the start, while an event loop goes on with small things."""
        before, index, pauses = resident(), Index(), [0.0]
        done = threading.Event()

        async def meanwhile() -> None:
            while not done.is_set():
                begun = time.perf_counter()
                await asyncio.sleep(0.001)
                pauses.append((time.perf_counter() - begun) * 1e3 - 1)

        loop = threading.Thread(target=lambda: asyncio.run(meanwhile()))
        loop.start()
        clock, used = timed(lambda: index.fill(self.database.engine))
        done.set()
        loop.join()
        more = f"{index.bytes / 1e6:.0f} MB of arrays, {resident() - before:.0f} MB more resident"
        note = f"{more}; longest pause of a loop meanwhile {max(pauses):.0f} ms"
        self.table.add_row(self.label, "load at start, s", f"{clock / 1e3:.2f}", f"{used / 1e3:.2f}", note)
        return index

    def updates(self, index: Index) -> None:
        one = [timed(partial(self.database.do, partial(touch_one, person=each))) for each in self.seekers(50)]
        self.row("a teacher changes a line", [t[0] for t in one])
        follow = [timed(lambda: index.follow(self.database.engine))]
        self.row("the index follows 50 changes", [t[0] for t in follow], [t[1] for t in follow])
        empty = [timed(lambda: index.follow(self.database.engine)) for _turn in range(50)]
        self.row("the index looks, nothing changed", [t[0] for t in empty], [t[1] for t in empty])

    def staleness(self) -> list[float]:
        """Milliseconds from a commit here until another process, which only follows, finds it."""
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        child = multiprocessing.get_context("spawn").Process(target=watch, args=(self.url, theirs))
        child.start()
        ours.recv()
        delays = []
        for turn in range(30):
            self.database.do(partial(teachers.set_looking, person=1, looking=turn % 2 == 1))
            committed = time.monotonic()
            delays.append(max(0.0, (ours.recv() - committed) * 1e3))
        ours.send(None)
        child.join()
        return delays


def alone(people: People, table: Table) -> None:
    """The index without a database: how long it takes to fill from rows, how large it is, how fast it answers."""
    index, size = Population(), len(people)
    chunks = [np.arange(start, min(size, start + CHUNK)) for start in range(0, size, CHUNK)]
    times = [timed(partial(index.put, people.rows(places))) for places in chunks]
    filled = f"{index.bytes / 1e6:.0f} MB of arrays"
    clock, used = (f"{sum(each[which] for each in times) / 1e3:.1f}" for which in (0, 1))
    table.add_row("memory", "fill from rows, s", clock, used, filled)
    seekers = np.random.default_rng(3).integers(0, size, 300).tolist()
    known = [Terms(people.side(place), TODAY, frozenset({1, 2, 3}), frozenset(range(100, 140))) for place in seekers]
    times = [timed(partial(index.search, terms, 30)) for terms in [known[0], *known]][1:]
    table.add_row("memory", "index in memory", *(percentiles([each[which] for each in times]) for which in (0, 1)))


def touch_one(session: Session, person: int) -> None:
    teachers.set_line(session, person, "ages", (9, 11))
    touch(session, person)


def watch(url: str, pipe: Connection) -> None:
    """The other process: follows as the bot does, and says when the first teacher appears or disappears."""
    asyncio.run(_watch(url, pipe))


async def _watch(url: str, pipe: Connection) -> None:
    database = Database(url, VAULT)
    following = asyncio.create_task(Following(database, lambda: datetime.now(UTC)).run())
    keeper = keeper_of(database.engine)
    async with asyncio.timeout(600):
        while keeper.index is None:  # noqa: ASYNC110  What is awaited is a thread's doing.
            await asyncio.sleep(0.05)
    people = keeper.index._people
    shown = bool(people.plain["suggestible"][0])
    pipe.send(time.monotonic())
    while not pipe.poll():
        if bool(people.plain["suggestible"][0]) != shown:
            shown = not shown
            pipe.send(time.monotonic())
        await asyncio.sleep(0.0005)
    following.cancel()
    await asyncio.wait([following])
    database.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", type=int, default=335_000)
    options.add_argument("--databases", default="sqlite,postgresql")
    options.add_argument("--joins", type=int, default=25)
    chosen = options.parse_args()
    title = f"{chosen.size:,} teachers; milliseconds p50 / p95 / p99 unless another unit is named"
    table = Table("database", "what", "clock", "processor", "", title=title)
    people = population(chosen.size, SEED)
    for name in chosen.databases.split(","):
        if name == "memory":
            alone(people, table)
            continue
        with databases(name) as url:
            database = Database(url, VAULT)
            upgrade(database.engine)
            clock, _used = timed(partial(fill, database.engine, people))
            database.close()
            Console(stderr=True).print(f"{name} filled in {clock / 1e3:.0f} s")
            Bench(url, people, table, name).run(chosen.joins)
    Console(width=170).print(table)
    Console(stderr=True).print(json.dumps({"size": chosen.size}))


if __name__ == "__main__":
    main()
