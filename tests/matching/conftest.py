"""A migrated, empty database on each engine, once a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.migrations import upgrade
from tests.vault import VAULT


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for a module, whose tests bring their own people."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("matching")
        url = f"sqlite:///{folder / 'test.db'}"
    else:
        url = request.getfixturevalue("postgresql").fresh_database()
    database = Database(url, VAULT)
    upgrade(database.engine)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of one's own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        url = request.getfixturevalue("postgresql").fresh_database()
    opened = Database(url, VAULT)
    upgrade(opened.engine)
    yield opened
    opened.close()
