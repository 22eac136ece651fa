"""Projects on both databases: who may do what, and what happens when two act at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from storage import links, projects, rooms
from storage.database import Database
from storage.models import Person, Project, ProjectMember, Teacher
from storage.projects import Cannot
from storage.rights import erasing
from tests.projects.town import AMINA, DAY, EVE, INES, JOAO, NOW, RIVERS, at_once, joined, opened, settle


@pytest.fixture(autouse=True)
def town(database: Database) -> Database:
    database.do(settle)
    return database


def roles(database: Database, project: int) -> dict[int, str]:
    return {each.person: each.role for each in database.do(lambda s: projects.members(s, project))}


def state(database: Database, project: int) -> str:
    found = database.do(lambda s: projects.find(s, project))
    assert found is not None
    return found.state


def inside(database: Database, project: int) -> list[set[int]]:
    """Who has a seat in each room."""

    def look(session: Session) -> list[set[int]]:
        known = rooms.of_project(session, project)
        return [{p for p in (AMINA, JOAO, INES, EVE) if rooms.seat_of(session, room.id, p)} for room in known]

    return database.do(look)


def why(database: Database, deed: Callable[[Session], Any]) -> str:
    with pytest.raises(Cannot) as raised:
        database.do(deed)
    return raised.value.why


def test_proposed_and_signed(database: Database) -> None:
    made = database.do(lambda s: projects.propose(s, AMINA, JOAO, RIVERS, NOW))
    assert (made.state, made.facts, made.starter) == ("proposed", RIVERS, AMINA)
    assert [one.id for one in database.do(lambda s: projects.waiting_for(s, JOAO))] == [made.id]
    for person in (AMINA, INES):
        expected = "state" if person == AMINA else "foreign"
        assert why(database, lambda s, p=person: projects.sign(s, made.id, p, NOW)) == expected
    assert database.do(lambda s: projects.sign(s, made.id, JOAO, NOW)).state == "open"
    assert roles(database, made.id) == {AMINA: "founder", JOAO: "founder"}
    found = database.do(lambda s: rooms.of_project(s, made.id))
    assert [(room.kind, room.audience) for room in found] == [("staff", "teachers"), ("class", "everyone")]
    assert inside(database, made.id) == [{AMINA, JOAO}] * 2
    assert [d.platform for d in database.do(lambda s: rooms.doors(s, found[0].id))] == ["web"]
    for country in ("PT", "PL", None):
        assert [one.id for one in database.do(lambda s, c=country: projects.in_country(s, c, 9))] == [made.id]
    assert database.do(lambda s: projects.in_country(s, "FR", 9)) == []


@pytest.mark.parametrize("who", [AMINA, JOAO])
def test_nothing_comes_of_it(database: Database, who: int) -> None:
    made = database.do(lambda s: projects.propose(s, AMINA, JOAO, RIVERS, NOW)).id
    assert why(database, lambda s: projects.drop(s, made, EVE, NOW)) == "foreign"
    assert database.do(lambda s: projects.drop(s, made, who, NOW)).state == "dropped"
    assert why(database, lambda s: projects.sign(s, made, JOAO, NOW)) == "state"
    assert database.do(lambda s: projects.waiting_for(s, JOAO)) == []


def test_a_proposal_lapses(database: Database) -> None:
    made = database.do(lambda s: projects.propose(s, AMINA, JOAO, RIVERS, NOW)).id
    assert database.do(lambda s: projects.lapse_due(s, NOW + 13 * DAY, 9)) == []
    assert [one.id for one in database.do(lambda s: projects.lapse_due(s, NOW + 14 * DAY, 9))] == [made]


def test_nobody_has_more_than_five_proposals_waiting(database: Database) -> None:
    for _number in range(5):
        database.do(lambda s: projects.propose(s, AMINA, JOAO, RIVERS, NOW))
    assert why(database, lambda s: projects.propose(s, AMINA, INES, RIVERS, NOW)) == "many"
    database.do(lambda s: projects.sign(s, 1, JOAO, NOW))
    database.do(lambda s: projects.propose(s, AMINA, INES, RIVERS, NOW))


@pytest.mark.parametrize("_round", range(3))
def test_two_taps_sign_once(database: Database, _round: int) -> None:
    made = database.do(lambda s: projects.propose(s, AMINA, JOAO, RIVERS, NOW)).id
    sign = lambda s: projects.sign(s, made, JOAO, NOW).state  # noqa: E731
    assert sorted(at_once(database, sign, sign)) == ["open", "state"]
    assert len(database.do(lambda s: rooms.of_project(s, made))) == 2


@pytest.mark.parametrize("_round", range(3))
def test_one_signs_while_the_other_takes_it_back(database: Database, _round: int) -> None:
    made = database.do(lambda s: projects.propose(s, AMINA, JOAO, RIVERS, NOW)).id
    came = at_once(
        database,
        lambda s: projects.sign(s, made, JOAO, NOW).state,
        lambda s: projects.drop(s, made, AMINA, NOW).state,
    )
    assert came in (["open", "state"], ["state", "dropped"])
    assert len(database.do(lambda s: rooms.of_project(s, made))) == (2 if came[0] == "open" else 0)


@pytest.mark.parametrize("_round", range(3))
def test_a_project_is_never_without_a_founder(database: Database, _round: int) -> None:
    made = opened(database)
    both = at_once(
        database,
        lambda s: projects.leave(s, made, AMINA, NOW).state,
        lambda s: projects.leave(s, made, JOAO, NOW).state,
    )
    assert sorted(both) == ["last", "open"]
    assert list(roles(database, made).values()) == ["founder"]


def test_invited_joined_and_left(database: Database) -> None:
    made = opened(database)
    assert why(database, lambda s: projects.invite(s, made, INES, EVE, NOW)) == "foreign"
    assert why(database, lambda s: projects.invite(s, made, JOAO, INES, NOW)) == "partner"
    joined(database, made, INES)
    assert why(database, lambda s: projects.invite(s, made, AMINA, INES, NOW)) == "member"
    database.do(lambda s: projects.invite(s, made, AMINA, EVE, NOW))
    assert inside(database, made) == [{AMINA, JOAO, INES}] * 2
    database.do(lambda s: projects.answer(s, made, EVE, False, NOW))
    assert why(database, lambda s: projects.answer(s, made, EVE, True, NOW)) == "foreign"
    database.do(lambda s: projects.leave(s, made, INES, NOW))
    assert inside(database, made) == [{AMINA, JOAO}] * 2
    joined(database, made, INES, EVE)
    assert inside(database, made) == [{AMINA, JOAO, INES, EVE}] * 2


def test_only_verified_teachers_are_invited(database: Database) -> None:
    made = opened(database)
    database.do(
        lambda s: s.execute(update(Teacher).where(Teacher.person_id == EVE).values(status="suspended")) and None
    )
    assert why(database, lambda s: projects.invite(s, made, AMINA, EVE, NOW)) == "unavailable"


def test_codes_lead_in_until_they_expire(database: Database) -> None:
    made = opened(database)
    code = database.do(lambda s: projects.make_code(s, made, JOAO, NOW))
    assert database.do(lambda s: projects.by_code(s, code.lower().replace("-", " "), NOW)) == (made, JOAO)
    assert database.do(lambda s: projects.by_code(s, code, NOW + 14 * DAY)) is None
    database.do(lambda s: projects.ask_in(s, made, EVE, JOAO, NOW))
    database.do(lambda s: projects.answer(s, made, EVE, True, NOW))
    assert roles(database, made)[EVE] == "teacher"
    assert why(database, lambda s: projects.make_code(s, made, EVE, NOW)) == "foreign"
    database.do(lambda s: projects.hand_over(s, made, JOAO, EVE, NOW))
    assert database.do(lambda s: projects.by_code(s, code, NOW)) is None
    newer = database.do(lambda s: projects.make_code(s, made, AMINA, NOW))
    database.do(lambda s: projects.close(s, made, AMINA, NOW))
    assert database.do(lambda s: projects.by_code(s, newer, NOW)) is None


def test_fifty_schools_and_no_more(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.projects.joining.MOST_SCHOOLS", 3)
    made = opened(database)
    database.do(lambda s: projects.invite(s, made, AMINA, INES, NOW))
    database.do(lambda s: projects.invite(s, made, AMINA, EVE, NOW))
    database.do(lambda s: projects.answer(s, made, INES, True, NOW))
    assert why(database, lambda s: projects.answer(s, made, EVE, True, NOW)) == "full"
    assert why(database, lambda s: projects.ask_in(s, made, INES, AMINA, NOW)) == "full"


def test_handed_over(database: Database) -> None:
    made = opened(database)
    joined(database, made, INES)
    assert why(database, lambda s: projects.hand_over(s, made, AMINA, EVE, NOW)) == "successor"
    assert why(database, lambda s: projects.hand_over(s, made, INES, EVE, NOW)) == "foreign"
    database.do(lambda s: projects.hand_over(s, made, AMINA, INES, NOW))
    assert roles(database, made) == {JOAO: "founder", INES: "founder", AMINA: "teacher"}


def test_closed_and_opened_again_or_archived(database: Database) -> None:
    made = opened(database)
    joined(database, made, INES)
    assert why(database, lambda s: projects.close(s, made, INES, NOW)) == "foreign"
    database.do(lambda s: projects.close(s, made, JOAO, NOW))
    assert not any(room.open for room in database.do(lambda s: rooms.of_project(s, made)))
    assert why(database, lambda s: projects.reopen(s, made, AMINA, NOW + 30 * DAY)) == "state"
    database.do(lambda s: projects.reopen(s, made, AMINA, NOW + 29 * DAY))
    assert all(room.open for room in database.do(lambda s: rooms.of_project(s, made)))
    database.do(lambda s: projects.close(s, made, JOAO, NOW))
    assert database.do(lambda s: projects.archive_due(s, NOW + 29 * DAY, 9)) == 0
    assert database.do(lambda s: projects.archive_due(s, NOW + 30 * DAY, 9)) == 1
    assert state(database, made) == "archived"
    # The only founder of what is closed may go, too.
    database.do(lambda s: projects.leave(s, made, JOAO, NOW))
    database.do(lambda s: projects.leave(s, made, AMINA, NOW))


def test_who_is_erased_leaves_a_project_in_good_hands(database: Database) -> None:
    made, waits = opened(database), database.do(lambda s: projects.propose(s, AMINA, EVE, RIVERS, NOW)).id
    joined(database, made, INES)
    database.do(lambda s: projects.leave(s, made, JOAO, NOW))

    def erase(session: Session) -> None:
        erasing.ask(session, AMINA, erasing.ASKED, NOW)
        for minute in range(20):
            row = erasing.due(session, NOW + DAY + minute * DAY)
            if row is not None:
                erasing.advance(session, row, NOW + DAY + minute * DAY, lambda _p: None, ("gone", lambda _l: "gone"))

    database.do(erase)
    assert roles(database, made) == {INES: "founder"}
    found = database.do(lambda s: projects.find(s, made))
    assert found is not None
    assert (found.state, found.starter, found.facts.title) == ("open", None, RIVERS.title)
    assert state(database, waits) == "dropped"
    assert inside(database, made) == [{INES}] * 2


def test_joined_accounts_are_one_member(database: Database) -> None:
    made = opened(database)
    joined(database, made, INES)

    def join(session: Session) -> None:
        session.execute(insert(Person).values(id=77, language="en", created_at=NOW, active_at=NOW))
        links.join(session, INES, into=77, now=NOW)

    database.do(join)
    members = database.do(lambda s: s.scalars(select(ProjectMember.person_id)).all())
    assert len(members) == 3 and INES not in members
    room = database.do(lambda s: rooms.of_project(s, made))[0].id
    assert database.do(lambda s: s.get(Project, made)) is not None
    assert database.do(lambda s: rooms.seat_of(s, room, INES)) is None
