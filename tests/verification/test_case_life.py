"""The life of a case, as a state machine: whatever is done in whatever order, the tables say what the model says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from storage import staff, suspensions, teachers
from storage.database import make_engine
from storage.models import Base, Case, Person
from storage.schools import add_school
from storage.teachers import TeacherFacts
from storage.verification import cases, queue, reading
from storage.verification.cases import Decision
from tests.talk import NOW
from tests.vault import VAULT

TEACHER, ANA, BEA, CENTRAL = 1, 2, 3, 4
OFFICERS = st.sampled_from([ANA, BEA, CENTRAL])
DAY = timedelta(days=1)


@cache
def _engine() -> Engine:
    """A database with one teacher and three others; each life is rolled back."""
    engine = make_engine("sqlite://", VAULT)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for person in (TEACHER, ANA, BEA, CENTRAL):
            session.add(Person(id=person, language="en", created_at=NOW, active_at=NOW))
        session.flush()
        school = add_school(session, "PT", "Escola A", "Viseu", "primary", now=NOW).id
        told = TeacherFacts("Amina", "PT", school, ("music",), ("en",), (8, 10), "")
        teachers.register(session, TEACHER, told, NOW)
        session.commit()
    return engine


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    yield
    _engine().dispose()


@dataclass
class Model:
    """What should be so."""

    status: str = "unverified"
    state: str | None = None
    before: str | None = None
    outcome: str | None = None
    decided_by: int = 0
    carry_at: datetime = NOW
    closed: list[str] = field(default_factory=list)


class Life(RuleBasedStateMachine):
    """One teacher, two national officers and a central one."""

    @initialize()
    def begin(self) -> None:
        self.now, self.model = NOW, Model()
        self.session = Session(_engine(), expire_on_commit=False)
        self.session.connection().exec_driver_sql("BEGIN")
        self.officers: set[int] = set()
        for person in (ANA, BEA, CENTRAL):
            self.appoint(person)

    def appoint(self, person: int) -> None:
        role = (staff.CENTRAL, None) if person == CENTRAL else (staff.NATIONAL, "PT")
        staff.name_officer(self.session, person, *role, named_by=None, now=self.now)
        self.officers.add(person)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.connection().exec_driver_sql("ROLLBACK")
            self.session.close()

    @property
    def case(self) -> Case | None:
        return cases.open_of(self.session, TEACHER)

    def close(self, outcome: str) -> None:
        self.model.state = self.model.before = self.model.outcome = None
        if outcome:
            self.model.closed.append(outcome)

    @rule(seconds=st.sampled_from([1, 9, 10, 11]))
    def a_moment_goes_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(days=st.sampled_from([1, 8]))
    @precondition(lambda self: self.model.state == "waiting")
    def days_go_by(self, days: int) -> None:
        self.now += days * DAY

    @rule()
    @precondition(lambda self: self.model.status == "unverified")
    def the_teacher_writes(self) -> None:
        case = cases.open_case(self.session, TEACHER, "PT", "A note.", now=self.now, due=self.now + 7 * DAY)
        assert case.person_id == TEACHER
        if self.model.state in {None, "asked"}:
            self.model.state = "waiting"

    @rule()
    @precondition(lambda self: self.model.state is not None)
    def the_teacher_answers(self) -> None:
        case = self.case
        answered = case is not None and cases.answer(self.session, case.id, "Yes.", now=self.now, due=self.now + DAY)
        assert answered == (self.model.state == "asked")
        if answered:
            self.model.state = "waiting"

    @rule()
    @precondition(lambda self: self.model.state not in {None, "paused"})
    def the_teacher_takes_it_back(self) -> None:
        cases.close(self.session, TEACHER, self.now)
        if self.model.state is not None:
            self.close("withdrawn")

    @rule()
    def a_proof_comes(self) -> None:
        proved = cases.prove(self.session, TEACHER, "PT", "email", self.now)
        assert proved == (self.model.status == "unverified")
        if proved:
            self.model.status = "verified"
            self.close("proved")

    @rule()
    @precondition(lambda self: self.model.status != "suspended")
    def the_teacher_moves(self) -> None:
        was = cases.move(self.session, TEACHER, "PT", now=self.now, due=self.now + DAY)
        assert was == (self.model.status == "verified")
        self.model.status = "unverified"
        if self.model.outcome == "revoked":
            self.close("withdrawn")
        elif self.model.state == "held":
            self.model.state, self.model.before, self.model.outcome = self.model.before, None, None

    @rule()
    def an_officer_suspends_or_reinstates(self) -> None:
        model = self.model
        if model.status != "suspended":
            self.suspension = suspensions.suspend(self.session, TEACHER, "Why.", by=ANA, now=self.now)
            self.suspended_from, model.status = model.status, "suspended"
            if model.state == "held":
                model.state, model.outcome = model.before, None
            model.before = model.state
            model.state = None if model.state is None else "paused"
        else:
            assert self.suspension is not None
            assert suspensions.end(self.session, self.suspension, by=ANA, now=self.now)
            model.status = self.suspended_from
            model.state, model.before = model.before, None

    @rule(officer=OFFICERS, approve=st.booleans(), stale=st.sampled_from([False, False, False, True]))
    @precondition(lambda self: self.model.state is not None)
    def an_officer_decides(self, officer: int, approve: bool, stale: bool) -> None:
        case = self.case
        assert case is not None
        outcome = Decision("approved" if approve else "declined", officer, None if approve else "not_there")
        version = case.version - 1 if stale else case.version
        held = cases.decide(self.session, case.id, outcome, version=version, now=self.now)
        assert held == (self.model.state in {"waiting", "asked"} and not stale)
        if held:
            self.hold(outcome.outcome, officer)

    @rule(officer=OFFICERS)
    @precondition(lambda self: self.model.status == "verified")
    def an_officer_takes_back(self, officer: int) -> None:
        decision = Decision("revoked", officer, "left")
        case = cases.revoke(self.session, TEACHER, "PT", decision, now=self.now)
        assert (case is not None) == (self.model.status == "verified" and self.model.state is None)
        if case is not None:
            self.hold("revoked", officer)

    def hold(self, outcome: str, officer: int) -> None:
        self.model.before, self.model.state, self.model.outcome = self.model.state, "held", outcome
        self.model.decided_by, self.model.carry_at = officer, self.now + timedelta(seconds=10)

    @rule(officer=OFFICERS)
    @precondition(lambda self: self.model.state is not None)
    def an_officer_asks(self, officer: int) -> None:
        case = self.case
        assert case is not None
        asked = cases.ask(self.session, case.id, officer, "Which class?", version=case.version, now=self.now)
        assert asked == (self.model.state in {"waiting", "asked"})
        if asked:
            self.model.state = "asked"

    @rule(officer=OFFICERS)
    @precondition(lambda self: self.model.state == "held")
    def an_officer_undoes(self, officer: int) -> None:
        case = self.case
        undone = case is not None and cases.undo(self.session, case.id, officer, self.now)
        model = self.model
        assert undone == (model.state == "held" and model.decided_by == officer and self.now < model.carry_at)
        if undone:
            model.state, model.before, model.outcome = model.before, None, None

    @rule(officer=OFFICERS)
    def an_officer_leaves_or_comes_back(self, officer: int) -> None:
        if officer in self.officers:
            staff.remove_officer(self.session, officer)
            self.officers.remove(officer)
        else:
            self.appoint(officer)

    @rule()
    @precondition(lambda self: self.model.state == "held")
    def decisions_are_carried_out(self) -> None:
        model = self.model
        due = cases.to_carry(self.session, self.now, 10)
        assert bool(due) == (model.state == "held" and model.carry_at <= self.now)
        for case in due:
            carried = cases.carry(self.session, case, self.now)
            assert carried == (model.decided_by in self.officers)
            if not carried:
                model.state, model.before, model.outcome = model.before, None, None
                continue
            assert model.outcome is not None
            changed = {"approved": "verified", "revoked": "unverified"}
            model.status = changed.get(model.outcome, model.status)
            self.close(model.outcome)

    @rule()
    def what_is_overdue_is_passed_on(self) -> None:
        due = queue.overdue(self.session, self.now, 10)
        assert not due or self.model.state == "waiting"
        if (case := self.case) is not None and case.state == "waiting" and case.national:
            assert bool(due) == (case.due_at <= self.now or not self.officers & {ANA, BEA})
        queue.escalate(self.session, due, self.now)
        assert queue.overdue(self.session, self.now, 10) == []

    @invariant()
    def the_tables_say_what_the_model_says(self) -> None:
        if not hasattr(self, "session"):
            return
        case = self.case
        assert (None if case is None else case.state) == self.model.state
        assert (None if case is None else case.outcome) == self.model.outcome
        assert reading.status_of(self.session, TEACHER) == self.model.status
        closed = list(self.session.scalars(select(Case.outcome).where(Case.state == "closed").order_by(Case.id)))
        assert sorted(map(str, closed)) == sorted(self.model.closed)
        opened = select(func.count()).select_from(Case).where(Case.state != "closed")
        assert self.session.scalar(opened) == (self.model.state is not None)

    @invariant()
    def only_who_waits_is_in_the_queue(self) -> None:
        if not hasattr(self, "session"):
            return
        waits = self.model.state == "waiting"
        for country in ("PT", None):
            tally = queue.tally(self.session, country)
            assert tally.waiting == waits
            assert tally.asked == (self.model.state == "asked")
            found = queue.next_case(self.session, ANA, country, now=self.now)
            assert (found is not None) == waits


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=100, stateful_step_count=30)
