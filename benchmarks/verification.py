"""How long an officer waits for the next page of a long queue, on both databases.

Ten thousand teachers wait in all countries. An officer of central support answers them one after the other, as with the
button: each page is one whole turn (the press is read, the decision stored, the next case and all that supports it
looked up, the answer written into the outbox, all committed). After each fifty pages the decisions are carried out,
as the running bot does; that is timed by itself.

    .venv/bin/python -m benchmarks.verification [--waiting 10000] [--pages 10000]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from bot.conversation import House
from bot.talk import Heard
from bot.turn import Hearing
from handlers import commands
from handlers.verification.chores import carry_out
from storage import staff
from storage.database import Database
from storage.migrations import upgrade
from storage.models import Case, Teacher
from storage.people import meet
from storage.populate import populate
from storage.post import Parcel
from storage.sealing import Vault
from tests.servers.postgres import postgres

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SCHOOLS, CARRY_EVERY = 900, 50
OFFICER = "officer"


def fill(database: Database, waiting: int) -> None:
    """Make fictional teachers, put each of them into the queue, and name the officer."""
    populate(database, waiting, SCHOOLS, 7, now=NOW)
    database.do(queue)
    if not database.embedded:
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def queue(session: Session) -> None:
    session.execute(update(Teacher).values(status="unverified"))
    found = session.execute(select(Teacher.person_id, Teacher.country).order_by(Teacher.person_id)).all()
    rows: list[dict[str, Any]] = []
    for place, (person, country) in enumerate(found):
        since = NOW - timedelta(days=9) + timedelta(minutes=place)
        rows.append(
            {
                "person_id": person,
                "country": country,
                "state": "waiting",
                # A tenth has waited so long that central support has it.
                "national": place % 10 != 0,
                "note": "I teach here; the school's page names me, and the office knows me.",
                "opened_at": since,
                "waiting_since": since,
                "due_at": since + timedelta(days=7),
            }
        )
    session.execute(insert(Case), rows)
    met = meet(session, "terminal", OFFICER, OFFICER, "private", now=NOW, language="en")
    staff.name_officer(session, met.person, staff.CENTRAL, None, named_by=None, now=NOW)


class Officer:
    """Says or presses something and reads the answer, as the desk would have it."""

    def __init__(self, database: Database) -> None:
        table = commands()
        self._database, self._house = database, House(table, {"commands": table})
        self._turns = 0
        self.now = NOW

    def hears(self, **done: str) -> list[Parcel]:
        """One turn."""
        self._turns += 1
        self.now += timedelta(seconds=3)
        heard = Heard(chat=OFFICER, sender=OFFICER, **done)  # type: ignore[arg-type]
        unit = partial(self._turn, heard=heard, key=f"u{self._turns}")
        return self._database.do(unit)

    def _turn(self, session: Session, heard: Heard, key: str) -> list[Parcel]:
        return Hearing(self._house, session, "terminal", heard, key=key, now=self.now).run()


def button(parcels: list[Parcel], label: str) -> str:
    """What the button carries that is called so."""
    return next(payload for node, payload, _chosen in parcels[-1].payload["options"] if node[1] == label)


def once(database: Database, waiting: int, pages: int) -> tuple[list[float], list[float]]:
    """Fill a database and answer; the milliseconds of each page, and of carrying out each decision."""
    upgrade(database.engine)
    fill(database, waiting)
    officer = Officer(database)
    shown = officer.hears(text="/verify")
    times: list[float] = []
    carried: list[float] = []
    for number in range(pages):
        start = time.perf_counter()
        shown = officer.hears(press=button(shown, "Approve"))
        times.append((time.perf_counter() - start) * 1000)
        if number % CARRY_EVERY == CARRY_EVERY - 1:
            start = time.perf_counter()
            later = officer.now + timedelta(minutes=1)
            while database.do(partial(carry_out, now=later, tell=lambda _news: None)):
                pass
            carried.append((time.perf_counter() - start) * 1000 / CARRY_EVERY)
    return times, carried


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        yield {"SQLite": f"sqlite:///{Path(folder) / 'queue.db'}", "PostgreSQL": server.fresh_database()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--waiting", type=int, default=10_000)
    options.add_argument("--pages", type=int, default=10_000)
    chosen = options.parse_args()
    pages = min(chosen.pages, chosen.waiting)
    table = Table("", "p50 ms", "p95 ms", "slowest ms", "first 100, p50", "last 100, p50", "carried out, ms each")
    with databases() as urls:
        for name, url in urls.items():
            database = Database(url, Vault(bytes(32)))
            times, carried = once(database, chosen.waiting, pages)
            database.close()
            cuts = statistics.quantiles(times, n=20)
            ends = [statistics.median(part) for part in (times[:100], times[-100:])]
            figures = [statistics.median(times), cuts[18], max(times), *ends, statistics.median(carried)]
            table.add_row(name, *(f"{figure:.1f}" for figure in figures))
    table.title = f"{pages} pages of a queue of {chosen.waiting}"
    Console().print(table)


if __name__ == "__main__":
    main()
