"""A migrated, empty database on each engine, once a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.migrated import migrated
from tests.servers.postgres import Postgres
from tests.vault import VAULT


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for a module, whose tests bring their own people."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("matching")
        url = migrated(f"sqlite:///{folder}/test.db")
    else:
        server: Postgres = request.getfixturevalue("postgresql")
        url = server.fresh_database(like=request.getfixturevalue("migrated_postgres"))
    database = Database(url, VAULT)
    yield database
    database.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of one's own."""
    opened = Database(database_url, VAULT)
    yield opened
    opened.close()
