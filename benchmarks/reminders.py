"""How quickly reminders that are due are found, claimed and handed over, beside APScheduler's own job store.

On SQLite and on PostgreSQL, with 100,000 and with 1,000,000 pending reminders of 20,000 people, spread over a year:
the time to find and claim 1,000 that are due, and how late the last of 1,000 is that fall due in the same second. In
the same run APScheduler's SQLAlchemyJobStore has as many jobs in the same database. Last, the cost of finding common
lesson hours for 20 schools in 10 time zones over 8 weeks.

    .venv/bin/python -m benchmarks.reminders [--sizes 100000 1000000] [--rounds 5] [--engines sqlite postgresql]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import pickle
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from rich.console import Console
from rich.table import Table as Columns
from sqlalchemy import Table, insert, text
from sqlalchemy.orm import Session

from bot.notices import Notices
from handlers.reminders.holidays import public_name, warm
from handlers.reminders.ringing import ring
from handlers.reminders.rules import DAYS
from handlers.reminders.week import Hours, common, proposals, usual
from storage import alarms, migrations
from storage.alarms import Telling
from storage.database import Database
from storage.models import Account, Alarm, Base, Chat, Person, Reminder, Rhythm
from tests.servers.postgres import postgres
from tests.vault import VAULT

DUE, PEOPLE = 1000, 20_000
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
YEAR = 365 * 24 * 60
COUNTRIES = {
    "PT": "Europe/Lisbon", "GR": "Europe/Athens", "TN": "Africa/Tunis", "PL": "Europe/Warsaw", "TR": "Europe/Istanbul",
    "JO": "Asia/Amman", "GE": "Asia/Tbilisi", "IS": "Atlantic/Reykjavik", "MD": "Europe/Chisinau",
    "FI": "Europe/Helsinki",
}  # fmt: skip


def nothing() -> None:
    """What a job of APScheduler calls."""


def fill(database: Database, size: int) -> None:
    """People, and their reminders over the next year; none is due yet."""
    database.do(_people)
    for start in range(0, size, 50_000):
        database.do(partial(_reminders, first=start, count=min(50_000, size - start)))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def table(model: type[Base]) -> Table:
    """The table itself, not its class: the ORM's bookkeeping would take longer than the database."""
    assert isinstance(model.__table__, Table)
    return model.__table__


def _people(session: Session) -> None:
    ids = range(1, PEOPLE + 1)
    met = {"language": "en", "language_chosen": True, "timezone": "UTC", "created_at": NOW, "active_at": NOW}
    session.execute(insert(table(Person)), [{"id": n, **met} for n in ids])
    places = [{"person_id": n, "platform": "terminal", "external_id": f"p{n}"} for n in ids]
    session.execute(insert(table(Account)), [{**place, "guesses": 0} for place in places])
    session.execute(insert(table(Chat)), [{**place, "kind": "private"} for place in places])
    session.execute(insert(table(Rhythm)), [{"person_id": n, "quiet_from": 0, "quiet_to": 0} for n in ids])


def _reminders(session: Session, first: int, count: int) -> None:
    spread = [NOW + timedelta(minutes=10 + (first + n) * 7919 % YEAR) for n in range(count)]
    _put(session, first, spread)


def _put(session: Session, first: int, moments: list[datetime]) -> None:
    rows = [
        {
            "id": 1 + first + n, "owner_id": 1 + (first + n) % PEOPLE, "kind": "reminder", "words": "Call the museum",
            "start": at.replace(tzinfo=None), "timezone": "UTC", "rule": f"FREQ=WEEKLY;BYDAY={DAYS[at.weekday()]}",
            "leads": [], "but_holidays": False, "skipped": [], "urgent": False, "state": "active", "version": 0,
            "created_at": NOW, "changed_at": NOW,
        }
        for n, at in enumerate(moments)
    ]  # fmt: skip
    session.execute(insert(table(Reminder)), rows)
    plain = {"lead": 0, "snoozed": False, "put_off": False}
    session.execute(
        insert(table(Alarm)),
        [
            {"reminder_id": row["id"], "person_id": row["owner_id"], "due_at": at, "occurrence": row["start"], **plain}
            for row, at in zip(rows, moments, strict=True)
        ],
    )


def make_due(database: Database, size: int, round_: int) -> datetime:
    """A thousand more reminders that fall due in the same second; gives that second."""
    at = NOW + timedelta(seconds=round_)
    database.do(partial(_put, first=size + round_ * DUE, moments=[at] * DUE))
    return at


def claim(session: Session, now: datetime) -> int:
    """Find and claim what is due, as the bot does it, and nothing else."""
    found = alarms.due(session, now, DUE)
    tellings = [Telling(due.reminder, due.person, due.occurrence, due.lead) for due in found]
    return len(alarms.claim(session, [due.id for due in found], tellings, now))


def whole(session: Session, now: datetime) -> tuple[bool, int]:
    """One round of the bot's chore: claim, say, put into the outbox, set the next alarm."""
    notices = Notices(session, f"reminders.{secrets.token_hex(8)}.", now, gathers=True)
    more = ring(session, now, notices.tell)  # type: ignore[arg-type]
    notices.flush()
    return more, len(notices.parcels)


