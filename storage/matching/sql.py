"""The search in the database: what the index in memory must agree with, and what answers while it is being filled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from storage.matching.rules import LOAD, POOL, Fit, Terms, found
from storage.matching.side import WIDE, Side, column_names, side_of_row
from storage.models import MatchRow
from storage.reference.bits import WORDS, words

__all__ = ["WISHES", "counts", "search", "without"]

WISHES = ("wish_countries", "wish_subjects", "wish_languages", "wish_ages", "wish_levels", "wish_kinds")


def search(session: Session, terms: Terms, most: int, pool: int = POOL) -> Fit:
    """Who suits best, out of everybody."""
    rows = session.execute(_suiting(terms, [getattr(MatchRow, name) for name in column_names()]))
    return found(terms, map(side_of_row, rows), most, pool)


def counts(session: Session, terms: Terms) -> int:
    """How many suit, seen or not."""
    return session.scalar(_suiting(terms, [func.count()])) or 0


def without(terms: Terms, *wishes: str) -> Terms:
    """The same search with some wishes of the asker open to any; with all of them, if none is named."""
    opened: dict[str, Any] = dict.fromkeys(wishes or WISHES, 0)
    return replace(terms, me=replace(terms.me, **opened))


def _suiting(terms: Terms, columns: list[Any]) -> Select[Any]:
    """Those whom `rules.suits` lets through, and who may be suggested now."""
    me = terms.me
    return select(*columns).where(
        MatchRow.suggestible,
        MatchRow.requests < LOAD,
        MatchRow.person_id != me.person_id,
        MatchRow.school_id != me.school_id,
        MatchRow.person_id.not_in(sorted(terms.never)),
        *_meeting_mine(me),
        *_meeting_theirs(me),
    )


def _meeting_mine(me: Side) -> Iterable[ColumnElement[bool]]:
    if me.wish_countries:
        wanted = [bit for bit in range(me.wish_countries.bit_length()) if me.wish_countries >> bit & 1]
        yield MatchRow.country.in_(wanted)
    if me.wish_subjects:
        yield _common("subjects", me.wish_subjects)
    if me.wish_ages:
        yield MatchRow.ages.bitwise_and(me.wish_ages) != 0
    if me.wish_levels:
        yield MatchRow.level.in_([bit for bit in range(me.wish_levels.bit_length()) if me.wish_levels >> bit & 1])
    yield or_(_common("languages", me.wants), _common("wish_languages", me.wants))


def _meeting_theirs(me: Side) -> Iterable[ColumnElement[bool]]:
    yield _any_or_common("wish_countries", 1 << me.country)
    yield _any_or_common("wish_subjects", me.subjects)
    yield or_(MatchRow.wish_ages == 0, MatchRow.wish_ages.bitwise_and(me.ages) != 0)
    yield _any_or_common("wish_levels", 1 << me.level)
    yield or_(_common("wish_languages", me.works), and_(_is_any("wish_languages"), _common("languages", me.works)))
    if me.wish_kinds:
        yield _any_or_common("wish_kinds", me.wish_kinds)


def _any_or_common(name: str, bits: int) -> ColumnElement[bool]:
    return or_(_is_any(name), _common(name, bits))


def _is_any(name: str) -> ColumnElement[bool]:
    return and_(true(), *(getattr(MatchRow, f"{name}_{place}") == 0 for place in range(WORDS[WIDE[name]])))


def _common(name: str, bits: int) -> ColumnElement[bool]:
    parts = enumerate(words(WIDE[name], bits))
    set_words = [getattr(MatchRow, f"{name}_{place}").bitwise_and(word) != 0 for place, word in parts if word]
    return or_(false(), *set_words)
