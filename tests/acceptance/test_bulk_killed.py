"""An announcement on three platforms while the program is killed with -9 and people talk: nothing is lost or doubled.

Telegram knows no idempotency: what was under way at a kill may come twice there, and no more than that.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.bulks import room_for
from bot.text import Verbatim, encode
from storage import bulk, web
from storage.database import Database
from storage.models import Chat
from storage.post import READY
from tests.acceptance.conftest import with_a_school
from tests.acceptance.process import STEPS, Program, Town
from tests.acceptance.test_killed import without_doubles
from tests.cast import OnMatrix, OnTelegram
from tests.servers.botapi import User
from tests.servers.postgres import Postgres
from tests.servers.synapse import Synapse
from tests.vault import VAULT

RATE = 60
NOW = datetime.now(UTC)
NEWS = "The conference begins on Monday."


class Announcement:
    """The same words to everybody who is given, on each platform."""

    def __init__(self, url: str) -> None:
        self.database = Database(url, VAULT)
        self.bulks: list[int] = []

    def begin(self, people: dict[str, list[str]]) -> None:
        for platform, names in people.items():
            self.bulks.append(self.database.do(partial(self._begin, platform=platform, names=names)))

    @staticmethod
    def _begin(session: Session, platform: str, names: list[str]) -> int:
        known = set(session.scalars(select(Chat.external_id).where(Chat.platform == platform)))
        rows = [{"platform": platform, "external_id": name, "kind": "private"} for name in names if name not in known]
        if rows:
            session.execute(insert(Chat), rows)
        made = bulk.begin(session, platform, {"body": encode(Verbatim(NEWS))}, NOW, again=True)
        wanted = select(Chat.id).where(Chat.platform == platform, Chat.external_key.in_(names))
        after: int | None = 0
        while after is not None:
            after = bulk.expand(session, made, wanted, NOW, after=after)
        return made

    async def waiting(self) -> int:
        counts = [await self.database.read(partial(bulk.progress, bulk=one)) for one in self.bulks]
        return sum(count.get(READY, 0) for count in counts)

    async def ended(self) -> None:
        """Wait until nobody is left. Telegram has had its last one, so what is left is the note of it."""
        async with asyncio.timeout(60):
            while await self.waiting():
                continue

    def news_on_web(self, account: str) -> int:
        lines = self.database.do(partial(web.latest, chat=account, before=None, limit=50))
        return sum(NEWS in str(line.content.get("text")) for line in lines)


def news_on_telegram(town: Town, users: Sequence[User]) -> Counter[int]:
    """How often each has it."""
    return Counter({user.id: sum(m.by_bot and NEWS in m.text for m in town.api.chat(user).messages) for user in users})


async def reached(town: Town, users: Sequence[User], many: int) -> None:
    """Wait until so many have it on Telegram, the slowest of the three."""
    await town.api.until(lambda: sum(count > 0 for count in news_on_telegram(town, users).values()) >= many, 300)


async def test_everybody_gets_it_whenever_it_is_killed(
    seed: int, folder: Path, homeserver: Synapse, nightly: bool
) -> None:
    many, kills = (2000, 10) if nightly else (90, 3)
    settings = {"TWINBOT_TELEGRAM_RATE": str(RATE)}
    async with Town(folder, "telegram", "web", "matrix", homeserver=homeserver, settings=settings) as town:
        await town.program.start()
        talker, joao = await town.actor("Amina", "telegram"), await town.actor("Joao", "matrix")
        olga = await town.actor("Olga", "web")
        await joao.says("/help", hears="What I can do for you")
        assert isinstance(joao.ways, OnMatrix)
        users = [town.api.user(f"U{number}", language_code="en", started=True) for number in range(many)]
        accounts = [f"account-{number}" for number in range(many)]
        announcement = Announcement(town.program.settings["TWINBOT_DATABASE_URL"])
        everybody = {"telegram": [str(user.id) for user in users], "web": accounts, "matrix": [joao.ways.room]}
        announcement.begin(everybody)
        total = await announcement.waiting()
        for number, (line, hears) in enumerate(STEPS):
            if number < kills:
                await reached(town, users, many * (number + 1) // (kills + 2))
                await olga.says("/privacy", hears="Your data")
                saying = asyncio.ensure_future(talker.says(line, hears=hears))
                await asyncio.sleep(0)
                town.program.kill()
                await town.program.start()
                await saying
            else:
                await talker.says(line, hears=hears)
        await reached(town, users, many)
        await olga.says("/privacy", hears="Your data")
        await announcement.ended()
        got = news_on_telegram(town, users)
        doubles = sum(count - 1 for count in got.values())
        print(f"\nseed {seed}: {kills} kills, {3} platforms, {total} recipients: {doubles} doubled on Telegram")
        assert min(got.values()) == 1
        assert doubles <= kills * room_for(RATE)
        assert Counter(announcement.news_on_web(account) for account in accounts) == {1: many}
        assert sum(NEWS in h.body for h in await joao.ways.user.history(joao.ways.room)) == 1
        assert isinstance(talker.ways, OnTelegram)
        said = [m.text for m in town.api.chat(talker.ways.user).messages if m.by_bot]
        assert len(without_doubles(said)) == len(STEPS)
        announcement.database.close()


@pytest.mark.nightly
async def test_two_processes_on_postgresql_are_killed_by_turns(tmp_path: Path, postgresql: Postgres) -> None:
    url = postgresql.fresh_database()
    with_a_school(url)
    settings = {"TWINBOT_DATABASE_URL": url, "TWINBOT_TELEGRAM_RATE": str(RATE)}
    async with Town(tmp_path, "telegram", settings=settings) as town:
        await town.program.start()
        talker, olga = await town.actor("Amina", "telegram"), await town.actor("Olga", "telegram")
        users = [town.api.user(f"U{number}", language_code="en", started=True) for number in range(400)]
        announcement = Announcement(url)
        announcement.begin({"telegram": [str(user.id) for user in users]})
        working, second = town.program, Program(tmp_path, town.program.settings, "second")
        kills = 6
        try:
            second.settings["TWINBOT_WEB_PORT"] = str(second.port)
            await second.start()
            for number in range(kills):
                await reached(town, users, 400 * (number + 1) // (kills + 2))
                await olga.says("/privacy", hears="Your data")
                working.kill()
                working, second = second, working
                line, hears = STEPS[number]
                await talker.says(line, hears=hears)
                await second.start()
            await reached(town, users, 400)
            await announcement.ended()
        finally:
            second.close()
            working.close()
        got = list(news_on_telegram(town, users).values())
        print(f"\n{kills} kills by turns: {sum(got) - 400} of 400 doubled")
        assert min(got) == 1
        assert sum(got) - 400 <= kills * room_for(RATE)
        announcement.database.close()
