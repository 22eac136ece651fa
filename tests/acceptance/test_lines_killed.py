"""Two partners talk across Telegram and Matrix while the program is killed with -9, again and again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from storage import partnerships
from storage.database import Database
from tests.acceptance.process import Town
from tests.acceptance.test_killed import Killer, _nothing_is_left, transcript
from tests.cast import Actor
from tests.servers.synapse import Synapse
from tests.stories.partners import become, called
from tests.vault import VAULT


async def teacher(town: Town, name: str, platform: str) -> Actor:
    """A verified teacher, who has just said hello."""
    actor = await town.actor(name, platform)
    await actor.says("/start", hears="Welcome to twinbot")
    database = Database(town.program.settings["TWINBOT_DATABASE_URL"], VAULT)
    await database.write(partial(become, name=name, country="PT", now=datetime.now(UTC)))
    database.close()
    return actor


async def befriend(town: Town, *actors: Actor) -> None:
    """Make them partners, who talk on their line."""
    database = Database(town.program.settings["TWINBOT_DATABASE_URL"], VAULT)
    two = [await database.read(partial(called, name=actor.name)) for actor in actors]
    await database.write(lambda session: partnerships.open_(session, *two, now=datetime.now(UTC)))
    database.close()
    for actor in actors:
        await actor.says("/line", hears="Your partners")
        await actor.says("1", hears="What you write in this chat goes to")


async def arrived(actor: Actor, author: str) -> list[str]:
    """What a partner said, as it stands in the chat of the other; an edit is no message of its own."""
    said = [text.split("\n") for text in await transcript(actor)]
    return [rows[1].strip() for rows in said if rows[0].translate(_BARE).startswith(f"{author} · ")]


#: How many lines somebody writes before the other has answered.
BURST = range(1, 4)


def burst(platform: str, number: int) -> list[str]:
    """What somebody writes in one go."""
    return [f"from {platform} {number}.{line}" for line in BURST]


async def writes(actor: Actor, words: list[str]) -> None:
    for line in words:
        await actor.ways.write(line)


_BARE = str.maketrans("", "", "\u2068\u2069")


async def test_what_partners_say_arrives_in_order_and_once(
    seed: int, folder: Path, homeserver: Synapse, nightly: bool
) -> None:
    async with Town(folder, "telegram", "matrix", homeserver=homeserver) as town:
        await town.program.start()
        amina, joao = await teacher(town, "Amina", "telegram"), await teacher(town, "Joao", "matrix")
        await befriend(town, amina, joao)
        killer, rounds = Killer(town, seed), range(1, 30 if nightly else 7)
        for number in rounds:

            async def both(number: int = number) -> None:
                """Each writes some lines in one go, and hears what the other wrote."""
                here, there = burst("Telegram", number), burst("Matrix", number)
                await asyncio.gather(
                    joao.does(writes(amina, here), hears=here), amina.does(writes(joao, there), hears=there)
                )

            await killer.during(both)
        await joao.does(amina.edits("from Telegram 1.1", "from Telegram 1.1, changed"), hears="1.1, changed")
        await killer.restart()
        on_matrix, on_telegram = await arrived(joao, "Amina"), await arrived(amina, "Joao")
        from_telegram = [line for number in rounds for line in burst("Telegram", number)]
        from_matrix = [line for number in rounds for line in burst("Matrix", number)]
        doubles = len(on_telegram) - len(from_matrix)
        print(f"\nseed {seed}: {killer.kills} kills; {doubles} messages doubled on Telegram, none on Matrix")
        assert on_matrix == from_telegram
        # What was sent and not noted yet when it was killed is sent again; what was heard first is in order.
        assert list(dict.fromkeys(on_telegram)) == from_matrix
        assert 0 <= doubles <= len(BURST) * killer.kills
        assert town.api.violations == []
        town.program.kill()
        _nothing_is_left(town)
