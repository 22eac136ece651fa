"""The pace of a chat: never more than the burst at once, and never more than the rate in the long run."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pace import Account, Budget, Paces
from bot.platforms.platform import Pace

CHAT = Pace(chat_seconds=1.0, chat_burst=4, group_seconds=3.0, group_burst=2)


class Time:
    """Seconds that go on when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


@given(
    gaps=st.lists(st.floats(0, 6), min_size=1, max_size=60),
    each=st.sampled_from([0.5, 1.0, 3.0]),
    burst=st.integers(1, 6),
)
def test_no_window_holds_more_than_burst_and_rate(gaps: list[float], each: float, burst: int) -> None:
    time = Time()
    paces = Paces(Pace(chat_seconds=each, chat_burst=burst), time)
    sent: list[float] = []
    for gap in gaps:
        time.seconds += gap
        time.seconds += paces.delay("a", "private")
        sent.append(time.seconds)
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            allowed = burst + (sent[last] - sent[first]) / each
            assert last - first + 1 <= allowed + 1e-6


async def test_a_burst_goes_at_once_and_then_one_a_second() -> None:
    time = Time()
    paces = Paces(CHAT, time, time.wait)
    for _message in range(7):
        await paces.ready("a", "private")
    assert time.waits == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(("kind", "free"), [("private", 4), ("group", 2)])
def test_each_kind_of_chat_has_its_own_pace(kind: str, free: int) -> None:
    paces = Paces(CHAT, Time())
    delays = [paces.delay("a", kind) for _message in range(free + 1)]
    assert delays == [0.0] * free + [CHAT.chat_seconds if kind == "private" else CHAT.group_seconds]


def test_chats_do_not_wait_for_each_other() -> None:
    paces = Paces(CHAT, Time())
    assert [paces.delay(f"chat {n % 50}", "private") for n in range(200)] == [0.0] * 200
    assert paces.delay("chat 0", "private") == 1.0


def test_a_platform_without_a_pace_never_waits() -> None:
    paces = Paces(Pace(), Time())
    assert [paces.delay("a", "private") for _message in range(100)] == [0.0] * 100


def test_chats_of_long_ago_are_forgotten_and_busy_ones_are_not() -> None:
    time = Time()
    paces = Paces(CHAT, time)
    for number in range(20_000):
        paces.delay(f"old {number}", "private")
    time.seconds += 60
    for _message in range(5):
        paces.delay("busy", "private")
    assert paces.delay("new", "private") == 0.0
    assert paces.delay("busy", "private") == 2.0
    assert len(paces._arrivals) < 10


@given(
    gaps=st.lists(st.tuples(st.floats(0, 0.2), st.booleans()), min_size=1, max_size=200),
    rate=st.sampled_from([1, 3, 25, 30]),
)
def test_no_second_holds_more_than_an_account_may_send(gaps: list[tuple[float, bool]], rate: int) -> None:
    budget, now = Budget(rate), 1000.0
    sent: list[float] = []
    for gap, even in gaps:
        now = max(now + gap, budget.earliest(even, now + gap))
        budget.take(now)
        sent.append(now)
    for first, last in zip(sent, sent[rate:], strict=False):
        assert last - first >= 1.0


@pytest.mark.parametrize("rate", [25, 30, 1000])
def test_bulk_gets_nearly_all_that_is_allowed_although_each_timer_is_late(rate: int) -> None:
    budget, now, sent = Budget(rate), 1000.0, 0
    while now < 1060.0:
        now = max(now, budget.earliest(True, now)) + 0.0005
        budget.take(now)
        sent += 1
    assert 0.99 * rate * 60 <= sent <= rate * 61


def test_bulk_gets_what_answers_leave() -> None:
    budget, now, answers, bulk = Budget(30), 1000.0, 0, 0
    while now < 1010.0:
        now += 0.001
        if answers < (now - 1000.0) * 20 and budget.earliest(False, now) <= now:
            budget.take(now)
            answers += 1
        elif budget.earliest(True, now) <= now:
            budget.take(now)
            bulk += 1
    assert answers >= 199 and 90 <= bulk <= 101


async def test_the_lowest_lane_gets_the_next_place() -> None:
    account = Account(50, even_from=2, clock=asyncio.get_running_loop().time)
    order: list[int] = []

    async def one(lane: int) -> None:
        await account.ready(lane)
        order.append(lane)

    async with asyncio.TaskGroup() as group:
        for lane in [0] * 50 + [3, 3, 2, 1, 0]:
            group.create_task(one(lane))
    assert order[50:] == [0, 1, 2, 3, 3]


async def test_whoever_no_longer_waits_takes_no_place() -> None:
    account = Account(2, even_from=2, clock=asyncio.get_running_loop().time)
    await account.ready(0)
    await account.ready(0)
    gone = asyncio.create_task(account.ready(0))
    stays = asyncio.create_task(account.ready(1))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    assert gone.cancelled()


async def test_bulk_rests_and_answers_do_not() -> None:
    account = Account(0, even_from=2, clock=asyncio.get_running_loop().time)
    account.rest(3600)
    await account.ready(0)
    waiting = asyncio.create_task(account.ready(3))
    await asyncio.sleep(0)
    await account.ready(1)
    assert not waiting.done()
    waiting.cancel()


def test_a_chat_that_got_little_cannot_be_what_was_too_much() -> None:
    paces = Paces(CHAT, Time())
    paces.delay("a", "private")
    assert paces.kept("a", "private")
    paces.delay("a", "private")
    assert not paces.kept("a", "private")
