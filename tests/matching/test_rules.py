"""Properties of the score: mutual, bounded, monotone in what two teachers share, never with oneself."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.matching import rules
from storage.matching.rules import band, freshness, is_new, mutual, one_way, order, suits, turn
from storage.matching.side import Side, week_of
from storage.reference.bits import mask, span
from tests.matching.parts import TODAY, anybody, plain


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Side, Side]:
    rng = random.Random(draw(st.integers(0, 2**32)))
    return anybody(rng, 1), anybody(rng, 2)


@given(pairs())
def test_both_see_the_same(pair: tuple[Side, Side]) -> None:
    a, b = pair
    assert mutual(a, b) == mutual(b, a)
    assert suits(a, b) == suits(b, a)
    assert turn(1, 2, 9) == turn(2, 1, 9)


@given(pairs())
def test_scores_stay_within_bounds(pair: tuple[Side, Side]) -> None:
    a, b = pair
    there, back, score = one_way(a, b), one_way(b, a), mutual(a, b)
    assert 0 <= there <= 1000
    # A harmonic mean is never above the arithmetic one, nor above twice its weaker side.
    assert score <= (there + back) / 2
    assert score <= 2 * min(there, back)
    assert 0 <= band(a, b, TODAY) <= 10**12 // rules.BAND
    assert 0 <= turn(a.person_id, b.person_id, 3) < 2**rules.TURN_BITS


@given(pairs())
def test_never_oneself_nor_a_colleague(pair: tuple[Side, Side]) -> None:
    a, b = pair
    assert not suits(a, replace(a, school_id=777))
    assert not suits(a, replace(b, school_id=a.school_id))


@given(pairs(), st.sampled_from([0, 5, 11, 46]))
def test_more_in_common_is_never_worse(pair: tuple[Side, Side], bit: int) -> None:
    a, b = pair
    assert one_way(a, replace(b, subjects=b.subjects | 1 << bit)) >= one_way(a, b)
    assert one_way(a, replace(b, languages=b.languages | 1 << bit)) >= one_way(a, b)
    assert one_way(a, replace(b, ages=b.ages << 1 | b.ages)) >= one_way(a, b)


@given(pairs(), st.integers(0, 400))
def test_later_activity_better_answers_and_fewer_shows_are_never_worse(pair: tuple[Side, Side], days: int) -> None:
    a, b = pair
    assert band(a, replace(b, active_day=b.active_day - days), TODAY) <= band(a, b, TODAY)
    assert band(a, replace(b, asked=b.asked + 1, answered=b.answered), TODAY) <= band(
        a, replace(b, asked=b.asked + 1, answered=b.answered + 1), TODAY
    )
    assert band(a, replace(b, shown=b.shown + days, shown_week=b.shown_week), TODAY) <= band(a, b, TODAY)


@given(pairs())
def test_dropping_a_wish_never_loses_anybody(pair: tuple[Side, Side]) -> None:
    a, b = pair
    if suits(a, b):
        for wish in ("wish_countries", "wish_subjects", "wish_ages", "wish_levels", "wish_kinds"):
            assert suits(replace(a, **{wish: 0}), b)  # type: ignore[arg-type]


def test_parts_sum_up_to_a_hundred() -> None:
    assert sum(rules.PARTS.values()) == 100


def test_a_perfect_pair_has_all_but_the_kind_of_project() -> None:
    a, b = plain(1), plain(2, country=3)
    assert mutual(a, b) == 1000 - rules.PARTS["kinds"] * 3
    both = {"wish_kinds": 1}
    assert mutual(replace(a, **both), replace(b, **both)) == 1000  # type: ignore[arg-type]


def test_two_sides_who_agree_beat_one_keen_side() -> None:
    me = plain(1, wish_subjects=mask("subjects", ["music"]))
    music = mask("subjects", ["music"])
    agreeing = plain(2, country=3, subjects=music, wish_subjects=me.subjects)
    indifferent = plain(3, country=3, subjects=music)
    assert suits(me, agreeing)
    assert order(me, agreeing, TODAY) < order(me, indifferent, TODAY)


def test_a_common_language_is_always_needed() -> None:
    greek = plain(2, languages=mask("languages", ["el"]))
    assert not suits(plain(1), greek)
    assert suits(plain(1, wish_languages=mask("languages", ["el"])), greek)


def test_ages_that_only_touch_overlap() -> None:
    me = plain(1, wish_ages=span((13, 15)))
    assert suits(me, plain(2, ages=span((11, 13))))
    assert not suits(me, plain(2, ages=span((10, 12))))


def test_kinds_of_projects_part_only_those_who_both_want_another() -> None:
    me = plain(1, wish_kinds=0b01)
    assert suits(me, plain(2))
    assert suits(me, plain(2, wish_kinds=0b11))
    assert not suits(me, plain(2, wish_kinds=0b10))


def test_levels_and_countries_are_met_both_ways() -> None:
    me = plain(1, level=1, country=4)
    assert suits(me, plain(2, wish_levels=0b10, wish_countries=1 << 4))
    assert not suits(me, plain(2, wish_levels=0b100))
    assert not suits(me, plain(2, wish_countries=1 << 5))
    assert not suits(replace(me, wish_levels=1), plain(2))


def test_silence_makes_an_answer_less_likely() -> None:
    assert freshness(TODAY, TODAY) == 1000
    assert freshness(TODAY - 30, TODAY) == 600
    assert freshness(TODAY + 3, TODAY) == 1000
    assert freshness(TODAY - 5000, TODAY) == 200


def test_answers_are_judged_by_the_record_and_newcomers_by_the_average() -> None:
    assert rules.answers(0, 0) == 666
    assert rules.answers(5, 5) > rules.answers(5, 4) > rules.answers(0, 0) > rules.answers(5, 1)
    # More answers than requests would be a mistake in the counts, and is no reward.
    assert rules.answers(2, 9) == rules.answers(2, 2)


def test_what_was_shown_fades_by_the_week() -> None:
    week = week_of(TODAY)
    assert [rules.lately(8, week - ago, week) for ago in (0, 1, 2, 3, 4, 90)] == [8, 4, 2, 1, 0, 0]
    assert rules.lately(8, week + 3, week) == 8


@pytest.mark.parametrize(
    ("days", "shown", "new"), [(0, 0, True), (13, 4, True), (14, 0, False), (3, 5, False), (3, 9, False)]
)
def test_a_newcomer_is_new_for_two_weeks_or_five_shows(days: int, shown: int, new: bool) -> None:
    other = plain(2, joined_day=TODAY - days, shown=shown, shown_week=week_of(TODAY))
    assert is_new(other, TODAY) is new


def test_equals_take_turns_from_week_to_week() -> None:
    me, equals = plain(1), [plain(person, country=3) for person in range(2, 12)]

    def first(day: int) -> int:
        everyone = [replace(other, active_day=day) for other in equals]
        return min(everyone, key=lambda other: order(me, other, day)).person_id

    monday = next(day for day in range(TODAY, TODAY + 7) if week_of(day) != week_of(day - 1))
    assert len({first(monday + 7 * week) for week in range(30)}) >= 6
    assert {first(monday + day) for day in range(7)} == {first(monday)}
