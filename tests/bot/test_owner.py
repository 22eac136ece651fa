"""One process owns a database, and only one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from storage.database import make_engine
from storage.owner import Ownership
from tests.servers.postgres import Postgres


@pytest.fixture
def engines(database_url: str) -> Iterator[tuple[Engine, Engine]]:
    """The same database as two processes see it."""
    first, second = make_engine(database_url), make_engine(database_url)
    yield first, second
    first.dispose()
    second.dispose()


def test_the_second_waits_until_the_first_lets_go(engines: tuple[Engine, Engine]) -> None:
    first, second = map(Ownership, engines)
    assert first.take()
    assert first.held()
    assert not second.take()
    first.release()
    assert second.take()
    assert second.held()
    assert not first.take()
    second.release()


def test_letting_go_twice_is_harmless(engines: tuple[Engine, Engine]) -> None:
    owner = Ownership(engines[0])
    assert owner.take()
    owner.release()
    owner.release()
    assert owner.take()
    owner.release()


def test_in_memory_everybody_owns_their_own() -> None:
    engine = make_engine("sqlite://")
    assert Ownership(engine).take()
    assert Ownership(engine).take()
    engine.dispose()


def cut(engine: Engine) -> None:
    """End every other connection to the database, as an outage does."""
    with engine.connect() as connection:
        others = "pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = :n"
        end = f"SELECT pg_terminate_backend(pid, 10000) FROM {others}"
        connection.execute(text(end), {"n": engine.url.database})


def test_a_lock_that_fell_with_its_connection_is_taken_again(postgresql: Postgres) -> None:
    engine = make_engine(postgresql.fresh_database())
    other = make_engine(str(engine.url.render_as_string(hide_password=False)))
    owner = Ownership(engine)
    assert owner.take()
    cut(other)
    assert owner.held()
    assert not Ownership(other).take()
    owner.release()
    engine.dispose()
    other.dispose()


def test_who_lost_the_lock_to_another_knows_it(postgresql: Postgres) -> None:
    engine = make_engine(postgresql.fresh_database())
    other = make_engine(str(engine.url.render_as_string(hide_password=False)))
    owner, heir = Ownership(engine), Ownership(other)
    assert owner.take()
    cut(other)
    assert heir.take()
    assert not owner.held()
    heir.release()
    assert owner.held()
    owner.release()
    engine.dispose()
    other.dispose()


def test_while_the_database_is_away_nobody_else_owns_it(postgresql: Postgres) -> None:
    engine = make_engine(postgresql.fresh_database())
    owner, other = Ownership(engine), Ownership(engine)
    assert owner.take()
    postgresql.stop()
    try:
        assert owner.held()
        assert not other.take()
    finally:
        postgresql.start()
    assert owner.held()
    assert not other.take()
    owner.release()
    engine.dispose()
