"""The key is changed, and everybody is still there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from storage.database import Database, make_engine
from storage.keys import WrongKey, check, history, in_use
from storage.models import Base
from storage.rotation import rotate
from storage.sealing import Keyed, Sealed, SealedJson, Vault
from tests.storage.inhabitants import NOW, all_there, names_of_keys, settle
from tests.vault import SECRET, VAULT

NEXT, LAST = bytes(reversed(SECRET)), bytes([7] * 32)
LATER = NOW + timedelta(days=30)


@pytest.fixture
def url(database: Database, database_url: str) -> str:
    database.do(settle)
    return database_url


def changing(url: str, new: bytes, *old: bytes) -> Engine:
    return make_engine(url, Vault(new, *old))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = changing(url, NEXT, SECRET)
    yield made
    made.dispose()


def looking(url: str, secret: bytes) -> None:
    database = Database(url, Vault(secret))
    database.do(all_there)
    assert set(database.do(names_of_keys)) == {database.vault.id}
    database.close()


def test_everybody_is_found_with_the_new_key_alone(engine: Engine, url: str) -> None:
    seen: list[tuple[int, int]] = []
    rotate(engine, VAULT, now=LATER, progress=lambda done, of: seen.append((done, of)))
    assert [done for done, _of in seen] == sorted(done for done, _of in seen)
    assert {of for _done, of in seen} == {seen[-1][0]}
    looking(url, NEXT)
    before = make_engine(url, VAULT)
    with pytest.raises(WrongKey):
        check(before)
    before.dispose()


def test_the_database_knows_which_keys_it_had(engine: Engine, url: str) -> None:
    rotate(engine, VAULT, now=LATER)
    again = changing(url, LAST, NEXT)
    rotate(again, Vault(NEXT), now=LATER + timedelta(days=1))
    assert in_use(again) == Vault(LAST).id
    with Session(again) as session:
        keys = history(session)
    assert [key.id for key in keys] == [Vault(LAST).id, Vault(NEXT).id, VAULT.id]
    assert [key.audit_key for key in keys] == [Vault(key).audit_key.hex() for key in (LAST, NEXT, SECRET)]
    assert [key.until for key in keys] == [None, LATER + timedelta(days=1), LATER]
    again.dispose()
    looking(url, LAST)


@pytest.mark.parametrize("fails_at", [0, 3, 8])
def test_a_change_that_fails_changes_nothing(engine: Engine, url: str, fails_at: int) -> None:
    seen: list[int] = []

    def fail(done: int, _all: int) -> None:
        seen.append(done)
        if len(seen) > fails_at:
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        rotate(engine, VAULT, now=LATER, progress=fail)
    looking(url, SECRET)
    rotate(engine, VAULT, now=LATER)
    looking(url, NEXT)


def test_more_rows_than_one_chunk(database: Database, database_url: str) -> None:
    database.do(partial(settle, more=1500))
    engine = changing(database_url, NEXT, SECRET)
    rotate(engine, VAULT, now=LATER)
    engine.dispose()
    after = Database(database_url, Vault(NEXT))
    after.do(partial(all_there, more=1500))
    after.close()


def test_a_line_nobody_can_read_again_is_left_as_it_is(engine: Engine) -> None:
    lost = VAULT.digest("web-account-3", "chat")
    rotate(engine, VAULT, now=LATER)
    with engine.connect() as connection:
        kept = connection.scalars(text("SELECT chat FROM web_messages GROUP BY chat")).all()
    assert lost in kept
    assert len(kept) == 3


def test_what_models_seal_can_be_sealed_anew() -> None:
    """A place names its column; a digest has the sealed column it is of, and is no primary key."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Sealed | SealedJson):
                assert column.type.place == f"{table.name}.{column.name}"
                assert not column.primary_key
            if isinstance(column.type, Keyed):
                assert not column.primary_key
                assert column.type.of is None or isinstance(table.columns[column.type.of].type, Sealed)
