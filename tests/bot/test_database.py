"""Units of work: together in one commit on SQLite, each for itself on PostgreSQL, and alone when they fail."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from storage.database import Database, is_away
from tests.servers.postgres import Postgres
from tests.vault import VAULT


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url, VAULT)
    made.do(lambda session: session.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT NOT NULL)")))
    yield made
    made.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/notes.db", VAULT)
    made.do(lambda session: session.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT NOT NULL)")))
    yield made
    made.close()


def note(number: int, words: str | None = "words") -> Callable[[Session], int]:
    def unit(session: Session) -> int:
        session.execute(text("INSERT INTO note VALUES (:id, :words)"), {"id": number, "words": words})
        return number

    return unit


def notes(session: Session) -> list[int]:
    return list(session.scalars(text("SELECT id FROM note ORDER BY id")))


def commits_of(engine: Engine) -> list[str]:
    heard: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement in {"COMMIT", "ROLLBACK"}:
            heard.append(statement)

    return heard


class Held:
    """A unit that keeps the writer busy until it is let go, so that others gather behind it."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, _session: Session) -> str:
        self.begun.set()
        assert self.go.wait(30)
        return "held"


async def test_a_result_comes_after_the_commit(database: Database) -> None:
    assert await database.write(note(1)) == 1
    assert await database.read(notes) == [1]


async def test_a_failing_unit_is_undone_alone(database: Database) -> None:
    def half(session: Session) -> None:
        note(100)(session)
        raise ZeroDivisionError

    units = [note(1), half, note(2), note(2), note(3), note(4, None)]
    ends = await asyncio.gather(*map(database.write, units), return_exceptions=True)
    failed = [type(end) for end in ends if isinstance(end, BaseException)]
    assert failed == [ZeroDivisionError, IntegrityError, IntegrityError]
    assert await database.read(notes) == [1, 2, 3]


async def test_units_that_gather_share_a_commit(sqlite: Database) -> None:
    held = Held()
    first = asyncio.ensure_future(sqlite.write(held))
    await asyncio.to_thread(held.begun.wait, 30)
    heard = commits_of(sqlite.engine)
    others = [asyncio.ensure_future(sqlite.write(note(number))) for number in range(40)]
    await asyncio.sleep(0)
    held.go.set()
    await asyncio.gather(first, *others)
    assert heard == ["COMMIT", "COMMIT"]
    assert len(await sqlite.read(notes)) == 40


async def test_results_come_in_the_order_of_the_units(sqlite: Database) -> None:
    ends: list[int] = []

    async def write(number: int) -> None:
        ends.append(await sqlite.write(note(number)))

    await asyncio.gather(*(write(number) for number in range(300)))
    assert ends == list(range(300))


async def test_a_unit_whose_caller_has_gone_is_left_out(sqlite: Database) -> None:
    held = Held()
    first = asyncio.ensure_future(sqlite.write(held))
    await asyncio.to_thread(held.begun.wait, 30)
    given_up = asyncio.ensure_future(sqlite.write(note(1)))
    kept = asyncio.ensure_future(sqlite.write(note(2)))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    held.go.set()
    assert await first == "held"
    assert await kept == 2
    assert await sqlite.read(notes) == [2]


async def test_a_unit_that_has_begun_is_finished_though_its_caller_has_gone(sqlite: Database) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        begun.set()
        assert go.wait(30)
        note(1)(session)

    doing = asyncio.ensure_future(sqlite.write(slow))
    await asyncio.to_thread(begun.wait, 30)
    doing.cancel()
    go.set()
    await asyncio.gather(doing, return_exceptions=True)
    assert await sqlite.write(note(2)) == 2
    assert await sqlite.read(notes) == [1, 2]


async def test_a_commit_that_fails_fails_every_unit_of_it(sqlite: Database) -> None:
    sqlite.do(
        lambda session: session.execute(
            text("CREATE TABLE child (of INTEGER REFERENCES note DEFERRABLE INITIALLY DEFERRED)")
        )
    )

    def orphan(session: Session) -> None:
        session.execute(text("INSERT INTO child VALUES (77)"))

    held = Held()
    first = asyncio.ensure_future(sqlite.write(held))
    await asyncio.to_thread(held.begun.wait, 30)
    both = [asyncio.ensure_future(sqlite.write(unit)) for unit in (note(1), orphan)]
    await asyncio.sleep(0)
    held.go.set()
    assert await first == "held"
    ends = await asyncio.gather(*both, return_exceptions=True)
    assert [type(end) for end in ends] == [IntegrityError, IntegrityError]
    assert await sqlite.write(note(2)) == 2
    assert await sqlite.read(notes) == [2]


