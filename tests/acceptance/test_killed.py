"""Three teachers register on three platforms while the program is killed with -9, again and again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

from storage import post
from storage.database import Database
from tests.acceptance.process import STEPS, Town
from tests.cast import Actor, OnMatrix, OnTelegram
from tests.servers.botapi.faults import Fault
from tests.servers.synapse import Synapse
from tests.vault import VAULT

MOMENTS = ("between", "accepted", "arriving", "under way", "at once")


class Killer:
    """Kills the program at moments that a seed decides, and starts it again; never, if there is no seed."""

    def __init__(self, town: Town, seed: int | None) -> None:
        self.town, self.seed, self.dice = town, seed, random.Random(seed)
        self.kills = 0

    async def restart(self) -> None:
        self.town.program.kill()
        self.kills += 1
        await self.town.program.start()

    async def during(self, deed: Callable[[], Awaitable[object]]) -> None:
        """Let people do something, and kill the program while they do."""
        if self.seed is None:
            await deed()
            return
        moment = self.dice.choice(MOMENTS)
        if moment == "between":
            await deed()
            await self.restart()
            return
        fault = self._slow() if moment == "under way" else None
        calls, heard = self.town.api.count("sendMessage"), self.town.api.updates.next_id
        doing = asyncio.ensure_future(deed())
        await self._wait(moment, calls, heard, fault)
        await self.restart()
        if fault is not None:
            self.town.api.clear_faults()
        await doing

    def _slow(self) -> Fault:
        return self.town.api.fault("sendMessage", kind="slow")

    async def _wait(self, moment: str, calls: int, heard: int, fault: Fault | None) -> None:
        api = self.town.api
        if moment == "accepted":
            await api.until(lambda: api.updates.next_id > heard and not api.updates.pending, 60)
        elif moment == "arriving":
            await api.until(lambda: api.count("sendMessage") > calls, 60)
        elif fault is not None:
            await api.until(lambda: fault.met, 60)
        else:
            for _turn in range(self.dice.randint(1, 40)):
                await asyncio.sleep(0)


async def register(actors: list[Actor], killer: Killer) -> None:
    for line, hears in STEPS:

        async def all_say(line: str = line, hears: str = hears) -> None:
            await asyncio.gather(*(actor.says(line, hears=hears) for actor in actors))

        await killer.during(all_say)

    async def all_save() -> None:
        await asyncio.gather(*(actor.chooses("Save", hears="Welcome, Amina Diallo!") for actor in actors))

    await killer.during(all_save)
    for actor in actors:
        await actor.says("/profile", hears=["Your profile", "Amina Diallo"])


async def transcript(actor: Actor) -> list[str]:
    """What the bot ever said to somebody, message by message; an edit is no message of its own."""
    ways = actor.ways
    if isinstance(ways, OnMatrix):
        heard = await ways.user.history(ways.room)
        me = ways.user.user_id
        said = [h.body for h in heard if h.sender != me and h.type == "m.room.message" and not h.replaces]
        # The name on Matrix, which is proposed, is another for each of them.
        return [text.replace(me[1:].partition(":")[0], "amina") for text in said]
    if isinstance(ways, OnTelegram):
        return [m.edits[0]["text"] if m.edits else m.text for m in ways.api.chat(ways.user).messages if m.by_bot]
    return list(map(str, ways.seen().values()))


def without_doubles(said: list[str]) -> list[str]:
    return [text for place, text in enumerate(said) if place == 0 or said[place - 1] != text]


async def test_nothing_is_lost_and_nothing_said_twice(seed: int, folder: Path, homeserver: Synapse) -> None:
    async with Town(folder, "telegram", "web", "matrix", homeserver=homeserver) as town:
        await town.program.start()
        lucky = [await town.actor("Amina", platform) for platform in town.platforms]
        await register(lucky, Killer(town, None))
        wanted = {actor.platform: await transcript(actor) for actor in lucky}
        actors = [await town.actor("Amina", platform) for platform in town.platforms]
        killer = Killer(town, seed)
        await register(actors, killer)
        await killer.restart()
        said = {actor.platform: await transcript(actor) for actor in actors}
        doubles = len(said["telegram"]) - len(wanted["telegram"])
        print(f"\nseed {seed}: {killer.kills} kills; {doubles} messages doubled on Telegram, none elsewhere")
        assert said["web"] == wanted["web"]
        assert said["matrix"] == wanted["matrix"]
        assert without_doubles(said["telegram"]) == without_doubles(wanted["telegram"])
        assert 0 <= doubles <= killer.kills
        assert town.api.violations == []
        town.program.kill()
        _nothing_is_left(town)


def _nothing_is_left(town: Town) -> None:
    database = Database(town.program.settings["TWINBOT_DATABASE_URL"], VAULT)
    assert database.do(post.dead_updates) == []
    assert database.do(post.failed_rows) == []
    assert database.do(post.waiting_lanes) == []
    database.close()
