"""The pace of a chat: never more than the burst at once, and never more than the rate in the long run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pace import Paces
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
