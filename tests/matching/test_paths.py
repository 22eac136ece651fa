"""Python, SQL and memory find the same teachers in the same order, ties included."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.matching import rules, sql
from storage.matching.population import Population, columns
from storage.matching.rules import LOAD, Fit, Terms
from storage.matching.side import Side
from tests.matching.parts import TODAY, anybody, columns_of, fill, plain, settle

PEOPLE, MOST = 240, 30
#: Each example writes a whole table anew.
EXAMPLES = settings().max_examples // 12


@pytest.fixture(scope="module")
def settled(shared: Database) -> Database:
    shared.do(lambda session: settle(session, PEOPLE))
    return shared


def in_memory(sides: list[Side]) -> Population:
    people = Population()
    people.put([[columns_of(side)[name] for name in columns()] for side in sides])
    return people


def by_the_rule(terms: Terms, sides: list[Side], pool: int) -> Fit:
    """The search as its definition reads."""
    there = [
        other
        for other in sides
        if other.suggestible
        and other.requests < LOAD
        and other.person_id not in terms.never
        and rules.suits(terms.me, other)
    ]
    return rules.found(terms, there, MOST, pool)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), pool=st.sampled_from([3, 20, 3000]), later=st.sampled_from([0, 1, 8]))
def test_three_ways_lead_to_the_same_people(settled: Database, seed: int, pool: int, later: int) -> None:
    rng = random.Random(seed)
    sides = [anybody(rng, person) for person in range(1, PEOPLE + 1)]
    people = in_memory(sides)
    settled.do(lambda session: fill(session, sides))
    for me in rng.sample(sides, 3):
        never = frozenset(rng.sample(range(1, PEOPLE + 50), 9))
        terms = Terms(me, TODAY + later, never, frozenset(rng.sample(range(1, PEOPLE + 50), 60)))
        wanted = by_the_rule(terms, sides, pool)
        assert settled.do(lambda session, terms=terms: sql.search(session, terms, MOST, pool)) == wanted
        assert people.search(terms, MOST, pool) == wanted
        for opened in (terms, sql.without(terms, "wish_countries"), sql.without(terms)):
            number = by_the_rule(opened, sides, pool).total
            assert settled.do(lambda session, opened=opened: sql.counts(session, opened)) == number
            assert people.counts(opened) == number


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_a_population_follows_changes(seed: int) -> None:
    rng = random.Random(seed)
    sides = {person: anybody(rng, person) for person in range(1, 100)}
    people = in_memory(list(sides.values()))
    people.search(Terms(plain(5000), TODAY), MOST)
    for _round in range(4):
        some = rng.sample(range(1, 200), 30)
        changed = {person: anybody(rng, person) for person in some}
        sides |= changed
        people.put([[columns_of(side)[name] for name in columns()] for side in changed.values()])
    anew = in_memory([sides[person] for person in sorted(sides)])
    assert len(people) == len(anew) == len(sides)
    for me in rng.sample(list(sides.values()), 5):
        assert people.search(Terms(me, TODAY), MOST, 20) == anew.search(Terms(me, TODAY), MOST, 20)


def test_a_population_grows_and_keeps_everybody() -> None:
    people = Population()
    sides = [plain(person, country=person % 40) for person in range(1, 6001)]
    for start in range(0, 6000, 1000):
        people.put([[columns_of(side)[name] for name in columns()] for side in sides[start : start + 1000]])
    assert people.counts(Terms(plain(9999, country=45), TODAY)) == 6000
    assert people.counts(Terms(plain(9999, country=45, wish_countries=0b11), TODAY)) == 300
    assert people.bytes < 6000 * 400


def test_nobody_is_somebody() -> None:
    people = Population()
    people.put([])
    assert people.search(Terms(plain(1), TODAY, frozenset({7}), frozenset({8})), MOST) == Fit((), (), 0, 0)


def test_the_figures_of_one_are_those_of_many() -> None:
    """The formulas that both paths share give the same for a number and for an array."""
    times = list(range(0, 300, 7))
    assert rules.exposure_of(np.array(times)).tolist() == [rules.exposure(one) for one in times]
    asked = np.array([0, 3, 9])
    assert rules.answers_of(asked, np.array([0, 3, 1])).tolist() == [
        rules.answers(0, 0),
        rules.answers(3, 3),
        rules.answers(9, 1),
    ]


def test_who_turns_up_in_another_word_is_found() -> None:
    """A bit beyond the first word of 63 is a bit like any other, in all wide facets."""
    high = 1 << 100
    far = plain(2, subjects=high, languages=high, wish_subjects=high)
    me = plain(1, subjects=high, languages=high, wish_subjects=high, wish_languages=high)
    assert rules.suits(me, far)
    assert not rules.suits(replace(me, wish_subjects=1), far)
