"""Names that imitate support are seen through; the names of people are left alone."""

from __future__ import annotations

from functools import cache

import pytest
from confusable_homoglyphs.confusables import confusables_data
from hypothesis import given
from hypothesis import strategies as st

from bot.text import Name, Reader, Verbatim, _, plain
from bot.text.cleaning import clean
from handlers.staff.badge import badge
from handlers.staff.lookalikes import likeness, looks
from storage.reference import rows


@pytest.mark.parametrize(
    "name",
    ["Support eTwinning", "Admin", "twinbot", "support", "S u p p o r t", "Sup-port", "ＳＵＰＰＯＲＴ", "𝓢𝓾𝓹𝓹𝓸𝓻𝓽",
     "Admín", "su\u200bpport", "Wsparcie", "Pomoc techniczna", "الدعم", "Assistance", "Moderator Anna",
     "Υποστήριξη", "Подршка",
     "Unterstützung", "The Support Team", "eTwinning", "National Help Desk"],
)  # fmt: skip
def test_plain_words_of_support(name: str) -> None:
    assert likeness(name) == "outright"


@pytest.mark.parametrize(
    "name",
    ["еTwinning Ѕupport", "5upp0rt", "Suppport", "Suport3", "Sᴜᴘᴘᴏʀᴛ", "$upport", "eTwinningPT", "NSO Portugal", "NSS",
     "Official Help", "Portugal Staff", "Supportt Anna", "ЅUРРОRТ", "twinb0t", "Βοήθεια"],
)  # fmt: skip
def test_disguised_ones(name: str) -> None:
    assert likeness(name) == "alike"


PEOPLE = [
    "Amina Diallo", "João Silva", "Maria Rapport", "Karl Staff", "Jan Bot", "Anna Hilfe", "Tuki Virtanen", "Li Na",
    "Ростислав Поддубный", "Олена Підгірна", "Γιώργος Παπαδόπουλος", "محمد العربي", "نور الدين", "Céline d’Aide",
    "Zoë O’Neill", "Ö. Çelik", "Suphi Demir", "Admir Hodžić", "Admira B.", "Modesta P.", "Agnieszka Wspaniała",
    "Bottas V.", "Marie-Claire Central", "E. Twining",
]  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_people(name: str) -> None:
    assert likeness(name) is None


def test_no_given_name_of_the_fiction_is_suspected() -> None:
    given_names = {name for row in rows("fiction/people.csv") for name in row["given"].split("|")}
    assert len(given_names) > 400
    assert {name for name in given_names if likeness(name) or likeness(f"{name} K.")} == set()


@cache
def disguises(letter: str) -> list[str]:
    """Single signs of any script that look like a letter, by Unicode's own table."""
    alike = [one["c"].strip("\u200e") for one in confusables_data.get(letter, ())]
    return [letter, letter.upper(), *(sign for sign in alike if len(sign) == 1 and looks(sign) == letter)]


@st.composite
def disguised(draw: st.DrawFn) -> str:
    word = draw(st.sampled_from(["support", "etwinning", "twinbot", "administrator", "helpdesk"]))
    signs = [draw(st.sampled_from(disguises(letter))) for letter in word]
    between = draw(st.sampled_from(["", "", "", "\u200b", "\u0301"]))
    before, after = draw(st.sampled_from(["", "Portugal ", "Maria "])), draw(st.sampled_from(["", " PT", " 24"]))
    return f"{before}{between.join(signs)}{after}"


@given(disguised())
def test_every_disguise_of_unicode_is_seen_through(name: str) -> None:
    assert likeness(name) is not None


@given(st.text(max_size=60))
def test_anything_can_be_judged(name: str) -> None:
    assert likeness(name) in {None, "outright", "alike"}


@given(st.text(max_size=30), st.text(max_size=30))
def test_nobodys_words_have_the_mark_of_support(before: str, after: str) -> None:
    for language in ("en", "ar"):
        mark = plain(badge("PT"), Reader(language))[0]
        assert mark == "🛡"
        hostile = f"{before}🛡️ Support{after}"
        for node in (
            Name(hostile),
            Verbatim(hostile),
            _("Hello {name}", name=Name(hostile)),
            _("{x}", x=Verbatim(hostile)),
        ):
            assert mark not in plain(node, Reader(language))
        assert mark not in clean(hostile)
