"""`twinbot audit`: what support did, and whether the record of it is whole."""

from __future__ import annotations

import json
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from typer.testing import Result

from storage.audit import record
from storage.database import Database
from storage.migrations import upgrade
from tests.acceptance.process import Program
from tests.acceptance.test_keys import twinbot
from tests.vault import KEY, VAULT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class House:
    """A folder with a database in which support has worked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url, self.anchor = folder, f"sqlite:///{folder}/twinbot.db", folder / "audit.anchor"
        self.settings = {"TWINBOT_STATE_DIR": str(folder), "TWINBOT_DATABASE_URL": "", "TWINBOT_SECRET_KEY": KEY}
        self.do(lambda _session: None)
        self.do(work)

    def do(self, unit: Any) -> None:
        database = Database(self.url, VAULT)
        upgrade(database.engine)
        database.do(unit)
        database.close()

    def audit(self, *words: str) -> Result:
        return twinbot("audit", *words, settings=self.settings)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def work(session: Session) -> None:
    record(session, actor=None, act="officer_named", subject=7, country="PT", detail={"role": "national"}, now=NOW)
    record(session, actor=7, act="verified", subject=21, country="PT", now=NOW)
    record(session, actor=7, act="suspended", subject=22, country="PT", now=NOW)


def cut(session: Session) -> None:
    session.execute(text("DROP TRIGGER audit_entries_no_delete"))
    session.execute(text("DELETE FROM audit_entries WHERE id = 3"))


def test_the_list_shows_who_did_what_to_whom(house: House) -> None:
    shown = house.audit("list")
    assert shown.exit_code == 0
    # A narrow screen breaks words; what is left of them is there.
    for words in ("operator", "officer", "national", "PT"):
        assert words in shown.stdout
    found = json.loads(house.audit("list", "--person", "21", "--json").stdout)
    assert [(entry["number"], entry["actor"], entry["act"]) for entry in found] == [(2, 7, "verified")]
    assert len(json.loads(house.audit("list", "--limit", "2", "--json").stdout)) == 2
    assert "Nothing is recorded" in house.audit("list", "--person", "99").stdout


def test_a_whole_log_is_said_to_be_whole(house: House) -> None:
    first = house.audit("verify")
    assert (first.exit_code, "3 entries, all as they were recorded." in first.stdout) == (0, True)
    assert "whether the end was cut off cannot be said" in " ".join(first.stderr.split())
    again = house.audit("verify", "--json")
    assert json.loads(again.stdout) == {"entries": 3, "known": 3, "problems": []}


def test_a_lost_end_is_said_until_it_is_accepted(house: House) -> None:
    assert house.audit("verify").exit_code == 0
    house.do(cut)
    for _ in range(2):
        lost = house.audit("verify")
        assert lost.exit_code == 1
        assert "the log was cut off: it ended with entry 3 once, and ends with 2 now" in lost.stderr
    doctor = twinbot("doctor", settings=house.settings)
    assert "the log was cut off" in doctor.stdout.replace("\n", " ")
    assert house.audit("verify", "--accept").exit_code == 1
    assert house.audit("verify").exit_code == 0
    (newest, *_rest) = json.loads(house.audit("list", "--json").stdout)
    assert (newest["number"], newest["act"], newest["detail"]) == (3, "loss_accepted", {"problems": 1})


def test_a_damaged_anchor_stops_the_look(house: House) -> None:
    house.anchor.write_text("no anchor")
    done = house.audit("verify")
    assert done.exit_code == 3
    assert "is damaged" in done.stderr.replace("\n", " ")
    assert house.anchor.read_text() == "no anchor"


async def test_the_running_bot_keeps_the_anchor_and_says_what_is_wrong(house: House) -> None:
    program = Program(house.folder, {**house.settings, "TWINBOT_DATABASE_URL": house.url})
    try:
        await program.start()
        assert await program.ended(signal.SIGTERM) == 0
        assert json.loads(house.anchor.read_text())["entries"] == 3
        house.do(cut)
        await program.start()
        assert await program.ended(signal.SIGTERM) == 0
    finally:
        program.close()
    assert "the audit log is not what it was (the log was cut off" in program.said
    assert json.loads(house.anchor.read_text())["entries"] == 3
