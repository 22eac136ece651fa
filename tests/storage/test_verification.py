"""The queue on both databases: whose turn it is, who waits before whom, who was verified, and two officers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.orm import Session

from storage import staff, teachers
from storage.database import Database
from storage.models import Case, Person
from storage.schools import add_school
from storage.teachers import TeacherFacts
from storage.verification import cases, codes, proofs, queue, reading
from storage.verification.cases import Decision
from tests.storage.conftest import NOW
from tests.vault import VAULT

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
COUNTRIES = ["PT", "PL", "PT", "PL", "PT"]
ANA, BEA, MARIA = 101, 102, 103


@pytest.fixture
def filled(database: Database) -> Iterator[Database]:
    """Teachers 1 to 5 wait, the first since the longest; Ana is of PT, Bea of PL, Maria of central support."""
    database.do(fill)
    yield database


def fill(session: Session) -> None:
    for person in [*range(1, 6), ANA, BEA, MARIA]:
        session.add(Person(id=person, language="en", created_at=NOW, active_at=NOW))
    session.flush()
    schools = {country: add_school(session, country, "A", "B", "primary", now=NOW).id for country in ("PT", "PL")}
    for person, country in enumerate(COUNTRIES, 1):
        told = TeacherFacts(f"T{person}", country, schools[country], ("music",), ("en",), (8, 10), "")
        teachers.register(session, person, told, NOW)
        cases.open_case(session, person, country, "A note.", now=NOW + person * MINUTE, due=NOW + person * DAY)
    for person, role, country in ((ANA, "national", "PT"), (BEA, "national", "PL"), (MARIA, "central", None)):
        staff.name_officer(session, person, role, country, named_by=None, now=NOW)


def case_of(session: Session, person: int) -> Case:
    case = cases.open_of(session, person)
    assert case is not None
    return case


def walk(session: Session, officer: int, country: str | None, steps: int) -> list[int]:
    """Whom an officer sees who only ever says "next"."""
    seen: list[int] = []
    case: Case | None = None
    for _step in range(steps):
        case = queue.next_case(session, officer, country, now=NOW, after=case)
        assert case is not None
        seen.append(case.person_id)
    return seen


def test_the_oldest_first_and_round_again(filled: Database) -> None:
    assert filled.do(partial(walk, officer=ANA, country="PT", steps=4)) == [1, 3, 5, 1]
    assert filled.do(partial(walk, officer=BEA, country="PL", steps=3)) == [2, 4, 2]
    assert filled.do(partial(walk, officer=MARIA, country=None, steps=6)) == [1, 2, 3, 4, 5, 1]


def test_central_support_sees_first_what_was_passed_on(filled: Database) -> None:
    def passed_on(session: Session) -> list[int]:
        due = queue.overdue(session, NOW + 2 * DAY, 10)
        queue.escalate(session, [case for case in due if case.person_id == 2], NOW)
        queue.escalate(session, [case_of(session, 4)], NOW)
        assert queue.tally(session, None) == queue.Tally(5, NOW + MINUTE, 2, 0)
        assert queue.escalated_since(session, NOW - MINUTE) == 2
        assert queue.escalated_since(session, NOW) == 0
        return walk(session, MARIA, None, 6)

    assert filled.do(passed_on) == [2, 4, 1, 3, 5, 2]


def test_what_a_colleague_looks_at_comes_last_for_ten_minutes(filled: Database) -> None:
    def looked(session: Session) -> None:
        cases.look(session, case_of(session, 1).id, BEA, NOW)
        assert walk(session, ANA, "PT", 4) == [3, 5, 3, 5]
        later = queue.next_case(session, ANA, "PT", now=NOW + queue.LOOKING + MINUTE)
        assert later is not None and later.person_id == 1
        for person in (3, 5):
            cases.look(session, case_of(session, person).id, BEA, NOW)
        assert walk(session, ANA, "PT", 3) == [1, 3, 5]

    filled.do(looked)


def test_who_waits_before_whom(filled: Database) -> None:
    def counted(session: Session) -> list[queue.Ahead]:
        return [queue.ahead(session, case_of(session, person)) for person in range(1, 6)]

    first = {"PT": NOW + MINUTE, "PL": NOW + 2 * MINUTE}
    assert filled.do(counted) == [
        queue.Ahead(0, None),
        queue.Ahead(0, None),
        queue.Ahead(1, first["PT"]),
        queue.Ahead(1, first["PL"]),
        queue.Ahead(2, first["PT"]),
    ]


def test_how_soon_answers_come(filled: Database) -> None:
    def answered(session: Session) -> None:
        for person, hours in ((1, 2), (3, 30), (5, 4)):
            assert queue.usual(session, "PT") is None
            case, then = case_of(session, person), NOW + timedelta(hours=hours)
            cases.decide(session, case.id, Decision("approved", ANA), version=case.version, now=then)
            cases.carry(session, case_of(session, person), then + MINUTE)
        usual = queue.usual(session, "PT")
        assert usual is not None and timedelta(hours=29) < usual < timedelta(hours=30)
        assert queue.usual(session, "PL") is None

    filled.do(answered)


def test_who_was_verified_lately(filled: Database) -> None:
    def verified(session: Session) -> None:
        case = case_of(session, 1)
        cases.decide(session, case.id, Decision("approved", ANA), version=case.version, now=NOW)
        cases.carry(session, case_of(session, 1), NOW + MINUTE)
        for person in (2, 3):
            cases.prove(session, person, COUNTRIES[person - 1], "email", NOW + person * MINUTE)
        # Who moved and was verified anew stands there once; who moved and was not, not at all.
        cases.move(session, 1, "PT", now=NOW + 9 * MINUTE, due=NOW)
        assert [each.person_id for each in queue.lately_verified(session, None, offset=0, limit=9)] == [3, 2]
        cases.prove(session, 1, "PT", "head", NOW + 10 * MINUTE)
        assert [each.person_id for each in queue.lately_verified(session, None, offset=0, limit=9)] == [1, 3, 2]
        assert [each.person_id for each in queue.lately_verified(session, "PT", offset=1, limit=1)] == [3]
        assert reading.verified_at(session, 1) == 2

    filled.do(verified)


def test_two_officers_at_the_same_moment(filled: Database) -> None:
    """Both have the case on the screen and decide in two transactions that overlap: one of them counts."""
    both_read = threading.Barrier(2)
    results: list[bool] = []

    def decides(session: Session, officer: int, outcome: cases.Outcome) -> bool:
        case = case_of(session, 1)
        if not filled.embedded:
            both_read.wait(10)
        return cases.decide(session, case.id, Decision(outcome, officer), version=1, now=NOW)

    def one(unit: Callable[[Session], bool]) -> None:
        results.append(filled.do(unit))

    threads = [
        threading.Thread(target=one, args=(partial(decides, officer=officer, outcome=outcome),))
        for officer, outcome in ((ANA, "approved"), (MARIA, "declined"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == [False, True]
    case = filled.do(partial(case_of, person=1))
    assert (case.decided_by, case.outcome) in {(ANA, "approved"), (MARIA, "declined")}


def test_joined_accounts_take_their_decisions_along(filled: Database) -> None:
    def joined(session: Session) -> None:
        case = case_of(session, 1)
        cases.decide(session, case.id, Decision("declined", ANA, words="No."), version=case.version, now=NOW)
        proofs.add(session, 2, 2, "ambassador", "asked", now=NOW, until=NOW + DAY, by=ANA)
        cases.carry_over(session, ANA, BEA)
        assert case_of(session, 1).decided_by == BEA
        assert [proof.person_id for proof in proofs.asked_of(session, BEA, NOW)] == [2]

    filled.do(joined)


def test_a_code_and_its_address_are_no_ones_to_read(filled: Database) -> None:
    code = filled.do(partial(codes.make, person=1, school=1, address="T1@a.pt", domain="a.pt", now=NOW))

    def stored(session: Session) -> None:
        row = codes.active(session, 1, 1, NOW)
        assert row is not None
        plain = code.replace("-", "")
        assert (row.code, row.address) == (
            VAULT.digest(plain, "mail_codes.code"),
            VAULT.digest("t1@a.pt", "mail_codes.address"),
        )
        assert codes.active(session, 2, 1, NOW) is None
        assert codes.guess(session, row, f" {code.lower()} ") == "right"
        assert codes.guess(session, row, code) == "gone"

    filled.do(stored)
