"""The disk is full, the database read-only, the clock jumps: new words are refused plainly, then all goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.metrics import Metrics
from bot.watch import Watch
from tests.cast import Actor
from tests.world import World

pytestmark = pytest.mark.parametrize("platform", ["web"], indirect=True)

LONG = "a very long story " * 200


@contextmanager
def trouble(world: World, begin: str, end: str) -> Iterator[None]:
    """Whoever takes a connection meets SQLite's own refusal, as on a disk that is full or read-only."""
    engine, words = world.database.engine, [begin]

    def change(connection: Any, *_more: object) -> None:
        connection.execute(words[0])

    event.listen(engine, "checkout", change)
    try:
        yield
    finally:
        words[0] = end


@pytest.mark.parametrize(
    ("begin", "end", "small_writes_fit"),
    [
        ("PRAGMA max_page_count=1", "PRAGMA max_page_count=1000000", True),
        ("PRAGMA query_only=1", "PRAGMA query_only=0", False),
    ],
)
async def test_nothing_is_taken_while_it_cannot_be_kept(
    world: World, begin: str, end: str, small_writes_fit: bool
) -> None:
    amina = await world.actor("Amina")
    await amina.says("/register", hears="1/7")
    await world.app.idle()
    with trouble(world, begin, end):
        await refused(amina, LONG)
        said = await ready(world)
    assert said == (None if small_writes_fit else "the database cannot be written (SQLITE_READONLY)")
    await amina.says("Amina Diallo", hears="2/7")
    await world.app.idle()
    assert await ready(world) is None


async def ready(world: World) -> str | None:
    """What it says now, and not what it said a moment ago."""
    watch = Watch(world.database, Metrics(), world.now)
    watch.started = True
    return await watch.ready()


async def refused(actor: Actor, words: str) -> None:
    """Somebody says something, and is told to try later."""
    with pytest.raises(AssertionError, match="503"):
        await actor.says(words)


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)])
async def test_a_clock_that_jumps_a_day_stops_no_conversation(world: World, jump: timedelta) -> None:
    amina = await world.actor("Amina")
    await amina.says("/register", hears="1/7")
    world.offset += jump
    await amina.says("Amina Diallo", hears="2/7")
    world.offset -= jump
    await amina.says("Portugal", hears="3/7")
