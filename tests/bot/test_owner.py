"""One process owns a database, and only one: an SQLite file, or any database whose key is changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

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
    assert not second.take()
    first.release()
    assert second.take()
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


def test_nobody_owns_a_database_that_is_away(postgresql: Postgres) -> None:
    engine = make_engine(postgresql.fresh_database())
    owner = Ownership(engine)
    postgresql.stop()
    try:
        assert not owner.take()
    finally:
        postgresql.start()
    assert owner.take()
    owner.release()
    engine.dispose()
