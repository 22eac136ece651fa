"""The cards of a class as a printer gets them: rendered to pictures, and their QR codes read from there."""

from __future__ import annotations

import io
import random
from contextlib import closing
from datetime import date

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from bot.text import Reader
from bot.text.catalogs import available
from handlers.pupils.names import ANIMALS, LONGEST, made_up
from handlers.pupils.printing import Card, Cards, write
from storage import cards
from storage.cards import read_code

ADDRESS = "https://bot.example.org/join"
_A4 = (595, 842)


def printed(language: str, number: int, nickname: str | None = None) -> tuple[Cards, bytes]:
    names = made_up(language, number, set(), random.Random(7))
    its = [Card(nickname or name, cards.new_code(), cards.new_pictures()) for name, _word in names]
    made = Cards("Songs of our rivers", ADDRESS, date(2026, 6, 30), its)
    paper = io.BytesIO()
    write(made, Reader(language), paper)
    return made, paper.getvalue()


def pages(paper: bytes, scale: float) -> list[tuple[Image.Image, str]]:
    """Each page as a picture and as the words on it."""
    with closing(pypdfium2.PdfDocument(paper)) as document:
        found = []
        for page in document:
            assert tuple(round(side) for side in page.get_size()) == _A4
            words = page.get_textpage().get_text_range()
            found.append((page.render(scale=scale).to_pil().convert("RGB"), words))
        return found


@pytest.mark.parametrize("language", ["en", "ar"])
def test_each_card_has_its_code_twice_and_a_table_follows(language: str) -> None:
    made, paper = printed(language, 10)
    first, second, table = pages(paper, 2)
    codes = [code.text for page in (first, second) for code in zxingcpp.read_barcodes(page[0])]
    # Behind the #, so that no server ever hears of it.
    assert sorted(codes) == sorted(f"{ADDRESS}#{card.code}" for card in made.cards)
    typed = [word for page in (first, second) for word in page[1].split() if read_code(word)]
    assert sorted(map(read_code, typed)) == sorted(card.code for card in made.cards)
    assert not any(cards.grouped(card.code) in table[1] for card in made.cards), "The table stays with the teacher."
    assert "bot.example.org/join" in first[1]


def test_in_the_direction_of_the_reader() -> None:
    """Where one reads from the right, the squares stand on the left."""

    def squares(language: str) -> set[bool]:
        picture = pages(printed(language, 1)[1], 2)[0][0]
        return {code.position.top_left.x < picture.width / 4 for code in zxingcpp.read_barcodes(picture)}

    assert squares("en") == {False} and squares("ar") == {True}


def test_what_a_teacher_wrote_fits_its_card_and_shows_no_empty_boxes() -> None:
    made, paper = printed("en", 1, nickname="W" * 25 + "🦉 ok\u202e")
    words = pages(paper, 0.5)[0][1]
    assert "W" * 25 + " ok" in words
    assert made.cards[0].code in (read_code(word) for word in words.split())


def test_nicknames_are_nobodys_and_fit() -> None:
    for language in available():
        names = made_up(language, 40, set(), random.Random(1))
        assert len({name.casefold() for name, _word in names}) == 40
        assert all(len(name) <= LONGEST and word in ANIMALS for name, word in names)
    taken = {name.casefold() for name, _word in made_up("en", 1000, set(), random.Random(2))}
    assert not taken & {name.casefold() for name, _word in made_up("en", 200, taken, random.Random(3))}
