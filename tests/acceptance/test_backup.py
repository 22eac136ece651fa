"""`twinbot backup` while others write, and `twinbot restore`, rehearsed on both databases."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path

import pytest

from bot.secret import KeyFile, encoded
from storage import post
from storage.database import Database, make_engine
from storage.owner import Presence
from tests.acceptance.test_keys import NEXT, House, twinbot
from tests.storage.inhabitants import all_there
from tests.vault import SECRET, VAULT


@pytest.fixture
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """PostgreSQL's programs, where that is the database."""
    if database_url.startswith("postgresql"):
        server = request.getfixturevalue("postgresql")
        monkeypatch.setenv("PATH", f"{server.programs}:/usr/bin:/bin")


def elsewhere(request: pytest.FixtureRequest, folder: Path, url: str) -> dict[str, str]:
    """The settings of another machine, with an empty database and the same key."""
    other = f"sqlite:///{folder}/other/twinbot.db"
    if url.startswith("postgresql"):
        other = request.getfixturevalue("postgresql").fresh_database()
    state = folder / "other"
    KeyFile(state / "secret.key").replace([SECRET])
    return {"TWINBOT_DATABASE_URL": other, "TWINBOT_STATE_DIR": str(state), "TWINBOT_SECRET_KEY": ""}


@pytest.mark.usefixtures("path")
def test_everything_comes_back_from_a_backup_made_meanwhile(
    tmp_path: Path, database_url: str, request: pytest.FixtureRequest
) -> None:
    house, file = House(tmp_path, database_url), tmp_path / "copies" / "today.backup"
    (tmp_path / "state" / "files").mkdir()
    (tmp_path / "state" / "files" / "picture").write_bytes(b"sealed")
    stop = threading.Event()
    writing = threading.Thread(target=_write, args=(database_url, stop))
    writing.start()
    try:
        made = twinbot("backup", str(file), "--json", settings=house.settings)
    finally:
        stop.set()
        writing.join()
    assert made.exit_code == 0, made.stderr
    assert json.loads(made.stdout)["key"] == VAULT.id
    assert file.stat().st_mode & 0o077 == 0
    assert not list(file.parent.glob("*.part"))
    settings = elsewhere(request, tmp_path, database_url)
    back = twinbot("restore", str(file), settings=settings)
    assert back.exit_code == 0, back.stderr
    database = Database(settings["TWINBOT_DATABASE_URL"], VAULT)
    database.do(partial(post.save_marks, platform="after", values={"works": "yes"}))
    database.do(all_there)
    database.close()
    assert (tmp_path / "other" / "files" / "picture").read_bytes() == b"sealed"


def _write(url: str, stop: threading.Event) -> None:
    """Write without a pause, as a busy bot does, what `all_there` does not look at."""
    database, number = Database(url, VAULT), 0
    while not stop.is_set():
        number += 1
        database.do(partial(post.save_marks, platform="busy", values={f"n{number % 50}": "x" * 500}))
    database.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_does_not_fit_is_refused_with_a_sentence(
    tmp_path: Path, database_url: str, request: pytest.FixtureRequest
) -> None:
    house, file = House(tmp_path, database_url), tmp_path / "today.backup"
    assert twinbot("backup", str(file), settings=house.settings).exit_code == 0
    full = twinbot("restore", str(file), settings=house.settings)
    assert (full.exit_code, "not empty" in full.stderr) == (3, True)
    settings = elsewhere(request, tmp_path, database_url)
    wrong = twinbot("restore", str(file), settings={**settings, "TWINBOT_SECRET_KEY": encoded(NEXT)})
    assert (wrong.exit_code, f"secret key {VAULT.id}" in wrong.stderr) == (3, True)
    cut = tmp_path / "cut.backup"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    half = twinbot("restore", str(cut), settings=settings)
    assert (half.exit_code, "no backup of twinbot" in " ".join(half.stderr.split())) == (3, True)
    (tmp_path / "other" / "twinbot.db.users").touch()
    other = make_engine(settings["TWINBOT_DATABASE_URL"])
    presence = Presence(other)
    assert presence.enter()
    busy = twinbot("restore", str(file), settings=settings)
    presence.release()
    other.dispose()
    assert (busy.exit_code, "Stop it first" in busy.stderr) == (3, True)
    nothing = twinbot("backup", str(file), settings=settings)
    assert (nothing.exit_code, "no database" in nothing.stderr) == (3, True)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_the_programs_of_postgresql_it_says_so(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path, database_url)
    monkeypatch.setenv("PATH", str(tmp_path))
    made = twinbot("backup", str(tmp_path / "x.backup"), settings=house.settings)
    assert (made.exit_code, "pg_dump is not there" in made.stderr) == (3, True)
    assert not (tmp_path / "x.backup").exists()
