"""Fixtures for every test: real servers once a session, a world for each story."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.postgres import Postgres, postgres
from tests.servers.synapse import Synapse, synapse
from tests.world import PLATFORMS, World


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with synapse(tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/twinbot.db"
    return str(request.getfixturevalue("postgresql").fresh_database())


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> str:
    """Each platform in turn."""
    return str(request.param)


@pytest.fixture
async def world(platform: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A world with one platform, on SQLite."""
    url = f"sqlite:///{tmp_path}/twinbot.db"
    async with World(tmp_path, url, (platform,), synapse=_later(request)) as made:
        yield made


def _later(request: pytest.FixtureRequest) -> Callable[[], Synapse]:
    """The homeserver is only started for a story that needs it."""
    return lambda: request.getfixturevalue("homeserver")


def ci() -> bool:
    """Whether this run is CI's, where a missing part is a failure and no skip."""
    return bool(os.environ.get("CI"))
