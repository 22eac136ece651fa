"""Lines in plain words, as teachers write them, in each language of the bot."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.catalogs import available
from handlers.reminders import words
from handlers.reminders.found import merged
from handlers.reminders.plans import Plan, Unfinished, put_together
from handlers.reminders.reading import LONGEST, read, understand

#: A Tuesday evening.
SAID = datetime(2026, 11, 24, 18, 30)
ZONE = "Europe/Warsaw"
PHRASES = list(csv.DictReader((Path(__file__).parent / "phrases.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("phrase", PHRASES, ids=[f"{row['language']} {row['line']}" for row in PHRASES])
def test_a_phrase_says_what_it_says(phrase: dict[str, str]) -> None:
    reading = read(phrase["line"], phrase["language"], SAID, ZONE)
    assert reading.words == phrase["words"]
    plan = reading.plan
    if isinstance(plan, Unfinished):
        assert (plan.lacks or plan.trouble) == phrase["start"]
        return
    assert f"{plan.start:%Y-%m-%d %H:%M}" == phrase["start"]
    assert (plan.rule.text() if plan.rule else "") == phrase["rule"]
    assert " ".join(map(str, plan.leads)) == phrase["leads"]
    assert plan.but_holidays == (phrase["but_holidays"] == "yes")
    assert " ".join(map(str, plan.skipped)) == phrase["skipped"]
    assert str(plan.minutes or "") == phrase["minutes"]


def test_each_language_has_phrases_enough() -> None:
    count = Counter(row["language"] for row in PHRASES)
    assert set(count) == set(available()) == set(words.languages())
    assert min(count.values()) >= 25


def test_the_language_that_says_most_counts() -> None:
    """A time in figures is one in any language, and must not hide that the rest is in another one."""
    for language in ("fr", "pt"):
        found = read("every Wednesday 10:00 until 10 March video call", language, SAID, ZONE)
        assert isinstance(found.plan, Plan)
        assert (found.words, found.plan.rule is not None) == ("video call", True)


@pytest.mark.parametrize("phrase", PHRASES[::3], ids=lambda row: str(row["line"]))
def test_another_language_than_the_reader_s_is_understood(phrase: dict[str, str]) -> None:
    reader = "pl" if phrase["language"] != "pl" else "en"
    reading = read(phrase["line"], reader, SAID, ZONE)
    # Only what has no word of its own language in it may be taken for the reader's: "12:30", "9.12".
    if isinstance(reading.plan, Plan) and phrase["start"][:1] == "2":
        assert f"{reading.plan.start:%H:%M}" == phrase["start"][11:]


@pytest.mark.parametrize(
    ("line", "answer", "asked", "start"),
    [
        ("call the museum tomorrow", "10", "time", "2026-11-25 10:00"),
        ("call the museum tomorrow", "at 8 in the evening", "time", "2026-11-25 20:00"),
        ("call the museum tomorrow", "half past nine", "time", "2026-11-25 09:30"),
        ("every 2 weeks at 10 report", "Thursday", "day", "2026-11-26 10:00"),
        ("every 2 weeks at 10 report", "30", "day", "2026-11-30 10:00"),
        ("call the museum", "tomorrow at 10", None, "2026-11-25 10:00"),
    ],
)
def test_what_is_missing_is_added(line: str, answer: str, asked: str | None, start: str) -> None:
    known = understand(line, "en", SAID)
    whole = merged(known, understand(answer, "en", SAID, asked))  # type: ignore[arg-type]
    plan = put_together(whole, SAID, ZONE)
    assert isinstance(plan, Plan)
    assert f"{plan.start:%Y-%m-%d %H:%M}" == start
    assert whole.words == known.words


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("31 June at 10 x", "no_such_day"),
        ("29 February 2027 at 10 x", "no_such_day"),
        ("32/13/2026 at 10 x", "no_such_day"),
        ("2026-13-01 at 10 x", "no_such_day"),
        ("tomorrow at 25:00 x", "no_such_time"),
        ("tomorrow at 10:75 x", "no_such_time"),
        ("1 January 2020 at 10 x", "past"),
        ("yesterday at 10 x", "past"),
        ("today at 8 x", "past"),
        ("1 January 9999 at 10 x", "too_far"),
        ("in 99999999999 years x", "too_far"),
        ("in 200 years at 10 x", "too_far"),
        ("every minute x", "too_often"),
        ("every 30 minutes x", "too_often"),
        ("every hour x", "too_often"),
        ("every second x", "too_often"),
        ("every 5 seconds at 10 x", "too_often"),
        ("chaque seconde x", "too_often"),
        ("co sekundę x", "too_often"),
        ("كل ثانية x", "too_often"),
        ("every hour until 1 January 2030 x", "too_often"),
        ("every 5000 days at 10 x", "never"),
        ("every day at 10 until 1 January 2020 x", "over"),
        ("tomorrow at 10 x, 2 years before", "ahead"),
        ("tomorrow at 10 x, 1 hour, 2 hours, 3 hours, 4 hours, 5 hours, 6 hours before", "ahead"),
        ("Friday 9 December 2026 at 10 x", "other_weekday"),
    ],
)
def test_what_cannot_be_has_its_reason(line: str, trouble: str) -> None:
    plan = read(line, "en", SAID, ZONE).plan
    assert isinstance(plan, Unfinished)
    assert plan.trouble == trouble


def test_a_time_in_the_gap_of_a_clock_change_is_kept_as_it_was_said() -> None:
    plan = read("28 March 2027 at 2:30 walk", "en", SAID, ZONE).plan
    assert isinstance(plan, Plan)
    assert plan.start == datetime(2027, 3, 28, 2, 30)


_LANGUAGES = st.sampled_from(["en", "fr", "pl", "ar"])
_WORDS = st.lists(
    st.sampled_from([word for code in words.languages() for _m, _v, some in words.file_rows(code) for word in some])
    | st.sampled_from(
        ["3", "10:30", "31.12.2026", "1/1", "25:99", "9999", "June", "Tuesday", "grudnia", "الثلاثاء", "-"]
    )
    | st.text(max_size=5),
    max_size=14,
).map(" ".join)


@given(_WORDS, _LANGUAGES, st.sampled_from([None, "day", "time"]))
def test_any_words_get_an_answer(line: str, language: str, asked: str | None) -> None:
    reading = read(line, language, SAID, ZONE, asked)  # type: ignore[arg-type]
    if isinstance(reading.plan, Plan):
        assert reading.plan.start > SAID
        assert Plan.from_json(reading.plan.to_json()) == reading.plan
    else:
        assert (reading.plan.lacks is None) != (reading.plan.trouble is None)


def test_ten_thousand_characters_are_read_no_further() -> None:
    reading = read("tomorrow at 10 " + "long " * 2000, "en", SAID, ZONE)
    assert isinstance(reading.plan, Plan)
    assert len(reading.words) <= LONGEST


@pytest.mark.parametrize("junk", ["", " ", "🎉🎉", "\u202e3 December", "'; DROP TABLE people", "0" * 5000, "-" * 5000])
def test_junk_says_nothing(junk: str) -> None:
    assert read(junk, "en", SAID, ZONE).plan


@pytest.mark.parametrize("language", words.languages())
def test_every_row_of_a_file_is_one_we_understand(language: str) -> None:
    for meaning, value, some in words.file_rows(language):
        assert meaning in words.MEANINGS, meaning
        assert all(some), (meaning, value)
        assert len(set(some)) == len(some), (meaning, value, some)


@pytest.mark.parametrize("language", words.languages())
def test_a_file_says_all_that_is_needed(language: str) -> None:
    known = {(meaning, value) for meaning, value, _some in words.file_rows(language)}
    units = {("unit", unit) for unit in ("minute", "hour", "day", "week", "month", "year")}
    needed = {("every", ""), ("until", ""), ("except", ""), ("holidays", ""), ("and", ""), ("in", ""), ("nth", "-1")}
    needed |= units | {("number", str(n)) for n in range(1, 13)} | {("today", "0"), ("today", "1"), ("today", "2")}
    assert needed <= known
    assert {("before", ""), ("ahead", "")} & known


def test_what_we_have_no_words_for_is_left_to_dateparser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language without a file knows CLDR's names, and dateparser's words for the rest."""
    german = read("am 3. Dezember 2026 um 10:30 Theater", "de", SAID, ZONE).plan
    assert isinstance(german, Plan)
    assert german.start == datetime(2026, 12, 3, 10, 30)
    found = understand("in 12 Tagen Theater", "de", SAID)
    assert found.day == (SAID + timedelta(days=12)).date()
