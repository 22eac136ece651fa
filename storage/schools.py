"""Schools: adding, removing, and finding them by name or town with typos forgiven, on both databases alike.

A search never compares the query with every school. Its words are first looked up in the country's vocabulary, where
typos and beginnings are forgiven; the rarest of what was meant leads to some hundreds of schools through an index, and
only those are ranked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from math import log
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from storage.latin import numbers, search_words, to_latin, words
from storage.matching.rows import touch_schools
from storage.models import School, SchoolWord
from storage.vocabulary import Vocabulary, stamp_added, stamp_changed, vocabulary_of

__all__ = [
    "add_school",
    "add_schools",
    "clean_line",
    "get_school",
    "remove_school",
    "same_school",
    "search_schools",
    "update_schools",
]

_LONGEST_LINE = 255
_LONGEST_QUERY = 200
_MOST_WORDS = 10
_POSTINGS = 500
"""How many schools one word may bring into the ranking."""
_SECOND_LEAD = 100
_RANKED = 32
"""How many schools are compared with the query letter by letter."""
_ENOUGH = 0.38
"""Below this share of its weight found in a school, a query did not mean the school."""
_ALIKE = 0.8
"""How alike (1 is equal) two words must be to be the same word of two spellings of a school's name."""


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a word of the query may mean: words of the vocabulary with their likeness up to 1, how many schools
    have one of them, and its weight: the rarer, the heavier."""

    variants: Mapping[str, float]
    schools: int
    weight: float


def clean_line(text: str) -> str:
    """Make one line of a text: without control, formatting and bidi characters, with single spaces, in NFC."""
    if text.isprintable():
        return unicodedata.normalize("NFC", " ".join(text.split()))
    spaced = (" " if sign in "\t\n\r\v\f\u2028\u2029" else sign for sign in text)
    kept = (sign for sign in spaced if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def add_school(
    session: Session,
    country: str,
    name: str,
    town: str,
    level: str,
    *,
    now: datetime,
    added_by: int | None = None,
    register_id: str | None = None,
) -> School:
    """Add a school and the words by which it is found; `name` and `town` are cleaned and cut at 255 characters.

    Whether it exists already is for the caller to ask (`same_school`). Raises ValueError if nothing is left of the
    name or the town.
    """
    name, town = clean_line(name)[:_LONGEST_LINE], clean_line(town)[:_LONGEST_LINE]
    if not name or not town:
        raise ValueError("a school needs a name and a town")
    school = School(country=country, name=name, town=town, level=level, created_at=now)
    school.added_by, school.register_id = added_by, register_id
    session.add(school)
    session.flush()
    _file(session, [(school.id, country, name, town)])
    stamp_added(session, [country])
    return school


def add_schools(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add many schools at once and give their ids in order; rows are columns of `School`, lines cleaned already."""
    if not rows:
        return []
    made = insert(School).returning(School.id, sort_by_parameter_order=True)
    ids = list(session.scalars(made, list(rows)))
    _file(session, [(new, row["country"], row["name"], row["town"]) for new, row in zip(ids, rows, strict=True)])
    stamp_changed(session, (row["country"] for row in rows))
    return ids


