"""Fixtures for every test: real servers once a session, a world for each story."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import update
from sqlalchemy.orm import Session

from storage.database import Database
from storage.models import School
from storage.populate import populate
from storage.schools import add_school
from tests.migrated import migrated
from tests.servers.postgres import Postgres, postgres
from tests.servers.synapse import Synapse, synapse
from tests.vault import VAULT
from tests.world import PLATFORMS, World

# python-telegram-bot warns of a coming change in its errors unless it is told to make it now.
os.environ.setdefault("PTB_TIMEDELTA", "true")

settings.register_profile("day", deadline=None)
settings.register_profile("night", deadline=None, max_examples=5000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="try far more examples, and what takes too long for a day")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "nightly: takes too long for a day; runs with --nightly")
    settings.load_profile("night" if config.getoption("--nightly") else "day")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--nightly"):
        late = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=late)
        items[:] = [item for item in items if item not in late]


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with synapse(tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table and nobody in it, to copy from."""
    file = tmp_path_factory.mktemp("migrated") / "empty.sqlite"
    migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgresql: Postgres) -> str:
    """A database to copy from, so that the migrations run once."""
    return migrated(postgresql.fresh_database())


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database with nobody in it, on each engine."""
    if request.param == "sqlite":
        return migrated(f"sqlite:///{tmp_path}/twinbot.db")
    server: Postgres = request.getfixturevalue("postgresql")
    return server.fresh_database(like=request.getfixturevalue("migrated_postgres"))


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> str:
    """Each platform in turn."""
    return str(request.param)


# Schools that stories name; those of the fiction may change with it.
SCHOOLS = [
    ("PT", "Escola Básica do Viriato", "Viseu", "primary"),
    ("PT", "Escola Básica Vitorino Nemésio", "Ponta Delgada", "lower_secondary"),
    ("GR", "77ο ΕΠΑΛ", "Καβάλα", "vocational"),
    ("PL", "Szkoła Podstawowa nr 77", "Kielce", "primary"),
]


@pytest.fixture(scope="session")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with 300 fictional teachers at 90 schools and the schools of the stories, to copy."""
    file = tmp_path_factory.mktemp("populated") / "twinbot.db"
    database = Database(migrated(f"sqlite:///{file}"), VAULT)
    now = datetime.now(UTC)
    populate(database, 300, 90, 7, now=now)
    for country, name, town, level in SCHOOLS:
        database.do(partial(add_school, country=country, name=name, town=town, level=level, now=now))
    database.do(_know_mail)
    database.close()
    return file


def _know_mail(session: Session) -> None:
    """One school of the stories has its mail on record."""
    there = update(School).where(School.name == SCHOOLS[0][1])
    session.execute(there.values(domains="viriato.example escola.example", email="direcao@viriato.example"))


@pytest.fixture
def worlds(tmp_path: Path, populated: Path, request: pytest.FixtureRequest) -> Callable[..., World]:
    """Makes a world with the platforms that are named, on a populated SQLite file."""

    def make(*platforms: str) -> World:
        copy = Path(shutil.copy(populated, tmp_path))
        return World(tmp_path, f"sqlite:///{copy}", platforms, synapse=_later(request))

    return make


@pytest.fixture
async def world(platform: str, worlds: Callable[..., World]) -> AsyncIterator[World]:
    """A world with one platform, where some teachers and schools are known."""
    async with worlds(platform) as made:
        yield made


def _later(request: pytest.FixtureRequest) -> Callable[[], Synapse]:
    """The homeserver is only started for a story that needs it."""
    return lambda: request.getfixturevalue("homeserver")


def ci() -> bool:
    """Whether this run is CI's, where a missing part is a failure and no skip."""
    return bool(os.environ.get("CI"))
