"""Lanes: the order of each key, no lane waits for another, and nothing is lost or handled twice."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.lanes import Lanes
from bot.tasks import Tasks
from tests.bot.house import Bell


@dataclass(frozen=True)
class Thing:
    id: int
    key: str


class House:
    """Lanes over a list that stands for the database: what is stored may be fetched before it is put."""

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.stored: dict[str, list[Thing]] = defaultdict(list)
        self.handled: list[Thing] = []
        self.bell = Bell()
        self.fetches = 0
        self.held: dict[str, asyncio.Event] = {}
        self.failures = 0
        self.pauses: list[float] = []
        self.lanes: Lanes[str, Thing] = Lanes(self.tasks, self._handle, self._more, self._pause)

    def store(self, thing: Thing) -> None:
        self.stored[thing.key].append(thing)

    def put(self, thing: Thing) -> None:
        self.lanes.put(thing.key, thing)

    def of(self, key: str) -> list[int]:
        return [thing.id for thing in self.handled if thing.key == key]

    async def _handle(self, thing: Thing) -> None:
        if thing.key in self.held:
            await self.held[thing.key].wait()
        if self.failures:
            self.failures -= 1
            raise OSError("the database is away")
        self.handled.append(thing)
        self.bell.ring()

    async def _more(self, key: str, after: int, limit: int) -> list[Thing]:
        self.fetches += 1
        found = sorted((t for t in self.stored[key] if t.id > after and t not in self.handled), key=lambda t: t.id)
        await asyncio.sleep(0)
        return found[:limit]

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    await made.tasks.stop()


async def test_a_flood_overflows_into_the_database_and_comes_back_in_order(house: House) -> None:
    things = [Thing(n, "a") for n in range(1, 501)]
    for thing in things:
        house.store(thing)
        house.put(thing)
    await house.lanes.idle()
    assert house.of("a") == list(range(1, 501))
    assert house.fetches >= 9


async def test_lanes_do_not_wait_for_each_other(house: House) -> None:
    house.held["slow"] = asyncio.Event()
    for number in range(1, 300):
        thing = Thing(number, "slow" if number % 2 else "quick")
        house.store(thing)
        house.put(thing)
    await house.bell.until(lambda: len(house.of("quick")) == 149)
    assert house.of("slow") == []
    house.held["slow"].set()
    await house.lanes.idle()
    assert house.of("slow") == list(range(1, 300, 2))


async def test_what_an_earlier_run_left_is_taken_up(house: House) -> None:
    for number in range(1, 121):
        house.store(Thing(number, "a"))
    house.lanes.wake("a")
    new = Thing(121, "a")
    house.store(new)
    house.put(new)
    await house.lanes.idle()
    assert house.of("a") == list(range(1, 122))


async def test_a_failure_keeps_thing_and_order_and_waits_longer_each_time(house: House) -> None:
    house.failures = 3
    for number in (1, 2, 3):
        house.store(Thing(number, "a"))
        house.put(Thing(number, "a"))
    await house.lanes.idle()
    assert house.of("a") == [1, 2, 3]
    assert house.pauses == [1.0, 2.0, 4.0]


async def test_a_fetch_that_fails_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = iter([OSError("away"), None])
    whole = house.lanes._more

    async def more(key: str, after: int, limit: int) -> list[Thing]:
        error = next(tries, None)
        if error is not None:
            house.put(Thing(2, "a"))
            raise error
        return await whole(key, after, limit)

    house.lanes._more = more
    house.store(Thing(1, "a"))
    house.store(Thing(2, "a"))
    house.lanes.wake("a")
    await house.lanes.idle()
    assert house.of("a") == [1, 2]


async def test_a_lower_number_that_is_committed_later_is_not_lost(house: House) -> None:
    house.held["a"] = asyncio.Event()
    for number in (10, 12, 11):
        house.store(Thing(number, "a"))
        house.put(Thing(number, "a"))
    house.held["a"].set()
    await house.lanes.idle()
    assert sorted(house.of("a")) == [10, 11, 12]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    plan=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 70), st.booleans(), st.integers(0, 3)), min_size=1, max_size=12
    ),
    swap=st.booleans(),
    woken=st.sets(st.sampled_from("abc")),
)
async def test_nothing_is_lost_or_doubled(plan: list[tuple[str, int, bool, int]], swap: bool, woken: set[str]) -> None:
    """Storing and putting fall apart by some steps of the loop, and neighbours may be committed the other way."""
    house = House()
    number = 0
    for key in woken:
        number += 1
        house.store(Thing(number, key))
        house.lanes.wake(key)
    for key, many, all_first, steps in plan:
        group = [Thing(number + n, key) for n in range(1, many + 1)]
        number += many
        if swap:
            group[:2] = reversed(group[:2])
        await _commit(house, group, all_first=all_first, steps=steps)
    await house.lanes.idle()
    assert sorted(t.id for t in house.handled) == list(range(1, number + 1))
    if not swap:
        assert all(house.of(key) == sorted(house.of(key)) for key in "abc")
    await house.tasks.stop()


async def _commit(house: House, group: list[Thing], *, all_first: bool, steps: int) -> None:
    """Store things and put them: all are stored before the first is put, or one by one."""
    for thing in group if all_first else ():
        house.store(thing)
    for _step in range(steps):
        await asyncio.sleep(0)
    for thing in group:
        if not all_first:
            house.store(thing)
        house.put(thing)
