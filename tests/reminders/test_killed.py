"""Two processes ring on one database and are killed by turns: nobody is told twice, and everybody once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from handlers.reminders.zones import moment
from storage import alarms, people
from storage.database import Database
from storage.models import Alarm, Occurrence, OutboxRow, Reminder, Rhythm

ROOT = Path(__file__).resolve().parents[2]
REMINDERS, PATIENCE = 240, 120.0
AT = datetime(2026, 11, 25, 10, 0)
NOW = moment(AT, "UTC")


def prepare(session: Session) -> None:
    """Twenty people with a dozen reminders each, all due at once."""
    some = [people.meet(session, "terminal", f"p{n}", f"p{n}", "private", now=NOW, language="en") for n in range(20)]
    session.execute(insert(Rhythm), [{"person_id": met.person, "quiet_from": 0, "quiet_to": 0} for met in some])
    rows = [
        {
            "owner_id": some[n % 20].person, "kind": "reminder", "words": f"Number {n}", "start": AT, "timezone": "UTC",
            "leads": [], "but_holidays": False, "skipped": [], "urgent": False, "state": "active", "version": 0,
            "created_at": NOW, "changed_at": NOW,
        }
        for n in range(REMINDERS)
    ]  # fmt: skip
    made = session.execute(insert(Reminder).returning(Reminder.id, Reminder.owner_id), rows)
    plain = {"snoozed": False, "put_off": False}
    rings = [
        {
            "reminder_id": i,
            "person_id": p,
            "due_at": NOW,
            "occurrence": AT,
            "lead": 0,
            **plain,
        }
        for i, p in made
    ]
    session.execute(insert(Alarm), rings)


def left(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Alarm)) or 0


def start(url: str, after: timedelta) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.reminders.ringer", url, (NOW + after).isoformat()]
    return subprocess.Popen(command, cwd=ROOT)


@pytest.mark.parametrize(
    ("kills", "after"),
    [(2, timedelta(hours=6)), pytest.param(20, timedelta(seconds=1), marks=pytest.mark.nightly)],
)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_processes_killed_by_turns(database: Database, kills: int, after: timedelta) -> None:
    """In time; and after six hours in which none of them ran, marked as late."""
    database.do(prepare)
    url = database.url.render_as_string(hide_password=False)
    running = [start(url, after), start(url, after)]
    killed, before, give_up = 0, REMINDERS, monotonic() + PATIENCE
    while (waiting := database.do(left)) > 0:
        assert monotonic() < give_up, "nobody rings any more"
        for place, process in enumerate(running):
            ended = process.poll() is not None
            if not ended and killed < kills and before - waiting >= REMINDERS // (2 * kills):
                process.kill()
                process.wait()
                killed, before, ended = killed + 1, waiting, True
            if ended:
                running[place] = start(url, after)
                running.reverse()
    for process in running:
        process.kill()
        process.wait()
    assert killed == kills
    bodies = database.do(lambda session: list(session.scalars(select(OutboxRow.payload))))
    told = Counter(body["body"][1][1][1][1] for body in bodies)
    assert told == Counter({f"Number {n}": 1 for n in range(REMINDERS)})
    late = [body for body in bodies if "This comes late: I was not running at that time." in json.dumps(body)]
    assert len(late) == (REMINDERS if after > timedelta(hours=1) else 0)
    assert database.do(lambda s: s.scalar(select(func.count()).select_from(Occurrence))) == REMINDERS
    states = database.do(lambda s: Counter(s.scalars(select(Reminder.state))))
    assert states == {"done": REMINDERS}


def test_a_claim_of_another_process_is_left_out(database: Database) -> None:
    """PostgreSQL skips what another transaction holds; SQLite has one writer in any case."""
    database.do(prepare)
    if database.embedded:
        assert len(database.do(partial(alarms.due, now=NOW, limit=10))) == 10
        return

    def both(session: Session) -> tuple[set[int], set[int]]:
        mine = {due.id for due in alarms.due(session, NOW, 10)}
        theirs = {due.id for due in database.do(partial(alarms.due, now=NOW, limit=10))}
        return mine, theirs

    mine, theirs = database.do(both)
    assert len(mine) == len(theirs) == 10
    assert mine.isdisjoint(theirs)
