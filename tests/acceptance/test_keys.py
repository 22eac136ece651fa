"""`twinbot keys`: the key is changed by command, whatever happens on the way, and never while somebody needs it."""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.running import vault_for
from bot.secret import KeyFile, encoded
from storage.database import Database
from storage.migrations import upgrade
from storage.owner import Ownership
from storage.sealing import Vault
from tests.acceptance.process import Program, Town, environment
from tests.storage.inhabitants import all_there, names_of_keys, settle
from tests.vault import KEY, SECRET, VAULT

NEXT = bytes(reversed(SECRET))


def twinbot(*words: str, settings: Mapping[str, str]) -> Result:
    """Run a command here, without a process of its own."""
    return CliRunner().invoke(app, list(words), env=settings)


class House:
    """A folder with an inhabited database and its key, and the commands in it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.file = folder, url, KeyFile(folder / "state" / "secret.key")
        # An empty value counts as none: here the key stands in its file.
        self.settings = {
            "TWINBOT_DATABASE_URL": url, "TWINBOT_STATE_DIR": str(folder / "state"), "TWINBOT_SECRET_KEY": "",
        }  # fmt: skip
        self.file.replace([SECRET])
        database = Database(url, VAULT)
        upgrade(database.engine)
        database.do(settle)
        database.close()

    def keys(self, *words: str, **settings: str) -> Result:
        return twinbot("keys", *words, settings={**self.settings, **settings})

    def listed(self, **settings: str) -> list[dict[str, object]]:
        done = self.keys("list", "--json", **settings)
        assert done.exit_code == 0, done.stderr
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found

    def dying(self, last: int) -> subprocess.CompletedProcess[str]:
        """Change the key, and die of it."""
        words = [sys.executable, "-m", "tests.acceptance.dying", str(last), "keys", "rotate"]
        return subprocess.run(
            words, env=environment(self.settings), cwd=self.folder, text=True, capture_output=True, check=False
        )  # fmt: skip

    def whole(self, given: str | None = None) -> str:
        """Everybody is there, sealed with one key, and the program finds that key; its name."""
        vault = vault_for(self.url, given, self.file)
        database = Database(self.url, vault)
        database.do(all_there)
        assert set(database.do(names_of_keys)) == {vault.id}
        database.close()
        return vault.id


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    if request.param == "sqlite":
        return House(tmp_path, f"sqlite:///{tmp_path}/twinbot.db")
    return House(tmp_path, request.getfixturevalue("postgresql").fresh_database())


@pytest.fixture
def small(tmp_path: Path) -> House:
    return House(tmp_path, f"sqlite:///{tmp_path}/twinbot.db")


def test_the_key_is_changed_and_the_old_one_kept_until_it_is_forgotten(house: House) -> None:
    done = house.keys("rotate")
    assert done.exit_code == 0, done.stderr
    name = house.whole()
    assert f"sealed with the key {name} now" in done.stdout
    assert name != VAULT.id
    assert [Vault(key).id for key in house.file.present()] == [name, VAULT.id]
    assert [(row["key"], row["until"] is None, row["at_hand"]) for row in house.listed()] == [
        (name, True, True),
        (VAULT.id, False, True),
    ]
    assert house.keys("forget", "--yes").exit_code == 0
    assert [Vault(key).id for key in house.file.present()] == [name]
    assert [row["at_hand"] for row in house.listed()] == [True, False]
    assert "no other key" in house.keys("forget").stdout


def test_a_change_that_is_killed_loses_nothing(house: House, seed: int) -> None:
    dice = random.Random(seed)
    lived = house.dying(0)
    assert lived.returncode == 0, lived.stderr
    found = re.search(r"(\d+) things", lived.stderr)
    assert found is not None
    things = int(found.group(1))
    changed, before = 0, house.whole()
    # Anywhere; around the commit; after it.
    moments = [dice.randint(1, things - 4), dice.randint(things - 4, things - 1), things]
    for moment in moments:
        assert house.dying(moment).returncode == -signal.SIGKILL
        after = house.whole()
        changed, before = changed + (after != before), after
    assert changed >= 1
    print(f"\nkilled before the things {moments} of {things}; {changed} times the new key was in use already")
    assert house.keys("rotate").exit_code == 0
    assert house.whole() not in {before, VAULT.id}


def test_a_key_of_the_environment_is_changed_for_another(small: House) -> None:
    same = small.keys("rotate", TWINBOT_SECRET_KEY=KEY)
    assert same.exit_code == 2
    assert "--from" in same.stderr
    small.file.replace([])
    new = encoded(NEXT)
    lost = small.keys("rotate", TWINBOT_SECRET_KEY=new)
    assert lost.exit_code == 3
    assert f"{VAULT.id}, which is not here" in " ".join(lost.stderr.split())
    wrong = small.keys("rotate", "--from", "OLD_KEY", TWINBOT_SECRET_KEY=new, OLD_KEY="hidden-word")
    assert wrong.exit_code == 3
    assert "OLD_KEY should be a secret key" in wrong.stderr
    assert "hidden-word" not in wrong.stderr
    done = small.keys("rotate", "--from", "OLD_KEY", TWINBOT_SECRET_KEY=new, OLD_KEY=KEY)
    assert done.exit_code == 0, done.stderr
    assert small.whole(given=new) == Vault(NEXT).id
    assert not small.file.path.exists()
    assert KEY not in done.stdout + done.stderr
    # And back into a file.
    assert small.keys("rotate", "--from", "OLD_KEY", OLD_KEY=new).exit_code == 0
    assert small.whole() == Vault(small.file.present()[0]).id
    assert small.file.present()[1] == NEXT


async def test_it_waits_for_the_bot_to_stop_which_then_goes_on_where_it_was(folder: Path) -> None:
    async with Town(folder, "telegram", "web") as town:
        settings = town.program.settings
        settings["TWINBOT_SECRET_KEY"] = ""
        file = KeyFile(Path(settings["TWINBOT_STATE_DIR"]) / "secret.key")
        file.replace([SECRET])
        await town.program.start()
        actors = [await town.actor("Amina", platform) for platform in town.platforms]
        for actor in actors:
            await actor.says("/register", hears="1/7")
        refused = twinbot("keys", "rotate", settings=settings)
        assert (refused.exit_code, refused.stderr.startswith("Another twinbot uses this database")) == (3, True)
        town.program.kill()
        # This waits at the platform while the key is changed.
        await actors[0].says("Amina Diallo")
        assert twinbot("keys", "rotate", settings=settings).exit_code == 0
        await town.program.start()
        await actors[0].hears("2/7")
        await actors[1].says("Amina Diallo", hears="2/7")
        assert "too old" not in await actors[1].says("/back", hears="1/7")
        assert vault_for(settings["TWINBOT_DATABASE_URL"], None, file).id != VAULT.id


async def test_one_that_stands_by_is_in_the_way_too(small: House) -> None:
    """It knows the key of its start alone."""
    database = Database(small.url, VAULT)
    owner = Ownership(database.engine)
    assert owner.take()
    program = Program(small.folder, small.settings)
    try:
        program.begin()
        await asyncio.to_thread(program.until_it_says, "standing by")
        owner.release()
        assert small.keys("rotate").exit_code == 3
        assert await program.ended(signal.SIGTERM) == 0
        assert small.keys("rotate").exit_code == 0
    finally:
        program.close()
        database.close()


def test_a_key_that_was_lost_is_refused_by_every_command(small: House) -> None:
    small.file.replace([NEXT])
    for words in (("run",), ("migrate",), ("dead-letters", "list"), ("keys", "list"), ("keys", "rotate")):
        done = twinbot(*words, settings=small.settings)
        assert done.exit_code == 3, words
        assert VAULT.id in done.stderr
        assert "Traceback" not in done.stderr
