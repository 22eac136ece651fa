"""Fixtures of the acceptance tests: patience for a program that is restarted, and a database to copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that starts anew on a busy machine needs longer than an app within the tests."""
    monkeypatch.setattr("tests.cast.PATIENCE", 60.0)


@pytest.fixture
def folder(tmp_path: Path, populated: Path) -> Path:
    """An empty folder but for a database with some schools and teachers."""
    shutil.copy(populated, tmp_path / "twinbot.db")
    return tmp_path


@pytest.fixture
def nightly(request: pytest.FixtureRequest) -> bool:
    """Whether there is a whole night."""
    return bool(request.config.getoption("--nightly"))
