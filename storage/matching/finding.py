"""The search as a conversation asks for it: who suits a teacher whom they have not seen, and what is in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from storage.matching import rules, sql
from storage.matching.availability import confirm
from storage.matching.keeper import keeper_of
from storage.matching.rows import side, sides
from storage.matching.rules import Fit, Terms
from storage.matching.seen import earlier, interesting, marked, remember, seen_by
from storage.matching.settled import settled_with
from storage.matching.side import Side, day_of
from storage.partners import FILTERS, Filter

__all__ = ["Found", "Loosened", "again", "find", "loosened", "next_for", "show", "terms_of"]

_SPARE = 10
"""Some more than are shown, because a few may have gone since the index looked."""

_WISH: Mapping[Filter, str] = {each: f"wish_{each}" for each in FILTERS}


@dataclass(frozen=True)
class Found:
    """Whom to show now, how many fit altogether, and how many of these are left to be shown another time."""

    people: tuple[int, ...]
    total: int
    left: int


@dataclass(frozen=True, slots=True)
class Loosened:
    """How many teachers there would be if one filter (None: each of them) were dropped."""

    filter: Filter | None
    total: int


def find(session: Session, person: int, number: int, now: datetime) -> Found:
    """The next ``number`` for a teacher, none of whom they have seen lately. Raises LookupError for no teacher."""
    terms = terms_of(session, person, now)
    fit = keeper_of(session).search(session, terms, number + _SPARE)
    there = sides(session, {*fit.best, *fit.newcomers})
    fit = _still(there, terms, fit)
    people = rules.pick(fit, number, lambda one: there[one].school_id)
    return Found(people, fit.total, max(0, fit.unseen - len(people)))


def loosened(session: Session, person: int, now: datetime) -> list[Loosened]:
    """For each filter that is set: how many there would be without it, the most first; and without all of them, if
    none helps alone."""
    terms, keeper = terms_of(session, person, now), keeper_of(session)
    total = keeper.counts(session, terms)
    set_now = [each for each in FILTERS if getattr(terms.me, _WISH[each])]
    each = [Loosened(one, keeper.counts(session, sql.without(terms, _WISH[one]))) for one in set_now]
    alone = sorted((one for one in each if one.total > total), key=lambda one: -one.total)
    if alone or not set_now:
        return alone
    everyone = keeper.counts(session, sql.without(terms))
    return [Loosened(None, everyone)] if everyone > total else []


def show(session: Session, person: int, people: tuple[int, ...], now: datetime) -> None:
    """Note that these are shown to a teacher: not again soon, and counted, so that others have their turn. Who looks
    at suggestions looks for partners."""
    confirm(session, person, now)
    remember(session, person, people, now)
    keeper_of(session).shown(people)


def next_for(session: Session, person: int, now: datetime) -> int | None:
    """The next one for a teacher, who counts as shown to them: one they found interesting, else the best one they have
    not seen; None if there is nobody. This was our idea, so it does not say that they are looking."""
    if side(session, person) is None:
        return None
    people = _interesting(session, person, now)[:1] or find(session, person, 1, now).people
    remember(session, person, people, now)
    keeper_of(session).shown(people)
    return people[0] if people else None


def _interesting(session: Session, person: int, now: datetime) -> tuple[int, ...]:
    """Those a teacher marked as interesting and was not shown since, who still suit and may be asked."""
    terms = terms_of(session, person, now)
    people = interesting(session, person)
    there = sides(session, people)
    found = (there[one] for one in people if one in there and one not in terms.never)
    return tuple(one.person_id for one in found if _open(one) and rules.suits(terms.me, one))


def again(session: Session, person: int, view: str, now: datetime) -> list[int]:
    """Those who were shown to a teacher before ("earlier") or were put off ("later"), and may still be suggested."""
    people = marked(session, person, "later") if view == "later" else earlier(session, person, now)
    there = sides(session, people)
    return [other for other in people if other in there and there[other].suggestible]


def terms_of(session: Session, person: int, now: datetime) -> Terms:
    """What a search by this person is made with. Raises LookupError for no teacher."""
    me = side(session, person)
    if me is None:
        raise LookupError(f"person {person} is no teacher")
    seen = seen_by(session, person, now)
    return Terms(me, day_of(now), seen.never | settled_with(session, person, now), seen.lately)


def _still(there: Mapping[int, Side], terms: Terms, fit: Fit) -> Fit:
    """Only those who, as the tables have it, still suit and may be suggested."""
    good = {person for person, other in there.items() if _open(other) and rules.suits(terms.me, other)}
    gone = len(fit.best) - len(good.intersection(fit.best))
    return replace(
        fit,
        best=tuple(person for person in fit.best if person in good),
        newcomers=tuple(person for person in fit.newcomers if person in good),
        total=fit.total - gone,
        unseen=fit.unseen - gone,
    )


def _open(other: Side) -> bool:
    return other.suggestible and other.requests < rules.LOAD