def update_schools(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change many schools; each row has the id, the country and all columns to set, name and town among them."""
    if not rows:
        return
    session.execute(update(School), list(rows))
    session.execute(delete(SchoolWord).where(SchoolWord.school_id.in_([row["id"] for row in rows])))
    _file(session, [(row["id"], row["country"], row["name"], row["town"]) for row in rows])
    stamp_changed(session, (row["country"] for row in rows))
    touch_schools(session, [row["id"] for row in rows])


def _file(session: Session, schools: Iterable[tuple[int, str, str, str]]) -> None:
    """Write the words of schools given as (id, country, name, town)."""
    filed = [
        {"school_id": school, "word": word, "country": country}
        for school, country, name, town in schools
        for word in search_words(country, name, town)
    ]
    if filed:
        # The table itself, not its class: the ORM's bookkeeping would take longer than the database.
        assert isinstance(SchoolWord.__table__, Table)
        session.execute(insert(SchoolWord.__table__), filed)


def get_school(session: Session, school_id: int) -> School | None:
    """The school, or None if there is none or it was removed."""
    school = session.get(School, school_id)
    return school if school is not None and school.removed_at is None else None


def remove_school(session: Session, school_id: int, *, now: datetime) -> bool:
    """Hide a school from searches; teachers who chose it keep it. False if it is not there to be removed."""
    where = update(School).where(School.id == school_id, School.removed_at.is_(None))
    removed = session.scalars(where.values(removed_at=now).returning(School.id)).one_or_none()
    # Without its words nothing leads to it any more, so searches need not look at removed_at first.
    session.execute(delete(SchoolWord).where(SchoolWord.school_id == school_id))
    touch_schools(session, [school_id])
    return removed is not None


def search_schools(session: Session, country: str, text: str, limit: int = 8) -> list[School]:
    """Schools of a country that a text may mean by name, town or both, best first; none where nothing fits.

    Accents, case, typos, word order and unfinished words are forgiven, and Latin letters find names in other scripts.
    """
    asked = list(dict.fromkeys(words(text[:_LONGEST_QUERY])))[:_MOST_WORDS]
    if not asked:
        return []
    known = vocabulary_of(session, country)
    meant = [_meant(known, country, word) for word in asked]
    shares = _shares(session, country, meant)
    return _ranked(session, country, asked, shares, limit)


def same_school(session: Session, country: str, name: str, town: str) -> School | None:
    """The school that somebody adds although it exists, written a little differently; None if it is a new one.

    The numbers in the name must agree ("14" is not "4"), and each longer word must have its like on the other side.
    """
    given = _told_apart(country, clean_line(name), clean_line(town))
    for school in search_schools(session, country, f"{name} {town}"):
        if _alike(given, _told_apart(country, school.name, school.town)):
            return school
    return None


def _meant(known: Vocabulary, country: str, word: str) -> _Meant:
    variants = known.like(word)
    latin = to_latin(word, country)
    if latin != word:
        for other in words(latin):
            variants = {**known.like(other), **variants}
    variants = variants or known.bones_like(word)
    schools = sum(known.count(variant) for variant in variants)
    # A word nobody knows weighs as one of middling rarity: it should neither decide nor be ignored.
    rarity = log(1 + known.schools / schools) if schools else log(1 + known.schools) / 2
    return _Meant(variants, schools, rarity + 0.1)


def _shares(session: Session, country: str, meant: Sequence[_Meant]) -> dict[int, float]:
    """What share of the query's weight each school has that is worth looking at."""
    whole = sum(word.weight for word in meant)
    rarest = sorted((word for word in meant if word.variants), key=lambda word: word.schools)
    found: list[tuple[_Meant, dict[int, float]]] = []
    schools: set[int] = set()
    for place, word in enumerate(rarest):
        following = rarest[place + 1] if place + 1 < len(rarest) else None
        if not schools or len(schools) + word.schools <= _POSTINGS:
            found.append((word, _leads(session, country, word, following, _POSTINGS)))
            schools.update(found[-1][1])
        elif place == 1:
            # The rarest word may be an accident of spelling, so the next ones must be able to lead as well.
            schools.update(_leads(session, country, word, following, _SECOND_LEAD))
    found += _have(session, rarest[len(found) :], schools)
    totals: dict[int, float] = {}
    for word, postings in found:
        for school, likeness in postings.items():
            totals[school] = totals.get(school, 0.0) + likeness * word.weight / whole
    return {school: share for school, share in totals.items() if share >= _ENOUGH}


def _leads(session: Session, country: str, word: _Meant, following: _Meant | None, most: int) -> dict[int, float]:
    """Schools that have a word, at most `most`; of a common word rather those that have the next one as well."""
    where = select(SchoolWord.school_id, SchoolWord.word).where(
        SchoolWord.country == country, SchoolWord.word.in_(list(word.variants))
    )
    if word.schools > most and following is not None:
        second = select(SchoolWord.school_id).where(
            SchoolWord.country == country, SchoolWord.word.in_(list(following.variants))
        )
        both = _best(session.execute(where.where(SchoolWord.school_id.in_(second)).limit(most)), word)
        if both:
            return both
    return _best(session.execute(where.limit(most)), word)


def _have(session: Session, asked: Sequence[_Meant], schools: Collection[int]) -> list[tuple[_Meant, dict[int, float]]]:
    """Which of some schools have each of the words, looked up at once."""
    variants = {variant for word in asked for variant in word.variants}
    if not schools or not variants:
        return []
    where = select(SchoolWord.school_id, SchoolWord.word).where(
        SchoolWord.school_id.in_(sorted(schools)), SchoolWord.word.in_(sorted(variants))
    )
    postings = session.execute(where).all()
    return [(word, _best((pair for pair in postings if pair[1] in word.variants), word)) for word in asked]


def _best(postings: Iterable[tuple[int, str]], word: _Meant) -> dict[int, float]:
    best: dict[int, float] = {}
    for school, variant in postings:
        best[school] = max(best.get(school, 0.0), word.variants[variant])
    return best


def _ranked(
    session: Session, country: str, asked: Sequence[str], shares: Mapping[int, float], limit: int
) -> list[School]:
    """The best schools by what share of the query they have and how alike they are to all of it."""
    best = nlargest(max(_RANKED, limit), shares, key=lambda school: (shares[school], -school))
    columns = select(School.id, School.name, School.town)
    worth: dict[int, tuple[float, str]] = {}
    for school, name, town in session.execute(columns.where(School.id.in_(best))):
        whole = f"{name} {town}"
        worth[school] = -0.8 * shares[school] - 0.2 * _likeness(country, asked, whole), whole
    chosen = sorted(worth, key=lambda school: (*worth[school], school))[:limit]
    schools = session.scalars(select(School).where(School.id.in_(chosen), School.removed_at.is_(None)))
    return sorted(schools, key=lambda school: chosen.index(school.id))


def _likeness(country: str, asked: Sequence[str], whole: str) -> float:
    """How alike a query is to a school's name and town, from 0 to 1, in their own letters or in Latin ones."""
    own = fuzz.token_sort_ratio(" ".join(asked), " ".join(words(whole)))
    latin = to_latin(whole, country)
    if latin != whole:
        asked_latin = words(to_latin(" ".join(asked), country))
        own = max(own, fuzz.token_sort_ratio(" ".join(asked_latin), " ".join(words(latin))))
    return own / 100


def _told_apart(country: str, name: str, town: str) -> tuple[list[str], list[str], list[str]]:
    """The numbers of a name, and the longer words of name and town, all in Latin letters where that is known."""
    of_name = words(to_latin(name, country))
    counted = numbers(of_name)
    return counted, _longer(of_name, counted), _longer(words(to_latin(town, country)), ())


def _longer(all_words: Iterable[str], without: Collection[str]) -> list[str]:
    kept = [word for word in all_words if word not in without]
    return [word for word in kept if len(word) > 2] or kept


def _alike(one: tuple[list[str], list[str], list[str]], other: tuple[list[str], list[str], list[str]]) -> bool:
    return one[0] == other[0] and all(_paired(*both) for both in zip(one[1:], other[1:], strict=True))


def _paired(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether each word of either side has its like on the other."""
    mine, theirs = (set(one), set(other))
    return all(
        any(OSA.normalized_similarity(word, like) >= _ALIKE for like in opposite)
        for side, opposite in ((mine, theirs), (theirs, mine))
        for word in side
    )
