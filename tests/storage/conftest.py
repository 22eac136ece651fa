"""A migrated database for each test that asks for one, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage import migrations
from storage.database import Database, make_engine
from tests.servers.postgres import Postgres
from tests.vault import VAULT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def migrated_postgres(postgresql: Postgres) -> str:
    """A database to copy from, so that the migrations run once."""
    url = postgresql.fresh_database()
    engine = make_engine(url, VAULT)
    migrations.upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "empty.sqlite"
    engine = make_engine(f"sqlite:///{path}", VAULT)
    migrations.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated, empty database."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgresql")
        return server.fresh_database(like=request.getfixturevalue("migrated_postgres"))
    empty: Path = request.getfixturevalue("migrated_sqlite")
    path = tmp_path / "twinbot.sqlite"
    path.write_bytes(empty.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, VAULT)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database without any table."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgresql")
        url = server.fresh_database()
    else:
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    engine = make_engine(url, VAULT)
    yield engine
    engine.dispose()
