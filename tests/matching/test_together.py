"""A group is a set in which everybody suits everybody, shares the language, and comes from many countries."""

from __future__ import annotations

import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from storage.matching.rules import LOAD, suits
from storage.matching.together import set_of
from tests.matching.parts import anybody, plain


@given(st.integers(0, 2**32), st.integers(1, 5))
def test_everybody_suits_everybody(seed: int, number: int) -> None:
    rng = random.Random(seed)
    me, language = anybody(rng, 1), 1 << 19
    ranked = [anybody(rng, person) for person in range(2, 60)]
    chosen = set_of([me], ranked, language, number)
    known = {side.person_id: side for side in (me, *ranked)}
    assert len(chosen) == len(set(chosen)) <= number
    for one, other in combinations([1, *chosen], 2):
        assert suits(known[one], known[other])
    for person in chosen:
        assert known[person].languages & language
        assert known[person].suggestible
        assert known[person].requests < LOAD
    if len(chosen) < number:
        there = [known[person] for person in (1, *chosen)]
        left = [one for one in ranked if one.person_id not in chosen and one.languages & language]
        able = [one for one in left if one.suggestible and one.requests < LOAD]
        assert not any(all(suits(other, one) for other in there) for one in able)


def test_other_countries_come_first() -> None:
    me = plain(1)
    ranked = [plain(2), plain(3), plain(4, country=3), plain(5, country=7), plain(6, country=3)]
    assert set_of([me], ranked, me.languages, 3) == [4, 5, 2]
    assert set_of([me], ranked, me.languages, 2) == [4, 5]
