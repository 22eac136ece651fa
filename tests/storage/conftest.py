"""A migrated database for each test that asks for one, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage.database import Database, make_engine
from tests.servers.postgres import Postgres
from tests.vault import VAULT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


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
