"""Why somebody is suggested: true of both, and complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from handlers.partners.reasons import Reason, reasons
from storage.partners import Candidate, Wishes

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COUNTRIES, SUBJECTS = ("PL", "FR", "GR"), ("art", "biology", "music")
LANGUAGES, KINDS = ("en", "fr", "pl"), ("letters", "video", "arts")


def candidate(person: int = 1, **changes: Any) -> Candidate:
    plain = Candidate(
        person=person,
        name="T",
        school_id=person,
        school="School",
        town="Town",
        level="primary",
        country="PL",
        ages=(11, 13),
        wish="",
        looking=True,
        active_at=NOW,
        subjects=frozenset({"biology"}),
        languages=frozenset({"fr"}),
        wishes=Wishes(),
    )
    return replace(plain, **changes)


def some(codes: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(codes)).map(lambda found: tuple(sorted(found)))


wishes = st.builds(
    Wishes, countries=some(COUNTRIES), subjects=some(SUBJECTS), languages=some(LANGUAGES), kinds=some(KINDS)
)
candidates = st.builds(
    candidate,
    country=st.sampled_from(COUNTRIES),
    subjects=some(SUBJECTS).map(frozenset),
    languages=some(LANGUAGES).map(frozenset),
    wishes=wishes,
    asked=st.integers(0, 3),
)


@given(candidates, candidates)
def test_reasons_are_true(me: Candidate, other: Candidate) -> None:
    found = {each.basis: each for each in reasons(me, other)}
    assert set(found.get("both_teach", Reason("ages")).codes) == me.subjects & other.subjects
    assert set(found.get("both_work", Reason("ages")).codes) == me.languages & other.languages
    assert set(found.get("both_plan", Reason("ages")).codes) == set(me.wishes.kinds) & set(other.wishes.kinds)
    assert ("seeks_country" in found) == (me.country in other.wishes.countries)
    assert ("answers" in found) == (other.asked > 0)
    assert all(each.codes or each.ages or each.figures for each in found.values())


def test_reasons_say_what_is_shared_and_what_they_look_for() -> None:
    me = candidate(1, wishes=Wishes(subjects=("music",), languages=("en",), kinds=("video", "letters")))
    other = candidate(
        2,
        country="FR",
        subjects=frozenset({"biology", "music"}),
        languages=frozenset({"en", "fr"}),
        ages=(12, 15),
        wishes=Wishes(("PL",), ("biology",), levels=("primary",), kinds=("letters",)),
        asked=5,
        answered=4,
    )
    assert reasons(me, other) == [
        Reason("both_teach", ("biology",)),
        Reason("teaches", ("music",)),
        Reason("both_work", ("fr",)),
        Reason("works", ("en",)),
        Reason("ages", ages=(12, 13)),
        Reason("both_plan", ("letters",)),
        Reason("seeks_country", ("PL",)),
        Reason("seeks_subjects", ("biology",)),
        Reason("seeks_level", ("primary",)),
        Reason("answers", figures=(4, 5)),
    ]
