"""Two processes ring on one database and are killed by turns: nobody is told twice, and everybody once; rooms too, once
at each of their doors."""

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
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from bot.text import Reader, decode, plain
from handlers.reminders.zones import moment
from storage import alarms, partnerships, people, projects, rooms, teachers
from storage.database import Database
from storage.models import Alarm, Chat, Occurrence, OutboxRow, Reminder, Rhythm, Teacher, Utterance
from storage.schools import add_school
from storage.teachers import TeacherFacts
from tests.projects.town import RIVERS

ROOT = Path(__file__).resolve().parents[2]
REMINDERS, OF_ROOM, PATIENCE = 240, 60, 120.0
DOORS = ("telegram", "matrix")
READER = Reader("en")
AT = datetime(2026, 11, 25, 10, 0)
NOW = moment(AT, "UTC")


def prepare(session: Session, of_room: int = 0) -> None:
    """Twenty people with a dozen reminders each, all due at once; so many of them are for a room of two."""
    some = [people.meet(session, "terminal", f"p{n}", f"p{n}", "private", now=NOW, language="en") for n in range(20)]
    session.execute(insert(Rhythm), [{"person_id": met.person, "quiet_from": 0, "quiet_to": 0} for met in some])
    room = staff_room(session, some[0].person, some[1].person) if of_room else None
    rows = [
        {
            "owner_id": some[n % 20].person, "kind": "reminder", "words": f"Number {n}", "start": AT, "timezone": "UTC",
            "leads": [], "but_holidays": False, "skipped": [], "urgent": False, "state": "active", "version": 0,
            "created_at": NOW, "changed_at": NOW, "room_id": room if n < of_room else None,
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


def staff_room(session: Session, amina: int, joao: int) -> int:
    """The staff room of a project of these two, with doors in groups of Telegram and of Matrix beside its page."""
    for person in (amina, joao):
        school = add_school(session, "PT", f"Escola {person}", "Viseu", "primary", now=NOW)
        teachers.register(session, person, TeacherFacts("Ana", "PT", school.id, ("music",), ("en",), (8, 10), ""), NOW)
    session.execute(update(Teacher).values(status="verified"))
    partnerships.open_(session, amina, joao, NOW)
    project = projects.propose(session, amina, joao, RIVERS, NOW).id
    projects.sign(session, project, joao, NOW)
    room = rooms.of_project(session, project)[0].id
    for platform in DOORS:
        chat = Chat(platform=platform, external_id=f"{platform} group", kind="group")
        session.add(chat)
        session.flush()
        rooms.add_door(session, room, platform, chat.id, NOW)
    return room


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
    database.do(partial(prepare, of_room=OF_ROOM))
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
    found = select(Chat.platform, OutboxRow.payload).join(Chat, Chat.id == OutboxRow.chat_id)
    sent = [tuple(row) for row in database.do(lambda session: session.execute(found).all())]
    told = Counter((platform, plain(decode(body["body"]), READER).splitlines()[1]) for platform, body in sent)
    at_doors = {(door, f"Number {n}"): 1 for door in DOORS for n in range(OF_ROOM)}
    assert told == Counter({("terminal", f"Number {n}"): 1 for n in range(OF_ROOM, REMINDERS)} | at_doors)
    late = [body for _platform, body in sent if "This comes late: I was not running" in json.dumps(body)]
    assert len(late) == (len(sent) if after > timedelta(hours=1) else 0)
    # On the page of the room each stands once, and what was said at its doors is that.
    on_page = database.do(lambda s: Counter(s.scalars(select(Utterance.words))))
    assert len(on_page) == on_page.total() == OF_ROOM
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
