"""Properties of the score: mutual, bounded, monotone in what two teachers share, never with oneself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.partners import matching
from handlers.partners.matching import Reason, Side, fits, freshness, mutual, one_way, ranked, reasons, spread
from storage.partners import Wishes

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COUNTRIES = ("PL", "FR", "GR", "TR", "PT")
SUBJECTS = ("art", "biology", "history", "mathematics", "music")
LANGUAGES = ("en", "fr", "pl", "el", "tr")

ages = st.tuples(st.integers(3, 20), st.integers(3, 20)).map(lambda pair: (min(pair), max(pair)))


def some(codes: tuple[str, ...], least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(codes), min_size=least, max_size=4).map(lambda found: tuple(sorted(found)))


wishes = st.builds(
    Wishes, countries=some(COUNTRIES), subjects=some(SUBJECTS), languages=some(LANGUAGES), ages=st.none() | ages
)
sides = st.builds(
    Side,
    person=st.integers(1, 6),
    school=st.integers(1, 6),
    country=st.sampled_from(COUNTRIES),
    subjects=some(SUBJECTS, 1).map(frozenset),
    languages=some(LANGUAGES, 1).map(frozenset),
    ages=ages,
    wishes=wishes,
    active_at=st.integers(0, 900).map(lambda days: NOW - timedelta(days=days)),
    looking=st.booleans(),
)


def side(person: int = 1, **changes: object) -> Side:
    plain = Side(
        person=person,
        school=person,
        country="PL",
        subjects=frozenset({"biology"}),
        languages=frozenset({"fr"}),
        ages=(11, 13),
        wishes=Wishes(),
        active_at=NOW,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@given(sides, sides)
def test_both_see_the_same_score(a: Side, b: Side) -> None:
    assert mutual(a, b, NOW) == pytest.approx(mutual(b, a, NOW))
    assert spread(a, b, NOW) == spread(b, a, NOW)


@given(sides, sides)
def test_scores_stay_within_bounds(a: Side, b: Side) -> None:
    there, back, score = one_way(a, b), one_way(b, a), mutual(a, b, NOW)
    assert 0.0 <= there <= 1.0
    assert 0.0 <= score <= 1.0
    assert 0.0 <= spread(a, b, NOW) < 1.0
    # A harmonic mean is never above the arithmetic one, nor above twice its weaker side.
    assert score <= (there + back) / 2 + 1e-9
    assert score <= 2 * min(there, back) + 1e-9
    assert score <= max(there, back) + 1e-9


@given(sides, sides)
def test_never_oneself_nor_a_colleague(a: Side, b: Side) -> None:
    for other in (replace(b, person=a.person), replace(b, school=a.school)):
        assert mutual(a, other, NOW) == 0.0
        assert not fits(a, other)
        assert ranked(a, [other], NOW) == []


@given(sides, sides, st.sampled_from(SUBJECTS), st.sampled_from(LANGUAGES))
def test_more_in_common_is_never_worse(a: Side, b: Side, subject: str, language: str) -> None:
    for field, code in (("subjects", subject), ("languages", language)):
        wider = replace(b, **{field: getattr(b, field) | {code}})
        assert one_way(a, wider) >= one_way(a, b) - 1e-9
    open_a, open_b = replace(a, wishes=Wishes()), replace(b, wishes=Wishes())
    shared_a = replace(open_a, subjects=a.subjects | {subject})
    shared_b = replace(open_b, subjects=b.subjects | {subject})
    assert mutual(shared_a, shared_b, NOW) >= mutual(open_a, open_b, NOW) - 1e-9


@given(sides, sides, ages)
def test_more_years_in_common_are_never_worse(a: Side, b: Side, added: tuple[int, int]) -> None:
    wider = replace(b, ages=(min(b.ages[0], added[0]), max(b.ages[1], added[1])))
    assert one_way(a, wider) >= one_way(a, b) - 1e-9


@given(sides, sides, st.integers(0, 400))
def test_later_activity_is_never_worse(a: Side, b: Side, days: int) -> None:
    earlier = replace(b, active_at=b.active_at - timedelta(days=days))
    assert mutual(a, earlier, NOW) <= mutual(a, b, NOW) + 1e-9


@given(sides, sides)
def test_dropping_a_wish_never_loses_anybody(a: Side, b: Side) -> None:
    if fits(a, b):
        for wider in (
            replace(a.wishes, countries=()),
            replace(a.wishes, subjects=()),
            replace(a.wishes, ages=None),
        ):
            assert fits(replace(a, wishes=wider), b)


@given(sides, sides)
def test_who_fits_has_reasons_that_are_true(a: Side, b: Side) -> None:
    if not fits(a, b):
        return
    found = {each.basis: each for each in reasons(a, b)}
    assert {"both_work", "works"} & set(found)
    if "both_teach" in found:
        assert set(found["both_teach"].codes) == a.subjects & b.subjects
    if a.wishes.ages:
        assert "ages" in found
    assert ("seeks_country" in found) == (a.country in b.wishes.countries)


@given(sides, st.lists(sides, max_size=12))
def test_ranking_keeps_exactly_those_who_fit_in_one_order(a: Side, others: list[Side]) -> None:
    unique = list({other.person: other for other in others}.values())
    order = ranked(a, unique, NOW)
    assert sorted(o.person for o in order) == sorted(o.person for o in unique if fits(a, o))
    assert ranked(a, reversed(unique), NOW) == order
    scores = [mutual(a, other, NOW) for other in order]
    assert all(first >= second - matching.STEP for first, second in pairwise(scores))


def test_weights_sum_up_to_one() -> None:
    assert sum(matching.WEIGHTS.values()) == pytest.approx(1.0)


def test_a_perfect_pair_scores_one() -> None:
    assert mutual(side(1), side(2, country="FR"), NOW) == pytest.approx(1.0)


def test_two_sides_who_agree_beat_one_keen_side() -> None:
    me = side(1, wishes=Wishes(countries=("FR",)))
    agreeing = side(2, country="FR", wishes=Wishes(countries=("PL",)))
    elsewhere = side(3, country="FR", wishes=Wishes(countries=("GR",)))
    assert ranked(me, [elsewhere, agreeing], NOW) == [agreeing, elsewhere]


def test_a_common_language_is_always_needed() -> None:
    greek = side(2, languages=frozenset({"el"}))
    assert not fits(side(1), greek)
    assert fits(side(1, wishes=Wishes(languages=("el",))), greek)


def test_ages_that_only_touch_overlap() -> None:
    me = side(1, wishes=Wishes(ages=(13, 15)))
    assert fits(me, side(2, ages=(11, 13)))
    assert not fits(me, side(2, ages=(10, 12)))


def test_silence_halves_the_fading_part_every_sixty_days() -> None:
    assert freshness(NOW, NOW) == 1.0
    assert freshness(NOW - timedelta(days=60), NOW) == pytest.approx(0.75)
    assert freshness(NOW - timedelta(days=120), NOW) == pytest.approx(0.625)
    assert freshness(NOW + timedelta(days=3), NOW) == 1.0


def test_equals_take_turns_from_week_to_week() -> None:
    equals = [side(person, country="FR") for person in range(2, 12)]
    firsts = {ranked(side(1), equals, NOW + timedelta(weeks=week))[0].person for week in range(30)}
    assert len(firsts) >= 6
    monday, sunday = NOW, NOW + timedelta(days=6)
    assert monday.isocalendar()[:2] == sunday.isocalendar()[:2]
    assert ranked(side(1), equals, monday) == ranked(side(1), equals, sunday)


def test_reasons_say_what_is_shared_and_what_they_look_for() -> None:
    me = side(1, wishes=Wishes(subjects=("music",), languages=("en",)))
    other = side(
        2,
        country="FR",
        subjects=frozenset({"biology", "music"}),
        languages=frozenset({"en", "fr"}),
        ages=(12, 15),
        wishes=Wishes(countries=("PL",), subjects=("biology",)),
    )
    assert reasons(me, other) == [
        Reason("both_teach", ("biology",)),
        Reason("teaches", ("music",)),
        Reason("both_work", ("fr",)),
        Reason("works", ("en",)),
        Reason("ages", ages=(12, 13)),
        Reason("seeks_country", ("PL",)),
        Reason("seeks_subjects", ("biology",)),
    ]
