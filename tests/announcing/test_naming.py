"""Lists of people: how they are read, and whom their lines name; links that can be opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from handlers.announcing import listing, markup
from storage import accounts
from storage.announcing.naming import named
from storage.database import Database
from storage.models import MailCode, Teacher
from storage.populate import populate
from tests.bot.house import fresh

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = fresh(database_url)
    populate(made, 40, 20, 7, now=NOW)
    yield made
    made.close()


def test_accounts_addresses_and_names_name_people_of_the_country_alone(database: Database) -> None:
    def people(session: Session) -> tuple[list[int | None], list[int | None], list[int | None]]:
        first, second, third, fourth = session.scalars(select(Teacher).order_by(Teacher.person_id).limit(4))
        for teacher in (first, second, third):
            teacher.country = "PT"
        first.name, second.name, third.name = "Maria João", "Twice", "Twice"
        fourth.country = "FR"
        accounts.add_account(session, first.person_id, "telegram", "12345")
        accounts.add_account(session, second.person_id, "matrix", "@two:example.org")
        accounts.add_account(session, fourth.person_id, "telegram", "444")
        code = {"code": "x", "domain": "school.pt", "sent_at": NOW, "expires_at": NOW, "used": True, "guesses": 0}
        row = MailCode(person_id=third.person_id, school_id=1, address="c@school.pt", proved=True, **code)
        session.add(row)
        session.flush()
        rows = [
            "telegram:12345", "12345", "Telegram: 12345", "@two:example.org", "matrix:@two:example.org",
            "C+news@School.pt", "Maria João", "Twice", "444", f"person:{fourth.person_id}", "nobody@school.pt", "?",
        ]  # fmt: skip
        one, two, three = first.person_id, second.person_id, third.person_id
        wanted: list[int | None] = [one, one, one, two, two, three, one, None, None, None, None, None]
        everywhere = named(session, rows, None)
        wide = [
            fourth.person_id if row in {"444", f"person:{fourth.person_id}"} else w
            for row, w in zip(rows, wanted, strict=True)
        ]
        assert everywhere == wide
        return named(session, rows, "PT"), wanted, named(session, [], "PT")

    found, wanted, nobody = database.do(people)
    assert found == wanted
    assert nobody == []


def test_thousands_are_named_at_once(database: Database) -> None:
    def numbered(session: Session) -> list[int | None]:
        session.execute(update(Teacher).values(country="PT"))
        return named(session, [f"person:{number % 41}" for number in range(1, 5001)], "PT")

    found = database.do(numbered)
    assert len(found) == 5000 and {*found} == {None, *range(1, 41)}


@given(st.lists(st.text("abÄß0")), st.sampled_from(";,\t"))
def test_a_list_keeps_its_lines_and_their_numbers(names: list[str], sign: str) -> None:
    wanted = [(number, name) for number, name in enumerate(names, 1) if name]
    assert listing.rows_of("\n".join(names)) == wanted
    table = "\r\n".join(f"{name}{sign}some{sign}more" if name else "" for name in names)
    assert listing.rows_of(table) == wanted or not (names and names[0])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_is_read_in_the_usual_encodings(encoding: str) -> None:
    text = listing.text_of("Name;Town\nJosé Ferrão;Faro\n".encode(encoding))
    assert text is not None and listing.rows_of(text) == [(2, "José Ferrão")]


@given(st.binary())
def test_any_bytes_are_a_list_or_none(content: bytes) -> None:
    text = listing.text_of(content)
    assert text is None or all(name for _number, name in listing.rows_of(text))


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("https://example.org", True),
        ("https://www.etwinning.net/en/pub?x=1#y", True),
        ("https://школа.укр/новини", True),
        ("https://example.org:8443/a", True),
        ("http://example.org", False),
        ("https://", False),
        ("https://localhost/x", False),
        ("https://printer.local", False),
        ("https://127.0.0.1/x", False),
        ("https://[::1]/", False),
        ("https://bank.example.org@evil.org/", False),
        ("https://exa mple.org", False),
        ("https://example.org:0", False),
        ("https://-x.org", False),
        ("https://" + "a" * 64 + ".org", False),
        ("javascript:alert(1)", False),
        ("https://example.org/" + "a" * 500, False),
    ],
)
def test_a_button_leads_only_to_what_can_be_opened(address: str, right: bool) -> None:
    assert (markup.link_trouble(address) is None) == right


@given(st.text(max_size=60))
def test_no_address_breaks_the_check(address: str) -> None:
    markup.link_trouble(f"https://{address}")
