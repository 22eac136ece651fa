"""A set of teachers who all suit each other: for a group of schools around one idea."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.matching.finding import terms_of
from storage.matching.keeper import keeper_of
from storage.matching.rows import sides
from storage.matching.rules import LOAD, suits
from storage.matching.side import Side
from storage.models import Block
from storage.reference.bits import mask

__all__ = ["companions", "set_of"]

_POOL = 150
"""So many of those who suit best are tried."""


def companions(
    session: Session,
    person: int,
    *,
    kind: str,
    language: str,
    number: int,
    now: datetime,
    already: Iterable[int] = (),
    besides: Iterable[int] = (),
) -> list[int]:
    """Up to ``number`` teachers who suit this one, each other and those who are in ``already``, all at home in a
    language and open to a kind of project; ``besides`` are left out, because they were asked before."""
    terms = terms_of(session, person, now)
    spoken = mask("languages", [language])
    me = replace(terms.me, wish_kinds=mask("kinds", [kind]), wish_languages=spoken)
    never = terms.never | frozenset(besides) | frozenset(already)
    # Whom they have seen is no matter: this is another question than who would be a partner.
    fit = keeper_of(session).search(session, replace(terms, me=me, never=never, seen=frozenset()), _POOL)
    there = sides(session, {*fit.best, *already})
    ranked = [there[one] for one in fit.best if one in there]
    known = [me, *(there[one] for one in already if one in there)]
    return set_of(known, ranked, spoken, number, _apart(session, there))


def _apart(session: Session, people: Iterable[int]) -> frozenset[frozenset[int]]:
    """The pairs of these people of whom one has blocked the other."""
    ids = list(people)
    pairs = select(Block.blocker_id, Block.blocked_id).where(Block.blocker_id.in_(ids), Block.blocked_id.in_(ids))
    return frozenset(frozenset(pair) for pair in session.execute(pairs))


def set_of(
    known: list[Side],
    ranked: Iterable[Side],
    language: int,
    number: int,
    apart: frozenset[frozenset[int]] = frozenset(),
) -> list[int]:
    """The first of the ranked who may be together with all who are known and chosen: first from countries that are not
    there yet, then from any. ``apart`` are pairs who may not."""
    rest = [one for one in ranked if one.languages & language and one.suggestible and one.requests < LOAD]
    chosen: list[Side] = []
    for abroad in (True, False):
        for one in rest:
            there = [*known, *chosen]
            new = one.country not in {other.country for other in there}
            wanted = len(chosen) < number and one not in chosen and (new or not abroad)
            if wanted and all(suits(other, one) and {other.person_id, one.person_id} not in apart for other in there):
                chosen.append(one)
    return [one.person_id for one in chosen]
