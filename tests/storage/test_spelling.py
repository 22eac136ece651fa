"""Lookups find what was meant in any of our languages, and rather nothing than the wrong thing."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from storage import reference
from storage.spelling import Lexicon, country_lexicon, fold, language_lexicon

SUBJECTS = Lexicon(
    [
        ("Biologie", "biology"),
        ("Musique", "music"),
        ("Histoire", "history"),
        ("Histoire de l'art", "art"),
        ("Biology", "biology"),
        ("Language and Literature", "literature"),
        ("Mathematics / Geometry", "maths"),
    ]
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Łódź ", "lodz"),
        ("ĐORĐE", "dorde"),
        ("Ærøskøbing", "aeroskobing"),
        ("Straße", "strasse"),
        ("İstanbul ISPARTA ılık", "istanbul isparta ilik"),
        ("Œuvre", "oeuvre"),
        ("Þingvellir", "thingvellir"),
        ("Ελλάδας", "ελλαδασ"),
        ("Україна", "украіна"),
        ("ٱلْعَرَبِيَّةُ", "العربيه"),
        ("أُرْدُن", "اردن"),
        ("تـــونس", "تونس"),
        ("Ｐｏｌａｎｄ", "poland"),
        ("Bosnia & Herzegovina", "bosnia herzegovina"),
        ("Guinea-Bissau,  (West)", "guinea bissau west"),
        ("🇵🇱🇬🇷", "pl gr"),
        ("🏴󠁧󠁢󠁷󠁬󠁳󠁿", "gbwls"),
        ("…!", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_every_country_is_found_under_its_name_in_every_language() -> None:
    lexicon = country_lexicon()
    for tongue in reference.languages():
        territories = Locale.parse(tongue).territories
        for code in reference.countries():
            if code in territories:
                assert lexicon.one(territories[code]) == code, (tongue, territories[code])


def test_every_language_is_found_under_its_name_in_every_language() -> None:
    lexicon = language_lexicon()
    checked = 0
    for shown in reference.languages():
        for code in reference.languages():
            name = Locale.parse(code).get_display_name(shown)
            # CLDR does not know every language's name in every other (Northern Sami lacks some).
            if name:
                checked += 1
                assert lexicon.one(name) == code, (shown, name)
    assert checked > 2000


def test_codes_flags_and_autonyms() -> None:
    for code, place in reference.countries().items():
        assert country_lexicon().one(code.lower()) == code
        assert country_lexicon().one(place.flag) == code
    for code, tongue in reference.languages().items():
        assert language_lexicon().one(code) == code
        assert language_lexicon().one(tongue.autonym) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Portgal", "PT"),
        ("Polnad", "PL"),
        ("Grece", "GR"),
        ("Allemange", "DE"),
        ("frnace", "FR"),
        ("Untied Kingdom", "GB"),
        ("Bosnia and Herzegowina", "BA"),
        ("Belgum", "BE"),
        ("England", "GB"),
        ("Scotland", "GB"),
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", "GB"),
        ("Holland", "NL"),
        ("Czech Republic", "CZ"),
        ("the Netherlands", "NL"),
        ("Turkey", "TR"),
        ("Former Yugoslav Republic of Macedonia", "MK"),
        ("Deutschl", "DE"),
        ("اليونان", "GR"),
        ("ΠΟΛΩΝΙΑ", "PL"),
        ("польща", "PL"),
    ],
)
def test_countries_with_typing_errors_and_other_names(text: str, code: str) -> None:
    assert country_lexicon().one(text) == code


@pytest.mark.parametrize(
    "text", ["xyz", "", "a", "all", "alle", "Iran", "Australia", "Mali", "Russia", "hello", "s" * 5000]
)
def test_what_is_no_country_of_ours(text: str) -> None:
    assert country_lexicon().find(text) == []


def test_an_unclear_beginning_offers_both_and_takes_neither() -> None:
    assert {match.id for match in country_lexicon().find("slov")} == {"SK", "SI"}
    assert country_lexicon().one("slov") is None


def test_the_best_comes_first_and_the_exact_is_sure() -> None:
    best = country_lexicon().find("Slovenia")[0]
    assert (best.id, best.score) == ("SI", 100.0)
    scores = [match.score for match in country_lexicon().find("nor")]
    assert len(scores) > 1
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Poland, Greece and Spain", ["PL", "GR", "ES"]),
        ("Bosnia and Herzegovina and Serbia", ["BA", "RS"]),
        ("Bosna i Hercegovina, Srbija i Hrvatska", ["BA", "RS", "HR"]),
        ("بولندا واليونان، تونس", ["PL", "GR", "TN"]),
        ("Polska i Grecja lub Hiszpania", ["PL", "GR", "ES"]),
        ("Polnad Grece", ["PL", "GR"]),
        ("Poland Spain Poland", ["PL", "ES"]),
        ("pl gr es", ["PL", "GR", "ES"]),
        ("🇵🇱🇬🇷", ["PL", "GR"]),
        ("1. Poland\n2. Spain", ["PL", "ES"]),
        ("Czech Republic/Slovakia", ["CZ", "SK"]),
        ("the Netherlands and the UK", ["NL", "GB"]),
        ("el Reino Unido y España", ["GB", "ES"]),
        ("I am at school in Greece", ["GR"]),
        ("Ελλάδα και Κύπρος", ["GR", "CY"]),
        ("Լեհաստան և Հունաստան", ["PL", "GR"]),
        ("nothing at all", []),
        (" , ; ", []),
    ],
)
def test_several_countries(text: str, codes: list[str]) -> None:
    assert country_lexicon().find_all(text) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("en fr de", ["en", "fr", "de"]),
        ("fr et de", ["fr", "de"]),
        ("et", ["et"]),
        ("anglais et français", ["en", "fr"]),
        ("Norwegian, Serbian", ["nb", "sr"]),
        ("Englisch und Deutsch", ["en", "de"]),
        ("الإنجليزية والفرنسية", ["en", "fr"]),
        ("japanese", []),
    ],
)
def test_several_languages(text: str, codes: list[str]) -> None:
    assert language_lexicon().find_all(text) == codes


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("biologie et musique", ["biology", "music"]),
        ("histoire de l'art et histoire", ["art", "history"]),
        ("Language and Literature and biology", ["literature", "biology"]),
        ("mathematics / geometry", ["maths"]),
        ("biolgie, musiqe", ["biology", "music"]),
    ],
)
def test_other_lexicons(text: str, ids: list[str]) -> None:
    assert SUBJECTS.find_all(text) == ids


def test_a_phrase_with_two_meanings_is_offered_with_both() -> None:
    lexicon = Lexicon([("Georgia", "country"), ("georgia", "state")], conjunctions=())
    assert {match.id for match in lexicon.find("Georgia")} == {"country", "state"}
    assert lexicon.one("Georgia") is None
    assert len(lexicon) == 1


def test_an_empty_lexicon_finds_nothing() -> None:
    assert Lexicon([]).find_all("Poland and Spain") == []


@given(st.text(max_size=300))
def test_no_text_breaks_a_lookup(text: str) -> None:
    found = country_lexicon().find_all(text)
    assert len(found) == len(set(found))
    assert set(found) <= set(reference.countries())
