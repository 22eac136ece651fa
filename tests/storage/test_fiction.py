"""Fictional schools and teachers fit the reference facts, and the same seed gives the same ones."""

import os
import subprocess
import sys
import unicodedata
from collections import Counter
from itertools import islice

import pytest

from storage import reference
from storage.domains import domain_of
from storage.fiction import SchoolRow, TeacherRow, fictional_schools, fictional_teachers

SCHOOLS = list(fictional_schools(900, seed=7))
TEACHERS = list(fictional_teachers(2000, SCHOOLS, seed=7))


def test_every_founding_country_has_a_school() -> None:
    first = {school.country for school in fictional_schools(42, seed=1)}
    assert first == {place.code for place in reference.founding_countries()}
    assert {school.country for school in SCHOOLS} == first


def test_larger_countries_have_more_schools() -> None:
    schools = Counter(school.country for school in SCHOOLS)
    assert schools["DE"] > schools["PL"] > schools["CZ"] > schools["LI"] >= 1


def test_every_country_has_eight_towns() -> None:
    towns: dict[str, set[str]] = {}
    for row in reference.rows("fiction/towns.csv"):
        towns.setdefault(row["country"], set()).update(row["towns"].split("|"))
        assert row["language"] in reference.languages()
    assert set(towns) == {place.code for place in reference.founding_countries()}
    assert {code: len(names) for code, names in towns.items() if len(names) < 8} == {}


def test_latin_forms_are_latin() -> None:
    for school in SCHOOLS:
        letters = filter(str.isalpha, school.town_latin)
        assert all(unicodedata.name(letter).startswith("LATIN") for letter in letters), school


def test_towns_are_written_as_their_people_write_them() -> None:
    athens = SchoolRow(0, "GR", "Αθήνα", "Athina", "", "", "el")
    assert any((s.country, s.town, s.town_latin) == ("GR", athens.town, athens.town_latin) for s in SCHOOLS)


def test_schools_are_complete_and_distinct() -> None:
    assert [school.number for school in SCHOOLS] == list(range(900))
    assert len({(school.country, school.town, school.name) for school in SCHOOLS}) == 900
    assert {school.level for school in SCHOOLS} == set(reference.LEVELS)
    for school in SCHOOLS:
        assert school.language in reference.languages()
        assert school.name == school.name.strip()
        assert "{" not in school.name


def test_teachers_fit_their_school() -> None:
    assert {teacher.school for teacher in TEACHERS} == set(range(900))
    for teacher in TEACHERS:
        school = SCHOOLS[teacher.school]
        lowest, highest = reference.level_ages(school.level)
        assert lowest <= teacher.youngest < teacher.oldest <= highest
        assert 1 <= len(set(teacher.subjects)) == len(teacher.subjects) <= 4
        assert set(teacher.subjects) <= set(reference.subjects())
        assert teacher.languages[0] == school.language
        assert set(teacher.languages) <= set(reference.languages())
        assert school.country not in teacher.wished_countries
        assert teacher.wish_language in {"en", school.language}


def test_who_teaches_foreign_languages_speaks_one() -> None:
    teaching = [teacher for teacher in TEACHERS if "foreign_languages" in teacher.subjects]
    assert teaching
    assert all(len(teacher.languages) > 1 for teacher in teaching)


def test_wished_countries_take_part_today() -> None:
    wished = {code for teacher in TEACHERS for code in teacher.wished_countries}
    assert wished == {place.code for place in reference.founding_countries() if place.active}
    assert {len(teacher.wished_countries) for teacher in TEACHERS} == {0, 1, 2, 3, 4}


def test_proportions() -> None:
    looking = sum(teacher.looking for teacher in TEACHERS) / len(TEACHERS)
    english = sum("en" in teacher.languages for teacher in TEACHERS) / len(TEACHERS)
    recent = sum(teacher.last_active_days <= 30 for teacher in TEACHERS) / len(TEACHERS)
    assert 0.87 < looking < 0.93
    assert 0.8 < english < 0.95
    assert 0.6 < recent < 0.8
    assert all(0 <= teacher.last_active_days <= 700 for teacher in TEACHERS)


def test_names_are_a_given_name_and_one_initial() -> None:
    for teacher in TEACHERS:
        initial = next(word for word in teacher.name.split() if word.endswith("."))
        assert len(initial) == 2
        assert len(teacher.name.split()) == 2
    hungarian = next(teacher for teacher in TEACHERS if SCHOOLS[teacher.school].language == "hu")
    assert hungarian.name.split()[0].endswith(".")


def test_wishes_vary() -> None:
    assert len({teacher.wish for teacher in TEACHERS}) >= 30
    assert len({row["idea"] for row in reference.rows("fiction/wishes.csv")}) >= 10


def test_every_word_file_knows_only_our_codes() -> None:
    for row in reference.rows("fiction/levels.csv"):
        assert set(row["subjects"].split("|")) <= set(reference.subjects())
    for path in ("fiction/wishes.csv", "fiction/people.csv", "fiction/schools.csv"):
        languages = [row["language"] for row in reference.rows(path)]
        assert set(languages) <= set(reference.languages())
    for row in reference.rows("fiction/wishes.csv"):
        assert None not in row
        assert set(row["levels"].split()) <= set(reference.LEVELS)


def test_every_pattern_of_every_area_can_be_filled() -> None:
    many = list(fictional_schools(20_000, seed=3))
    areas = {(row["country"], row["language"]) for row in reference.rows("fiction/towns.csv")}
    assert {(school.country, school.language) for school in many} == areas
    assert len({(school.country, school.town, school.name) for school in many}) == 20_000


def test_the_seed_decides() -> None:
    assert list(fictional_schools(900, seed=7)) == SCHOOLS
    assert list(fictional_teachers(2000, SCHOOLS, seed=7)) == TEACHERS
    assert list(fictional_schools(900, seed=8)) != SCHOOLS
    assert list(fictional_teachers(2000, SCHOOLS, seed=8)) != TEACHERS


@pytest.mark.parametrize("salt", ["0", "1"])
def test_another_process_makes_the_same(salt: str) -> None:
    code = "from storage.fiction import *; s = list(fictional_schools(900, 7)); print(s[-1].number, ascii(s[-1].name))"
    printed = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": salt}, capture_output=True, check=True
    )
    assert printed.stdout.decode().strip() == f"899 {SCHOOLS[-1].name!a}"


def test_teachers_are_made_one_at_a_time() -> None:
    endless = fictional_teachers(10**12, SCHOOLS, seed=1)
    assert [type(teacher) for teacher in islice(endless, 3)] == [TeacherRow] * 3


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="-1 schools"):
        next(fictional_schools(-1, seed=1))
    with pytest.raises(ValueError, match="at 0 schools"):
        next(fictional_teachers(1, [], seed=1))
    assert list(fictional_teachers(0, [], seed=1)) == []


def test_each_school_has_a_mail_domain_of_its_own_that_nobody_can_own() -> None:
    found = [row.domain for row in fictional_schools(300, 7)]
    assert len(set(found)) == len(found)
    assert all(domain.endswith(".example") and domain_of(domain) == domain for domain in found)
