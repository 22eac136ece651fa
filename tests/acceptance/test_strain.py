"""Floods, poison, and faults of every server: the program stays alive, fair and discreet."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import pytest

from tests.acceptance.process import Town
from tests.acceptance.test_bulk_killed import Announcement, news_on_telegram, reached
from tests.acceptance.test_program import register
from tests.cast import Actor, OnMatrix, OnTelegram
from tests.servers.matrix_user import MatrixError
from tests.servers.synapse import Synapse

SECRETS = ("Amina Diallo", "Songs of our rivers", "Viseu", "secret-pass", "hush this sentence")


@pytest.fixture
async def everywhere(folder: Path, homeserver: Synapse) -> AsyncIterator[Town]:
    """A town in which the program runs on all platforms."""
    async with Town(folder, "telegram", "web", "matrix", homeserver=homeserver) as town:
        await town.program.start()
        yield town


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


def good(update_id: int, user: dict[str, Any], text: str) -> dict[str, Any]:
    chat = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
    message = {"message_id": update_id, "date": 1_772_000_000, "chat": chat, "from": user, "text": text}
    return {"update_id": update_id, "message": message}


ODD: list[Any] = [
    None, True, -1, 0, 2**63, 2**70, 1.5, "", "x" * 5000, "\u202e\u0000", [], {}, [[]], {"id": "x"}, {"": None},
]  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [(*path, key) for key, _value in inner] + [p for k, v in inner for p in places(v, (*path, k))]


def mutated(update: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """The same update with one to three places made odd, left out or renamed; its number stays."""
    made = copy.deepcopy(update)
    for _change in range(dice.randint(1, 3)):
        spots = [path for path in places(made) if path != ("update_id",)]
        if not spots:
            break
        *way, key = dice.choice(spots)
        inside = made
        for step in way:
            inside = inside[step]
        deed = dice.randrange(4)
        if deed == 0:
            del inside[key]
        elif deed == 1 and isinstance(inside, dict):
            inside[f"{key}_"] = inside.pop(key)
        else:
            inside[key] = copy.deepcopy(dice.choice(ODD))
    return made


async def test_poison_on_telegram_harms_nobody(folder: Path, nightly: bool) -> None:
    many, rounds = (100_000, 20) if nightly else (3_000, 3)
    dice = random.Random(7)
    async with Town(folder, "telegram") as town:
        await town.program.start()
        began = monotonic()
        samples = [good(0, town.api.user("Mallory").json, text) for text in ("hello", "/start", "/register now")]
        query = {"id": "7", "from": samples[0]["message"]["from"], "chat_instance": "1", "data": "a.b"}
        samples.append({"update_id": 0, "callback_query": {**query, "message": samples[0]["message"]}})
        for number in range(rounds):
            amina = await town.actor(f"Amina {number}", "telegram")
            for _update in range(many // rounds):
                odd = mutated(dice.choice(samples), dice)
                odd["update_id"] = town.api.updates.next_id
                town.api.raw_update(odd)
            await amina.says("/register", hears="1/7")
            await amina.says("Amina", hears="2/7")
        await town.api.until(lambda: not town.api.updates.pending, 60)
        print(f"\n{many} odd updates and {2 * rounds} good ones taken in {monotonic() - began:.1f} s")
        assert town.program.process is not None
        assert town.program.process.poll() is None
        assert town.program.starts == 1


async def test_odd_forms_and_events_harm_nobody(everywhere: Town, nightly: bool) -> None:
    town, dice = everywhere, random.Random(11)
    many = 20_000 if nightly else 600
    web, matrix = await town.actor("Amina", "web"), await town.actor("Amina", "matrix")
    await web.says("/register", hears="1/7")
    await matrix.says("/register", hears="1/7")
    assert isinstance(matrix.ways, OnMatrix)
    statuses = [await _odd_form(town, dice) for _form in range(many)]
    sample = {"msgtype": "m.text", "body": "hello", "m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}}
    for _event in range(many // 4):
        kind = dice.choice(["m.room.message", "m.reaction", "m.room.encrypted", "org.example.odd", "m.sticker"])
        content = json.loads(json.dumps(mutated(sample, dice), default=str).replace("1.5", "1"))
        await _send(matrix.ways, {} if _too_large(content) else content, kind)
    print(f"\n{many} odd forms: {sorted(set(statuses))}; {many // 4} odd events")
    assert max(statuses) < 500
    await web.says("Amina Diallo", hears="2/7")
    await matrix.ways.user.says(matrix.ways.room, "/profile")
    await matrix.hears("registered teachers")
    assert town.program.starts == 1


async def _odd_form(town: Town, dice: random.Random) -> int:
    fields = {"event": "e" * 12, "text": "hello", "press": "a.b", "language": "en", "command": "/start"}
    for name in dice.sample(sorted(fields), dice.randint(0, 4)):
        fields[name] = dice.choice(["", "\x00", "x" * 5000, "\u202e", "🎈", "../..", "'; --", "e" * 64])
    path = dice.choice(
        ["say", "press", "go", "leave", "events", "static/../../x", "telegram/updates", "?wait=x&before=-1"]
    )
    kind = dice.choice(["application/x-www-form-urlencoded", "application/json", ""])
    raw = dice.random() < 0.3
    body: Any = (
        bytes(dice.randrange(256) for _byte in range(40)) if raw else "&".join(map("=".join, fields.items())).encode()
    )
    headers = {"Origin": dice.choice([town.program.url, "null", "http://[", ""]), "Content-Type": kind}
    method = dice.choice(["POST", "POST", "PUT"])
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, f"{town.program.url}/{path}", data=body, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status


def _too_large(content: Any) -> bool:
    """Whether a homeserver refuses these numbers, which no event may hold."""
    text = json.dumps(content)
    return str(2**63) in text or str(2**70) in text


async def _send(ways: OnMatrix, content: Any, kind: str) -> None:
    with contextlib.suppress(MatrixError):
        # What the homeserver itself refuses never reaches the bot.
        await ways.user.send(ways.room, content if isinstance(content, dict) else {}, kind)


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
