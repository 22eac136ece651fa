"""`twinbot staff`: naming support by an account, by a number, by a code, also before they have ever written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from storage import accounts, audit, links
from storage.database import Database
from storage.models import OutboxRow
from storage.people import meet
from storage.staff import post_of
from tests.acceptance.conftest import with_a_school
from tests.acceptance.test_commands import place, twinbot
from tests.vault import VAULT

__all__ = ["place"]


@pytest.fixture
def database(place: Path) -> Any:
    url = f"sqlite:///{place}/state/twinbot.db"
    (place / "state").mkdir()
    with_a_school(url)
    opened = Database(url, VAULT)
    yield opened
    opened.close()


def met(session: Session, platform: str = "web", account: str = "a-web-account", language: str = "pt") -> int:
    now = datetime.now(UTC)
    return meet(session, platform, account, account, "private", now=now, language=language).person


def staff() -> list[dict[str, Any]]:
    return list(json.loads(twinbot("staff", "list", "--json").stdout))


def test_an_account_named_in_advance_is_support_at_its_first_word(database: Database) -> None:
    assert "Nobody is support yet" in twinbot("staff", "list").stdout
    done = twinbot("staff", "add", "telegram:12345678", "--country", "pt", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["country"] == "PT"
    now = datetime.now(UTC)
    first = partial(
        meet, platform="telegram", sender="12345678", chat="12345678", kind="private", now=now, language="fr"
    )
    known = database.do(first)
    assert (known.new, known.language, known.roles) == (False, "fr", {"national", "officer"})
    # A hint counts once; what was said in between stays.
    assert database.do(partial(first, language="pl")).language == "fr"
    assert [row["accounts"] for row in staff()] == [["telegram:12345678"]]


def test_a_matrix_account_and_a_name_of_a_country(database: Database) -> None:
    assert twinbot("staff", "add", "matrix:@ana:example.org", "--country", "Polska").exit_code == 0
    assert [(row["role"], row["country"], row["accounts"]) for row in staff()] == [
        ("national", "PL", ["matrix:@ana:example.org"])
    ]
    assert "@ana:example.org" in twinbot("staff", "list").stdout


def test_somebody_on_the_web_gives_the_code_of_link(database: Database) -> None:
    person = database.do(met)
    code = database.do(lambda s: links.make_code(s, person, datetime.now(UTC)))
    assert twinbot("staff", "add", code.lower(), "--central").exit_code == 0
    (row,) = staff()
    # A web account is a secret of its browser, and no name.
    assert (row["person"], row["role"], row["country"], row["accounts"]) == (person, "central", None, ["web"])
    again = twinbot("staff", "add", code, "--central")
    assert again.exit_code == 1
    assert "no code that /link gives now" in again.output
    # They are told; a running bot sends it at once.
    assert database.do(lambda s: s.query(OutboxRow).count()) == 1


def test_a_role_is_changed_and_taken_away(database: Database) -> None:
    person = database.do(met)
    assert twinbot("staff", "add", f"person:{person}", "--central").exit_code == 0
    assert twinbot("staff", "add", f"person:{person}", "--country", "FR").exit_code == 0
    assert [(row["role"], row["country"]) for row in staff()] == [("national", "FR")]
    assert json.loads(twinbot("staff", "remove", f"person:{person}", "--json").stdout) == {"removed": person}
    assert staff() == []
    assert database.do(lambda s: post_of(s, person)) is None
    assert "has no role" in twinbot("staff", "remove", f"person:{person}").output
    acts = [(entry.act, entry.country, entry.actor) for entry in database.do(lambda s: audit.entries_about(s, person))]
    assert sorted(acts, key=str) == [
        ("officer_named", "FR", None),
        ("officer_named", None, None),
        ("officer_removed", "FR", None),
    ]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("add", "telegram:12345678"), 2, "--country and which one, or --central"),
        (("add", "telegram:12345678", "--central", "--country", "PT"), 2, "--country and which one, or --central"),
        (("add", "telegram:12345678", "--country", "Atlantis"), 2, "Atlantis: no country of eTwinning"),
        (("add", "telegram:@ana", "--country", "PT"), 1, "the number, not the name"),
        (("add", "matrix:ana", "--country", "PT"), 1, "matrix:@ana:example.org"),
        (("add", "web:whoever", "--country", "PT"), 1, "the code that /link has just given them"),
        (("add", "fiction:1/2/3", "--country", "PT"), 1, "no account"),
        (("add", "ABCDE-FGHJK", "--country", "PT"), 1, "no code that /link gives now"),
        (("add", "person:999", "--country", "PT"), 1, "there is no such person"),
        (("remove", "telegram:12345678"), 1, "has never written"),
    ],
)
def test_what_cannot_be_is_a_sentence(database: Database, words: tuple[str, ...], code: int, says: str) -> None:
    done = twinbot("staff", *words)
    assert done.exit_code == code
    assert says in " ".join(done.output.split())
    assert staff() == []
    assert database.do(lambda s: accounts.owner_of(s, "telegram", "12345678")) is None


def test_a_role_follows_when_accounts_are_joined(database: Database) -> None:
    assert twinbot("staff", "add", "telegram:12345678", "--country", "PT").exit_code == 0
    person = database.do(met)

    def join(session: Session) -> None:
        officer = accounts.owner_of(session, "telegram", "12345678")
        assert officer is not None
        links.join(session, officer, into=person, now=datetime.now(UTC))

    database.do(join)
    assert [(row["person"], row["country"]) for row in staff()] == [(person, "PT")]
