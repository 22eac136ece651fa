"""The cards of a class on paper: eight on a page of A4 to be cut apart, then a table to write names on by hand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from bot.text import Day, Node, Reader, entry, p_, plain
from bot.text.cleaning import FSI, PDI
from bot.text.emblems import EMBLEMS
from storage.cards import grouped

if TYPE_CHECKING:
    from fpdf import FPDF

#: The name of the source from which delivery takes the cards; what it asks for is whose, which, and for whom to read.
SOURCE = "cards"

_FONTS = Path(__file__).parent / "fonts"
_MARGIN, _WIDE, _HIGH, _INNER = 10.0, 95.0, 69.0, 5.0
_COLUMNS, _ROWS = 2, 4
_SQUARE, _PICTURE = 31.0, 13.0
_ROW, _MOST_ROWS = 6.6, 33
_INK, _GREY = 20, 150
_POINT = 0.3528


@dataclass(frozen=True)
class Card:
    """What is printed for one pupil."""

    nickname: str
    code: str
    pictures: Sequence[int]


@dataclass(frozen=True)
class Cards:
    """The cards of a class: of which project, good until which day, opened at which address; ``elsewhere`` by a private
    chat, too."""

    title: str
    address: str
    until: date
    cards: Sequence[Card]
    elsewhere: bool = False


def write(cards: Cards, reader: Reader, into: BinaryIO) -> None:
    """Write the PDF."""
    sheet = _Sheet(reader)
    on_page = _COLUMNS * _ROWS
    for place, card in enumerate(cards.cards):
        if place % on_page == 0:
            sheet.pdf.add_page()
        row, column = divmod(place % on_page, _COLUMNS)
        sheet.card(card, cards, _MARGIN + column * _WIDE, _MARGIN + row * _HIGH)
    for start in range(0, len(cards.cards), _MOST_ROWS):
        sheet.table(cards, start)
    into.write(bytes(sheet.pdf.output()))


class _Sheet:
    """Pages in the reader's language and direction. Measures are millimetres."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.mirrored = reader, reader.direction == "rtl"
        self.pdf = _blank(reader)
        self._known = _letters(self.pdf)

    def card(self, card: Card, of: Cards, left: float, top: float) -> None:
        """One card, with a line around it to cut along."""
        self.pdf.set_draw_color(_GREY)
        self.pdf.set_dash_pattern(dash=1.5, gap=1.5)
        self.pdf.rect(left, top, _WIDE, _HIGH)
        self.pdf.set_dash_pattern()
        wide = _WIDE - 2 * _INNER
        beside = wide - _SQUARE - 3
        place = _Place(self, left + _INNER, wide)
        place.line(of.title, top + 3, 8.5, beside, bold=True)
        place.line(self._said(_STEPS[0]), top + 9, 7.5, beside)
        place.line(of.address.partition("://")[2], top + 13, 9, beside, bold=True, direction="ltr")
        place.line(self._said(_STEPS[1]), top + 20, 7.5, beside)
        place.line(grouped(card.code), top + 24, 15, beside, bold=True, direction="ltr")
        place.line(self._said(_NICKNAME), top + 33, 7.5, beside)
        place.line(card.nickname, top + 37, 10.5, beside, bold=True)
        x = left + _INNER if self.mirrored else left + _INNER + wide - _SQUARE
        self.pdf.image(_square(f"{of.address}#{card.code}"), x, top + 4, _SQUARE, _SQUARE)
        place.line(self._said(_STEPS[2]), top + 43.5, 7.5, wide)
        for number, picture in enumerate(card.pictures):
            self._picture(picture, left + _INNER + number * wide / 3, wide / 3, top + 48)

    def _picture(self, number: int, left: float, wide: float, top: float) -> None:
        emblem = EMBLEMS[number]
        self.pdf.image(io.BytesIO(emblem.svg.encode()), left + (wide - _PICTURE) / 2, top, _PICTURE, _PICTURE)
        _Place(self, left, wide).line(self._said(emblem.name), top + _PICTURE + 0.6, 7.5, wide, align="C")

    def table(self, of: Cards, start: int) -> None:
        """A page with the nicknames and room for names, which stay on paper."""
        self.pdf.add_page()
        wide = _COLUMNS * _WIDE
        place = _Place(self, _MARGIN, wide)
        place.line(of.title, _MARGIN, 14, wide, bold=True)
        place.line(self._said(_PAPER), _MARGIN + 9, 9, wide)
        place.line(self._said(entry(_UNTIL, Day(of.until))), _MARGIN + 15, 9, wide)
        if of.elsewhere:
            place.line(self._said(_ELSEWHERE), _MARGIN + 20, 9, wide)
        top = _MARGIN + (29 if of.elsewhere else 24)
        self._row(("", self._said(_COLUMN_NICKNAME), self._said(_COLUMN_NAME)), top, bold=True)
        for number, card in enumerate(of.cards[start : start + _MOST_ROWS], 1):
            self._row((str(start + number), card.nickname, ""), top + number * _ROW)

    def _row(self, cells: tuple[str, str, str], top: float, *, bold: bool = False) -> None:
        left, wide = _MARGIN, _COLUMNS * _WIDE
        for words, width in zip(cells, (12.0, 68.0, wide - 80), strict=True):
            x = 2 * _MARGIN + wide - left - width if self.mirrored else left
            self.pdf.rect(x, top, width, _ROW)
            _Place(self, x + 1.5, width - 3).line(words, top + 1.5, 9.5, width - 3, bold=bold)
            left += width

    def _said(self, node: Node) -> str:
        return plain(node, self.reader)

    def clean(self, words: str) -> str:
        """Words without what the font cannot show; it would stand there as an empty box."""
        bare = words.replace(FSI, "").replace(PDI, "")
        return "".join(letter for letter in bare if ord(letter) in self._known)


