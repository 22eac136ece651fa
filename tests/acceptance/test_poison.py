"""Poison: updates, events and forms that are not as documented, among good ones, through the whole program."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from storage.models import Update
from storage.models.post import DEAD, NEW
from tests.acceptance.process import STEPS, Town
from tests.cast import Actor, OnMatrix
from tests.fuzz.samples import EVENTS, mutated, updates
from tests.servers.botapi import User
from tests.servers.botapi.world import keyboard
from tests.servers.matrix_user import MatrixError


async def test_poison_on_telegram_harms_nobody(folder: Path, nightly: bool) -> None:
    people, odd_for_each = (100, 1000) if nightly else (3, 1000)
    async with Town(folder, "telegram") as town:
        await town.program.start()
        pour, began, took = await _poisoner(town), monotonic(), []
        for first in range(0, people, 10):
            actors = [await town.actor(f"Amina{n}", "telegram") for n in range(first, min(first + 10, people))]
            for actor in actors[::2]:
                pour(odd_for_each)
                await _says_all_at_once(actor)
            took += await asyncio.gather(*(_line_by_line(actor, pour, odd_for_each) for actor in actors[1::2]))
            for actor in actors[::2]:
                await actor.hears(STEPS[-1][1])
            assert all(map(_in_order, actors)), [list(map(str, actor.ways.seen().values())) for actor in actors]
        await town.api.until(lambda: not town.api.updates.pending, 60)
        failed = await _all_worked_off(town)
        print(f"\n{people * odd_for_each} odd updates and {people * len(STEPS)} good ones: {monotonic() - began:.1f} s")
        print(f"the slowest of the answers: {max(took):.2f} s; set aside: {_set_aside(town)}")
        assert not failed, failed
        _unharmed(town)


async def _poisoner(town: Town) -> Callable[[int], None]:
    """What puts so many odd updates of some people into the queue."""
    dice = random.Random(7)
    users = [town.api.user(f"Mallory{n}", started=True) for n in range(5)]
    samples = [one for user in users for one in updates(user.json, town.api.me, await _buttons(town, user))]

    def pour(many: int) -> None:
        for _update in range(many):
            odd = mutated(dice.choice(samples), dice)
            odd["update_id"] = town.api.updates.next_id
            town.api.raw_update(odd)

    return pour


async def _buttons(town: Town, user: User) -> tuple[str, ...]:
    """The data of buttons that the bot has shown to somebody."""
    await user.says("/start")
    await user.hears("Welcome")
    shown = [button for one in town.api.chat(user).messages for row in keyboard(one.data) for button in row]
    return ("a.b", *(button["callback_data"] for button in shown if "callback_data" in button))


async def _says_all_at_once(actor: Actor) -> None:
    for line, _hears in STEPS:
        await actor.says(line)


async def _line_by_line(actor: Actor, pour: Callable[[int], None], odd: int) -> float:
    """Say each line after some poison, and wait for its answer; the slowest of them, in seconds."""
    slowest = 0.0
    for line, hears in STEPS:
        pour(odd // len(STEPS))
        began = monotonic()
        await actor.says(line, hears=hears)
        slowest = max(slowest, monotonic() - began)
    return slowest


def _in_order(actor: Actor) -> bool:
    """Whether each line has its answer after that of the line before."""
    texts = list(map(str, actor.ways.seen().values()))
    # Where the list of schools was, its answer stands in the end.
    heard = [hears for _line, hears in STEPS if not hears.startswith("Which of these")]
    at = [next((n for n, text in enumerate(texts) if hears in text), -1) for hears in heard]
    return at[0] >= 0 and at == sorted(set(at))


def _unharmed(town: Town) -> None:
    """The program runs on, as it was started."""
    assert town.program.process is not None
    assert town.program.process.poll() is None
    assert town.program.starts == 1


def _engine(town: Town) -> Engine:
    return create_engine(f"sqlite:///{town.folder}/twinbot.db")


async def _all_worked_off(town: Town) -> list[str]:
    """Wait until no update is left to be taken; why those were set aside that are no fault of the sender's."""
    engine, give_up = _engine(town), monotonic() + 900
    with Session(engine) as session:
        while session.scalar(select(func.count()).where(Update.state == NEW)):
            session.rollback()
            assert monotonic() < give_up, "the updates are not worked off"
            await asyncio.sleep(0.2)
        failed = list(
            session.scalars(select(Update.error_id).where(Update.state == DEAD, Update.error_id.is_not(None)))
        )
    engine.dispose()
    return [line for line in town.program.said.splitlines() if any(f"error {one}" in line for one in failed if one)]


def _set_aside(town: Town) -> Counter[str | None]:
    """How many updates were set aside, by their reasons."""
    engine = _engine(town)
    with Session(engine) as session:
        reasons = select(Update.reason, func.count()).where(Update.state == DEAD).group_by(Update.reason)
        counted = Counter({row[0]: row[1] for row in session.execute(reasons)})
    engine.dispose()
    return counted


async def test_odd_forms_and_events_harm_nobody(everywhere: Town, nightly: bool) -> None:
    town, dice = everywhere, random.Random(11)
    many = 20_000 if nightly else 600
    web, matrix = await town.actor("Amina", "web"), await town.actor("Amina", "matrix")
    assert isinstance(matrix.ways, OnMatrix)
    statuses: Counter[int] = Counter()
    refused = 0
    for line, hears in STEPS:
        for _form in range(many // len(STEPS)):
            statuses[await _odd_form(town, dice)] += 1
        for _event in range(many // 4 // len(STEPS)):
            refused += not await _odd_event(matrix.ways, dice)
        await web.says(line, hears=hears)
    await matrix.ways.user.says(matrix.ways.room, "/profile")
    await matrix.hears("registered teachers")
    failed = await _all_worked_off(town)
    print(
        f"\n{many} odd forms: {sorted(statuses.items())}; {many // 4} odd events, {refused} of them refused by Synapse"
    )
    assert max(statuses) < 500
    assert not failed, failed
    assert _in_order(web)
    _unharmed(town)


async def _odd_form(town: Town, dice: random.Random) -> int:
    fields = {"event": "e" * 12, "text": "hello", "press": "a.b", "language": "en", "command": "/start"}
    for name in dice.sample(sorted(fields), dice.randint(0, 4)):
        fields[name] = dice.choice(["", "\x00", "x" * 5000, "\u202e", "🎈", "../..", "'; --", "e" * 64])
    path = dice.choice(
        ["say", "press", "go", "leave", "events", "static/../../x", "telegram/updates", "?wait=x&before=-1", "join"]
    )
    kind = dice.choice(["application/x-www-form-urlencoded", "application/json", "multipart/form-data", ""])
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


async def _odd_event(ways: OnMatrix, dice: random.Random) -> bool:
    """Send an odd event into the chat with the bot; whether the homeserver has taken it."""
    kind, sample = dice.choice([(kind, content) for kind, content in EVENTS if not kind.startswith("m.room.j")])
    content = json.loads(json.dumps(mutated(sample, dice), default=str).replace("1.5", "1"))
    with contextlib.suppress(MatrixError):
        # What the homeserver itself refuses never reaches the bot.
        await ways.user.send(ways.room, content if isinstance(content, dict) else {}, kind)
        return True
    return False
