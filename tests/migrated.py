"""Migrated databases at once: all migrations run once in each process of the tests, and what comes of it is copied."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from storage.database import Database
from storage.migrations import upgrade
from tests.vault import VAULT


@cache
def _content() -> bytes:
    """An SQLite file with every table, and nobody in it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "migrated.db"
        _upgrade(f"sqlite:///{file}")
        return file.read_bytes()


def _upgrade(url: str) -> None:
    database = Database(url, VAULT)
    upgrade(database.engine)
    database.close()


def migrated(url: str) -> str:
    """Let the database at this address have all tables; gives the address."""
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not file.exists():
        file.write_bytes(_content())
    else:
        _upgrade(url)
    return url
