"""Contacts in a first message are found wherever they stand; words without any go through."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.requests.contacts import contact_in
from handlers.requests.messages import FirstMessage, in_language, ready_sentence
from storage.partners import Candidate, Wishes
from storage.reference import subjects

PLAIN = st.lists(
    st.sampled_from(
        ["Wir", "singen.", "Ça", "va?", "O", "10:30,", "we", "sing!", "Ages", "8-10;", "пишем", "على", "الأرض."]
    ),
    max_size=12,
)
CONTACTS = {
    "link": [
        "https://example.org/us",
        "http://a.b",
        "www.szkola77.pl",
        "szkola77.pl",
        "SZKOLA77.PL/klasa",
        "t.me/amina",
        "matrix://x",
        "our-school.example.com",
    ],
    "address": [
        "amina@example.org",
        "amina @ example.org",
        "@amina_teaches",
        "@amina:example.org",
        "amina [at] example org",
        "amina(at)example.org",
        "amina＠example.org",
    ],
    "phone": [
        "+351 232 480 000",
        "232480000",
        "(0048) 41 123 45 67",
        "٠١٢٣٤٥٦٧٨",
        "+48-41-123-45-67",
        "351.232.480.000",
    ],
}
HARMLESS = [
    "We have 24 pupils of 10-12 years.",
    "In the school year 2026/2027, from 01.10.2026 to 2027-03-31.",
    "We sing.It is fun.Our choir has 40 voices.",
    "Lessons are at 8:30, 9:25 and 10:20 on 24/11/2026.",
    "Nous aimons l'art, m.in. la peinture, z.B. Monet, i.e. all of it.",
    "Classes 4a, 5b and 6c, 3 x 45 minutes; 1000 euros; 1789, 1848 and 1989.",
    "Κλασική μουσική και γλώσσες!",
]


@pytest.mark.parametrize("words", HARMLESS)
def test_harmless_words_go_through(words: str) -> None:
    assert contact_in(words) is None


@given(PLAIN)
def test_words_without_contacts_go_through(words: list[str]) -> None:
    assert contact_in(" ".join(words)) is None


@given(PLAIN, st.sampled_from([(kind, contact) for kind, each in CONTACTS.items() for contact in each]), PLAIN)
def test_a_contact_is_found_among_words(before: list[str], planted: tuple[str, str], after: list[str]) -> None:
    kind, contact = planted
    assert contact_in(" ".join([*before, contact, *after])) == kind


def test_every_ready_sentence_may_be_sent() -> None:
    codes = sorted(subjects())
    for language in ("en", "fr", "pl", "ar"):
        for start in range(0, len(codes), 3):
            me = _teacher(frozenset(codes[start : start + 3]))
            words = in_language(ready_sentence(me, me), language)
            assert FirstMessage()._refused(words) is None, words
    assert "same age" in in_language(ready_sentence(_teacher(frozenset()), _teacher(frozenset())), "en")
    older = _teacher(frozenset(), (16, 18))
    assert "suit each other" in in_language(ready_sentence(_teacher(frozenset()), older), "en")


def _teacher(taught: frozenset[str], ages: tuple[int, int] = (8, 10)) -> Candidate:
    seen = datetime(2026, 3, 2, tzinfo=UTC)
    spoken = frozenset({"en"})
    return Candidate(1, "A", 1, "S", "T", "primary", "PT", ages, "", True, seen, taught, spoken, Wishes())
