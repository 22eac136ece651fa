"""Whoever gets hold of the database alone learns nobody's account, address or words from it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from storage.schools import add_school
from tests.cast import Actor, OnMatrix, OnTelegram
from tests.servers.synapse import Synapse
from tests.stories.telling import register, to_question
from tests.world import PLATFORMS, World

MAIL = "amina.diallo@escola-do-viriato.pt"
CODE_WORD = "xylophone"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/twinbot.db"
    return str(request.getfixturevalue("postgresql").fresh_database())


async def tell(world: World, actor: Actor) -> list[str]:
    """A teacher registers, writes an address where it does not belong, and stops in the middle.

    Gives what must not be found: the person's id and chat, and what they wrote.
    """
    await to_question(actor, 3)
    await actor.says(f"{MAIL} {CODE_WORD}", hears="school")
    await actor.says("/cancel", hears="Stopped")
    await register(actor)
    await actor.says(MAIL, hears="I did not understand")
    await actor.says("/profile", hears="Your profile")
    await actor.chooses("Change: Looking for", hears="What are you looking for?")
    ways = actor.ways
    if isinstance(ways, OnTelegram):
        return [str(ways.user.id)]
    if isinstance(ways, OnMatrix):
        return [ways.user.user_id, ways.room]
    return []


async def test_no_account_and_no_address_stand_in_the_database(
    address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    def synapse() -> Synapse:
        return request.getfixturevalue("homeserver")  # type: ignore[no-any-return]

    async with World(tmp_path, address, PLATFORMS, synapse=synapse) as world:
        await world.database.write(
            lambda session: add_school(session, "PT", "Escola Básica do Viriato", "Viseu", "primary", now=world.now())
        )
        marks = [MAIL, CODE_WORD]
        for platform in PLATFORMS:
            marks += await tell(world, await world.actor("Amina", platform))
        await world.app.idle()
        assert world.api is not None
        marks.append(world.api.token)
        found = await asyncio.to_thread(raw, address, tmp_path)
        # What the dump has must be found in it, or this test would find nothing in anything.
        assert b"Songs of our rivers" in found
        assert b"Viseu" in found
        assert [mark for mark in marks if mark.encode() in found] == []
    # The bot has stopped: what was in memory has come down to the disk.
    found = await asyncio.to_thread(raw, address, tmp_path)
    assert [mark for mark in marks if mark.encode() in found] == []


def raw(address: str, folder: Path) -> bytes:
    """Every byte of an SQLite file and its log, or every column of every table of PostgreSQL."""
    if address.startswith("sqlite"):
        return b"\n".join(file.read_bytes() for file in sorted(folder.glob("twinbot.db*")))
    return b"\n".join(dumped(make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)))


def dumped(address: str) -> Iterable[bytes]:
    with psycopg.connect(address) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as copy:
                yield b"".join(bytes(part) for part in copy)
