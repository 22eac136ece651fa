"""The audit log: what is recorded stays, and any change of it is found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage import audit, links, people
from storage.audit import Entry, Head, digest_of, entries, entries_about, head, record
from storage.audit_check import check
from storage.database import Database, make_engine
from storage.rotation import rotate
from storage.sealing import Vault
from tests.vault import SECRET, VAULT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NEXT = bytes(reversed(SECRET))
WORKED = [
    ("officer_named", None, 7, "PT", {"role": "national"}),
    ("verified", 7, 21, "PT", {"by": "code"}),
    ("declined", 7, 22, "PT", {"reason": "unclear", "case": 4}),
    ("undone", 7, 22, "PT", {}),
    ("suspended", 7, 21, "PT", {}),
    ("reinstated", 7, 21, "PT", {}),
]  # fmt: skip


def work(session: Session, times: int = 1) -> None:
    for number in range(times):
        for act, actor, subject, country, detail in WORKED:
            now = NOW + timedelta(minutes=number)
            record(session, actor=actor, act=act, subject=subject, country=country, detail=detail, now=now)  # type: ignore[arg-type]


@pytest.fixture
def worked(database: Database) -> Database:
    database.do(work)
    return database


def problems(database: Database, since: Head | None = None) -> list[str]:
    return database.do(partial(check, since=since)).problems


def test_entries_are_read_as_they_were_recorded(worked: Database) -> None:
    found = worked.do(entries)
    assert [entry.number for entry in found] == [6, 5, 4, 3, 2, 1]
    assert found[3] == Entry(3, NOW, 7, "declined", 22, "PT", {"reason": "unclear", "case": 4})
    assert problems(worked) == []
    assert [entry.number for entry in worked.do(partial(entries, person=7, limit=3))] == [6, 5, 4]
    assert [entry.act for entry in worked.do(partial(entries_about, person=22))] == ["undone", "declined"]
    assert worked.do(partial(entries_about, person=99)) == []


def test_a_turn_that_is_undone_leaves_no_entry_and_no_gap(worked: Database) -> None:
    def fail(session: Session) -> None:
        work(session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        worked.do(fail)
    worked.do(work)
    assert worked.do(head).number == 12
    assert problems(worked) == []


@pytest.mark.parametrize("detail", [{"why": "she wrote to me"}, {"mail": "a@b.pt"}, {"a b": 1}, {"x": ""}, {"x": None}])
def test_words_and_addresses_are_no_detail(database: Database, detail: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a code or a number"):
        database.do(partial(record, actor=None, act="verified", subject=1, detail=detail, now=NOW))


def test_only_known_acts_are_recorded(database: Database) -> None:
    with pytest.raises(ValueError, match="no act"):
        database.do(partial(record, actor=None, act="shrugged", subject=1, now=NOW))  # type: ignore[arg-type]
    assert all(len(act) <= 32 for act in audit.ACTS)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entries SET actor = 1", "DELETE FROM audit_entries", "DELETE FROM audit_entries WHERE id = 6"],
)
def test_the_database_refuses_changes(worked: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="only ever added to"):
        worked.do(lambda session: session.execute(text(statement)))
    assert problems(worked) == []


def test_postgresql_refuses_to_empty_the_table(worked: Database) -> None:
    if not worked.embedded:
        with pytest.raises(DBAPIError, match="only ever added to"):
            worked.do(lambda session: session.execute(text("TRUNCATE audit_entries")))
    assert problems(worked) == []


@pytest.fixture
def open_to_all(worked: Database) -> Iterator[Database]:
    """Without its triggers, as somebody leaves it who can change the tables."""

    def drop(session: Session) -> None:
        names = ("no_update", "no_delete") if worked.embedded else ("kept",)
        of = "" if worked.embedded else " ON audit_entries"
        for name in names:
            session.execute(text(f"DROP TRIGGER audit_entries_{name}{of}"))

    worked.do(drop)
    yield worked


def tamper(database: Database, *statements: str, **values: Any) -> None:
    def unit(session: Session) -> None:
        for statement in statements:
            session.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})

    database.do(unit)


CHANGES = {
    "at": "'2026-03-03 09:30:00+00'", "actor": "8", "act": "'verified'", "subject": "NULL", "country": "'ES'",
    "detail": """'{"case": 5}'""", "key": "'aaaaaaaa'", "digest": "'nothing'",
}  # fmt: skip


def test_a_changed_entry_is_found(open_to_all: Database) -> None:
    def unit(session: Session) -> None:
        for number in (1, 3, 6):
            for column, value in CHANGES.items():
                before = session.begin_nested()
                session.execute(text(f"UPDATE audit_entries SET {column} = {value} WHERE id = {number}"))
                found = check(session).problems
                assert any(f"entry {number} " in problem for problem in found), (number, column)
                before.rollback()
        assert check(session).problems == []

    open_to_all.do(unit)


@pytest.mark.parametrize(
    ("gone", "says"), [("1", "entry 1 is"), ("3", "entry 3 is"), ("2, 3, 4", "entries 2 to 4 are")]
)
def test_a_removed_entry_is_found(open_to_all: Database, gone: str, says: str) -> None:
    tamper(open_to_all, f"DELETE FROM audit_entries WHERE id IN ({gone})")
    assert f"{says} missing" in problems(open_to_all)


def test_a_gap_that_was_closed_is_found(open_to_all: Database) -> None:
    tamper(open_to_all, "DELETE FROM audit_entries WHERE id = 3", "UPDATE audit_entries SET id = 3 WHERE id = 4")
    tamper(open_to_all, "UPDATE audit_entries SET id = 4 WHERE id = 5", "UPDATE audit_entries SET id = 5 WHERE id = 6")
    assert any("entry 3 was changed" in problem for problem in problems(open_to_all))


def test_an_entry_in_between_is_found(open_to_all: Database) -> None:
    for number in (6, 5, 4):
        tamper(open_to_all, f"UPDATE audit_entries SET id = {number + 1} WHERE id = {number}")
    copy = "INSERT INTO audit_entries SELECT 4, at, actor, act, 23, country, detail, key, digest FROM audit_entries"
    tamper(open_to_all, f"{copy} WHERE id = 2")
    assert any("entry 4 was changed" in problem for problem in problems(open_to_all))


def test_exchanged_entries_are_found(open_to_all: Database) -> None:
    for old, new in ((2, 20), (3, 2), (20, 3)):
        tamper(open_to_all, f"UPDATE audit_entries SET id = {new} WHERE id = {old}")
    found = problems(open_to_all)
    assert any("entry 2 was changed" in problem for problem in found)
    assert any("entry 3 was changed" in problem for problem in found)


def test_an_entry_at_the_end_by_somebody_without_the_key_is_found(worked: Database) -> None:
    """No trigger is in the way of adding."""
    last, foreign = worked.do(head), Vault(NEXT)
    entry = Entry(7, NOW, None, "officer_named", 66, None, {"role": "central"})
    for key in (VAULT.id, foreign.id):
        values = {"digest": digest_of(entry, last.digest, foreign.audit_key), "key": key, "at": NOW.isoformat(" ")}
        row = "INSERT INTO audit_entries VALUES (:id, :at, NULL, 'officer_named', 66, NULL, :detail, :key, :digest)"
        tamper(worked, row, id=7 if key == VAULT.id else 8, detail=json.dumps(entry.detail), **values)
    found = problems(worked)
    assert any("entry 7 was changed" in problem for problem in found)
    assert any("entry 8 names a secret key that never was" in problem for problem in found)


def test_what_cannot_even_be_read_is_found(open_to_all: Database) -> None:
    if not open_to_all.embedded:
        return  # PostgreSQL keeps each column to its kind.
    tamper(
        open_to_all,
        "UPDATE audit_entries SET at = 'never' WHERE id = 2",
        "UPDATE audit_entries SET detail = '{' WHERE id = 4",
    )
    tamper(open_to_all, "UPDATE audit_entries SET actor = X'00FF' WHERE id = 6")
    found = problems(open_to_all)
    assert "entry 2 was changed: it cannot be read" in found
    assert "entry 4 was changed: it cannot be read" in found
    assert any("entry 6 was changed" in problem for problem in found)


def test_a_log_that_is_cut_off_is_found_by_where_it_ended(open_to_all: Database) -> None:
    ended = open_to_all.do(head)
    assert problems(open_to_all, ended) == []
    tamper(open_to_all, "DELETE FROM audit_entries WHERE id > 4")
    assert problems(open_to_all) == []
    assert problems(open_to_all, ended) == ["the log was cut off: it ended with entry 6 once, and ends with 4 now"]
    open_to_all.do(work)
    assert problems(open_to_all, ended)[0] == "entry 6 is not the one that stood there"
    tamper(open_to_all, "DELETE FROM audit_entries")
    assert problems(open_to_all, ended) == ["the log was cut off: it ended with entry 6 once, and ends with 0 now"]


def test_a_check_goes_on_from_where_it_ended(worked: Database) -> None:
    ended = worked.do(head)
    worked.do(work)
    done = worked.do(partial(check, since=ended))
    assert (done.head, done.problems) == (worked.do(head), [])


def changed_key(database: Database, url: str) -> Engine:
    engine = make_engine(url, Vault(NEXT, SECRET))
    rotate(engine, VAULT, now=NOW)
    return engine


def test_the_chain_goes_on_over_a_change_of_the_key(worked: Database, database_url: str) -> None:
    changed_key(worked, database_url).dispose()
    after = Database(database_url, Vault(NEXT))
    after.do(work)
    assert problems(after) == []
    newest = after.do(entries)
    assert (newest[6].act, newest[6].detail) == ("key_rotated", {"old": VAULT.id, "new": Vault(NEXT).id})
    after.close()


def test_the_old_key_adds_and_changes_nothing_after_the_change(worked: Database, database_url: str) -> None:
    changed_key(worked, database_url).dispose()
    after = Database(database_url, Vault(NEXT))
    last = after.do(head)
    entry = Entry(8, NOW, None, "officer_named", 66, None, {})
    row = "INSERT INTO audit_entries VALUES (8, :at, NULL, 'officer_named', 66, NULL, '{}', :key, :digest)"
    tamper(after, row, at=NOW.isoformat(" "), key=VAULT.id, digest=digest_of(entry, last.digest, VAULT.audit_key))
    found = problems(after)
    assert any("entry 8 has another secret key than the one before it" in problem for problem in found)
    assert any("it ends with the secret key" in problem for problem in found)
    after.close()


def test_a_log_cut_off_before_the_change_of_key_is_found(open_to_all: Database, database_url: str) -> None:
    changed_key(open_to_all, database_url).dispose()
    after = Database(database_url, Vault(NEXT))
    tamper(after, "DELETE FROM audit_entries WHERE act = 'key_rotated'")
    assert any("it ends with the secret key" in problem for problem in problems(after))
    after.close()


async def test_many_at_once_stand_one_after_the_other(database: Database, database_url: str) -> None:
    other = Database(database_url, VAULT)
    await asyncio.gather(*(where.write(work) for where in (database, other) for _ in range(8)))
    assert (await database.read(head)).number == 16 * len(WORKED)
    assert (await database.read(check)).problems == []
    other.close()


def test_what_is_about_somebody_is_found_after_accounts_were_joined(database: Database) -> None:
    def met(session: Session, name: str) -> int:
        return people.meet(session, "telegram", name, name, "private", now=NOW, language="en").person

    def unit(session: Session) -> None:
        first, second, third = (met(session, name) for name in ("1", "2", "3"))
        record(session, actor=None, act="suspended", subject=first, now=NOW)
        links.join(session, first, into=second, now=NOW)
        links.join(session, second, into=third, now=NOW)
        found = entries_about(session, third)
        assert [entry.act for entry in found] == ["accounts_joined", "accounts_joined", "suspended"]
        fourth = met(session, "4")
        links.join(session, fourth, into=third, now=NOW)
        assert len(entries_about(session, third)) == 3

    database.do(unit)
    assert problems(database) == []


CODES = st.from_regex(r"\A[a-z_]{1,20}\Z")
NUMBERS = st.none() | st.integers(0, 2**31 - 1)
ENTRIES: Callable[..., Any] = st.builds(
    Entry,
    number=st.integers(1, 10**9),
    at=st.datetimes(timezones=st.just(UTC)),
    actor=NUMBERS,
    act=CODES,
    subject=NUMBERS,
    country=st.none() | CODES,
    detail=st.dictionaries(CODES, CODES | st.integers(0, 10**9), max_size=3),
)


@given(ENTRIES, ENTRIES)
def test_different_entries_have_different_digests(one: Entry, other: Entry) -> None:
    key = VAULT.audit_key
    assert (digest_of(one, "", key) == digest_of(other, "", key)) == (one == other)
    assert digest_of(one, "", key) != digest_of(one, "x", key)
    east = Entry(**{**vars(one), "at": one.at.astimezone(timezone(timedelta(hours=3)))})
    assert digest_of(east, "", key) == digest_of(one, "", key)
