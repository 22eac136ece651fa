"""What became of messages is written many at a time, and kept until it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.settling import Settling
from bot.text import Verbatim
from storage.database import Database
from storage.post import READY, SENT
from tests.bot.house import NOW, PostHouse, post_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path) as made:
        yield made


class Away:
    """A database that is away for the first writes."""

    def __init__(self, database: Database, failures: int) -> None:
        self.database, self.failures, self.tries = database, failures, 0

    async def write(self, unit: object) -> object:
        self.tries += 1
        if self.tries <= self.failures:
            raise OperationalError("UPDATE", {}, OSError("away"))
        return await self.database.write(unit)  # type: ignore[arg-type]


async def test_results_wait_for_a_database_that_is_away(house: PostHouse) -> None:
    rows = [(await house.parcel("a", Verbatim(str(n)))).id for n in range(3)]
    away, pauses = Away(house.database, 2), list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    settling = Settling(away, lambda: NOW, pause)  # type: ignore[arg-type]
    running = house.tasks.start("settling", settling.run())
    for row in rows:
        settling.note(row, SENT, f"ref {row}", None)
    await settling.settled()
    assert [await house.row(row) for row in rows] == [(SENT, f"ref {row}", None) for row in rows]
    assert pauses == [1, 2]
    running.cancel()


async def test_what_gathers_is_written_at_once(house: PostHouse) -> None:
    rows = [(await house.parcel("a", Verbatim(str(n)))).id for n in range(40)]
    counting = Away(house.database, 0)
    settling = Settling(counting, lambda: NOW)  # type: ignore[arg-type]
    house.tasks.start("settling", settling.run())
    for row in rows:
        settling.note(row, SENT, None, None)
    await settling.settled()
    assert counting.tries == 1
    assert {(await house.row(row))[0] for row in rows} == {SENT}


async def test_results_noted_at_the_last_moment_are_written_when_told_to(house: PostHouse) -> None:
    row = (await house.parcel("a", Verbatim("last"))).id
    settling = Settling(house.database, lambda: NOW)
    settling.note(row, SENT, "ref", None)
    assert (await house.row(row))[0] == READY
    await settling.flush()
    assert await house.row(row) == (SENT, "ref", None)
    await settling.flush()


async def test_a_cancelled_write_keeps_its_results(house: PostHouse) -> None:
    row = (await house.parcel("a", Verbatim("kept"))).id
    settling = Settling(house.database, lambda: NOW)
    settling.note(row, SENT, "ref", None)
    flushing = asyncio.ensure_future(settling.flush())
    await asyncio.sleep(0)
    flushing.cancel()
    await asyncio.gather(flushing, return_exceptions=True)
    await settling.flush()
    assert await house.row(row) == (SENT, "ref", None)


async def test_only_the_newest_references_are_remembered(house: PostHouse) -> None:
    settling = Settling(house.database, lambda: NOW)
    for row in range(1, 10_011):
        settling.note(row, SENT, f"ref {row}", None)
    assert len(settling.references) == 10_000
    assert settling.references[10_010] == ("ref 10010",)
    assert 10 not in settling.references
