"""Which process does what: all is done, by one each, and evenly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.mine import HOUSE, SHARDS, Mine, number_of, shard, shards, wanted

PARTS = [HOUSE, "telegram", "matrix", "web", "mail", *shards()]
STEPS = st.lists(st.tuples(st.sampled_from(["looks", "comes", "goes"]), st.integers(0, 9)), max_size=30)


class Town:
    """Processes, and the locks that they have."""

    def __init__(self) -> None:
        self.locks: dict[int, frozenset[str]] = {0: frozenset()}

    def looks(self, who: int) -> bool:
        """One process looks, takes and gives; whether anything changed."""
        name = list(self.locks)[who % len(self.locks)]
        mine, taken = self.locks[name], frozenset().union(*self.locks.values())
        take, give = wanted(PARTS, mine, frozenset(PARTS) - taken, len(self.locks))
        assert not take & taken
        assert give <= mine
        assert all(part.startswith("shard") for part in give)
        self.locks[name] = (mine | take) - give
        return bool(take or give)

    def comes(self, _who: int) -> None:
        self.locks[max(self.locks) + 1] = frozenset()

    def goes(self, who: int) -> None:
        if len(self.locks) > 1:
            del self.locks[list(self.locks)[who % len(self.locks)]]


@given(STEPS)
def test_whoever_comes_and_goes_all_is_done_in_the_end_and_evenly(steps: list[tuple[str, int]]) -> None:
    town = Town()
    for step, who in steps:
        getattr(town, step)(who)
    while sum(town.looks(who) for who in range(len(town.locks))):
        continue
    assert sorted(part for parts in town.locks.values() for part in parts) == sorted(PARTS)
    counts = [sum(part.startswith("shard") for part in parts) for parts in town.locks.values()]
    assert max(counts) <= -(-SHARDS // len(counts))


def test_the_numbers_of_parts_differ() -> None:
    assert len({number_of(part) for part in PARTS}) == len(PARTS)
    assert all(number_of(part) > 0 for part in PARTS)


def test_chats_fall_into_all_shards() -> None:
    assert {shard(f"digest{number}") for number in range(1000)} == set(shards())


def test_who_is_alone_has_everything() -> None:
    assert "telegram" in Mine()
    mine = Mine(everything=False)
    mine.take(["telegram", HOUSE])
    mine.give([HOUSE])
    assert ("telegram" in mine, HOUSE in mine) == (True, False)
