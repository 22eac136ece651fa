"""All teachers in memory, as numpy arrays: the search of `rules` over everybody in about a millisecond."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.matching import scoring
from storage.matching.packed import Lines, Matrix, Rows, clear, count, lines_of, one_hot, rows_of, set_rows
from storage.matching.rules import LOAD, NEWCOMER_DAYS, POOL, Fit, Terms
from storage.matching.side import WIDE, Side
from storage.reference.bits import AGES, WORD, Facet, positions

__all__ = ["Population", "columns"]

Words = list[NDArray[np.uint64]]

_PLAIN: Mapping[str, Any] = {
    "person_id": np.int32,
    "suggestible": np.bool_,
    "school_id": np.int32,
    "country": np.uint8,
    "level": np.uint8,
    "ages": np.uint32,
    "wish_ages": np.uint32,
    "active_day": np.uint16,
    "joined_day": np.uint16,
    "shown": np.int32,
    "shown_week": np.int16,
    "asked": np.int32,
    "answered": np.int32,
    "requests": np.int16,
}
"""The columns that are no masks of codes, each as narrow as what it holds."""

_CAPACITY = 4096
_RECENT = 14


def _height(facet: Facet) -> int:
    """How many bits a facet uses."""
    return max(positions(facet).values()) + 1


def _width(facet: Facet) -> int:
    """How many words its masks need."""
    return -(-_height(facet) // WORD)


def columns() -> list[str]:
    """The columns of `match_rows` that `Population.put` takes, in its order. Words that no code needs stay out."""
    return [*_PLAIN, *(f"{name}_{place}" for name, facet in WIDE.items() for place in range(_width(facet)))]


class Population:
    """Everybody, in rows that are given out once and kept. Not safe for threads: `index` takes turns."""

    def __init__(self) -> None:
        self.size = 0
        self.plain = {name: np.zeros(_CAPACITY, kind) for name, kind in _PLAIN.items()}
        self.wide: dict[str, Words] = {
            name: [np.zeros(_CAPACITY, np.uint64) for _place in range(_width(facet))] for name, facet in WIDE.items()
        }
        self.bits: dict[str, Matrix] = {
            name: np.zeros((height, _CAPACITY // 64), np.uint64) for name, height in _heights().items()
        }
        self._row_of = np.full(_CAPACITY, -1, np.int32)
        self._today = 0

    def __len__(self) -> int:
        return self.size

    @property
    def bytes(self) -> int:
        """How much memory all this takes."""
        arrays = [*self.plain.values(), *self.bits.values(), self._row_of]
        return sum(a.nbytes for a in arrays) + sum(word.nbytes for words in self.wide.values() for word in words)

    def put(self, rows: Sequence[Sequence[int]]) -> None:
        """Take in teachers, new ones or as they are now: rows with `columns`."""
        if not rows:
            return
        names = columns()
        flat = np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * len(names))
        table = np.ascontiguousarray(flat.reshape(len(rows), len(names)).T)
        values = dict(zip(names, table, strict=True))
        before = self.size
        places = self._places(values["person_id"])
        changed = self._write(places, values) | (places >= before)
        if changed.any():
            lines = _lines({name: value[changed] for name, value in values.items()}, self._today)
            for name, matrix in self.bits.items():
                set_rows(matrix, places[changed], lines[name])

    def search(self, terms: Terms, most: int, pool: int = POOL) -> Fit:
        """Who suits best, as `rules.found` has it."""
        self.turn_to(terms.today)
        hits = self.suiting(terms)
        total = count(hits)
        clear(hits, self.known(terms.seen))
        unseen = count(hits)
        rows, new = (self.scored(some, terms, pool) for some in (hits, hits & self.bits["new"][0]))
        banded = partial(scoring.bands, self, terms=terms)
        best = scoring.in_order(self, rows, terms, banded(rows), most)
        return Fit(best, scoring.newcomers(self, new, terms, banded, most), total, unseen)

    def scored(self, hits: NDArray[np.uint64], terms: Terms, pool: int) -> Rows:
        """Those of a set whom it is worth to score: the ones seen last."""
        return scoring.pool_of(self, self._lately_here(hits, pool), terms, pool)

    def counts(self, terms: Terms) -> int:
        """How many suit, seen or not."""
        return count(self.suiting(terms))

    def _places(self, people: NDArray[np.int64]) -> Rows:
        """The rows of these people; who is new gets the next ones."""
        self._reserve(people)
        rows: Rows = self._row_of[people].astype(np.int64)
        new = np.flatnonzero(rows < 0)
        rows[new] = np.arange(self.size, self.size + len(new))
        self._row_of[people[new]] = rows[new]
        self.size += len(new)
        return rows

    def _reserve(self, people: NDArray[np.int64]) -> None:
        highest = int(people.max())
        if highest >= len(self._row_of):
            self._row_of = _longer(self._row_of, highest + 1, -1)
        needed = self.size + len(people)
        if needed > len(self.plain["person_id"]):
            self._grow(needed)

    def _grow(self, needed: int) -> None:
        capacity = -(-(needed + needed // 8) // 64) * 64
        self.plain = {name: _longer(column, capacity) for name, column in self.plain.items()}
        self.wide = {name: [_longer(word, capacity) for word in words] for name, words in self.wide.items()}
        spare = capacity // 64
        self.bits = {name: np.pad(matrix, ((0, 0), (0, spare - matrix.shape[1]))) for name, matrix in self.bits.items()}

    def _write(self, rows: Rows, values: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_]:
        """Write the columns; which of the rows now need other bits."""
        changed = np.zeros(len(rows), np.bool_)
        for name, kind in _PLAIN.items():
            column, new = self.plain[name], values[name].astype(kind)
            if name in _INDEXED:
                changed |= column[rows] != new
            column[rows] = new
        for name, words in self.wide.items():
            for place, word in enumerate(words):
                new = values[f"{name}_{place}"].astype(np.uint64)
                changed |= word[rows] != new
                word[rows] = new
        return changed

    def suiting(self, terms: Terms) -> NDArray[np.uint64]:
        """Those whom `rules.suits` lets through and who may be suggested, as a set of rows."""
        me = terms.me
        hits: NDArray[np.uint64] = self.bits["open"][0].copy()
        for name, mask in _asked_of_them(me):
            hits &= self._any(name, mask)
        for name, mask in _asked_of_me(me):
            hits &= self._any(name, mask) | self.bits[name][-1]
        clear(hits, np.flatnonzero(self.plain["school_id"][: self.size] == me.school_id))
        clear(hits, self.known([me.person_id, *terms.never]))
        return hits

    def _any(self, name: str, mask: int) -> NDArray[np.uint64]:
        """The rows that have any code of a mask."""
        matrix = self.bits[name]
        lines = [bit for bit in range(mask.bit_length()) if mask >> bit & 1 and bit < len(matrix)]
        if not lines:
            return np.zeros(matrix.shape[1], np.uint64)
        found: NDArray[np.uint64] = matrix[lines[0]].copy()
        for line in lines[1:]:
            found |= matrix[line]
        return found

    def known(self, people: Iterable[int]) -> Rows:
        """The rows of those people who are here."""
        asked = np.fromiter(people, np.int64)
        rows: Rows = self._row_of[asked[asked < len(self._row_of)]].astype(np.int64)
        return rows[rows >= 0]

    def _lately_here(self, hits: NDArray[np.uint64], pool: int) -> Rows:
        """At least ``pool`` of these rows, the ones seen last among them, or all if there are fewer."""
        for line in self.bits["recent"]:
            some = hits & line
            if count(some) >= pool:
                return rows_of(some)
        return rows_of(hits)

    def turn_to(self, today: int) -> None:
        """Reckon anew who was here lately and who is new; once a day."""
        if self._today != today:
            self._today = today
            active, joined = (self.plain[f"{name}_day"][: self.size].astype(np.int64) for name in ("active", "joined"))
            set_rows(self.bits["recent"], np.arange(self.size), _recent(active, today))
            set_rows(self.bits["new"], np.arange(self.size), _new(joined, today))


_INDEXED = {"suggestible", "country", "level", "ages", "wish_ages", "active_day", "joined_day", "requests"}


def _heights() -> dict[str, int]:
    """The lines of each matrix. Those of wishes have one more, the last: who wishes nothing in particular."""
    wishes = {f"wish_{facet}": _height(facet) + 1 for facet in _WISHED}
    own = {"country": _height("countries"), "subjects": _height("subjects"), "level": _height("levels"), "ages": AGES}
    languages = {"wants": _height("languages"), "works": _height("languages")}
    return {"open": 1, "new": 1, "recent": _RECENT, **own, **languages, **wishes, "wish_ages": AGES + 1}


def _lines(values: Mapping[str, NDArray[np.int64]], today: int) -> dict[str, Lines]:
    """What the matrices say of teachers with these columns."""
    masks = {name: _words(values, name, _width(facet)) for name, facet in WIDE.items()}
    spoken, wished = masks["languages"], masks["wish_languages"]
    none = ~_any_of(wished)
    wants = [np.where(none, own, wish) for own, wish in zip(spoken, wished, strict=True)]
    works = [own | wish for own, wish in zip(spoken, wished, strict=True)]
    return {
        "open": (values["suggestible"].astype(np.bool_) & (values["requests"] < LOAD))[None, :],
        "recent": _recent(values["active_day"], today),
        "new": _new(values["joined_day"], today),
        "country": one_hot(values["country"], _height("countries")),
        "level": one_hot(values["level"], _height("levels")),
        "subjects": lines_of(masks["subjects"], _height("subjects")),
        "wants": lines_of(wants, _height("languages")),
        "works": lines_of(works, _height("languages")),
        "ages": lines_of([values["ages"].astype(np.uint64)], AGES),
        "wish_ages": _wish([values["wish_ages"].astype(np.uint64)], AGES),
        **{f"wish_{f}": _wish(masks[f"wish_{f}"], _height(f)) for f in _WISHED},
    }


_WISHED: tuple[Facet, ...] = ("countries", "subjects", "levels", "kinds")


def _words(values: Mapping[str, NDArray[np.int64]], name: str, width: int) -> Words:
    return [values[f"{name}_{place}"].astype(np.uint64) for place in range(width)]


def _wish(masks: Words, height: int) -> Lines:
    """The lines of a wish, and below them who wishes nothing in particular."""
    return np.concatenate([lines_of(masks, height), ~_any_of(masks)[None, :]])


def _any_of(masks: Words) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = masks[0] != 0
    for word in masks[1:]:
        found = found | (word != 0)
    return found


def _recent(active_day: NDArray[np.int64], today: int) -> Lines:
    """Who was here today, within 1 more day, 3, 7, and so on."""
    return np.stack([today - active_day < (1 << power) for power in range(_RECENT)])


def _new(joined_day: NDArray[np.int64], today: int) -> Lines:
    """Whom `rules.joined_lately` is true of."""
    new: Lines = (today - joined_day < NEWCOMER_DAYS)[None, :]
    return new


def _asked_of_them(me: Side) -> Iterator[tuple[str, int]]:
    """What each of these masks has to have in common with a line of theirs."""
    yield "works", me.wants
    yield "wants", me.works
    wishes = {"country": me.wish_countries, "subjects": me.wish_subjects, "ages": me.wish_ages, "level": me.wish_levels}
    yield from ((name, mask) for name, mask in wishes.items() if mask)


def _asked_of_me(me: Side) -> Iterator[tuple[str, int]]:
    """Their wishes, which I meet or which are for anybody."""
    yield "wish_countries", 1 << me.country
    yield "wish_subjects", me.subjects
    yield "wish_ages", me.ages
    yield "wish_levels", 1 << me.level
    if me.wish_kinds:
        yield "wish_kinds", me.wish_kinds


def _longer(column: NDArray[Any], size: int, fill: int = 0) -> NDArray[Any]:
    """A column with room for ``size`` rows."""
    longer = np.full(max(size + size // 8, len(column)), fill, column.dtype) if fill else np.zeros(size, column.dtype)
    longer[: len(column)] = column
    return longer
