"""How far something is: shown now and then, never backwards, and nothing waits for it or fails with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from bot.platforms.platform import CannotEdit
from bot.progress import Progress
from bot.talk import Attachment
from bot.text import Verbatim, encode
from storage.post import SENT
from tests.bot.house import PostHouse, post_house


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def told(progress: Progress, percent: int) -> None:
    """Report from another thread, and let the loop hear it."""
    await asyncio.to_thread(progress.report, percent)
    for _turn in range(5):
        await asyncio.sleep(0)


async def test_a_share_is_shown_after_a_while_and_never_a_smaller_one() -> None:
    clock, shown = Clock(), list[int]()

    async def show(percent: int) -> None:
        shown.append(percent)

    async with Progress(show, 1.0, clock) as progress:
        for seconds, percent in ((0.5, 10), (1.0, 20), (1.5, 30), (1.9, 40), (2.0, 35), (3.1, 60), (9.0, 15)):
            clock.seconds = seconds
            await told(progress, percent)
    assert shown == [20, 40, 60]


async def test_what_is_done_at_once_shows_nothing() -> None:
    shown = list[int]()

    async def show(percent: int) -> None:
        shown.append(percent)

    async with Progress(show, 1.0, Clock()) as progress:
        await told(progress, 100)
    assert shown == []


async def test_what_is_being_shown_at_the_end_is_waited_for_and_may_fail() -> None:
    clock, begun, may, ended = Clock(), asyncio.Event(), asyncio.Event(), list[int]()

    async def show(percent: int) -> None:
        begun.set()
        await may.wait()
        ended.append(percent)
        raise CannotEdit("gone")

    async def work() -> None:
        async with Progress(show, 1.0, clock) as progress:
            clock.seconds = 1.0
            await told(progress, 50)
            await begun.wait()

    working = asyncio.create_task(work())
    await begun.wait()
    await told(Progress(show, 1.0, clock), 1)
    assert not working.done()
    may.set()
    await working
    assert ended == [50]


class Workshop:
    """Makes files of five bytes; ``between`` is called after each."""

    name = "workshop"

    def __init__(self, between: Callable[[int], Any]) -> None:
        self._between = between

    def resends(self, what: Attachment) -> bool:
        return False

    async def fetch(self, what: Attachment, into: BinaryIO, most: int) -> None:
        raise AssertionError("a file that is made says how far it is")

    async def make(self, what: Attachment, into: BinaryIO, most: int, report: Callable[[int], None]) -> None:
        for done in range(1, 6):
            into.write(b".")
            report(done * 20)
            await self._between(done)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path) as made:
        yield made


async def ask(house: PostHouse, between: Callable[[int], Any]) -> int:
    """Say that a file is being made, and send it."""
    vars(house.delivery.carrier)["_sources"] = {"workshop": Workshop(between)}
    house.delivery.every = 0.0
    above = await house.says("a", Verbatim("Wait"))
    file = {"platform": "workshop", **Attachment("file", "r", "a.txt").to_json()}
    working = {"row": above, "body": encode(Verbatim("Wait"))}
    row = await house.says("a", Verbatim("Here"), file=file, working=working)
    await house.done()
    return row


async def test_each_share_stands_in_the_message_above_and_the_file_below(house: PostHouse) -> None:
    async def seen(done: int) -> None:
        await house.mailbox.bell.until(lambda: len(house.mailbox.arrived) == done + 1)

    await ask(house, seen)
    texts = [(one.shown.text, one.edits) for one in house.mailbox.arrived]
    shares = [(f"Wait\nSo far: {n} %", "ref 1") for n in (20, 40, 60, 80, 100)]
    assert texts == [("Wait", None), *shares, ("Here", None)]
    assert len({one.key for one in house.mailbox.arrived}) == len(texts)


async def test_a_share_that_cannot_be_shown_keeps_nothing_back(house: PostHouse) -> None:
    house.mailbox.will("a", None, CannotEdit("gone"), CannotEdit("gone"))

    async def seen(done: int) -> None:
        await house.mailbox.bell.until(lambda: len(house.mailbox.tried) > min(done, 2))

    row = await ask(house, seen)
    assert house.mailbox.brought == [b"....."]
    assert (await house.row(row))[0] == SENT
