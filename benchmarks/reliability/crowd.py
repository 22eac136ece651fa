"""A database with many Telegram chats, an announcement to all of them, and `twinbot run` beside it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from benchmarks.reliability.sink import TOKEN
from bot.text import Verbatim, encode
from storage import bulk
from storage.database import Database
from storage.migrations import upgrade
from storage.models import Chat
from tests.vault import KEY, VAULT

FIRST = 1_000_000
NOW = datetime.now(UTC)
PAYLOAD = {"body": encode(Verbatim("The conference begins on Monday at ten. " * 5))}


def settle(url: str, people: int) -> Database:
    """An open database in which so many have a chat."""
    database = Database(url, VAULT)
    upgrade(database.engine)
    for start in range(0, people, 5000):
        rows = [
            {"platform": "telegram", "external_id": str(FIRST + n), "kind": "private"}
            for n in range(start, min(people, start + 5000))
        ]
        database.do(partial(_insert, rows=rows))
    return database


def _insert(session: Session, rows: list[dict[str, str]]) -> None:
    session.execute(insert(Chat), rows)


def announce(database: Database, chunk: int = 5000) -> tuple[int, float, float]:
    """Announce to everybody; the bulk, all seconds it took, and those of the longest transaction."""
    made = database.do(partial(bulk.begin, platform="telegram", payload=PAYLOAD, now=NOW))
    after: int | None = 0
    began, longest = time.perf_counter(), 0.0
    while after is not None:
        start = time.perf_counter()
        after = database.do(partial(bulk.expand, bulk=made, chats=select(Chat.id), now=NOW, after=after, limit=chunk))
        longest = max(longest, time.perf_counter() - start)
    return made, time.perf_counter() - began, longest


@contextlib.contextmanager
def bot(url: str, server: str, folder: Path, rate: int) -> Iterator[subprocess.Popen[bytes]]:
    """`twinbot run` on the database, sending to the server."""
    environment = {
        **os.environ,
        "TWINBOT_STATE_DIR": str(folder),
        "TWINBOT_DATABASE_URL": url,
        "TWINBOT_SECRET_KEY": KEY,
        "TWINBOT_TELEGRAM_TOKEN": TOKEN,
        "TWINBOT_TELEGRAM_API_URL": server,
        "TWINBOT_TELEGRAM_RATE": str(rate),
        "TWINBOT_WEB_PORT": "0",
    }
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, "-m", "bot", "run"], env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            yield process
        finally:
            process.terminate()


def processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def most_in_a_second(times: list[float]) -> int:
    """The most that fell into any second, wherever that begins."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most
