"""What a search never sees: tastes, charm, how often somebody comes, whether they answer.

What teachers say of themselves has some bearing on it, as in reality: a taste lies near the kinds of projects that are
wished for, and a wish that is not met makes it unlikely that somebody wants a partner, but not impossible.
"""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching.people import TODAY, People
from storage.matching.rules import fits, one_way
from storage.matching.side import Side

TASTES = 8
UNMET = 0.15
"""How much of the chance is left where a wish is not met."""


class Hidden:
    """The hidden side of each teacher of a population, by their place."""

    def __init__(self, people: People, seed: int) -> None:
        rng = np.random.default_rng(seed + 1_000_003)
        size = len(people)
        self.people = people
        self.tastes = _tastes(rng, people)
        self.charm = rng.normal(0.0, 0.7, size)
        #: The chance that somebody answers a request on a day on which they are here.
        self.answers = rng.beta(2.2, 1.5, size)
        silent = np.maximum(0, TODAY - people.columns["active_day"])
        #: How often somebody comes in a week; those who have been away for long seldom do.
        self.visits = np.minimum(rng.lognormal(-0.2, 0.9, size), 6.0) * np.exp(-silent / 90)
        self._sides: dict[int, Side] = {}

    def side(self, place: int) -> Side:
        """A teacher as matching sees them, with what they said at the start."""
        found = self._sides.get(place)
        if found is None:
            found = self._sides[place] = self.people.side(place)
        return found

    def wants(self, one: int, other: int) -> float:
        """The chance that one would want the other as a partner."""
        a, b = self.side(one), self.side(other)
        alike = float(self.tastes[one] @ self.tastes[other])
        stated = one_way(a, b) / 1000 - 0.7
        chance = 1 / (1 + exp(1.1 - 1.6 * alike - self.charm[other] - 2.0 * stated))
        return chance if fits(a, b) else chance * UNMET


def _tastes(rng: np.random.Generator, people: People) -> NDArray[np.float64]:
    """Unit vectors, each drawn towards the direction of the kinds of projects that are wished for."""
    directions = rng.normal(size=(16, TASTES))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    kinds = people.columns["wish_kinds_0"]
    wished = np.array([[(kind >> bit) & 1 for bit in range(16)] for kind in range(1 << 10)], dtype=float)
    pulled = wished[kinds & 1023] @ directions
    tastes = pulled + rng.normal(0, 0.5, (len(people), TASTES))
    unit: NDArray[np.float64] = tastes / np.linalg.norm(tastes, axis=1, keepdims=True)
    return unit
