"""Ways to choose five: what portals do, and what twinbot does with and without each of its parts.

All of them leave out whom somebody has seen in 30 days and deals with already, so that what is compared is the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching.people import People
from storage.matching import rules, scoring
from storage.matching.packed import clear, rows_of
from storage.matching.population import Population, columns
from storage.matching.rules import POOL, Fit, Terms

Ints = NDArray[np.int64]

FIVE, MOST = 5, 20
WISHES = ("wish_countries_0", "wish_subjects_0", "wish_languages_0", "wish_levels_0", "wish_kinds_0", "wish_ages")
PARTS = ("mutual filter", "two sides", "recency", "answers", "exposure", "newcomers", "load cap", "no repeats")


@dataclass
class Policy:
    """A way to choose. ``kind`` is "ours", "random", "newest", "popular" or "one side"; ``off`` are parts of ours."""

    name: str
    kind: str = "ours"
    off: frozenset[str] = frozenset()

    def begin(self, people: People, seed: int) -> None:
        """Take in a population."""
        self.people, self.index = people, Population()
        self.rng = np.random.default_rng(seed)
        size = len(people)
        self.received = np.zeros(size, np.int64)
        for start in range(0, size, 16_384):
            self.take_in(np.arange(start, min(size, start + 16_384)))

    def take_in(self, places: Ints) -> None:
        """Take in how these teachers are now."""
        rows = self.people.rows(places)
        for name in self._blind():
            at = columns().index(name)
            for row in rows:
                row[at] = 0
        self.index.put(rows)

    def choose(self, terms: Terms) -> tuple[int, ...]:
        """Up to five persons for somebody."""
        if "no repeats" in self.off:
            terms = Terms(terms.me, terms.today, terms.never)
        if self.kind == "ours":
            return self._ours(terms)
        rows = rows_of(self._hits(terms))
        if self.kind == "one side":
            return self._first(rows, -scoring.there(self.index, rows, terms.me))
        if self.kind == "popular":
            return self._first(rows, -self.received[self.index.plain["person_id"][rows] - 1])
        if self.kind == "newest":
            return self._first(rows, -self.index.plain["active_day"][rows].astype(np.int64))
        return self._first(rows, self.rng.random(len(rows)))

    def _ours(self, terms: Terms) -> tuple[int, ...]:
        """The program's own search; where a part is off, its own figures put together without it."""
        changed = self.off - {"newcomers", "load cap", "no repeats", "mutual filter"}
        fit = self._without(terms, changed) if changed else self.index.search(terms, MOST)
        return fit.best[:FIVE] if "newcomers" in self.off else rules.pick(fit, FIVE, self._school)

    def _school(self, person: int) -> int:
        return int(self.index.plain["school_id"][person - 1])

    def _without(self, terms: Terms, off: frozenset[str]) -> Fit:
        hits = self._hits(terms)
        rows, new = (self.index.scored(some, terms, POOL) for some in (hits, hits & self.index.bits["new"][0]))
        banded = partial(self._bands, terms=terms, off=off)
        best = scoring.in_order(self.index, rows, terms, banded(rows), MOST)
        newcomers = scoring.newcomers(self.index, new, terms, banded, MOST)
        return Fit(best, newcomers, len(rows), len(rows))

    def _bands(self, rows: Ints, terms: Terms, off: frozenset[str]) -> Ints:
        figures = scoring.figures(self.index, rows, terms)
        if "two sides" in off:
            figures["mutual"] = scoring.there(self.index, rows, terms.me)
        neutral = {"recency": "freshness", "answers": "answers", "exposure": "exposure"}
        score = np.ones(len(rows), np.int64)
        for name, values in figures.items():
            left_out = any(neutral.get(part) == name for part in off)
            score = score * (np.full(len(rows), 666) if left_out else values)
        banded: Ints = score // rules.BAND
        return banded

    def _hits(self, terms: Terms) -> NDArray[np.uint64]:
        self.index.turn_to(terms.today)
        hits = self.index.suiting(terms)
        clear(hits, self.index.known(terms.seen))
        return hits

    def _first(self, rows: Ints, key: NDArray[Any]) -> tuple[int, ...]:
        """The five lowest, equals as they come."""
        if len(rows) > FIVE:
            # Equals in no order of their own, so that nobody is first for having registered first.
            turns = self.rng.random(len(rows))
            rows = rows[np.lexsort((turns, key))[:FIVE]]
        return tuple(self.index.plain["person_id"][rows].tolist())

    def _blind(self) -> Iterable[str]:
        """The columns that this way does not look at."""
        if self.kind != "ours" or "mutual filter" in self.off:
            yield from WISHES
        if self.kind != "ours" or "load cap" in self.off:
            yield "requests"


def baselines() -> list[Policy]:
    return [
        Policy("random", "random"),
        Policy("filter + newest", "newest"),
        Policy("popularity", "popular"),
        Policy("one-sided score", "one side"),
        Policy("twinbot"),
    ]


def ablations() -> list[Policy]:
    return [Policy(f"without {part}", off=frozenset({part})) for part in PARTS]


#: Okabe and Ito's colours, which people with any colour vision tell apart.
COLOURS: Mapping[str, str] = {
    "random": "#999999",
    "filter + newest": "#E69F00",
    "popularity": "#CC79A7",
    "one-sided score": "#56B4E9",
    "twinbot": "#009E73",
}
