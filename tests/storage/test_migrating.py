"""A database with people in it is sealed by its migration, and nothing of theirs is lost on the way up, down, up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.orm import Session

from storage import migrations, people, post, web
from storage.database import make_engine
from storage.keys import in_use
from storage.models import Dialogue, OutboxRow, Prompt
from tests.vault import VAULT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MARKS = ("500123456", "@amina:example.org", "web-account-1", "syt_secret", "amina@escola.pt")
TABLES = {
    "accounts": "id",
    "chats": "id",
    "web_sessions": "token_hash",
    "updates": "id",
    "platform_state": "platform, key",
    "dialogues": "id",
    "prompts": "token",
    "outbox": "id",
    "web_messages": "id",
}
WORDS = json.dumps({"text": "write to amina@escola.pt", "é": [1, None]})
AT = "'2026-03-02 09:30:00.000000'"


@pytest.fixture
def inhabited(empty_engine: Engine) -> Engine:
    """A database from before it, with somebody in every table."""
    migrations.upgrade(empty_engine, "0002")
    with empty_engine.begin() as connection:

        def put(table: str, **values: Any) -> None:
            made = {**values, **{name: NOW for name in values if name.endswith("_at")}}
            places = ", ".join(f":{name}" for name in made)
            connection.execute(text(f"INSERT INTO {table} ({', '.join(made)}) VALUES ({places})"), bound(made))

        def bound(values: dict[str, Any]) -> dict[str, Any]:
            return {k: v.isoformat(" ") if isinstance(v, datetime) else v for k, v in values.items()}

        put("people", id=1, language="en", language_chosen=True, timezone="UTC", created_at=0, active_at=0)
        where = [("telegram", "500123456"), ("matrix", "@amina:example.org"), ("web", "web-account-1")]
        for number, (platform, name) in enumerate(where, 1):
            put("accounts", id=number, person_id=1, platform=platform, external_id=name, guesses=0)
            put("chats", id=number, platform=platform, external_id=name, kind="private", person_id=1)
            for state, body in ((0, WORDS), (1, ""), (2, WORDS)):
                values = {"state": state, "body": body, "lane": name, "received_at": 0, "event_id": f"e{state}"}
                put("updates", id=10 * number + state, platform=platform, **values)
        put("web_sessions", token_hash="hash", account="web-account-1", created_at=0)
        put("platform_state", platform="matrix", key="token", value="syt_secret")
        for number in range(1200):
            put("platform_state", platform=f"p{number % 3}", key=f"k{number}", value=f"value {number}")
        put("dialogues", id=1, chat_id=1, person_id=1, stack=f"[{WORDS}]", updated_at=0)
        put("prompts", token="t", chat_id=1, person_id=1, options=f'[["a", {WORDS}]]', created_at=0)
        values = {"payload": WORDS, "state": 0, "attempts": 0, "lane": 0, "kind": "message", "key": "k"}
        put("outbox", id=1, chat_id=1, created_at=0, **values)
        values = {"ref": "me:1", "content": WORDS, "mine": True, "version": 1, "change": 1}
        put("web_messages", id=1, chat="web-account-1", created_at=0, **values)
    return empty_engine


def contents(engine: Engine) -> dict[str, list[Any]]:
    """All rows; of an update that is done, not the lane: its chat is forgotten."""
    with engine.connect() as connection:
        found = {
            table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY {key}")).mappings()]
            for table, key in TABLES.items()
        }
    for row in found["updates"]:
        row["lane"] = row["lane"] if row["body"] else ""
    return found


def indexes(engine: Engine) -> dict[str, Any]:
    found = inspect(engine)
    return {
        index["name"]: (index["column_names"], {k: str(v) for k, v in index.get("dialect_options", {}).items()})
        for table in found.get_table_names()
        for index in found.get_indexes(table)
    }


def test_up_seals_and_down_opens_again(inhabited: Engine) -> None:
    before, found_by = contents(inhabited), indexes(inhabited)
    for _ in range(2):
        migrations.upgrade(inhabited, "0003")
        assert in_use(inhabited) == VAULT.id
        after = repr(contents(inhabited))
        assert not any(mark in after for mark in MARKS)
        assert {k: v for k, v in indexes(inhabited).items() if "where" in str(v)} == {
            k: v for k, v in found_by.items() if "where" in str(v)
        }
        migrations.downgrade(inhabited, "0002")
        assert contents(inhabited) == before
        assert indexes(inhabited) == found_by


def test_the_program_finds_everybody_after_it(inhabited: Engine) -> None:
    migrations.upgrade(inhabited)
    with Session(inhabited) as session:
        for platform, name in (("telegram", "500123456"), ("matrix", "@amina:example.org"), ("web", "web-account-1")):
            met = people.meet(session, platform, name, name, "private", now=NOW, language="en")
            assert (met.person, met.new) == (1, False)
            lane = VAULT.digest(name, "chat")
            assert (platform, lane) in post.waiting_lanes(session)
            assert [one.body for one in post.waiting_updates(session, platform, lane, 0, 9)] == [WORDS]
        assert post.marks(session, "matrix") == {"token": "syt_secret"}
        assert len(post.marks(session, "p1")) == 400
        assert [letter.body for letter in post.dead_updates(session)] == [WORDS] * 3
        words = json.loads(WORDS)
        assert session.scalars(select(Dialogue.stack)).one() == [words]
        assert session.scalars(select(Prompt.options)).one() == [["a", words]]
        assert session.scalars(select(OutboxRow.payload)).one() == words
        assert post.waiting_parcels(session, 1, 0, 9, NOW)[0].chat == "500123456"
        assert web.account_of(session, "hash") == "web-account-1"
        assert [line.content for line in web.latest(session, "web-account-1", None, 9)] == [words]


def test_nothing_stays_behind_in_the_file(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/twinbot.db", VAULT)
    migrations.upgrade(engine, "0002")
    mark = "500123456789"
    with engine.begin() as connection:
        for number in range(200):
            where = {"n": number, "name": f"{mark}{number}", "at": "2026-03-02"}
            connection.execute(text("INSERT INTO people VALUES (:n, 'en', 1, 'UTC', :at, :at)"), where)
            connection.execute(
                text("INSERT INTO accounts (person_id, platform, external_id, guesses) VALUES (:n, 'a', :name, 0)"),
                where,
            )
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert mark.encode() in raw(tmp_path)
    migrations.upgrade(engine)
    assert mark.encode() not in raw(tmp_path)
    engine.dispose()


def raw(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


@pytest.fixture
def broken(inhabited: Engine) -> Iterator[Engine]:
    """A database in which the last step of the migration fails."""
    with inhabited.begin() as connection:
        connection.execute(text("DROP TABLE web_messages"))
    yield inhabited


def test_a_migration_that_fails_leaves_everything_as_it_was(broken: Engine) -> None:
    tables = {table for table in TABLES if table != "web_messages"}
    before = set(inspect(broken).get_table_names())
    with pytest.raises(Exception, match="web_messages"):
        migrations.upgrade(broken)
    assert set(inspect(broken).get_table_names()) == before >= tables
    assert migrations.versions(broken)[0] == "0002"
    with broken.connect() as connection:
        assert connection.scalar(text("SELECT external_id FROM chats WHERE id = 1")) == "500123456"


def test_every_step_keeps_everybody(inhabited: Engine) -> None:
    """Whoever was there at any revision is there at the next, with the words that a later one reads."""
    steps = [step.revision for step in ScriptDirectory.from_config(migrations.config(inhabited)).walk_revisions()]
    for revision in reversed(steps[: steps.index("0002")]):
        migrations.upgrade(inhabited, revision)
        with inhabited.connect() as connection:
            counts = {table: connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in TABLES}
        assert counts["accounts"] == counts["chats"] == 3 and all(counts.values()), (revision, counts)
    with Session(inhabited) as session:
        assert session.scalars(select(OutboxRow)).first() is not None
        assert {one.chat for one in post.dead_updates(session)} == set(MARKS[:3])
