"""Partner requests, partnerships and blocks, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier, Thread
from typing import TypeVar

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from storage import blocks, links, partnerships, requests, teachers
from storage.database import Database
from storage.models import Person, Teacher
from storage.requests import Cannot, Request, Sent
from storage.schools import add_school
from storage.teachers import TeacherFacts

T = TypeVar("T")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
AMINA, JOAO, INES, EVE = 1, 2, 3, 4


def people(session: Session, number: int = 12) -> None:
    """Verified teachers with numbers from 1."""
    for person in range(1, number + 1):
        session.execute(insert(Person).values(id=person, language="en", created_at=NOW, active_at=NOW))
        school = add_school(session, "PT", f"Escola {person}", "Viseu", "primary", now=NOW)
        told = TeacherFacts(f"Teacher {person}", "PT", school.id, ("music",), ("en",), (8, 10), "")
        teachers.register(session, person, told, NOW)
    session.execute(update(Teacher).values(status="verified"))


@pytest.fixture(autouse=True)
def town(database: Database) -> Database:
    database.do(people)
    return database


def ask(database: Database, asker: int, asked: int, at: datetime = NOW, message: str = "Shall we sing?") -> Sent:
    return database.do(lambda s: requests.send(s, asker, asked, message, at))


def stands(database: Database, request: int, person: int, at: datetime = NOW) -> Request:
    found = database.do(lambda s: requests.find(s, request, person, at))
    assert found is not None
    return found


def set_status(database: Database, person: int, status: str) -> None:
    database.do(lambda s: s.execute(update(Teacher).where(Teacher.person_id == person).values(status=status)) and None)


def why(deed: Callable[[], object]) -> str:
    with pytest.raises(Cannot) as raised:
        deed()
    return raised.value.why


def partners(database: Database, person: int) -> list[int]:
    return [one.person for one in database.do(lambda s: partnerships.partners_of(s, person))]


def test_asked_and_accepted(database: Database) -> None:
    sent = ask(database, AMINA, JOAO)
    assert not sent.crossed
    assert stands(database, sent.request.id, JOAO) == sent.request
    assert sent.request.until == NOW + 7 * DAY
    accepted = database.do(lambda s: requests.accept(s, sent.request.id, JOAO, NOW + DAY))
    assert (accepted.state, accepted.decided_at) == ("accepted", NOW + DAY)
    assert partners(database, AMINA) == [JOAO]
    assert partners(database, JOAO) == [AMINA]
    assert why(lambda: ask(database, JOAO, AMINA)) == "partners"


def test_both_ask_each_other(database: Database) -> None:
    ask(database, AMINA, JOAO)
    crossing = ask(database, JOAO, AMINA, message="Let us dance.")
    assert crossing.crossed
    assert crossing.request.asker == AMINA
    assert partners(database, AMINA) == [JOAO]
    kept = database.do(lambda s: requests.listed(s, JOAO, NOW, offset=0, limit=9))
    assert {one.message: one.state for one in kept} == {"Shall we sing?": "accepted", "Let us dance.": "accepted"}


def test_declined_with_and_without_a_reason(database: Database) -> None:
    plain, told = ask(database, AMINA, JOAO).request.id, ask(database, AMINA, INES).request.id
    database.do(lambda s: requests.decline(s, plain, JOAO, NOW))
    database.do(lambda s: requests.decline(s, told, INES, NOW, reason="full", words="See you next year."))
    assert (stands(database, plain, AMINA).reason, stands(database, plain, AMINA).words) == (None, None)
    assert (stands(database, told, AMINA).reason, stands(database, told, AMINA).words) == ("full", "See you next year.")
    assert partners(database, AMINA) == []


@pytest.mark.parametrize(
    ("ends", "days"), [("declined", 30), ("lapsed", 30), ("withdrawn", 1)], ids=["declined", "lapsed", "withdrawn"]
)
def test_nobody_is_asked_again_at_once(database: Database, ends: str, days: int) -> None:
    request = ask(database, AMINA, JOAO).request.id
    at = NOW + 7 * DAY if ends == "lapsed" else NOW
    if ends == "declined":
        database.do(lambda s: requests.decline(s, request, JOAO, at))
    elif ends == "withdrawn":
        database.do(lambda s: requests.withdraw(s, request, AMINA, at))
    assert stands(database, request, AMINA, at).state == ends
    assert why(lambda: ask(database, AMINA, JOAO, at + days * DAY - timedelta(seconds=1))) == "lately"
    # The other way round nothing stands in the way.
    assert database.do(lambda s: requests.obstacle(s, JOAO, AMINA, at)) is None
    # Also if no chore has come to the lapsed one meanwhile.
    assert ask(database, AMINA, JOAO, at + days * DAY).request.state == "open"
    assert stands(database, request, AMINA, at).state == ends


def test_what_is_decided_stays_decided(database: Database) -> None:
    first, second = ask(database, AMINA, JOAO).request.id, ask(database, AMINA, INES).request.id
    database.do(lambda s: requests.withdraw(s, first, AMINA, NOW))
    database.do(lambda s: requests.decline(s, second, INES, NOW))
    for deed in (requests.accept, requests.decline):
        assert why(lambda do=deed: database.do(lambda s: do(s, first, JOAO, NOW))) == "withdrawn"  # type: ignore[misc]
        assert why(lambda do=deed: database.do(lambda s: do(s, second, INES, NOW))) == "declined"  # type: ignore[misc]
    third = ask(database, INES, JOAO).request.id
    database.do(lambda s: requests.accept(s, third, JOAO, NOW))
    assert why(lambda: database.do(lambda s: requests.accept(s, third, JOAO, NOW))) == "accepted"
    assert why(lambda: database.do(lambda s: requests.withdraw(s, third, INES, NOW))) == "accepted"


def test_requests_of_others_are_no_requests(database: Database) -> None:
    request = ask(database, AMINA, JOAO).request.id
    assert database.do(lambda s: requests.find(s, request, EVE, NOW)) is None
    for person, deed in (
        (EVE, requests.accept),
        (EVE, requests.decline),
        (EVE, requests.withdraw),
        (AMINA, requests.accept),
        (AMINA, requests.decline),
        (JOAO, requests.withdraw),
    ):
        assert why(lambda p=person, do=deed: database.do(lambda s: do(s, request, p, NOW))) == "foreign"  # type: ignore[misc]
    assert stands(database, request, AMINA).state == "open"


def test_too_old_counts_as_lapsed_before_the_chore_comes(database: Database) -> None:
    request = ask(database, AMINA, JOAO).request.id
    late = NOW + 7 * DAY
    assert stands(database, request, JOAO, late - timedelta(seconds=1)).state == "open"
    assert why(lambda: database.do(lambda s: requests.accept(s, request, JOAO, late))) == "lapsed"
    # Who was asked and answered too late may ask in turn; that is a request of its own.
    assert not ask(database, JOAO, AMINA, late).crossed
    lapsed = database.do(lambda s: requests.lapse(s, late, 10))
    assert [(one.id, one.state, one.decided_at) for one in lapsed] == [(request, "lapsed", late)]
    assert database.do(lambda s: requests.lapse(s, late, 10)) == []


def test_a_round_lapses_so_many(database: Database) -> None:
    for person in (2, 3, 4, 5):
        ask(database, AMINA, person)
    late = NOW + 8 * DAY
    assert [len(database.do(lambda s: requests.lapse(s, late, 3))) for _round in range(3)] == [3, 1, 0]


def test_five_open_and_ten_a_day(database: Database) -> None:
    sent = [ask(database, AMINA, person).request.id for person in range(2, 7)]
    assert why(lambda: ask(database, AMINA, 7)) == "limit"
    for request in sent:
        database.do(lambda s, r=request: requests.withdraw(s, r, AMINA, NOW))  # type: ignore[misc]
    for person in range(7, 12):
        ask(database, AMINA, person)
    database.do(lambda s: requests.withdraw(s, sent[-1] + 1, AMINA, NOW))
    assert why(lambda: ask(database, AMINA, 12)) == "day"
    assert ask(database, AMINA, 12, NOW + DAY).request.state == "open"


def test_who_may_be_asked(database: Database) -> None:
    assert why(lambda: ask(database, AMINA, AMINA)) == "self"
    assert why(lambda: ask(database, AMINA, 4711)) == "unavailable"
    for status in ("unverified", "suspended"):
        set_status(database, JOAO, status)
        assert why(lambda: ask(database, AMINA, JOAO)) == "unavailable"
        assert why(lambda: ask(database, JOAO, AMINA)) == "unavailable"
    database.do(lambda s: teachers.set_looking(s, INES, False))
    assert why(lambda: ask(database, AMINA, INES)) == "paused"
    ask(database, AMINA, EVE)
    assert why(lambda: ask(database, AMINA, EVE)) == "asked"


def test_one_who_was_suspended_meanwhile_is_no_partner(database: Database) -> None:
    one, other = ask(database, AMINA, JOAO).request.id, ask(database, INES, AMINA).request.id
    set_status(database, AMINA, "suspended")
    assert why(lambda: database.do(lambda s: requests.accept(s, one, JOAO, NOW))) == "unavailable"
    assert why(lambda: database.do(lambda s: requests.accept(s, other, AMINA, NOW))) == "unavailable"
    assert database.do(lambda s: requests.decline(s, one, JOAO, NOW)).state == "declined"


def test_a_block_ends_what_is_open_and_nothing_begins(database: Database) -> None:
    request = ask(database, AMINA, JOAO).request.id
    closed = database.do(lambda s: blocks.block(s, JOAO, AMINA, NOW))
    assert (closed.partners, closed.requests) == (False, (request,))
    assert stands(database, request, AMINA).state == "declined"
    assert why(lambda: ask(database, AMINA, JOAO)) == why(lambda: ask(database, JOAO, AMINA)) == "unavailable"
    assert database.do(lambda s: blocks.blocked(s, AMINA, JOAO) and blocks.blocked(s, JOAO, AMINA))
    assert database.do(lambda s: (blocks.blocked_people(s, AMINA), blocks.blocked_people(s, INES))) == ({JOAO}, set())
    assert database.do(lambda s: blocks.blocked_by(s, JOAO)) == [(AMINA, NOW)]
    assert database.do(lambda s: blocks.block(s, JOAO, AMINA, NOW)).requests == ()
    assert database.do(lambda s: [blocks.unblock(s, JOAO, AMINA), blocks.unblock(s, JOAO, AMINA)]) == [True, False]
    sent = ask(database, INES, EVE).request.id
    database.do(lambda s: blocks.block(s, INES, EVE, NOW))
    assert stands(database, sent, EVE).state == "withdrawn"


def test_partnerships_begin_end_and_begin_again(database: Database) -> None:
    first = database.do(lambda s: partnerships.open_(s, JOAO, AMINA, NOW))
    assert database.do(lambda s: partnerships.open_(s, AMINA, JOAO, NOW + DAY)) == first
    assert database.do(lambda s: partnerships.between(s, JOAO, AMINA)) == first
    assert database.do(lambda s: partnerships.end(s, AMINA, JOAO, JOAO, NOW)) is True
    assert database.do(lambda s: partnerships.end(s, AMINA, JOAO, JOAO, NOW)) is False
    assert database.do(lambda s: partnerships.open_(s, AMINA, JOAO, NOW + DAY)) != first
    database.do(lambda s: partnerships.open_(s, INES, JOAO, NOW + 2 * DAY))
    assert partners(database, JOAO) == [INES, AMINA]
    assert database.do(lambda s: blocks.block(s, JOAO, AMINA, NOW)).partners is True
    assert partners(database, JOAO) == [INES]


def test_the_list_has_what_waits_first(database: Database) -> None:
    old = ask(database, AMINA, JOAO).request.id
    database.do(lambda s: requests.withdraw(s, old, AMINA, NOW))
    sent = ask(database, AMINA, INES, NOW + DAY).request.id
    got = ask(database, EVE, AMINA).request.id
    order = [one.id for one in database.do(lambda s: requests.listed(s, AMINA, NOW + DAY, offset=0, limit=5))]
    assert order == [got, sent, old]
    assert [one.id for one in database.do(lambda s: requests.listed(s, AMINA, NOW, offset=2, limit=5))] == [old]
    assert database.do(lambda s: (requests.counted(s, AMINA), requests.counted(s, JOAO))) == (3, 1)


def test_joined_profiles_keep_their_requests_partners_and_blocks(database: Database) -> None:
    again = 9
    database.do(lambda s: partnerships.open_(s, AMINA, JOAO, NOW + DAY))
    database.do(lambda s: partnerships.open_(s, again, JOAO, NOW))
    database.do(lambda s: partnerships.open_(s, again, 5, NOW))
    database.do(lambda s: partnerships.open_(s, again, AMINA, NOW))
    ask(database, AMINA, INES)
    twin, kept = ask(database, again, INES).request.id, ask(database, 6, again).request.id
    own = ask(database, again, 7).request.id
    database.do(lambda s: blocks.block(s, again, EVE, NOW))
    database.do(lambda s: blocks.block(s, 8, again, NOW))
    database.do(lambda s: links.join(s, again, into=AMINA, now=NOW))
    assert sorted(partners(database, AMINA)) == [JOAO, 5]
    assert {one.since for one in database.do(lambda s: partnerships.partners_of(s, AMINA))} == {NOW}
    assert stands(database, twin, AMINA).state == "withdrawn"
    assert stands(database, kept, AMINA).state == stands(database, own, AMINA).state == "open"
    assert database.do(lambda s: blocks.blocked_people(s, AMINA)) == {EVE, 8}


def at_once(database: Database, *deeds: Callable[[Session], T]) -> list[T | str]:
    """Do these at the same moment, each in a session of its own; what each came to, or why it could not."""
    together, results = Barrier(len(deeds)), dict[int, T | str]()

    def run(place: int, deed: Callable[[Session], T]) -> None:
        together.wait()
        try:
            results[place] = database.do(deed)
        except Cannot as cannot:
            results[place] = cannot.why

    threads = [Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[place] for place in range(len(deeds))]


@pytest.mark.parametrize("_round", range(5))
def test_two_who_ask_each_other_at_the_same_moment_are_partners_once(database: Database, _round: int) -> None:
    both = at_once(
        database,
        lambda s: requests.send(s, AMINA, JOAO, "Shall we?", NOW).crossed,
        lambda s: requests.send(s, JOAO, AMINA, "Shall we?", NOW).crossed,
    )
    assert sorted(map(str, both)) == ["False", "True"]
    assert partners(database, AMINA) == [JOAO]


@pytest.mark.parametrize("_round", range(3))
def test_of_several_who_decide_at_the_same_moment_one_does(database: Database, _round: int) -> None:
    request = ask(database, AMINA, JOAO).request.id
    done = at_once(
        database,
        lambda s: requests.accept(s, request, JOAO, NOW).state,
        lambda s: requests.accept(s, request, JOAO, NOW).state,
        lambda s: requests.withdraw(s, request, AMINA, NOW).state,
        lambda s: requests.decline(s, request, JOAO, NOW).state,
    )
    state = stands(database, request, AMINA).state
    assert done == [state] * 4
    assert partners(database, AMINA) == ([JOAO] if state == "accepted" else [])


def test_a_block_and_an_acceptance_at_the_same_moment_leave_no_partners(database: Database) -> None:
    request = ask(database, AMINA, JOAO).request.id
    at_once(
        database,
        lambda s: requests.accept(s, request, JOAO, NOW).state,
        lambda s: str(blocks.block(s, AMINA, JOAO, NOW)),
    )
    assert partners(database, AMINA) == []


def test_taps_at_the_same_moment_send_no_more_than_five(database: Database) -> None:
    deeds = [partial(requests.send, asker=AMINA, asked=person, message="Hi", now=NOW) for person in range(2, 10)]
    done = at_once(database, *deeds, deeds[0])
    assert database.do(lambda s: requests.number_open(s, AMINA, NOW)) == 5
    assert sum(isinstance(one, Sent) for one in done) == 5
