"""Random conversations: whatever somebody writes or chooses, and whenever the bot is restarted, there is a way on."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.migrations import upgrade
from tests.cast import OnTerminal
from tests.servers.postgres import Postgres
from tests.servers.synapse import Synapse
from tests.stories.telling import SORRY
from tests.vault import VAULT
from tests.world import World

RESTART = "\0restart"
#: How many examples Hypothesis tries: a hundred by day, thousands with --nightly.
EXAMPLES = settings().max_examples

COMMANDS = ["start", "register", "partners", "profile", "language", "link", "privacy", "help", "back", "cancel", "nope"]
ANSWERS = ["Amina", "Portugal", "Greece", "Viseu", "Kavala", "music, art", "English", "8-10", "Rivers", "Primary"]
ANSWERS += ["done", "save", "skip", "any", "add my school", "Italy, music, 12", "polski", "change: school"]

numbers = st.integers(0, 15).map(str)
steps = st.one_of(
    st.sampled_from(ANSWERS),
    numbers,
    st.sampled_from(COMMANDS).map("/{}".format),
    st.sampled_from(["/partners Poland", "/language fr", "/link AAAAA-AAAAA", "back", "cancel", "help"]),
    st.text(max_size=80),
    st.just(RESTART),
)
#: Most walks begin with somebody who gets somewhere.
REGISTERED = ["/register", "Amina", "Portugal", "Viseu", "1", "music", "English", "8-10", "Rivers", "1"]
walks = st.tuples(st.integers(0, len(REGISTERED)), st.lists(steps, max_size=25))


async def walk(world: World, lines: list[str]) -> None:
    """Say all this, and be able to begin anew at the end; every line is answered, and never with an apology."""
    async with world:
        guest = await world.actor("Guest")
        assert isinstance(guest.ways, OnTerminal)
        for line in [*lines, "/cancel", "/cancel", "/cancel", "/language en", "/start"]:
            if line == RESTART:
                await world.restart()
                continue
            await guest.says(line)
            await guest.ways.taken()
            await world.app.idle()
            assert guest.news(), line
            assert SORRY not in guest.news(), line
        assert "[Register]" in guest.news() or "[Find partners]" in guest.news()


def no_synapse() -> Synapse:
    raise AssertionError("a terminal needs no homeserver")


@settings(max_examples=EXAMPLES * 2 // 5)
@given(walks)
def test_random_walks_never_get_stuck(populated: Path, way: tuple[int, list[str]]) -> None:
    known, lines = way
    with TemporaryDirectory() as folder:
        file = shutil.copy(populated, folder)
        world = World(Path(folder), f"sqlite:///{file}", ("terminal",), synapse=no_synapse)
        asyncio.run(walk(world, [*REGISTERED[:known], *lines]))


@pytest.mark.nightly
@settings(max_examples=EXAMPLES // 50)
@given(walks)
def test_random_walks_on_postgresql(postgresql: Postgres, way: tuple[int, list[str]]) -> None:
    known, lines = way
    url = postgresql.fresh_database()
    database = Database(url, VAULT)
    upgrade(database.engine)
    database.close()
    with TemporaryDirectory() as folder:
        asyncio.run(walk(World(Path(folder), url, ("terminal",), synapse=no_synapse), [*REGISTERED[:known], *lines]))