@dataclass(frozen=True)
class _Place:
    """A strip of a sheet in which lines stand at the side where reading begins."""

    sheet: _Sheet
    left: float
    wide: float

    def line(
        self,
        words: str,
        top: float,
        size: float,
        wide: float,
        *,
        bold: bool = False,
        align: str = "",
        direction: Literal["ltr", "rtl"] | None = None,
    ) -> None:
        """One line, made smaller where it would not fit."""
        pdf, mirrored = self.sheet.pdf, self.sheet.mirrored
        words = self.sheet.clean(words)
        pdf.set_text_shaping(use_shaping_engine=True, direction=direction or ("rtl" if mirrored else "ltr"))
        pdf.set_font("cards", "B" if bold else "", size)
        while size > 5 and pdf.get_string_width(words) > wide:
            size -= 0.5
            pdf.set_font("cards", "B" if bold else "", size)
        x = self.left + self.wide - wide if mirrored else self.left
        pdf.set_xy(x, top)
        pdf.cell(w=wide, h=size * _POINT * 1.2, text=words, align=align or ("R" if mirrored else "L"))


def _blank(reader: Reader) -> FPDF:
    """A document without pages. Imported here: few processes ever print, and the fonts take a while."""
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_text_color(_INK)
    pdf.add_font("cards", "", _FONTS / "DejaVuSans.ttf")
    pdf.add_font("cards", "B", _FONTS / "DejaVuSans-Bold.ttf")
    pdf.set_lang(reader.language.replace("_", "-"))
    pdf.set_title(plain(_TITLE, reader))
    return pdf


def _letters(pdf: FPDF) -> set[int]:
    """What both fonts can show."""
    from fpdf.fonts import TTFFont

    known = [set(font.cmap) for font in pdf.fonts.values() if isinstance(font, TTFFont)]
    return set.intersection(*known)


def _square(address: str) -> io.BytesIO:
    """The address as a QR code. The code stands behind the #, which no browser sends: so it is in nobody's log."""
    import segno

    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="png", scale=8, border=2)
    return picture


# Translators: what stands on a small printed card for a pupil. Please keep these lines short.
_STEPS = (
    p_("card", "1. Scan the square, or open:"),
    p_("card", "2. Type this code:"),
    p_("card", "3. Choose these three pictures:"),
)
_NICKNAME = p_("card", "Your nickname:")
_TITLE = p_("card", "Cards for pupils")
_PAPER = p_("card", "Names are written by hand and stay on this paper. Cut the cards apart and hand them out.")
# Translators: "the bot" is this program; /join is a command and stays as it is.
_ELSEWHERE = p_("card", "On Telegram or Matrix: write /join and the code to the bot.")
_UNTIL = p_("card", "The cards are good until")
# Translators: the heads of two columns of a table; the second is left empty for names that are written by hand.
_COLUMN_NICKNAME = p_("card", "Nickname")
_COLUMN_NAME = p_("card", "Who that is")
