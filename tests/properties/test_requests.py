"""Two to eight teachers ask, answer, take back, block, pause and wait in any order: what may never be, never is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from storage import blocks, partnerships, requests, teachers
from storage.database import make_engine
from storage.models import Base, PartnerRequest, Partnership, Person, Teacher
from storage.requests import Cannot
from storage.schools import add_school
from storage.teachers import TeacherFacts
from tests.vault import VAULT

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
#: Two of them are drawn again and again, so that their paths cross often.
two = st.sampled_from([*[(1, 2), (2, 1)] * 3, (3, 1), (2, 3), (4, 1), (1, 1), *((1, other) for other in range(3, 9))])
somebody = st.sampled_from([1, 2, 3, 4])
Pair = frozenset[int]


@cache
def town() -> Engine:
    """A database with eight teachers; each example is undone."""
    engine = make_engine("sqlite://", VAULT)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        for person in range(1, 9):
            session.add(Person(id=person, language="en", created_at=START, active_at=START))
            session.flush()
            school = add_school(session, "PT", f"Escola {person}", "Viseu", "primary", now=START)
            told = TeacherFacts(f"Teacher {person}", "PT", school.id, ("music",), ("en",), (8, 10), "")
            teachers.register(session, person, told, START)
    return engine


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    """Close the database after the last example."""
    yield
    town().dispose()
    town.cache_clear()


class Teachers(RuleBasedStateMachine):
    """The database beside a model: who are partners, and why."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = town().connect()
        self.connection.exec_driver_sql("BEGIN")
        self.session = Session(self.connection)
        self.now = START
        self.partners: set[Pair] = set()
        self.blocks: set[tuple[int, int]] = set()

    @initialize(number=st.sampled_from([2, 4, 8, 8]))
    def verify(self, number: int) -> None:
        """Those who are not verified stand beside the story and change nothing."""
        for person in range(1, number + 1):
            self.stand(person, "verified")

    def stand(self, person: int, status: str) -> None:
        self.session.execute(update(Teacher).where(Teacher.person_id == person).values(status=status))

    def does(self, deed: Callable[[], object]) -> str | None:
        """Do something; why it could not be done, or None."""
        try:
            with self.session.begin_nested():
                deed()
        except Cannot as cannot:
            return cannot.why
        return None

    @rule(pair=two)
    def ask(self, pair: tuple[int, int]) -> None:
        (asker, asked), both = pair, frozenset(pair)
        crossing = self.open_between(asked, asker)
        why = self.does(lambda: requests.send(self.session, asker, asked, "Shall we sing?", self.now))
        if crossing and why is None:
            self.partners.add(both)
        if why is None:
            assert asker != asked
            assert not self.blocked(both)
        if both in self.partners and not crossing:
            assert why is not None

    @rule(person=somebody, place=st.integers(0, 9), deed=st.sampled_from(["accept", "decline", "withdraw"]))
    def decide(self, person: int, place: int, deed: str) -> None:
        """Anybody tries to decide one of the newest requests, whosever it is."""
        newest = self.session.scalars(select(PartnerRequest.id).order_by(PartnerRequest.id.desc()).limit(10)).all()
        if place >= len(newest):
            return
        row = self.session.get(PartnerRequest, newest[place], populate_existing=True)
        assert row is not None
        theirs = row.asker_id if deed == "withdraw" else row.asked_id
        before, pair = row.state, frozenset({row.asker_id, row.asked_id})
        why = self.does(lambda: getattr(requests, deed)(self.session, row.id, person, self.now))
        if person != theirs:
            assert why == "foreign"
        elif before != "open":
            assert why == before
        if why is None and deed == "accept":
            assert not self.blocked(pair)
            self.partners.add(pair)

    @rule(pair=two)
    def block(self, pair: tuple[int, int]) -> None:
        if pair[0] != pair[1]:
            blocks.block(self.session, *pair, self.now)
            self.blocks.add(pair)
            self.partners.discard(frozenset(pair))

    @rule(pair=two)
    def unblock(self, pair: tuple[int, int]) -> None:
        assert blocks.unblock(self.session, *pair) == (pair in self.blocks)
        self.blocks.discard(pair)

    @rule(pair=two)
    def end(self, pair: tuple[int, int]) -> None:
        assert partnerships.end(self.session, *pair, pair[0], self.now) == (frozenset(pair) in self.partners)
        self.partners.discard(frozenset(pair))

    @rule(person=somebody, status=st.sampled_from(["suspended", "verified"]))
    def suspend(self, person: int, status: str) -> None:
        self.stand(person, status)

    @rule(person=somebody, looking=st.booleans())
    def pause(self, person: int, looking: bool) -> None:
        teachers.set_looking(self.session, person, looking)

    @rule(hours=st.sampled_from([1, 30, 24 * 7, 24 * 40]), chore=st.booleans())
    def wait(self, hours: int, chore: bool) -> None:
        self.now += timedelta(hours=hours)
        if chore:
            for lapsed in requests.lapse(self.session, self.now, 50):
                assert lapsed.state == "lapsed"
                assert lapsed.sent_at <= self.now - requests.LIFETIME

    def open_between(self, asker: int, asked: int) -> bool:
        return requests.open_from(self.session, asker, asked, self.now) is not None

    def blocked(self, pair: Pair) -> bool:
        return any(frozenset(block) == pair for block in self.blocks)

    @invariant()
    def no_two_open_requests_of_a_pair(self) -> None:
        """Neither twice the same way nor across, and none between those who are partners or blocked."""
        query = select(PartnerRequest.asker_id, PartnerRequest.asked_id).where(PartnerRequest.state == "open")
        counted = Counter(frozenset(row) for row in self.session.execute(query.where(self.not_too_old())))
        assert all(number == 1 for number in counted.values())
        assert not self.partners & counted.keys()
        assert not any(self.blocked(pair) for pair in counted)

    def not_too_old(self) -> object:
        return PartnerRequest.sent_at > self.now - requests.LIFETIME

    @invariant()
    def never_more_than_five_open(self) -> None:
        assert requests.number_open(self.session, 1, self.now) <= requests.MOST_OPEN

    @invariant()
    def partners_are_those_who_accepted(self) -> None:
        query = select(Partnership.one_id, Partnership.other_id).where(Partnership.ended_at.is_(None))
        pairs = [frozenset(row) for row in self.session.execute(query)]
        assert len(pairs) == len(set(pairs))
        assert set(pairs) == self.partners
        for a, b in ((1, 2), (2, 1), (2, 3)):
            assert (partnerships.between(self.session, a, b) is not None) == (frozenset({a, b}) in self.partners)
            assert blocks.blocked(self.session, a, b) == self.blocked(frozenset({a, b}))

    @invariant()
    def what_is_decided_says_when(self) -> None:
        for row in self.session.scalars(select(PartnerRequest)):
            assert (row.state == "open") == (row.decided_at is None)

    def teardown(self) -> None:
        self.session.close()
        self.connection.exec_driver_sql("ROLLBACK")
        self.connection.close()


TestTeachers = Teachers.TestCase
TestTeachers.settings = settings(max_examples=settings().max_examples // 4, stateful_step_count=30)
