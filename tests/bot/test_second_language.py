"""A language of whose texts some may be missing, and the second one that its reader chose for them."""

from __future__ import annotations

import pytest

from bot.platforms.web.pages import wanted_language
from bot.text import Country, Language, Reader, plain
from bot.text.catalogs import chain, nearest, seconds, with_seconds
from handlers.announcing.words import variants


def test_each_second_language_has_its_own_chain() -> None:
    assert seconds("lb") == {"fr": "lb", "de": "lb_DE"}
    assert [*chain("lb")] == ["lb", "fr", "de", "en"]
    assert [*chain("lb_DE")] == ["lb_DE", "lb", "de", "fr", "en"]
    assert seconds("pt") == seconds("lb_DE") == {}
    assert with_seconds(["pt", "lb"]) == ("pt", "lb", "lb_DE")
    assert (nearest("lb-DE"), nearest("lb-LU"), nearest("lb")) == ("lb_DE", "lb", "lb")


def test_dates_and_names_are_those_of_the_first_language() -> None:
    reader = Reader("lb_DE")
    assert (reader.language, reader.chosen) == ("lb", "lb_DE")
    assert plain(Language("lb_DE"), Reader("en")) == "Luxembourgish (German)"
    assert plain(Language("lb_DE", own=True), Reader("en")) == "Lëtzebuergesch (Deutsch)"
    assert plain(Country("DE"), reader) == plain(Country("DE"), Reader("lb"))


@pytest.mark.parametrize(
    ("texts", "read_in"),
    [
        ({"en", "fr", "de"}, {"lb": "fr", "lb_DE": "de", "nn": "en", "pt": "en"}),
        ({"en", "lb", "de"}, {"lb": "lb", "lb_DE": "lb", "nn": "en", "pt": "en"}),
        ({"en", "nb", "fr"}, {"lb": "fr", "lb_DE": "fr", "nn": "nb", "pt": "en"}),
        ({"pt", "en"}, {"lb": "pt", "lb_DE": "pt", "nn": "pt", "pt": "pt"}),
    ],
)
def test_an_announcement_comes_in_the_second_language_where_the_first_has_none(
    texts: set[str], read_in: dict[str, str]
) -> None:
    usual = "en" if "pt" not in texts else "pt"
    assert variants(dict.fromkeys(read_in, 1), dict.fromkeys(texts, ""), usual) == read_in


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("lb, de;q=0.8, fr;q=0.6", "lb_DE"),
        ("lb, fr;q=0.8, de;q=0.6", "lb"),
        ("lb-LU, de-LU;q=0.9", "lb_DE"),
        ("lb", "lb"),
        ("de, lb;q=0.5", "de"),
    ],
)
def test_a_browser_says_which_second_language_it_wants(accept: str, wanted: str) -> None:
    assert wanted_language(accept) == wanted
