"""What is sealed opens with its key, in its place, unchanged; and with nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from storage import people, post, web
from storage.database import Database, make_engine
from storage.keys import WrongKey, check, in_use
from storage.migrations import upgrade
from storage.models import Account, Chat, Person, Update, WebMessage, WebSession
from storage.sealing import Digest, NoVault, SealError, Vault
from tests.vault import SECRET, VAULT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OTHER = bytes(reversed(SECRET))
WORDS = st.text(min_size=1).filter(lambda words: words not in {"[]", "{}"})
PLACES = st.sampled_from(["accounts.external_id", "chats.external_id"])


@given(WORDS, PLACES)
def test_what_is_sealed_opens_again_and_is_never_the_same_twice(words: str, place: str) -> None:
    sealed = VAULT.seal(words, place)
    assert VAULT.open(sealed, place) == words
    assert VAULT.seal(words, place) != sealed
    assert sealed.startswith(f"{VAULT.id}:")


@given(WORDS, st.data())
def test_a_changed_character_is_noticed(words: str, data: st.DataObject) -> None:
    sealed = VAULT.seal(words, "a.b")
    at = data.draw(st.integers(0, len(sealed) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda c: c != sealed[at]))
    changed = sealed[:at] + other + sealed[at + 1 :]
    try:
        # A sign that says nothing may change (the last bits of base64); what comes out may not.
        assert VAULT.open(changed, "a.b") == words
    except SealError:
        return


@given(WORDS)
def test_another_place_or_key_opens_nothing(words: str) -> None:
    sealed = VAULT.seal(words, "accounts.external_id")
    with pytest.raises(SealError):
        VAULT.open(sealed, "chats.external_id")
    with pytest.raises(SealError):
        Vault(OTHER).open(sealed, "accounts.external_id")


@pytest.mark.parametrize("nothing", ["", "[]", "{}"])
def test_what_says_nothing_stays_as_it_is(nothing: str) -> None:
    assert VAULT.seal(nothing, "a.b") == VAULT.open(nothing, "a.b") == nothing


def test_an_older_key_opens_and_the_newest_seals() -> None:
    old, both = Vault(OTHER), Vault(SECRET, OTHER)
    assert both.open(old.seal("Amina", "a.b"), "a.b") == "Amina"
    assert VAULT.open(both.seal("Amina", "a.b"), "a.b") == "Amina"
    assert both.id == VAULT.id


@given(WORDS, WORDS)
def test_digests_are_equal_where_values_are(one: str, other: str) -> None:
    assert (VAULT.digest(one, "a") == VAULT.digest(other, "a")) == (one == other)
    assert VAULT.digest(one, "a") != VAULT.digest(one, "b")
    assert VAULT.digest(one, "a") != Vault(OTHER).digest(one, "a")
    assert len(VAULT.digest(one, "a")) == 43


def test_a_key_has_its_length() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(SECRET[:-1])


def stored(session: Session, query: str) -> Any:
    return session.execute(text(query)).scalar_one()


def person(session: Session) -> int:
    return session.scalars(
        insert(Person).values(language="en", created_at=NOW, active_at=NOW).returning(Person.id)
    ).one()


def test_an_account_reads_plain_and_lies_sealed(database: Database) -> None:
    def unit(session: Session) -> None:
        session.add(Account(person_id=person(session), platform="telegram", external_id="500123456"))
        session.flush()
        session.expunge_all()
        lies = [stored(session, f"SELECT {column} FROM accounts") for column in ("external_id", "external_key")]
        assert lies[0].startswith(f"{VAULT.id}:")
        assert not any("500123456" in value for value in lies)
        found = session.scalars(select(Account).where(Account.external_key == "500123456")).one()
        assert found.external_id == "500123456"
        # A digest that was read finds its row again.
        assert isinstance(found.external_key, Digest)
        assert session.scalars(select(Account.id).where(Account.external_key == found.external_key)).one() == found.id
        assert session.scalars(select(Account.id).where(Account.external_key.in_(["x", "500123456"]))).all()
        assert session.scalar(select(Account.id).where(Account.external_key == "500123457")) is None

    database.do(unit)


@pytest.mark.parametrize("table", [Account, Account.__table__])
def test_the_digest_fills_itself_in_and_keeps_accounts_apart(database: Database, table: Any) -> None:
    def unit(session: Session, *numbers: str) -> None:
        rows = [{"person_id": person(session), "platform": "telegram", "external_id": n, "guesses": 0} for n in numbers]
        session.execute(insert(table), rows)

    database.do(lambda session: unit(session, "1", "2"))
    with pytest.raises(IntegrityError):
        database.do(lambda session: unit(session, "2"))


def test_who_is_known_is_known_again(database: Database) -> None:
    def meet(chat: str) -> people.Met:
        return database.do(
            lambda session: people.meet(session, "telegram", "77", chat, "private", now=NOW, language="en")
        )

    first = meet("77")
    assert (first.new, meet("77").new, meet("77").chat) == (True, False, first.chat)
    database.do(lambda session: people.move_chat(session, "telegram", "77", "-10077"))
    assert meet("-10077").chat == first.chat
    moved = database.do(lambda session: session.scalars(select(Chat.external_id)).one())
    assert moved == "-10077"


def test_the_lane_of_a_chat_is_the_same_when_heard_and_when_fetched(database: Database) -> None:
    batch = [("e1", "77", "{1}"), ("e2", "88", "{2}"), ("e1", "99", "{3}"), ("e3", "77", "{4}")]
    new = database.do(lambda session: post.store_updates(session, "telegram", batch, {}, NOW))
    assert [one.body for one in new] == ["{1}", "{2}", "{4}"]
    assert new[0].lane == new[2].lane != new[1].lane
    lanes = database.do(post.waiting_lanes)
    assert set(lanes) == {("telegram", one.lane) for one in new}
    waiting = database.do(lambda session: post.waiting_updates(session, "telegram", new[0].lane, 0, 9))
    assert waiting == [new[0], new[2]]


def test_an_update_that_is_done_keeps_nothing_of_its_chat(database: Database) -> None:
    (new,) = database.do(lambda session: post.store_updates(session, "web", [("e1", "77", "words")], {}, NOW))
    assert database.do(lambda session: stored(session, "SELECT body FROM updates")) != "words"
    assert database.do(lambda session: post.done(session, new.id))
    assert database.do(lambda session: session.execute(select(Update.body, Update.chat)).one()) == ("", "")


def test_marks_and_lines_of_the_web_are_sealed(database: Database) -> None:
    def unit(session: Session) -> None:
        post.save_marks(session, "matrix", {"token": "syt_secret"})
        post.save_marks(session, "matrix", {"token": "syt_newer"})
        assert post.marks(session, "matrix") == {"token": "syt_newer"}
        web.sign_in(session, "hash", "account-1", NOW)
        assert web.account_of(session, "hash") == "account-1"
        assert session.scalar(select(WebSession.token_hash).where(WebSession.account_key == "account-1")) == "hash"
        web.put(session, "account-1", "me:1", {"text": "Grüße"}, True, NOW)
        assert web.changes(session, ["account-1", "account-2"]) == {"account-1": 1}
        assert web.edit(session, "account-1", "me:1", {"text": "Hello"})
        assert [line.content for line in web.latest(session, "account-1", None, 5)] == [{"text": "Hello"}]
        session.flush()
        lies = [stored(session, f"SELECT {c} FROM web_messages") for c in ("chat", "content")]
        lies += [
            stored(session, "SELECT value FROM platform_state"),
            stored(session, "SELECT account FROM web_sessions"),
        ]
        assert not any(word in value for value in lies for word in ("syt_", "account-1", "Hello"))

    database.do(unit)


def test_a_line_that_was_moved_to_another_column_does_not_open(database: Database) -> None:
    def unit(session: Session) -> None:
        web.put(session, "a", "1", {"text": "x"}, True, NOW)
        post.save_marks(session, "matrix", {"token": "t"})
        session.flush()
        session.execute(text("UPDATE web_messages SET content = (SELECT value FROM platform_state)"))
        session.expunge_all()
        with pytest.raises(SealError):
            session.scalars(select(WebMessage)).one()

    database.do(unit)


def test_an_engine_without_a_vault_says_so(database_url: str) -> None:
    engine = make_engine(database_url)
    with Session(engine) as session:
        with pytest.raises(StatementError) as caught:
            post.save_marks(session, "matrix", {"token": "t"})
        assert isinstance(caught.value.orig, NoVault)
        assert "token" not in str(caught.value.orig)
    engine.dispose()


def test_a_database_knows_its_key_and_refuses_another(database_url: str) -> None:
    mine, other = make_engine(database_url, VAULT), make_engine(database_url, Vault(OTHER))
    assert in_use(mine) == in_use(other) == VAULT.id
    check(mine)
    with pytest.raises(WrongKey, match=VAULT.id):
        check(other)
    with pytest.raises(WrongKey):
        upgrade(other)
    upgrade(mine)
    mine.dispose()
    other.dispose()
