"""Floods, and faults of every server: the program stays alive, fair and discreet."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic

import aiohttp
import pytest

from tests.acceptance.process import Town
from tests.acceptance.test_bulk_killed import Announcement, news_on_telegram, reached
from tests.acceptance.test_program import register
from tests.cast import Actor, OnTelegram
from tests.servers.synapse import Synapse

SECRETS = ("Amina Diallo", "Songs of our rivers", "Viseu", "secret-pass", "hush this sentence")


async def test_a_flood_from_one_person_slows_only_that_person(folder: Path) -> None:
    async with Town(folder, "telegram") as town:
        await town.program.start()
        flooder, amina = await town.actor("Flood", "telegram"), await town.actor("Amina", "telegram")
        await amina.says("/start", hears="Welcome")
        assert isinstance(flooder.ways, OnTelegram)
        for number in range(2000):
            await flooder.ways.user.says(f"flood {number}")
        took = []
        for line, hears in [("/register", "1/7"), ("Amina Diallo", "2/7"), ("Portugal", "3/7"), ("Viseu", "Which of")]:
            began = monotonic()
            await amina.says(line, hears=hears)
            took.append(monotonic() - began)
        answered = len([m for m in town.api.chat(flooder.ways.user).messages if m.by_bot])
        print(f"\nwhile 2,000 messages of another waited: answers after {[round(t, 2) for t in took]} s")
        print(f"answers to the flood meanwhile: {answered}")
        assert answered < 2000
        town.program.kill()
        await town.program.start()
        await amina.says("1", hears="4/7")


@pytest.mark.nightly
async def test_others_hardly_wait_while_one_floods_one_is_held_and_all_are_written_to(folder: Path) -> None:
    settings = {"TWINBOT_TELEGRAM_RATE": "30"}
    async with Town(folder, "telegram", settings=settings) as town:
        await town.program.start()
        flooder, held = await town.actor("Flood", "telegram"), await town.actor("Held", "telegram")
        others = [await town.actor(f"Other{number}", "telegram") for number in range(60)]
        assert isinstance(flooder.ways, OnTelegram) and isinstance(held.ways, OnTelegram)
        await held.says("/start", hears="Welcome")
        for number in range(10_000):
            await flooder.ways.user.says(f"flood {number}")
        users = [town.api.user(f"U{number}", language_code="en", started=True) for number in range(1500)]
        announcement = Announcement(f"sqlite:///{folder}/twinbot.db")
        announcement.begin({"telegram": [str(user.id) for user in users]})
        await reached(town, users, 1)
        town.api.fault("sendMessage", kind="flood", retry_after=60, chat_id=held.ways.user.id)
        began = monotonic()
        await held.says("/privacy")
        took = sorted([await answered(other, line) for line in ("/start", "/privacy") for other in others])
        at_once = sum(news_on_telegram(town, users).values())
        flood = len([m for m in town.api.chat(flooder.ways.user).messages if m.by_bot])
        print(f"\nothers were answered after {took[60]:.2f} s (half), {took[118]:.2f} s (99 %), {took[-1]:.2f} s (all)")
        print(f"meanwhile {flood} of 10,000 answers to the flood, {at_once} of 1500 announcements")
        assert flood < 10_000 and at_once < 1500
        await town.api.until(lambda: any("Your data" in m.text for m in town.api.chat(held.ways.user).messages), 120)
        print(f"the one who was held for 60 s heard it after {monotonic() - began:.1f} s")
        await reached(town, users, 1500)
        assert set(news_on_telegram(town, users).values()) == {1}
        assert town.api.violations == []
        announcement.database.close()


async def answered(actor: Actor, line: str) -> float:
    """Seconds until somebody has an answer."""
    began = monotonic()
    await actor.says(line, hears="Welcome" if line == "/start" else "Your data")
    return monotonic() - began


async def test_nothing_private_reaches_the_log(everywhere: Town, homeserver: Synapse) -> None:
    town = everywhere
    actors = [await town.actor("Amina", platform) for platform in town.platforms]
    await asyncio.gather(*map(register, actors))
    telegram = actors[0]
    assert isinstance(telegram.ways, OnTelegram)
    for kind in ("error", "gateway", "drop_before", "drop_after", "refused"):
        town.api.fault("sendMessage", kind=kind, chat_id=telegram.ways.user.id)
        await telegram.says("hush this sentence")
        await town.api.until(lambda: all(f.met for f in town.api.faults), 60)
        town.api.clear_faults()
    town.api.raw_update({"message": {"text": "hush this sentence", "chat": "Amina Diallo"}})
    town.api.fault("getUpdates", kind="error")
    await telegram.says("/help", hears="What I can do")
    homeserver.restart()  # It dies with the thread that starts it, so that must be this one.
    await asyncio.gather(*(actor.says("/profile", hears="Amina Diallo") for actor in actors))
    async with aiohttp.ClientSession() as http:
        marked = f"{town.program.url}/hush-this-path?q=hush+this+sentence"
        await (await http.post(marked, data="hush this sentence")).read()
    town.program.process.send_signal(15) if town.program.process else None
    assert await town.program.ended() == 0
    said = town.program.said
    assert "ERROR" in said or "WARNING" in said
    token = town.api.token
    for secret in (
        *SECRETS,
        token,
        token.partition(":")[2],
        town.login.access_token,
        "hush-this-path",
        str(telegram.ways.user.id),
    ):
        assert secret not in said, [line for line in said.splitlines() if secret in line][:3]
    assert "syt_" not in said