async def test_readers_see_what_is_committed_while_the_writer_is_busy(sqlite: Database) -> None:
    await sqlite.write(note(1))
    held = Held()
    first = asyncio.ensure_future(sqlite.write(held))
    await asyncio.to_thread(held.begun.wait, 30)
    assert await sqlite.read(notes) == [1]
    held.go.set()
    await first


def test_a_closed_database_says_so(tmp_path: Path) -> None:
    made = Database(f"sqlite:///{tmp_path}/closed.db", VAULT)
    made.close()
    with pytest.raises(RuntimeError, match="closed"):
        made.do(note(1))


def test_what_is_written_before_closing_is_kept(tmp_path: Path) -> None:
    made = Database(f"sqlite:///{tmp_path}/notes.db", VAULT)
    made.do(lambda session: session.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT)")))

    async def leave() -> None:
        pending = [asyncio.ensure_future(made.write(note(number))) for number in range(10)]
        await asyncio.sleep(0)
        await asyncio.to_thread(made.close)
        await asyncio.gather(*pending)

    asyncio.run(leave())
    again = Database(f"sqlite:///{tmp_path}/notes.db", VAULT)
    assert again.do(notes) == list(range(10))
    again.close()


def test_sqlite_is_set_up_to_survive_a_power_cut(sqlite: Database) -> None:
    def pragmas(session: Session) -> list[Any]:
        return [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]

    assert sqlite.do(pragmas) == ["wal", 2, 1]


async def test_errors_quote_no_words(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        await database.write(note(1, None))
    with pytest.raises(DBAPIError) as doubled:
        await database.write(lambda session: (note(5, "Amina's words")(session), note(5, "Amina's words")(session)))
    assert "Amina" not in str(caught.value) + str(doubled.value)


async def test_two_that_wait_for_each_other_both_succeed(postgresql: Postgres) -> None:
    """PostgreSQL ends one of two transactions in a deadlock; that one is run again."""
    database = Database(postgresql.fresh_database(), VAULT)
    database.do(lambda session: session.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT)")))
    database.do(note(1))
    database.do(note(2))
    both = threading.Barrier(2)
    runs: list[int] = []

    def update(first: int, second: int) -> Callable[[Session], None]:
        def unit(session: Session) -> None:
            again = first in runs
            runs.append(first)
            change = text("UPDATE note SET words = words || :more WHERE id = :id")
            session.execute(change, {"more": str(first), "id": first})
            if not again:
                both.wait(30)
            session.execute(change, {"more": str(first), "id": second})

        return unit

    await asyncio.gather(database.write(update(1, 2)), database.write(update(2, 1)))
    assert len(runs) == 3
    words = await database.read(lambda session: list(session.scalars(text("SELECT words FROM note"))))
    assert sorted(map(len, words)) == [7, 7]
    database.close()


async def test_a_broken_connection_is_replaced(postgresql: Postgres) -> None:
    database = Database(postgresql.fresh_database(), VAULT)
    database.do(lambda session: session.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT)")))
    broken: list[int] = []

    def unit(session: Session) -> int:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        if not broken:
            broken.append(pid)
            other = create_engine(database.engine.url)
            with other.connect() as connection:
                connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})
            other.dispose()
        return note(1)(session)

    assert await database.write(unit) == 1
    assert await database.read(notes) == [1]
    database.close()


class _Driver(Exception):
    def __init__(self, **facts: str) -> None:
        super().__init__("the driver's words")
        vars(self).update(facts)


@pytest.mark.parametrize(
    ("facts", "away"),
    [
        ({"sqlite_errorname": "SQLITE_FULL"}, True),
        ({"sqlite_errorname": "SQLITE_BUSY_SNAPSHOT"}, True),
        ({"sqlite_errorname": "SQLITE_IOERR_WRITE"}, True),
        ({"sqlite_errorname": "SQLITE_ERROR"}, False),
        ({"sqlite_errorname": "SQLITE_CONSTRAINT_UNIQUE"}, False),
        ({"sqlstate": "08006"}, True),
        ({"sqlstate": "57P01"}, True),
        ({"sqlstate": "40P01"}, True),
        ({"sqlstate": "42P01"}, False),
        ({}, True),
    ],
)
def test_a_database_that_is_away_is_told_from_a_unit_that_is_wrong(facts: dict[str, str], away: bool) -> None:
    assert is_away(OperationalError("SELECT 1", {}, _Driver(**facts))) is away


def test_other_errors_are_not_the_database() -> None:
    assert not is_away(ValueError())
    assert not is_away(IntegrityError("INSERT", {}, _Driver(sqlite_errorname="SQLITE_CONSTRAINT")))
