"""The anchor: how far the audit log went, kept outside the database."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.anchor import Anchor, AnchorTrouble
from storage.audit import Head, head, record
from storage.database import Database
from tests.bot.house import NOW, fresh


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = fresh(f"sqlite:///{tmp_path}/twinbot.db")
    yield made
    made.close()


@pytest.fixture
def anchor(tmp_path: Path) -> Anchor:
    return Anchor(tmp_path / "state" / "audit.anchor")


def work(session: Session, times: int = 3, officer: int = 7) -> None:
    for number in range(times):
        record(session, actor=officer, act="verified", subject=number, country="PT", now=NOW)


def cut(session: Session, after: int) -> None:
    session.execute(text("DROP TRIGGER IF EXISTS audit_entries_no_delete"))
    session.execute(text("DELETE FROM audit_entries WHERE id > :after"), {"after": after})


def test_it_goes_along_with_the_log(database: Database, anchor: Anchor) -> None:
    assert anchor.read() is None
    assert database.do(anchor.follow) == []
    assert anchor.read() == Head(0, "")
    for times in (3, 0, 2000, 1):
        database.do(partial(work, times=times))
        assert database.do(anchor.follow) == []
        assert anchor.read() == database.do(head)
    assert stat.S_IMODE(anchor.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("left", "says"), [(2, "was cut off: it ended with entry 3 once, and ends with 2 now"), (0, "now")]
)
def test_a_log_that_was_cut_off_is_found_and_not_noted(
    database: Database, anchor: Anchor, left: int, says: str
) -> None:
    database.do(work)
    database.do(anchor.follow)
    known = anchor.read()
    database.do(partial(cut, after=left))
    assert says in database.do(anchor.follow)[0]
    # Others in the place of those that are gone do not hide it.
    database.do(partial(work, times=5, officer=8))
    assert database.do(anchor.follow)[0] == "entry 3 is not the one that stood there"
    assert anchor.read() == known


def test_what_came_since_is_followed_too(database: Database, anchor: Anchor) -> None:
    database.do(anchor.follow)
    database.do(work)
    database.do(lambda session: session.execute(text("DROP TRIGGER audit_entries_no_update")))
    database.do(lambda session: session.execute(text("UPDATE audit_entries SET subject = 9 WHERE id = 2")))
    assert database.do(anchor.follow) == ["entry 2 was changed, or does not belong behind the one before it"]
    assert anchor.read() == Head(0, "")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"entries": "x", "digest": ""}'])
def test_a_damaged_file_is_said(database: Database, anchor: Anchor, content: str) -> None:
    anchor.path.parent.mkdir()
    anchor.path.write_text(content)
    with pytest.raises(AnchorTrouble, match="is damaged"):
        database.do(anchor.follow)
    assert anchor.path.read_text() == content


async def test_the_bot_says_it_once(database: Database, anchor: Anchor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await database.write(work)
    await anchor.look(database)
    assert caplog.messages == []
    await database.write(partial(cut, after=1))
    for _ in range(3):
        await anchor.look(database)
    (message,) = caplog.messages
    assert "the log was cut off" in message
    assert "twinbot audit verify" in message
