"""Finding for a teacher: whom they have not seen, newcomers too, never whom they declined, and what is narrow."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from storage import requests, teachers
from storage.blocks import block
from storage.database import Database
from storage.matching import rows, seen
from storage.matching.finding import Loosened, again, find, loosened, next_for, show
from storage.matching.index import Index
from storage.matching.keeper import keeper_of
from storage.matching.rules import Fit, pick
from storage.partners import Wishes
from storage.partnerships import open_
from tests.matching.parts import NOW
from tests.matching.test_rows import register


@pytest.fixture
def amina(database: Database) -> int:
    return database.do(lambda s: register(s, country="PT"))


def others(database: Database, number: int, **about: object) -> list[int]:
    return [database.do(lambda s: register(s, **about)) for _one in range(number)]  # type: ignore[arg-type]


def test_nobody_comes_twice_within_thirty_days(database: Database, amina: int) -> None:
    people = others(database, 7)
    first = database.do(lambda s: find(s, amina, 5, NOW))
    assert (len(first.people), first.total, first.left) == (5, 7, 2)
    database.do(lambda s: show(s, amina, first.people, NOW))
    second = database.do(lambda s: find(s, amina, 5, NOW))
    assert set(second.people) == set(people) - set(first.people)
    assert (second.total, second.left) == (7, 0)
    database.do(lambda s: show(s, amina, second.people, NOW + timedelta(days=2)))
    month = NOW + timedelta(days=30)
    assert set(database.do(lambda s: find(s, amina, 9, month - timedelta(minutes=1))).people) == set()
    assert set(database.do(lambda s: find(s, amina, 9, month)).people) == set(first.people)
    assert database.do(lambda s: again(s, amina, "earlier", NOW + timedelta(days=3))) == [
        *sorted(second.people),
        *sorted(first.people),
    ]


def test_what_was_said_is_remembered(database: Database, amina: int) -> None:
    no, later, interesting = people = others(database, 3)
    database.do(lambda s: show(s, amina, tuple(people), NOW))
    database.do(lambda s: seen.mark(s, amina, no, "no", NOW, "ages"))
    database.do(lambda s: seen.mark(s, amina, later, "later", NOW))
    database.do(lambda s: seen.mark(s, amina, interesting, "interesting", NOW))
    year = NOW + timedelta(days=365)
    assert database.do(lambda s: find(s, amina, 5, year)) == (found := database.do(lambda s: find(s, amina, 5, NOW)))
    # Who was declined counts no more; the others fit still, and are not suggested anew.
    assert (found.people, found.total, found.left) == ((), 2, 0)
    assert database.do(lambda s: again(s, amina, "later", NOW)) == [later]
    assert no not in database.do(lambda s: again(s, amina, "earlier", NOW))
    database.do(partial(teachers.set_looking, person=later, looking=False))
    assert database.do(lambda s: again(s, amina, "later", NOW)) == []
    with pytest.raises(ValueError, match="no mark"):
        seen.as_mark("perhaps")


def test_who_has_five_requests_to_answer_rests(database: Database, amina: int) -> None:
    hub, other = others(database, 2)
    database.do(lambda s: rows.change(s, hub, requests=5))
    assert database.do(lambda s: find(s, amina, 5, NOW)).people == (other,)
    database.do(lambda s: rows.change(s, hub, requests=4))
    assert set(database.do(lambda s: find(s, amina, 5, NOW)).people) == {hub, other}


def test_those_one_deals_with_already_are_not_suggested(database: Database, amina: int) -> None:
    partner, blocked, blocker, asked, asks, declined, free = others(database, 7)
    database.do(lambda s: open_(s, partner, amina, NOW) and None)
    database.do(lambda s: block(s, amina, blocked, NOW))
    database.do(lambda s: block(s, blocker, amina, NOW))
    database.do(lambda s: requests.send(s, amina, asked, "Hello", NOW))
    database.do(lambda s: requests.send(s, asks, amina, "Hello", NOW))
    number = database.do(lambda s: requests.send(s, amina, declined, "Hello", NOW).request.id)
    database.do(lambda s: requests.decline(s, number, declined, NOW))
    assert database.do(lambda s: find(s, amina, 9, NOW)).people == (free,)
    month = NOW + timedelta(days=31)
    assert set(database.do(lambda s: find(s, amina, 9, month)).people) == {free, declined, asked, asks}


def test_both_sides_must_want_it(database: Database, amina: int) -> None:
    wants_greeks, wants_us = others(database, 2)
    database.do(lambda s: teachers.save_wishes(s, wants_greeks, Wishes(("GR",))))
    database.do(lambda s: teachers.save_wishes(s, wants_us, Wishes(("PT",))))
    assert database.do(lambda s: find(s, amina, 5, NOW)).people == (wants_us,)


def test_an_index_that_lags_behind_shows_nobody_who_has_gone(database: Database, amina: int) -> None:
    stays, pauses, turns_away = others(database, 3)
    index = Index()
    index.fill(database.engine)
    keeper_of(database.engine).index = index
    database.do(partial(teachers.set_looking, person=pauses, looking=False))
    database.do(lambda s: teachers.save_wishes(s, turns_away, Wishes(("GR",))))
    found = database.do(lambda s: find(s, amina, 5, NOW))
    assert (found.people, found.total, found.left) == ((stays,), 1, 0)


def test_each_filter_says_how_many_it_keeps_away(database: Database, amina: int) -> None:
    others(database, 3, country="FR")
    others(database, 2, country="GR", subjects=("music",))
    database.do(lambda s: teachers.save_wishes(s, amina, Wishes(("GR",), ("art",))))
    assert database.do(lambda s: loosened(s, amina, NOW)) == [Loosened("countries", 3), Loosened("subjects", 2)]
    database.do(lambda s: teachers.save_wishes(s, amina, Wishes(("IT",), ("law",))))
    assert database.do(lambda s: loosened(s, amina, NOW)) == [Loosened(None, 5)]
    database.do(lambda s: teachers.save_wishes(s, amina, Wishes()))
    assert database.do(lambda s: loosened(s, amina, NOW)) == []


def test_who_was_found_interesting_comes_next_before_anybody_new(database: Database, amina: int) -> None:
    first, second, third = others(database, 3)
    database.do(lambda s: show(s, amina, (first, second), NOW))
    database.do(lambda s: seen.mark(s, amina, second, "interesting", NOW))
    later = NOW + timedelta(days=3)
    assert [database.do(lambda s: next_for(s, amina, later)) for _time in range(3)] == [second, third, None]
    database.do(lambda s: seen.mark(s, amina, first, "interesting", later))
    database.do(partial(teachers.set_looking, person=first, looking=False))
    assert database.do(lambda s: next_for(s, amina, later)) is None


def test_somebody_who_is_no_teacher_finds_nobody(database: Database) -> None:
    with pytest.raises(LookupError):
        database.do(lambda s: find(s, 77, 5, NOW))


@pytest.mark.parametrize(
    ("best", "newcomers", "picked"),
    [
        # The tens of a person are their school here, where there are any.
        ((11, 12, 3, 13, 21, 22, 4, 5), (), (11, 3, 21, 4, 5)),
        ((11, 12, 21, 13), (), (11, 21, 12, 13)),
        ((1, 2, 71, 4, 5, 6), (72, 8), (1, 2, 71, 4, 8)),
        ((1, 2, 3, 4, 5, 6), (), (1, 2, 3, 4, 5)),
        ((1, 2, 3, 4, 5, 6), (9, 8), (1, 2, 3, 4, 9)),
        ((1, 2, 3, 4, 5, 6), (2, 8), (1, 2, 3, 4, 5)),
        ((1, 2, 3, 4, 5, 6), (8, 2), (1, 2, 3, 4, 8)),
        ((1, 2, 3), (3,), (1, 2, 3)),
        ((), (), ()),
    ],
)
def test_the_last_place_is_a_newcomers(
    best: tuple[int, ...], newcomers: tuple[int, ...], picked: tuple[int, ...]
) -> None:
    assert pick(Fit(best, newcomers, 9, 9), 5, lambda person: person // 10 or person) == picked
