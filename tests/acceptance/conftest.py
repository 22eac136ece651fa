"""Fixtures of the acceptance tests: seeds, and a database to begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from storage.database import Database
from storage.schools import add_school
from tests.acceptance.process import Town
from tests.migrated import migrated
from tests.servers.synapse import Synapse
from tests.vault import VAULT


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes a seed runs once by day and many times at night."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(1, 21 if metafunc.config.getoption("--nightly") else 2))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder but for a database with a school."""
    with_a_school(f"sqlite:///{tmp_path}/twinbot.db")
    return tmp_path


@pytest.fixture
async def everywhere(folder: Path, homeserver: Synapse) -> AsyncIterator[Town]:
    """A town in which the program runs on all platforms."""
    async with Town(folder, "telegram", "web", "matrix", homeserver=homeserver) as town:
        await town.program.start()
        yield town


def with_a_school(url: str) -> None:
    """Migrate a database, and let there be a school in Viseu."""
    database = Database(migrated(url), VAULT)
    database.do(_add)
    database.close()


def _add(session: Session) -> None:
    add_school(session, "PT", "Escola Básica do Viso", "Viseu", "primary", now=datetime.now(UTC))


@pytest.fixture
def nightly(request: pytest.FixtureRequest) -> bool:
    """Whether there is a whole night."""
    return bool(request.config.getoption("--nightly"))
