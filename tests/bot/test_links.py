"""Codes that join accounts: right once, wrong ones limited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import links, people
from storage.database import make_engine
from storage.models import Base, LinkCode
from tests.vault import VAULT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = make_engine("sqlite://", VAULT)
    Base.metadata.create_all(engine)
    with Session(engine) as made:
        yield made
    engine.dispose()


def person(session: Session, platform: str, name: str) -> int:
    return people.meet(session, platform, name, name, "private", now=NOW, language="en").person


def test_a_code_finds_whose_it_is_however_it_is_written(session: Session) -> None:
    amina = person(session, "telegram", "amina")
    code = links.make_code(session, amina, NOW)
    session.flush()
    for written in (code, code.lower(), code.replace("-", ""), f"  {code[:3]} {code[3:]} "):
        found = links.find(session, written, NOW)
        assert found is not None
        assert (found.person, found.teacher) == (amina, False)
    assert links.find(session, code[:-1], NOW) is None


def test_only_the_hash_of_a_code_is_kept(session: Session) -> None:
    code = links.make_code(session, person(session, "telegram", "amina"), NOW)
    session.flush()
    (row,) = session.query(LinkCode).all()
    assert code.replace("-", "") not in row.code_hash


def test_a_code_ends_after_a_while_and_with_the_next_one(session: Session) -> None:
    amina = person(session, "telegram", "amina")
    first = links.make_code(session, amina, NOW)
    session.flush()
    assert links.find(session, first, NOW + links.LIFETIME) is not None
    assert links.find(session, first, NOW + links.LIFETIME + timedelta(seconds=1)) is None
    links.make_code(session, amina, NOW)
    session.flush()
    assert links.find(session, first, NOW) is None


def test_wrong_guesses_are_limited_for_an_hour(session: Session) -> None:
    eve = person(session, "web", "eve")
    for _guess in range(links.GUESSES):
        assert links.may_guess(session, eve, NOW)
        links.count_guess(session, eve, NOW)
        session.flush()
    assert not links.may_guess(session, eve, NOW + links.GUESS_PERIOD)
    later = NOW + links.GUESS_PERIOD + timedelta(seconds=1)
    assert links.may_guess(session, eve, later)
    links.count_guess(session, eve, later)
    session.flush()
    assert links.may_guess(session, eve, later)


def test_codes_do_not_repeat_and_are_easy_to_read(session: Session) -> None:
    amina = person(session, "telegram", "amina")
    codes = set()
    for _time in range(50):
        codes.add(links.make_code(session, amina, NOW))
        session.flush()
    assert len(codes) == 50
    assert {len(code) for code in codes} == {links.LENGTH + 1}
    assert not set("".join(codes)) & set("O0I1L")
