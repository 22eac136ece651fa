"""What becomes of what was said: it does not arrive, it waits, the other writes just now."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.notices import Notices
from handlers.lines.arriving import lost, typing
from storage import post
from storage.models import Copy
from storage.post import FAILED, SENT
from tests.lines import Street


@pytest.fixture
def two(street: Street) -> Street:
    """Amina and João, partners; she writes to him."""
    street.partners(street.teacher("Amina", "amina"), street.teacher("João", "joao"))
    street.says("amina", "/line João")
    street.says("amina", "Are you there?")
    return street


def fail(street: Street, error: str) -> None:
    """The newest copy did not get through, or not whole."""
    with street.session() as session:
        row = session.scalars(select(Copy.outbox_id).order_by(Copy.outbox_id.desc())).first()
        assert row is not None
        post.settle(session, [(row, SENT if error.startswith("file") else FAILED, None, error)], street.now)
        notices = Notices(session, f"lost{street.turns}.", street.now)
        lost(session, row, error, street.now, notices.tell)
    for parcel in notices.parcels:
        street.deliver(parcel)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("unreachable: bot was blocked", "kept and goes out when they are back"),
        ("file: big", "too big for where they read"),
        ("file: hidden", "send it as JPEG"),
        ("rejected: nonsense", "This did not reach João. Please send it again."),
        ("outcome unknown: cut", "This did not reach João. Please send it again."),
    ],
)
def test_the_author_hears_what_did_not_arrive(two: Street, error: str, told: str) -> None:
    fail(two, error)
    assert told in two.screen("amina")[-1]
    assert "Are you there?" in two.screen("amina")[-1]
    assert "blocked" not in two.screen("amina")[-1]


def test_what_could_not_be_brought_is_brought_when_they_are_back(two: Street) -> None:
    two.screens["joao"].clear()
    fail(two, "unreachable: bot was blocked")
    two.hears("joao", gone=True)
    two.says("amina", "Still there?")
    two.says("joao", "/help")
    assert [text.split("\n")[-1] for text in two.screen("joao") if text.startswith("Amina")] == [
        "Are you there?",
        "Still there?",
    ]
    two.says("joao", "/help")
    assert len([text for text in two.screen("joao") if text.startswith("Amina")]) == 2


def test_nothing_waits_of_somebody_who_was_suspended_or_took_it_back(two: Street) -> None:
    two.screens["joao"].clear()
    two.hears("joao", gone=True)
    said = two.says("amina", "one")
    two.hears("amina", removes=said)
    two.says("amina", "two")
    two.status(1, "suspended")
    two.says("joao", "/help")
    assert not [text for text in two.screen("joao") if text.startswith("Amina")]
    two.status(1, "verified")
    two.says("joao", "/line Amina")
    assert [text.split("\n")[-1] for text in two.screen("joao") if text.startswith("Amina")] == ["two"]


def test_typing_shows_where_both_talk_on_the_line(two: Street) -> None:
    with two.session() as session:
        assert typing(session, "web", "amina") == []
    two.says("joao", "/line Amina")
    with two.session() as session:
        assert typing(session, "web", "amina") == [("web", "joao")]
        assert typing(session, "web", "nobody") == []
    two.status(2, "suspended")
    with two.session() as session:
        assert typing(session, "web", "amina") == []
