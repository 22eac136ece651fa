"""Seeded populations of teachers, as numpy columns: skewed as in reality, the same for the same size and seed.

Countries are as frequent as people live there, levels and subjects as `storage/reference/fiction` has them, nearly
everybody adds English, wishes are set by some and left open by most. What a search never sees (tastes, how likely
somebody answers, how often they come) is in `benchmarks.matching.hidden`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.matching.population import columns
from storage.matching.side import WIDE, Side
from storage.reference import LEVELS, countries, level_ages, rows
from storage.reference.bits import WORD, mask, positions, span

Ints = NDArray[np.int64]
Masks = NDArray[np.uint64]

TODAY = 20_700
"""The day on which the story of a population begins, counted from 1970."""


@dataclass
class People:
    """Teachers in columns; a person's id is their place from 1."""

    columns: dict[str, Ints]

    def __len__(self) -> int:
        return len(self.columns["person_id"])

    def rows(self, places: Ints) -> list[list[int]]:
        """Rows as `Population.put` takes them."""
        table = np.stack([self.columns[name][places] for name in columns()], axis=1)
        found: list[list[int]] = table.tolist()
        return found

    def side(self, place: int) -> Side:
        """One teacher as the asker of a search."""
        values: dict[str, Any] = {}
        for name, column in self.columns.items():
            stem, _under, number = name.rpartition("_")
            if stem in WIDE:
                values[stem] = values.get(stem, 0) | int(column[place]) << (WORD * int(number))
            else:
                values[name] = int(column[place])
        return Side(**values | {"suggestible": bool(values["suggestible"])})


def population(size: int, seed: int, *, joining: float = 0.0) -> People:
    """A population; a share of it (``joining``) registers only during the twelve weeks that follow."""
    rng = np.random.default_rng(seed)
    country, own = _countries(rng, size)
    level = rng.choice(len(LEVELS), size, p=_level_shares())
    ages = _ages(rng, level)
    joined = TODAY - rng.integers(1, 1200, size)
    late = rng.random(size) < joining
    joined[late] = TODAY + rng.integers(0, 84, int(late.sum()))
    made = {
        "person_id": np.arange(1, size + 1),
        "suggestible": (joined <= TODAY).astype(np.int64),
        "school_id": rng.integers(1, max(2, int(size / 2.3)), size),
        "country": country,
        "level": level,
        "ages": ages,
        "wish_ages": np.where(rng.random(size) < 0.25, ages | ages << 1 | ages >> 1, 0),
        "active_day": np.minimum(TODAY - np.minimum(rng.exponential(25, size).astype(int), 700), TODAY),
        "joined_day": joined,
        "subjects_0": _subjects(rng, level),
        "languages_0": _languages(rng, size, own),
        "wish_countries_0": _wished(rng, "countries", country, (0.5, 0.2, 0.15, 0.1, 0.05), _wanted_countries()),
        "wish_subjects_0": _wished_subjects(rng, level),
        "wish_languages_0": np.where(rng.random(size) < 0.15, mask("languages", ["en"]), 0),
        "wish_levels_0": np.where(rng.random(size) < 0.15, 1 << level, 0),
        "wish_kinds_0": _wished(rng, "kinds", np.full(size, -1), (0.4, 0.3, 0.2, 0.1), None),
    }
    zero = np.zeros(size, np.int64)
    counts = dict.fromkeys(("shown", "shown_week", "asked", "answered", "requests"), zero)
    return People({name: np.array(column, dtype=np.int64) for name, column in (made | counts).items()})


def _countries(rng: np.random.Generator, size: int) -> tuple[Ints, Ints]:
    """Where each teaches, and the mask of what that country's schools speak."""
    weights: dict[str, float] = {}
    for row in rows("fiction/towns.csv"):
        weights[row["country"]] = weights.get(row["country"], 0.0) + float(row["million_people"])
    codes = list(weights)
    shares = np.array([weights[code] for code in codes])
    chosen = rng.choice(len(codes), size, p=shares / shares.sum())
    bits = np.array([positions("countries")[code] for code in codes])
    spoken = np.array([mask("languages", countries()[code].languages[:1]) for code in codes])
    return bits[chosen], spoken[chosen]


def _level_shares() -> NDArray[np.float64]:
    shares = np.array([float(row["share"]) for row in rows("fiction/levels.csv")])
    return shares / shares.sum()


def _ages(rng: np.random.Generator, level: Ints) -> Ints:
    lowest = np.array([level_ages(code)[0] for code in LEVELS])[level]
    highest = np.array([level_ages(code)[1] for code in LEVELS])[level]
    youngest = lowest + (rng.random(len(level)) * (highest - lowest)).astype(np.int64)
    oldest = np.minimum(highest, youngest + rng.integers(1, 4, len(level)))
    spans = {(a, b): span((a, b)) for a in range(2, 21) for b in range(a, 25)}
    return np.array([spans[a, b] for a, b in zip(youngest.tolist(), oldest.tolist(), strict=True)])


def _subjects(rng: np.random.Generator, level: Ints) -> Ints:
    """One to four subjects, those that many teach at a level more often."""
    return _some_of_level(rng, level, rng.choice((1, 2, 3, 4), len(level), p=(0.45, 0.35, 0.15, 0.05)))


def _wished_subjects(rng: np.random.Generator, level: Ints) -> Ints:
    return _some_of_level(rng, level, rng.choice((0, 1, 2), len(level), p=(0.65, 0.25, 0.1)))


def _some_of_level(rng: np.random.Generator, level: Ints, number: Ints) -> Ints:
    masks = np.zeros(len(level), np.int64)
    listed = [row["subjects"].split("|") for row in rows("fiction/levels.csv")]
    for place, names in enumerate(listed):
        here = np.flatnonzero(level == place)
        bits = np.array([1 << positions("subjects")[name] for name in names])
        for turn in range(4):
            more = here[number[here] > turn]
            masks[more] |= bits[rng.integers(0, len(bits), len(more))]
    return masks


def _languages(rng: np.random.Generator, size: int, own: Ints) -> Ints:
    masks = own.copy()
    for code, share in (("en", 0.72), ("fr", 0.16), ("de", 0.13), ("es", 0.09), ("it", 0.05), ("ru", 0.05)):
        masks[rng.random(size) < share] |= mask("languages", [code])
    return masks


def _wanted_countries() -> NDArray[np.float64]:
    """Some countries are wished for far more often than others: a Zipf law over an order of its own."""
    popular = ("ES", "IT", "FR", "GR", "PT", "TR", "GB", "DE", "IE", "FI", "SE", "HR", "PL", "NL", "NO", "CY", "MT")
    weights = np.full(47, 0.25)
    for place, code in enumerate(popular):
        weights[positions("countries")[code]] = 12.0 / (place + 2)
    return weights / weights.sum()


def _wished(rng: np.random.Generator, facet: Any, own: Ints, shares: Any, weights: NDArray[np.float64] | None) -> Ints:
    """A mask of none to some codes, by these shares for none, one, two, ..."""
    size, codes = len(own), len(positions(facet))
    number = rng.choice(len(shares), size, p=shares)
    masks = np.zeros(size, np.int64)
    for turn in range(len(shares)):
        more = np.flatnonzero(number > turn)
        bit = rng.choice(codes, len(more), p=weights)
        bit = np.where(bit == own[more], (bit + 1) % codes, bit)
        masks[more] |= np.left_shift(np.int64(1), bit)
    return masks
