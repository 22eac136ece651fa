"""Whose name or words a stretch of a message is, from the text as data to the lines that the web keeps."""

from __future__ import annotations

import pytest

from bot.platforms.platform import Button, Shown
from bot.platforms.web.book import content_of, shown_of
from bot.text import Joined, Mention, Name, Node, Reader, Strong, Verbatim, _, decode, encode, render

AMINA, JOAO = 7, 8


def stretches(node: Node, reader: Reader) -> list[tuple[int, str]]:
    shown = render(decode(encode(node)), reader)
    words = [(m.person, shown.text[m.start : m.end]) for m in shown.mentions]
    return [(person, piece.strip("\u2068\u2069")) for person, piece in words]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_names_and_words_are_found_where_they_stand(language: str) -> None:
    greeting = _("Welcome back, {name}! What would you like to do?", name=Name("Amina", AMINA))
    node = Joined((Strong(Name("João", JOAO)), greeting, Verbatim("Bom dia", JOAO), Name("Lisboa")), "\n")
    assert stretches(node, Reader(language)) == [(JOAO, "João"), (AMINA, "Amina"), (JOAO, "Bom dia")]


def test_words_inside_a_sentence_are_found_too() -> None:
    said = _("I did not understand: {words}", words=Verbatim("bom dia", JOAO))
    assert stretches(said, Reader()) == [(JOAO, "bom dia")]


def test_a_text_of_before_has_nobody() -> None:
    assert decode(["name", "Amina"]) == Name("Amina")
    assert decode(["v", "hello"]) == Verbatim("hello")


def test_the_web_keeps_whose_words_a_line_has() -> None:
    shown = Shown("Ana says hi", mentions=(Mention(0, 3, AMINA),), buttons=(Button("Write to Ana", "p", person=AMINA),))
    assert shown_of(content_of(shown)) == shown
