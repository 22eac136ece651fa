"""The facts of the programme: complete, consistent with each other and with time zones and CLDR."""

from zoneinfo import available_timezones

import pytest
from babel import Locale

from storage import reference
from storage.reference import UnknownReference, names


def test_everything_of_the_programme_is_there() -> None:
    assert len(reference.countries()) == 47
    assert len(reference.founding_countries()) == 42
    assert len(reference.languages()) == 48
    assert len(reference.subjects()) == 48


def test_the_five_that_joined_later_have_no_seed_name() -> None:
    later = {code for code, place in reference.countries().items() if not place.founding}
    assert later == {"ME", "XK", "PS", "JO", "LB"}
    assert all((place.seed_name is None) == (code in later) for code, place in reference.countries().items())
    assert all(reference.country(code).since for code in later)


def test_only_the_united_kingdom_has_left() -> None:
    left = [place for place in reference.countries().values() if not place.active]
    assert [(place.code, place.until) for place in left] == [("GB", "2020-12-31")]


def test_plus_countries() -> None:
    plus = {code for code, place in reference.countries().items() if place.programme == "plus"}
    assert plus == {"AM", "AZ", "GE", "MD", "TN", "UA", "PS", "JO", "LB"}


def test_time_zones_exist() -> None:
    zones = {zone for place in reference.countries().values() for zone in place.timezones}
    assert zones - available_timezones() == set()
    assert all(place.timezones for place in reference.countries().values())


def test_languages_of_countries_are_known_and_the_other_way_round() -> None:
    for place in reference.countries().values():
        assert place.languages, place.code
        assert all(code in reference.languages() for code in place.languages)
    for tongue in reference.languages().values():
        assert all(code in reference.countries() for code in (*tongue.countries, *tongue.minority_in))
        assert all(code in reference.languages() for code in tongue.fallback)


def test_languages_are_cldr_locales_with_their_direction() -> None:
    for code, tongue in reference.languages().items():
        locale = Locale.parse(code)
        assert str(locale) == code
        assert {"left-to-right": "ltr", "right-to-left": "rtl"}[locale.character_order] == tongue.direction


def test_every_country_has_a_cldr_name() -> None:
    assert all(code in Locale("en").territories for code in reference.countries())


@pytest.mark.parametrize(("code", "forms"), [("en", 2), ("pl", 3), ("ar", 6), ("mk", 2), ("cy", 6), ("sl", 4)])
def test_plural_forms(code: str, forms: int) -> None:
    assert reference.language(code).plural_count == forms


def test_plural_rules_use_every_form_and_no_other() -> None:
    from gettext import c2py  # the parser that gettext itself uses for catalogs

    for tongue in reference.languages().values():
        rule = c2py(tongue.plural_forms.partition("plural=")[2].rstrip(";"))
        assert {rule(number) for number in range(201)} == set(range(tongue.plural_count)), tongue.code


def test_ages_of_consent() -> None:
    assert all(13 <= place.consent_age <= 18 for place in reference.countries().values())
    assert (reference.country("AT").consent_age, reference.country("AT").consent_confirmed) == (14, True)
    assert not reference.country("TR").consent_confirmed
    assert reference.country("JO").consent_basis == "default"


def test_open_holidays() -> None:
    assert reference.country("PL").open_holidays
    assert not reference.country("TR").open_holidays


def test_flag() -> None:
    assert reference.country("PL").flag == "🇵🇱"


def test_levels_follow_each_other() -> None:
    ages = [reference.level_ages(level) for level in reference.LEVELS]
    assert reference.LEVELS == ("pre_primary", "primary", "lower_secondary", "upper_secondary", "vocational")
    assert ages == sorted(ages)
    assert all(youngest < oldest for youngest, oldest in ages)


def test_vocational_subjects() -> None:
    strands = [subject.strand for subject in reference.subjects().values()]
    assert strands.count("vocational") == 10
    assert reference.subject("ict").seed_name == "Informatics / ICT"


@pytest.mark.parametrize(
    ("look_up", "message"),
    [
        (reference.country, "no country has the code '??'"),
        (reference.language, "no language has the code '??'"),
        (reference.subject, "no subject has the code '??'"),
        (reference.level_ages, "no school level has the code '??'"),
    ],
)
def test_unknown_codes(look_up, message) -> None:
    with pytest.raises(UnknownReference) as caught:
        look_up("??")
    assert isinstance(caught.value, KeyError)
    assert str(caught.value) == message


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        reference.country("PL").consent_age = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        reference.countries()["ZZ"] = reference.country("PL")  # type: ignore[index]


def test_generated_names_are_fresh() -> None:
    assert names.FILE.read_text(encoding="utf-8") == names.text(), "run: python -m storage.reference.names"
