"""The scores of `rules` for many teachers at once. Each function here has its twin there, with the same figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from storage.matching import rules
from storage.matching.rules import Terms
from storage.matching.side import Side
from storage.reference.bits import WORD

__all__ = ["Columns", "back", "bands", "figures", "in_order", "newcomers", "pool_of", "there"]

Ints = NDArray[np.int64]
Words = list[NDArray[np.uint64]]
Banded = Callable[[Ints], Ints]
"""Gives `rules.band` of each of some rows."""


class Columns(Protocol):
    """What scoring reads of a population."""

    plain: dict[str, NDArray[np.generic]]
    wide: dict[str, Words]


def pool_of(people: Columns, rows: Ints, terms: Terms, pool: int) -> Ints:
    """The first ``pool`` of these rows in `rules.pool_order`."""
    if len(rows) <= pool:
        return rows
    person = _of(people, "person_id", rows)
    lots = (person * 7919 + terms.week * 104_729) % 65_537
    # Day, lot and person side by side in 64 bits: one key without ties, of which the lowest are wanted in any order.
    key = _side_by_side((_LAST_DAY - _of(people, "active_day", rows), 16), (lots, 17), (person, 31))
    return np.sort(rows[np.argpartition(key, pool)[:pool]])


def bands(people: Columns, rows: Ints, terms: Terms) -> Ints:
    """`rules.band` of each."""
    score = np.ones(len(rows), np.int64)
    for values in figures(people, rows, terms).values():
        score *= values
    banded: Ints = score // rules.BAND
    return banded


def figures(people: Columns, rows: Ints, terms: Terms) -> dict[str, Ints]:
    """What a score is the product of: each from 0 to 1000, by the name of its function in `rules`."""
    silent = np.clip(terms.today - _of(people, "active_day", rows), 0, len(_FRESH) - 1)
    asked, answered = _of(people, "asked", rows), _of(people, "answered", rows)
    return {
        "mutual": _mutual(people, rows, terms.me),
        "freshness": _FRESH[silent],
        "answers": rules.answers_of(asked, np.minimum(answered, asked)),
        "exposure": rules.exposure_of(_lately(people, rows, terms.week)),
    }


def in_order(people: Columns, rows: Ints, terms: Terms, banded: Ints, most: int) -> tuple[int, ...]:
    """The persons of these rows, the first ``most`` in `rules.order`."""
    lowest = _lowest(_key(people, rows, terms, banded), most)
    return tuple(_of(people, "person_id", rows)[lowest].tolist())


def newcomers(people: Columns, joined: Ints, terms: Terms, banded: Banded, most: int) -> tuple[int, ...]:
    """The persons of these rows, all joined lately, who are new: the first ``most`` in `rules.newcomer_order`."""
    rows = joined[_lately(people, joined, terms.week) < rules.NEWCOMER_SHOWN]
    if not len(rows):
        return ()
    key = _key(people, rows, terms, banded(rows))
    first = np.lexsort((key, _lately(people, rows, terms.week)))[:most]
    return tuple(_of(people, "person_id", rows)[first].tolist())


def there(people: Columns, rows: Ints, me: Side) -> Ints:
    """`rules.one_way` from the asker to each of them. All of these rows suit, so a wish that is set is met."""
    same_country = _of(people, "country", rows) == me.country
    same_level = _of(people, "level", rows) == me.level
    parts = _there(people, rows, me)
    parts += rules.PARTS["countries"] * (1000 if me.wish_countries else np.where(same_country, 500, 1000))
    parts += rules.PARTS["levels"] * (1000 if me.wish_levels else np.where(same_level, 1000, 500))
    return parts // 100


def back(people: Columns, rows: Ints, me: Side) -> Ints:
    """`rules.one_way` from each of them to the asker, who meets their wishes."""
    same_country = _of(people, "country", rows) == me.country
    same_level = _of(people, "level", rows) == me.level
    parts = _back(people, rows, me)
    parts += rules.PARTS["countries"] * np.where(same_country & _none(people, "wish_countries", rows), 500, 1000)
    parts += rules.PARTS["levels"] * np.where(same_level | ~_none(people, "wish_levels", rows), 1000, 500)
    return parts // 100


def _key(people: Columns, rows: Ints, terms: Terms, banded: Ints) -> NDArray[np.uint64]:
    """What sorts as `rules.order` does."""
    person = _of(people, "person_id", rows)
    turns = _turns(terms.me.person_id, person, terms.week)
    return _side_by_side((_HIGHEST - banded, 8), (turns, rules.TURN_BITS), (person, 31))


def _side_by_side(*parts: tuple[NDArray[Any], int]) -> NDArray[np.uint64]:
    """Numbers of so many bits each as one, the first the most significant."""
    key = np.zeros(len(parts[0][0]), np.uint64)
    for values, bits in parts:
        key = key << np.uint64(bits) | values.astype(np.uint64)
    return key


def _lowest(key: NDArray[np.uint64], most: int) -> Ints:
    """The places of the lowest keys, in order."""
    if len(key) > most:
        few = np.argpartition(key, most)[:most]
        return few[np.argsort(key[few])]
    return np.argsort(key)


def _of(people: Columns, name: str, rows: Ints) -> Ints:
    column: Ints = people.plain[name][rows].astype(np.int64)
    return column


def _masks(people: Columns, name: str, rows: Ints) -> Words:
    return [word[rows] for word in people.wide[name]]


def _lately(people: Columns, rows: Ints, week: int) -> Ints:
    weeks = np.clip(week - _of(people, "shown_week", rows), 0, rules.MOST_WEEKS)
    times: Ints = _of(people, "shown", rows) >> weeks
    return times


def _turns(me: int, person: Ints, week: int) -> NDArray[np.uint64]:
    low = np.minimum(person, me).astype(np.uint64)
    high = np.maximum(person, me).astype(np.uint64)
    salt = np.uint64(week * 0x165667B19E3779F9 & (1 << 64) - 1)
    mixed = low * np.uint64(0x9E3779B97F4A7C15) ^ high * np.uint64(0xC2B2AE3D27D4EB4F) ^ salt
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xFF51AFD7ED558CCD)
    mixed ^= mixed >> np.uint64(29)
    return mixed >> np.uint64(64 - rules.TURN_BITS)


def _mutual(people: Columns, rows: Ints, me: Side) -> Ints:
    one, other = there(people, rows, me), back(people, rows, me)
    both: Ints = 2 * one * other // np.maximum(one + other, 1)
    return both


def _there(people: Columns, rows: Ints, me: Side) -> Ints:
    """How well they meet what I wish, but for country and level; in hundredths of a thousandth."""
    spoken, wished = _masks(people, "languages", rows), _masks(people, "wish_languages", rows)
    works = [own | wish for own, wish in zip(spoken, wished, strict=True)]
    return (
        rules.PARTS["subjects"] * _share_of(me.wish_subjects or me.subjects, _masks(people, "subjects", rows))
        + rules.PARTS["languages"] * _share_of(me.wants, works)
        + rules.PARTS["ages"] * _near_of(me.wish_ages or me.ages, people.plain["ages"][rows].astype(np.uint64))
        + rules.PARTS["kinds"] * _kinds(people, rows, me, mine=True)
    )


def _back(people: Columns, rows: Ints, me: Side) -> Ints:
    """How well I meet what they wish, but for country and level."""
    subjects = _else(_masks(people, "wish_subjects", rows), _masks(people, "subjects", rows))
    wants = _else(_masks(people, "wish_languages", rows), _masks(people, "languages", rows))
    ages = _else([people.plain["wish_ages"][rows].astype(np.uint64)], [people.plain["ages"][rows].astype(np.uint64)])
    return (
        rules.PARTS["subjects"] * _share_in(subjects, me.subjects)
        + rules.PARTS["languages"] * _share_in(wants, me.works)
        + rules.PARTS["ages"] * _near_in(ages[0], me.ages)
        + rules.PARTS["kinds"] * _kinds(people, rows, me, mine=False)
    )


def _kinds(people: Columns, rows: Ints, me: Side, *, mine: bool) -> Ints:
    if not me.wish_kinds:
        return np.full(len(rows), rules.ANY_KIND)
    theirs = _masks(people, "wish_kinds", rows)
    share = _share_of(me.wish_kinds, theirs) if mine else _share_in(theirs, me.wish_kinds)
    return np.where(_none(people, "wish_kinds", rows), rules.ANY_KIND, share)


def _none(people: Columns, name: str, rows: Ints) -> NDArray[np.bool_]:
    none: NDArray[np.bool_] = ~np.any([word != 0 for word in _masks(people, name, rows)], axis=0)
    return none


def _else(wished: Words, own: Words) -> Words:
    """The wish where there is one, else what they are."""
    none = ~np.any([word != 0 for word in wished], axis=0)
    return [np.where(none, mine, wish) for mine, wish in zip(own, wished, strict=True)]


def _split(mask: int, count: int) -> list[np.uint64]:
    """A mask as the words that it has in memory; higher bits nobody has."""
    return [np.uint64(mask >> (WORD * place) & (1 << WORD) - 1) for place in range(count)]


def _in_common(masks: Words, mask: int) -> Ints:
    words = zip(masks, _split(mask, len(masks)), strict=True)
    common: Ints = np.sum([np.bitwise_count(theirs & mine) for theirs, mine in words], axis=0, dtype=np.int64)
    return common


def _share_of(wanted: int, offered: Words) -> Ints:
    common = _in_common(offered, wanted)
    return np.where(common > 0, 600 + 400 * common // max(wanted.bit_count(), 1), 0)


def _share_in(wanted: Words, offered: int) -> Ints:
    common = _in_common(wanted, offered)
    size = np.sum([np.bitwise_count(word) for word in wanted], axis=0, dtype=np.int64)
    return np.where(common > 0, 600 + 400 * common // np.maximum(size, 1), 0)


def _near_of(wanted: int, offered: NDArray[np.uint64]) -> Ints:
    near = [np.uint64(wanted << apart | wanted >> apart) for apart in (1, 2)]
    common = _in_common([offered], wanted)
    return _years(common, max(wanted.bit_count(), 1), (offered & near[0]) != 0, (offered & near[1]) != 0)


def _near_in(wanted: NDArray[np.uint64], offered: int) -> Ints:
    one, two = np.uint64(1), np.uint64(2)
    mine = np.uint64(offered)
    size = np.maximum(np.bitwise_count(wanted).astype(np.int64), 1)
    near, far = (wanted << one | wanted >> one) & mine, (wanted << two | wanted >> two) & mine
    return _years(_in_common([wanted], offered), size, near != 0, far != 0)


def _years(common: Ints, size: Ints | int, near: NDArray[np.bool_], far: NDArray[np.bool_]) -> Ints:
    apart = np.where(near, 300, np.where(far, 150, 0))
    return np.where(common > 0, 500 + 500 * common // size, apart)


_FRESH = np.array(rules.FRESH, dtype=np.int64)
_LAST_DAY = (1 << 16) - 1
_HIGHEST = (1 << 8) - 1
