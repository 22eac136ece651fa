"""Who suits whom: the filter that both sides must pass, and how well they suit. Nothing here does I/O.

A partnership needs two who want it, so nobody is suggested who would not want the asker either, and the score is
the harmonic mean of both directions (Pizzato and others, "RECON", 2010): one keen side never makes up for one that
would decline. It is multiplied by how lately somebody was here, how likely they answer, and how seldom they were
shown lately. All of it is whole numbers, so that Python, numpy and both databases come to the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from storage.matching.side import Side, week_of

__all__ = [
    "ANY_KIND",
    "BAND",
    "FRESH",
    "LOAD",
    "MOST_WEEKS",
    "NEWCOMER_DAYS",
    "PARTS",
    "POOL",
    "TURN_BITS",
    "Fit",
    "Terms",
    "answers",
    "answers_of",
    "band",
    "exposure",
    "exposure_of",
    "fits",
    "found",
    "freshness",
    "is_new",
    "joined_lately",
    "lately",
    "lot",
    "mutual",
    "newcomer_order",
    "one_way",
    "order",
    "pick",
    "pool_order",
    "suits",
    "turn",
]

PARTS = {"countries": 20, "subjects": 25, "languages": 10, "ages": 25, "levels": 5, "kinds": 15}
"""How much each part weighs in one direction, in hundredths."""

POOL = 3000
"""If more than so many fit, the ones seen last are scored."""

LOAD = 5
"""Whoever has so many requests to answer rests until some are answered."""

NEWCOMER_DAYS = 14
NEWCOMER_SHOWN = 5
"""A newcomer has been here for so many days at most, and was shown fewer times than this lately."""

BAND = 10**10
"""Scores (up to 10**12) within one band of this width count as equal; then the pair's turn decides."""

TURN_BITS = 24

_HALF_LIFE, _FADED = 30, 200
FRESH = tuple(_FADED + round((1000 - _FADED) * 2 ** (-days / _HALF_LIFE)) for days in range(1000))
ANY_KIND = 700
MOST_WEEKS = 30
_YES, _ASKED = 4, 6
_SHOWN = 6
_LOTS = 65_537
_64 = (1 << 64) - 1

Figures = TypeVar("Figures", int, Any)
"""A whole number, or an array of them: numpy is not imported here."""


@dataclass(frozen=True)
class Terms:
    """What a search is made with: the asker, the day, whom never to show, and whom they have seen lately."""

    me: Side
    today: int
    never: frozenset[int] = frozenset()
    seen: frozenset[int] = frozenset()

    @property
    def week(self) -> int:
        """The week in which the search is made."""
        return week_of(self.today)


@dataclass(frozen=True)
class Fit:
    """What a search found. ``best`` are persons, the best first; ``newcomers`` likewise, those shown least first.

    ``total`` counts all who fit, seen or not, and ``unseen`` those not seen lately; from ``POOL`` on they are at
    least so many (``more``).
    """

    best: tuple[int, ...]
    newcomers: tuple[int, ...]
    total: int
    unseen: int
    more: bool = False


def fits(a: Side, b: Side) -> bool:
    """Whether b meets every wish of a. A language that both would work in is always needed."""
    return (
        (not a.wish_countries or bool(a.wish_countries >> b.country & 1))
        and (not a.wish_subjects or bool(a.wish_subjects & b.subjects))
        and bool(a.wants & b.works)
        and (not a.wish_ages or bool(a.wish_ages & b.ages))
        and (not a.wish_levels or bool(a.wish_levels >> b.level & 1))
        and (not a.wish_kinds or not b.wish_kinds or bool(a.wish_kinds & b.wish_kinds))
    )


def suits(a: Side, b: Side) -> bool:
    """Whether these two may be brought together: both meet the other's wishes; not oneself, nobody of one's school."""
    return a.person_id != b.person_id and a.school_id != b.school_id and fits(a, b) and fits(b, a)


def one_way(a: Side, b: Side) -> int:
    """How well b meets what a wishes or, where a wishes nothing in particular, what a is. From 0 to 1000."""
    parts = {
        "countries": _country(a, b),
        "subjects": _share(a.wish_subjects or a.subjects, b.subjects),
        "languages": _share(a.wants, b.works),
        "ages": _nearness(a.wish_ages or a.ages, b.ages),
        "levels": _level(a, b),
        "kinds": _share(a.wish_kinds, b.wish_kinds) if a.wish_kinds and b.wish_kinds else ANY_KIND,
    }
    return sum(PARTS[part] * value for part, value in parts.items()) // 100


def mutual(a: Side, b: Side) -> int:
    """How well two suit each other, from 0 to 1000; the same from either side."""
    there, back = one_way(a, b), one_way(b, a)
    return 2 * there * back // (there + back) if there + back else 0


def freshness(active_day: int, today: int) -> int:
    """1000 for somebody seen today, falling to a fifth: silence makes an answer unlikely, not impossible."""
    return FRESH[min(max(today - active_day, 0), len(FRESH) - 1)]


def answers(asked: int, answered: int) -> int:
    """How likely somebody answers, in thousandths: their record, with that of an average teacher added to it.

    The average is a Beta prior with four answers to six requests, so a newcomer is neither trusted nor doubted.
    """
    return int(answers_of(asked, min(answered, asked)))


def answers_of(asked: Figures, answered: Figures) -> Figures:
    """The formula of `answers`, for one teacher or for an array of them."""
    return 1000 * (answered + _YES) // (asked + _ASKED)


