"""Several processes on one PostgreSQL: they share the work, and whoever goes is replaced, without a word lost."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from time import monotonic

import aiohttp
import pytest
from sqlalchemy import text

from bot.mine import SHARDS
from storage.database import Database
from storage.models import Teacher
from tests.acceptance.conftest import with_a_school
from tests.acceptance.process import STEPS, Program, Town
from tests.acceptance.test_killed import transcript, without_doubles
from tests.acceptance.test_program import register
from tests.cast import Actor
from tests.servers.matrix_user import MatrixUser
from tests.servers.postgres import Postgres
from tests.servers.synapse import Synapse
from tests.vault import VAULT

_HOLDERS = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND objid > 0 GROUP BY pid")


class Pair:
    """A town with two processes, each with an address of its own."""

    def __init__(self, town: Town, url: str) -> None:
        self.town, self.first = town, town.program
        self.second = Program(town.folder, {**town.program.settings}, "second")
        self.second.settings["TWINBOT_WEB_PORT"] = str(self.second.port)
        self.database = Database(url, VAULT)

    async def shared(self, *counts: int) -> None:
        """Wait until the processes have so many parts."""
        async with asyncio.timeout(60):
            while await self.parts() != sorted(counts):
                continue

    async def parts(self) -> list[int]:
        """How many parts each process has that has any."""
        found = await self.database.read(lambda session: session.execute(_HOLDERS).scalars().all())
        return sorted(map(int, found))


@pytest.fixture
async def pair(tmp_path: Path, postgresql: Postgres) -> AsyncIterator[Pair]:
    """Two processes that share the work; the first one has the account on Telegram."""
    url = postgresql.fresh_database()
    with_a_school(url)
    async with Town(tmp_path, "telegram", "web", settings={"TWINBOT_DATABASE_URL": url}) as town:
        made = Pair(town, url)
        await made.first.start()
        await made.shared(SHARDS + 3)
        await made.second.start()
        await made.shared(SHARDS // 2 + 3, SHARDS // 2)
        yield made
        made.second.close()
        made.database.close()


@pytest.fixture
async def pair_on_matrix(tmp_path: Path, postgresql: Postgres, homeserver: Synapse) -> AsyncIterator[Pair]:
    """Two processes that share the work; the first one has the account on Matrix."""
    url = postgresql.fresh_database()
    with_a_school(url)
    settings = {"TWINBOT_DATABASE_URL": url}
    async with Town(tmp_path, "matrix", homeserver=homeserver, settings=settings) as town:
        made = Pair(town, url)
        # Without encryption all that must move is in the database; these two share no folder.
        made.second.settings["TWINBOT_STATE_DIR"] = str(tmp_path / "elsewhere")
        await made.first.start()
        await made.shared(SHARDS + 3)
        await made.second.start()
        await made.shared(SHARDS // 2 + 3, SHARDS // 2)
        yield made
        made.second.close()
        made.database.close()


async def register_all(people: list[Actor], *, before: int, change: Callable[[], Awaitable[object]]) -> None:
    """All register at the same time; something happens before one of their lines."""
    for number, (line, hears) in enumerate(STEPS[1:]):
        if number == before:
            await change()
        await asyncio.gather(*(actor.says(line, hears=hears) for actor in people))
    await asyncio.gather(*(actor.chooses("Save", hears="Welcome, Amina Diallo!") for actor in people))


async def test_one_is_killed_and_the_other_has_all_its_work(pair: Pair) -> None:
    people = [await pair.town.actor("Amina", "telegram") for _ in range(6)]

    async def kill() -> None:
        pair.first.kill()

    await register_all(people, before=3, change=kill)
    assert pair.database.do(lambda session: session.query(Teacher).count()) == len(people)
    said = [await transcript(actor) for actor in people]
    assert all(without_doubles(one) == without_doubles(said[0]) for one in said)
    # What was being sent when it was killed may come twice on Telegram: one message each.
    assert sum(map(len, said)) <= len(people) * (len(without_doubles(said[0])) + 1)
    await pair.shared(SHARDS + 3)
    assert pair.town.api.violations == []


@pytest.mark.nightly
async def test_an_account_on_matrix_moves_when_its_owner_is_killed(pair_on_matrix: Pair, homeserver: Synapse) -> None:
    """There and back while people talk: every line is answered, nothing said twice, and the bot has no new device."""
    pair = pair_on_matrix
    lucky, *people = [await pair.town.actor("Amina", "matrix") for _ in range(4)]
    await register_all([lucky], before=-1, change=pair.first.serves)

    async def kill_first() -> None:
        # What is said from here on is heard by the one who takes the account over.
        pair.first.kill()

    await register_all(people, before=3, change=kill_first)
    await pair.shared(SHARDS + 3)
    await pair.first.start()
    await pair.shared(SHARDS // 2 + 3, SHARDS // 2)
    asking = [asyncio.ensure_future(actor.says("/privacy", hears="Your data")) for actor in (lucky, *people)]
    # Now the lines are on the way or in hand.
    await people[0].ways.until(lambda: "/privacy" in people[0].ways.mine().values())
    pair.second.kill()
    began = monotonic()
    await pair.shared(SHARDS + 3)
    print(f"\nall that the killed one had was the other's after {monotonic() - began:.1f} s")
    await asyncio.gather(*asking)
    await asyncio.gather(*(actor.says("/help", hears="What I can do for you") for actor in (lucky, *people)))
    wanted = await transcript(lucky)
    assert [await transcript(actor) for actor in people] == [wanted] * len(people)
    assert pair.database.do(lambda session: session.query(Teacher).count()) == len(people) + 1
    async with aiohttp.ClientSession() as http:
        bot = MatrixUser(homeserver.url, pair.town.login, http)
        names = [device["display_name"] for device in (await bot.call("GET", "/devices"))["devices"]]
    assert names.count("twinbot") == 1


async def test_a_rolling_restart_is_noticed_by_nobody(pair: Pair) -> None:
    people = [await pair.town.actor("Amina", "telegram") for _ in range(4)]

    async def restart(program: Program) -> None:
        began = monotonic()
        assert await program.ended(signal.SIGTERM) == 0
        print(f"\nended {monotonic() - began:.1f} s after SIGTERM")
        await program.start()
        await pair.shared(SHARDS // 2 + 3, SHARDS // 2)

    async def both() -> None:
        await restart(pair.first)
        await restart(pair.second)

    rolling = asyncio.Event()

    async def begin() -> None:
        rolling.set()

    async def roll() -> None:
        await rolling.wait()
        await both()

    rolled = asyncio.ensure_future(roll())
    await register_all(people, before=2, change=begin)
    await rolled
    for actor in people:
        await actor.says("/profile", hears=["Your profile", "Amina Diallo"])
    said = [await transcript(actor) for actor in people]
    assert all(one == without_doubles(said[0]) for one in said)
    assert pair.town.api.violations == []


async def test_what_is_said_at_one_is_shown_at_the_other(pair: Pair) -> None:
    olga = await pair.town.actor("Olga", "web")
    await olga.says("/start", hears="Welcome to twinbot")
    # The page that is open stays with the first process; what she says goes to the other one.
    pair.town.program = pair.second
    await register(olga)


@pytest.mark.nightly
async def test_an_outage_of_the_database_is_survived_by_both(pair: Pair, postgresql: Postgres) -> None:
    people = [await pair.town.actor("Amina", "telegram") for _ in range(4)]

    async def outage() -> None:
        postgresql.stop()
        await asyncio.gather(
            *(asyncio.to_thread(one.until_it_says, "works on nothing") for one in (pair.first, pair.second))
        )
        postgresql.start()

    await register_all(people, before=4, change=outage)
    said = [await transcript(actor) for actor in people]
    assert all(one == without_doubles(said[0]) for one in said)
    await pair.shared(SHARDS // 2 + 3, SHARDS // 2)
