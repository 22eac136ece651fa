"""Which ambassadors are asked for their word about a teacher: those nearby first, then those who owe the fewest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from storage.spelling import fold
from storage.staff import Post

AT_ONCE = 3
"""So many are asked at a time: one word is enough, and nobody should be asked in vain."""
_SHORTEST = 3


def whom_to_ask(
    there: Sequence[Post], town: str, *, asked: Collection[int] = (), owed: Mapping[int, int] | None = None
) -> list[int]:
    """The people to ask next, at most `AT_ONCE`, never one of ``asked``.

    ``owed`` is how many words each still owes to others.
    """
    waiting = owed or {}
    free = [post for post in there if post.person not in asked]
    order = sorted(free, key=lambda post: (not nearby(post.region, town), waiting.get(post.person, 0), post.person))
    return [post.person for post in order[:AT_ONCE]]


def nearby(region: str | None, town: str) -> bool:
    """Whether a region in words ("Porto and the north") names a town."""
    return bool(_words(region or "") & _words(town))


def _words(text: str) -> set[str]:
    return {word for word in fold(text).split() if len(word) >= _SHORTEST}