def lately(shown: int, shown_week: int, week: int) -> int:
    """How often somebody was shown lately: a count that halves with each week."""
    return shown >> min(max(week - shown_week, 0), MOST_WEEKS)


def exposure(times: int) -> int:
    """1000 for somebody not shown lately, less the more often they were."""
    return int(exposure_of(times))


def exposure_of(times: Figures) -> Figures:
    """The formula of `exposure`, for one teacher or for an array of them."""
    return 1000 * _SHOWN // (_SHOWN + times)


def band(me: Side, other: Side, today: int) -> int:
    """The band of a score: higher is better, equal is as good as equal."""
    times = lately(other.shown, other.shown_week, week_of(today))
    likely = freshness(other.active_day, today) * answers(other.asked, other.answered)
    return mutual(me, other) * likely * exposure(times) // BAND


def turn(a: int, b: int, week: int) -> int:
    """A number of ``TURN_BITS`` that stays for a pair of persons during a week: equals take turns at being first."""
    low, high = min(a, b), max(a, b)
    mixed = (low * 0x9E3779B97F4A7C15 ^ high * 0xC2B2AE3D27D4EB4F ^ week * 0x165667B19E3779F9) & _64
    mixed ^= mixed >> 33
    mixed = mixed * 0xFF51AFD7ED558CCD & _64
    mixed ^= mixed >> 29
    return mixed >> (64 - TURN_BITS)


def lot(person: int, week: int) -> int:
    """Whose turn it is to be scored among many seen on the same day. The databases reckon it as well."""
    return (person * 7919 + week * 104_729) % _LOTS


def joined_lately(other: Side, today: int) -> bool:
    """Whether somebody registered within `NEWCOMER_DAYS`."""
    return today - other.joined_day < NEWCOMER_DAYS


def is_new(other: Side, today: int) -> bool:
    """Whether somebody is a newcomer who was hardly shown yet."""
    times = lately(other.shown, other.shown_week, week_of(today))
    return joined_lately(other, today) and times < NEWCOMER_SHOWN


def order(me: Side, other: Side, today: int) -> tuple[int, int, int]:
    """Sorts those who suit: by band, then by turn, then by person."""
    return -band(me, other, today), turn(me.person_id, other.person_id, week_of(today)), other.person_id


def newcomer_order(me: Side, other: Side, today: int) -> tuple[int, int, int, int]:
    """Sorts newcomers: who was shown least comes first, then as everybody."""
    return lately(other.shown, other.shown_week, week_of(today)), *order(me, other, today)


def pool_order(other: Side, today: int) -> tuple[int, int, int]:
    """Sorts for the pool: who was seen last, then by lot."""
    return -other.active_day, lot(other.person_id, week_of(today)), other.person_id


def found(terms: Terms, all_who_suit: Iterable[Side], most: int, pool: int = POOL) -> Fit:
    """The search itself, over those who suit and are not among ``never``."""
    everyone = list(all_who_suit)
    unseen = [other for other in everyone if other.person_id not in terms.seen]

    def seen_last(some: Iterable[Side]) -> list[Side]:
        return sorted(some, key=lambda other: pool_order(other, terms.today))[:pool]

    best = sorted(seen_last(unseen), key=lambda other: order(terms.me, other, terms.today))[:most]
    joined = seen_last(other for other in unseen if joined_lately(other, terms.today))
    new = [other for other in joined if is_new(other, terms.today)]
    new.sort(key=lambda other: newcomer_order(terms.me, other, terms.today))
    return Fit(_persons(best), _persons(new[:most]), len(everyone), len(unseen))


def pick(fit: Fit, number: int, school: Callable[[int], int]) -> tuple[int, ...]:
    """Whom to show: the best, one of each school as long as there are others; the last place is kept for the newcomer
    who was shown least, if not among them. ``school`` gives the school of a person."""
    firsts = {school(person): person for person in reversed(fit.best)}
    best = tuple(sorted(fit.best, key=lambda person: firsts[school(person)] != person))[:number]
    if len(fit.best) <= number:
        return best
    for person in fit.newcomers:
        if person in best:
            break
        if school(person) not in map(school, best[:-1]):
            return (*best[:-1], person)
    return best


def _persons(sides: Sequence[Side]) -> tuple[int, ...]:
    return tuple(side.person_id for side in sides)


def _country(a: Side, b: Side) -> int:
    """Partners abroad are what most look for, so without a wish the own country counts half."""
    if a.wish_countries:
        return 1000 * (a.wish_countries >> b.country & 1)
    return 1000 if a.country != b.country else 500


def _level(a: Side, b: Side) -> int:
    if a.wish_levels:
        return 1000 * (a.wish_levels >> b.level & 1)
    return 1000 if a.level == b.level else 500


def _share(wanted: int, offered: int) -> int:
    """How much of what is wanted is offered; the first thing in common counts most."""
    common = (wanted & offered).bit_count()
    return 600 + 400 * common // wanted.bit_count() if common else 0


def _nearness(wanted: int, offered: int) -> int:
    """How much of the wanted years is offered; pupils one or two years apart are still somewhat near."""
    common = (wanted & offered).bit_count()
    if common:
        return 500 + 500 * common // wanted.bit_count()
    if (wanted << 1 | wanted >> 1) & offered:
        return 300
    return 150 if (wanted << 2 | wanted >> 2) & offered else 0
