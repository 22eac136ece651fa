"""Why somebody is suggested, as data: what two teachers share, and what each has that the other asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from storage.partners import Candidate

Ages = tuple[int, int]
Basis = Literal[
    "both_teach",
    "teaches",
    "both_work",
    "works",
    "ages",
    "both_plan",
    "seeks_country",
    "seeks_subjects",
    "seeks_level",
    "answers",
]


@dataclass(frozen=True)
class Reason:
    """Why somebody is suggested: what it rests on, with the codes, ages or figures that say so."""

    basis: Basis
    codes: tuple[str, ...] = ()
    ages: Ages | None = None
    figures: tuple[int, int] | None = None


def reasons(me: Candidate, other: Candidate) -> list[Reason]:
    """Why the other is suggested to me: what we share, what they ask for and I have, how they are to work with."""
    return [
        *_subjects(me, other),
        *_languages(me, other),
        *_ages(me, other),
        *_kinds(me, other),
        *_theirs(me, other),
        *_record(other),
    ]


def _subjects(me: Candidate, other: Candidate) -> Iterable[Reason]:
    both = me.subjects & other.subjects
    wished = (frozenset(me.wishes.subjects) & other.subjects) - both
    if both:
        yield Reason("both_teach", tuple(sorted(both)))
    if wished:
        yield Reason("teaches", tuple(sorted(wished)))


def _languages(me: Candidate, other: Candidate) -> Iterable[Reason]:
    """Languages both would work in: those they speak, and those they wish for."""
    both = me.languages & other.languages
    wished = (frozenset(me.wishes.languages) & (other.languages | frozenset(other.wishes.languages))) - both
    if both:
        yield Reason("both_work", tuple(sorted(both)))
    if wished:
        yield Reason("works", tuple(sorted(wished)))


def _ages(me: Candidate, other: Candidate) -> Iterable[Reason]:
    common = _common(me.wishes.ages or me.ages, other.ages)
    if common is not None:
        yield Reason("ages", ages=common)


def _kinds(me: Candidate, other: Candidate) -> Iterable[Reason]:
    both = [code for code in me.wishes.kinds if code in other.wishes.kinds]
    if both:
        yield Reason("both_plan", tuple(both))


def _theirs(me: Candidate, other: Candidate) -> Iterable[Reason]:
    """What they wish and I am."""
    if me.country in other.wishes.countries:
        yield Reason("seeks_country", (me.country,))
    sought = me.subjects & frozenset(other.wishes.subjects)
    if sought:
        yield Reason("seeks_subjects", tuple(sorted(sought)))
    if me.level in other.wishes.levels:
        yield Reason("seeks_level", (me.level,))


def _record(other: Candidate) -> Iterable[Reason]:
    """How they answer; somebody who was never asked is new to this, and that is no fault."""
    if other.asked:
        yield Reason("answers", figures=(other.answered, other.asked))


def _common(one: Ages, other: Ages) -> Ages | None:
    youngest, oldest = max(one[0], other[0]), min(one[1], other[1])
    return (youngest, oldest) if youngest <= oldest else None
