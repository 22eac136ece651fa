"""Every text of the bot, shown in every language with many numbers and hostile names."""

from __future__ import annotations

import gettext

import pytest

from bot.catalog_faults import fields, forms
from bot.locales import extract
from bot.text import Count, Name, Reader, Text, render
from bot.text.catalogs import available, catalog, chain
from storage.reference import languages

NUMBERS = (0, 1, 2, 3, 5, 11, 21, 101, 1000)
#: A name that tries to leave its place: controls of direction, an end of isolation, braces, markup, and no width.
HOSTILE = "\u202e{n}%s\u2069<b>*_`[x](y)\u200b"
LIMIT = 4096


@pytest.fixture(scope="module")
def texts() -> list[tuple[str | None, list[str]]]:
    """Context and English forms of every text."""
    return [(message.context or None, forms(message.id)) for message in extract() if message.id]


@pytest.mark.parametrize("language", available())
def test_every_text_can_be_shown(language: str, texts: list[tuple[str | None, list[str]]]) -> None:
    reader = Reader(language, "Europe/Lisbon")
    for context, english in texts:
        named = {field: Name(HOSTILE, 7) for field in fields(english[-1]) if field != "n"}
        for number in NUMBERS if len(english) > 1 else NUMBERS[:1]:
            arguments = {**named, "n": Count(number)} if "n" in fields(english[-1]) else named
            text = Text(english[0], arguments, context, english[1] if len(english) > 1 else None)
            shown = render(text, reader)
            assert 0 < len(shown.text.encode("utf-16-le")) // 2 <= LIMIT, english
            assert "\u202e" not in shown.text, english
            assert sum(map(shown.text.count, "\u2066\u2067\u2068")) == shown.text.count("\u2069"), english
            told = [shown.text[mention.start : mention.end].strip("\u2068\u2069") for mention in shown.mentions]
            assert told == ["{n}%s<b>*_`[x](y)"] * len(told), english
            assert len(told) >= len(named), english


@pytest.mark.parametrize("language", available())
def test_plural_forms_are_those_of_cldr(language: str) -> None:
    """The rule of each catalog gives the class that its reference gives, up to 2,000."""
    rule = gettext.c2py(languages()[language].plural_forms.partition("plural=")[2].rstrip("; "))
    known = catalog(language)
    assert all(known.plural(n) == rule(n) for n in range(2001))


def test_every_language_falls_back_on_english_at_last() -> None:
    for language in available():
        assert list(chain(language))[-1] == "en"
