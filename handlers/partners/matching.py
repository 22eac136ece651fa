"""Who suits whom: the hard filter, the two-sided score, its order and its reasons. Nothing here does I/O.

A partnership needs two who want it, so the score is the harmonic mean of both directions (Pizzato and others,
"RECON", 2010): one very keen side never makes up for one that would decline.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from math import exp2
from typing import Literal

from storage.partners import Wishes

Ages = tuple[int, int]
Basis = Literal["both_teach", "teaches", "both_work", "works", "ages", "seeks_country", "seeks_subjects"]

#: How much each part weighs in one direction; they sum up to 1.
WEIGHTS = {"countries": 0.25, "subjects": 0.35, "languages": 0.2, "ages": 0.2}
#: After so many days of silence the part of the score that fades has fallen to half.
HALF_LIFE = 60.0
#: Scores closer than this count as equal, and the hash of the pair and the week decides.
STEP = 0.02


@dataclass(frozen=True)
class Side:
    """One teacher, as far as matching goes. Ages are the youngest and oldest pupils, both included, in years."""

    person: int
    school: int
    country: str
    subjects: frozenset[str]
    languages: frozenset[str]
    ages: Ages
    wishes: Wishes
    active_at: datetime
    looking: bool = True


@dataclass(frozen=True)
class Reason:
    """Why somebody is suggested: what it rests on, with the codes or the ages that the two share."""

    basis: Basis
    codes: tuple[str, ...] = ()
    ages: Ages | None = None


def possible(a: Side, b: Side) -> bool:
    """Whether these two may ever be brought together: not oneself, not a colleague of the same school."""
    return a.person != b.person and a.school != b.school


def fits(me: Side, other: Side) -> bool:
    """Whether the other meets every wish of mine; a language to work in is always needed.

    A wished language stands in the place of my own: who asks for it means to work in it.
    """
    wishes = me.wishes
    return (
        possible(me, other)
        and other.looking
        and (not wishes.countries or other.country in wishes.countries)
        and (not wishes.subjects or not other.subjects.isdisjoint(wishes.subjects))
        and not other.languages.isdisjoint(wishes.languages or me.languages)
        and (wishes.ages is None or _common(wishes.ages, other.ages) is not None)
    )


def one_way(a: Side, b: Side) -> float:
    """How well b meets what a wishes or, where a wishes nothing in particular, what a is. Between 0 and 1."""
    parts = {
        "countries": _country(a, b),
        "subjects": _share(a.wishes.subjects or a.subjects, b.subjects),
        "languages": _share(a.wishes.languages or a.languages, b.languages),
        "ages": _nearness(a.wishes.ages or a.ages, b.ages),
    }
    return min(1.0, sum(WEIGHTS[part] * value for part, value in parts.items()))


def mutual(a: Side, b: Side, now: datetime) -> float:
    """How well the two suit each other, between 0 and 1; the same from either side."""
    if not possible(a, b):
        return 0.0
    there, back = one_way(a, b), one_way(b, a)
    if there + back == 0.0:
        return 0.0
    return 2.0 * there * back / (there + back) * freshness(min(a.active_at, b.active_at), now)


def freshness(active_at: datetime, now: datetime) -> float:
    """1 for somebody seen today, falling gently towards one half: silence makes a partner less likely, not bad.

    Whole days count, so that the order does not change between two pages.
    """
    days = max(0, (now - active_at).days)
    return 0.5 + 0.5 * exp2(-days / HALF_LIFE)


def spread(a: Side, b: Side, now: datetime) -> float:
    """A number from 0 up to 1 that stays for a pair during an ISO week: equals take turns at being shown first."""
    year, week, _day = now.isocalendar()
    first, second = sorted((a.person, b.person))
    digest = blake2b(f"{first}:{second}:{year}:{week}".encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


def ranked(me: Side, others: Iterable[Side], now: datetime) -> list[Side]:
    """Those who fit, the best first."""

    def place(other: Side) -> tuple[int, float]:
        return -round(mutual(me, other, now) / STEP), spread(me, other, now)

    return sorted((other for other in others if fits(me, other)), key=place)


def reasons(me: Side, other: Side) -> list[Reason]:
    """Why the other is suggested to me: what we share, then what they ask for and I have."""
    return [*_subject_reasons(me, other), *_language_reasons(me, other), *_age_reasons(me, other), *_theirs(me, other)]


def _subject_reasons(me: Side, other: Side) -> Iterable[Reason]:
    both = me.subjects & other.subjects
    wished = (frozenset(me.wishes.subjects) & other.subjects) - both
    if both:
        yield Reason("both_teach", tuple(sorted(both)))
    if wished:
        yield Reason("teaches", tuple(sorted(wished)))


def _language_reasons(me: Side, other: Side) -> Iterable[Reason]:
    both = me.languages & other.languages
    wished = (frozenset(me.wishes.languages) & other.languages) - both
    if both:
        yield Reason("both_work", tuple(sorted(both)))
    if wished:
        yield Reason("works", tuple(sorted(wished)))


def _age_reasons(me: Side, other: Side) -> Iterable[Reason]:
    common = _common(me.wishes.ages or me.ages, other.ages)
    if common is not None:
        yield Reason("ages", ages=common)


def _theirs(me: Side, other: Side) -> Iterable[Reason]:
    """What they wish and I am."""
    if me.country in other.wishes.countries:
        yield Reason("seeks_country", (me.country,))
    sought = me.subjects & frozenset(other.wishes.subjects)
    if sought:
        yield Reason("seeks_subjects", tuple(sorted(sought)))


def _country(a: Side, b: Side) -> float:
    """Partners abroad are what most look for, so without a wish the own country counts half."""
    if a.wishes.countries:
        return float(b.country in a.wishes.countries)
    return 1.0 if a.country != b.country else 0.5


def _share(wanted: Collection[str], offered: Collection[str]) -> float:
    """How much of what is wanted is offered; the first thing in common counts most."""
    common = len(frozenset(wanted) & frozenset(offered))
    return 0.6 + 0.4 * common / len(frozenset(wanted)) if common else 0.0


def _nearness(wanted: Ages, offered: Ages) -> float:
    """How much of the wanted years is offered; pupils one or two years apart are still somewhat near."""
    common = _common(wanted, offered)
    if common is not None:
        return 0.5 + 0.5 * (common[1] - common[0] + 1) / (wanted[1] - wanted[0] + 1)
    apart = max(wanted[0], offered[0]) - min(wanted[1], offered[1])
    return max(0.0, 0.45 - 0.15 * apart)


def _common(one: Ages, other: Ages) -> Ages | None:
    youngest, oldest = max(one[0], other[0]), min(one[1], other[1])
    return (youngest, oldest) if youngest <= oldest else None
