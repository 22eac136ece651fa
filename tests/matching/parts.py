"""Random teachers as matching sees them, and tables that hold them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from storage.matching.side import WIDE, Side, column_names, day_of
from storage.models import MatchRow, Person, School, Teacher
from storage.models.teachers import VERIFIED
from storage.reference.bits import WORDS, mask, span, words

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = day_of(NOW)
#: Few codes, so that many suit and many are equal. The last bit lies in the second word.
FEW = [1 << 0, 1 << 3, 1 << 62, 1 << 47]


def plain(person: int = 1, **changes: Any) -> Side:
    """A teacher of biology in Poland who works in French and looks for anybody."""
    side = Side(
        person_id=person,
        school_id=person,
        country=26,
        level=2,
        subjects=mask("subjects", ["biology"]),
        languages=mask("languages", ["fr"]),
        ages=span((11, 13)),
        active_day=TODAY,
        joined_day=TODAY - 400,
    )
    return replace(side, **changes)


def some(rng: random.Random, codes: list[int], most: int = 3, least: int = 0) -> int:
    """A mask of a few codes."""
    return sum(rng.sample(codes, rng.randint(least, min(most, len(codes)))))


def anybody(rng: random.Random, person: int) -> Side:
    """A random teacher, of whom there are few kinds."""
    youngest = rng.randint(3, 18)
    wish_from = rng.randint(3, 18)
    return Side(
        person_id=person,
        school_id=rng.randint(1, 40),
        country=rng.choice([0, 3, 46]),
        level=rng.randint(0, 4),
        subjects=some(rng, [1 << bit for bit in (0, 5, 11, 46)], 3, 1),
        languages=some(rng, [1 << bit for bit in (0, 19, 46)], 2, 1),
        ages=span((youngest, youngest + rng.randint(0, 2))),
        active_day=TODAY - rng.choice([0, 0, 1, 2, 3, 7, 20, 90, 2000]),
        joined_day=TODAY - rng.choice([0, 3, 13, 14, 300]),
        wish_countries=some(rng, [1 << bit for bit in (0, 3, 46)], 2),
        wish_subjects=some(rng, [1 << bit for bit in (0, 5, 46)], 2),
        wish_languages=some(rng, [1 << bit for bit in (0, 19)], 1),
        wish_levels=some(rng, [1 << bit for bit in range(5)], 4) if rng.random() < 0.3 else 0,
        wish_kinds=some(rng, [1 << bit for bit in (0, 4, 9)], 2),
        wish_ages=span((wish_from, wish_from + 4)) if rng.random() < 0.3 else 0,
        shown=rng.choice([0, 0, 1, 4, 40, 5000]),
        shown_week=(TODAY + 3) // 7 - rng.choice([0, 1, 2, 60]),
        asked=rng.choice([0, 0, 5, 30]),
        answered=rng.choice([0, 4, 30]),
        requests=rng.choice([0, 0, 4, 5]),
        suggestible=rng.random() < 0.9,
    )


def columns_of(side: Side) -> dict[str, int]:
    """A side as the columns of its row."""
    row: dict[str, int] = {name: getattr(side, name) for name in column_names() if name in Side.__slots__}
    for name, facet in WIDE.items():
        row |= {f"{name}_{place}": word for place, word in enumerate(words(facet, getattr(side, name)))}
        assert len(row) and WORDS[facet]
    return row


def settle(session: Session, people: int) -> None:
    """People with numbers from 1, each a teacher somewhere; what matching reads is written by `fill`."""
    values = {"language": "en", "created_at": NOW, "active_at": NOW}
    session.execute(insert(Person), [{"id": number, **values} for number in range(1, people + 1)])
    school = {"country": "PL", "name": "School", "town": "Town", "level": "primary", "created_at": NOW}
    session.execute(insert(School), [{"id": number, **school} for number in range(1, 41)])
    about = {"name": "T", "country": "PL", "school_id": 1, "ages_from": 8, "ages_to": 9, "wish": "", "status": VERIFIED}
    when = {"registered_at": NOW - timedelta(days=9), "active_at": NOW}
    session.execute(insert(Teacher), [{"person_id": n, **about, **when} for n in range(1, people + 1)])


def fill(session: Session, sides: Iterable[Side]) -> None:
    """Write these as the whole table that matching reads."""
    session.execute(delete(MatchRow))
    session.execute(insert(MatchRow), [{"revision": 1, **columns_of(side)} for side in sides])
