"""Which parts of the work are this process's: all of them, unless several processes share a database.

A part is the ``house`` (what is done by the clock), the account of a platform, or one of the `SHARDS` into which chats
are put by their digests.
"""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

HOUSE = "house"
SHARDS = 16


def shard(digest: str) -> str:
    """The shard of a chat."""
    return f"shard{crc32(digest.encode()) % SHARDS}"


def shards() -> list[str]:
    """All shards."""
    return [f"shard{number}" for number in range(SHARDS)]


def number_of(part: str) -> int:
    """The number of a part's lock: above 0, and the same in every process."""
    return 1 + crc32(part.encode()) % 2_000_000_000


class Mine:
    """The parts that are ours. ``everything``: nobody else works on this database."""

    def __init__(self, *, everything: bool = True) -> None:
        self.everything = everything
        self.parts: frozenset[str] = frozenset()

    def __contains__(self, part: str) -> bool:
        return self.everything or part in self.parts

    def take(self, parts: Iterable[str]) -> None:
        """From now on these are ours too."""
        self.parts |= frozenset(parts)

    def give(self, parts: Iterable[str]) -> None:
        """From now on these are ours no more."""
        self.parts -= frozenset(parts)


def wanted(
    parts: Iterable[str], mine: frozenset[str], free: frozenset[str], processes: int
) -> tuple[set[str], set[str]]:
    """Which parts to take and which to give, so that in the end everybody has about as many shards.

    An account or the house stays with whoever has it: to move it costs a moment in which nothing is heard there.
    """
    ours = sorted(part for part in mine if part.startswith("shard"))
    fair = -(-SHARDS // max(1, processes))
    give = set(ours[fair:])
    single = {part for part in parts if not part.startswith("shard")}
    missing = sorted(part for part in free if part not in single)
    return {*(single & free), *missing[: max(0, fair - len(ours))]}, give