def ours(database: Database, size: int, rounds: int) -> dict[str, float]:
    """Milliseconds to find and claim 1,000; milliseconds until the 99th hundredth and the last are handed over.

    "busy" are milliseconds of this process' own processor time: of use where others keep the machine busy. SQLite's
    work is in it, PostgreSQL's is not.
    """
    claims, p99s, lasts, claim_busy, all_busy = [], [], [], [], []
    for number in range(rounds):
        now = make_due(database, size, number)
        start, busy = time.perf_counter(), time.process_time()
        assert database.do(partial(claim, now=now)) == DUE
        claims.append(time.perf_counter() - start)
        claim_busy.append(time.process_time() - busy)
    for number in range(rounds, 2 * rounds):
        now, handed, more = make_due(database, size, number), [], True
        start, busy = time.perf_counter(), time.process_time()
        while more:
            more, count = database.do(partial(whole, now=now))
            handed += [time.perf_counter() - start] * count
        assert len(handed) == DUE
        p99s.append(sorted(handed)[int(DUE * 0.99) - 1])
        lasts.append(handed[-1])
        all_busy.append(time.process_time() - busy)
    times = {"claim": _ms(claims), "p99": _ms(p99s), "last": _ms(lasts)}
    return {**times, "claim busy": _ms(claim_busy), "busy": _ms(all_busy)}


def theirs(url: str, size: int, rounds: int) -> dict[str, float]:
    """The same of APScheduler's job store: its due jobs read, each taken away as its scheduler does it."""
    store = SQLAlchemyJobStore(url=url)
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_jobstore(store)
    store.start(scheduler, "default")
    template = Job(
        scheduler, id="x", func=nothing, args=(), kwargs={}, trigger=DateTrigger(NOW, UTC), name="n",
        executor="default", misfire_grace_time=None, coalesce=True, max_instances=1, next_run_time=NOW,
    )  # fmt: skip

    def rows(first: int, moments: list[datetime]) -> list[dict[str, Any]]:
        found = []
        for n, at in enumerate(moments):
            state = {**template.__getstate__(), "id": f"j{first + n}", "next_run_time": at}
            found.append({"id": f"j{first + n}", "next_run_time": at.timestamp(), "job_state": pickle.dumps(state, 5)})
        return found

    jobs = store.jobs_t
    for start in range(0, size, 20_000):
        spread = [NOW + timedelta(minutes=10 + (start + n) * 7919 % YEAR) for n in range(min(20_000, size - start))]
        with store.engine.begin() as connection:
            connection.execute(insert(jobs), rows(start, spread))
    reads, all_, all_busy = [], [], []
    for number in range(rounds):
        now = NOW + timedelta(seconds=number)
        with store.engine.begin() as connection:
            connection.execute(insert(jobs), rows(size + number * DUE, [now] * DUE))
        start_, busy = time.perf_counter(), time.process_time()
        due = store.get_due_jobs(now)
        reads.append(time.perf_counter() - start_)
        assert len(due) == DUE
        for job in due:
            store.remove_job(job.id)
        all_.append(time.perf_counter() - start_)
        all_busy.append(time.process_time() - busy)
    store.shutdown()
    times = {"claim": _ms(all_), "p99": _ms(all_), "last": _ms(all_), "read": _ms(reads)}
    return {**times, "claim busy": _ms(all_busy), "busy": _ms(all_busy)}


def _ms(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000


@contextlib.contextmanager
def database_of(engine: str, folder: Path, server: Any) -> Iterator[tuple[Database, Callable[[], str]]]:
    """A migrated database, and what makes the address of an empty one beside it."""
    if engine == "sqlite":
        url, other = f"sqlite:///{folder}/twinbot.db", f"sqlite:///{folder}/apscheduler.db"
        fresh: Callable[[], str] = lambda: other  # noqa: E731
    else:
        url = server.fresh_database()
        fresh = lambda: str(server.fresh_database()).replace("postgresql://", "postgresql+psycopg://")  # noqa: E731
    database = Database(url, VAULT)
    migrations.upgrade(database.engine)
    if engine == "postgresql":
        with database.engine.connect() as connection:
            connection.execute(text("SET synchronous_commit = on"))
    try:
        yield database, fresh
    finally:
        database.close()


def lesson_hours() -> tuple[float, float]:
    """Milliseconds to find common lesson hours of 20 schools in 10 zones over 8 weeks: the first time, and again."""
    schools = [Hours(zone, (0, 1, 2, 3, 4), *usual(None)[1:]) for zone in COUNTRIES.values() for _twice in range(2)]
    codes = [code for code in COUNTRIES for _twice in range(2)]

    def closed(place: int, day: date) -> bool:
        return public_name(codes[place], day) is not None

    # As the program does beside its start.
    warm(NOW.year)
    taken = []
    for _round in range(6):
        start = time.perf_counter()
        proposals(common(schools, NOW, closed, minutes=45, weeks=8))
        taken.append(time.perf_counter() - start)
    return taken[0] * 1000, statistics.median(taken[1:]) * 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    options.add_argument("--engines", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    found: list[tuple[str, int, str, dict[str, float]]] = []
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres()) if "postgresql" in chosen.engines else None
        for engine in chosen.engines:
            for size in chosen.sizes:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                with database_of(engine, folder, server) as (database, fresh):
                    fill(database, size)
                    found.append((engine, size, "twinbot", ours(database, size, chosen.rounds)))
                found.append((engine, size, "APScheduler", theirs(fresh(), size, chosen.rounds)))
    first, again = lesson_hours()
    if chosen.json:
        print(json.dumps({"reminders": found, "lesson hours": [first, again]}))
        return
    named = {
        "claim": "find and claim 1,000, ms",
        "claim busy": "of that processor, ms",
        "p99": "handed over: p99, ms",
        "last": "the last, ms",
        "busy": "of that processor, ms",
    }
    shown = Columns("database", "pending", "", *named.values(), title="1,000 due")
    for engine, size, name, result in found:
        shown.add_row(engine, f"{size:,}", name, *(f"{result[key]:.0f}" for key in named))
    console = Console(width=150)
    console.print(shown)
    console.print(f"Common hours of 20 schools, 8 weeks: {first:.0f} ms the first time, {again:.1f} ms again")


if __name__ == "__main__":
    main()
