"""A picture of a few figures: bars with their numbers and no words, so that it reads in every language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

#: The name of the source from which delivery takes such a picture; what it asks for are the figures, as JSON.
SOURCE = "bars"

WIDTH, HEIGHT = 640, 320
_MARGIN, _HEAD = 28, 36
_BAR, _LAST, _LINE, _PAPER, _INK = "#0072B2", "#D55E00", "#999999", "#FFFFFF", "#222222"


def draw(figures: Sequence[int], into: BinaryIO) -> None:
    """Write a PNG with a bar for each figure; the last one has a colour of its own."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=16)
    floor, highest = HEIGHT - _MARGIN, max([1, *figures])
    step = (WIDTH - 2 * _MARGIN) / max(1, len(figures))
    for place, figure in enumerate(figures):
        left = _MARGIN + place * step + step * 0.15
        top = floor - (floor - _HEAD) * figure / highest
        colour = _LAST if place == len(figures) - 1 else _BAR
        if figure:
            pen.rectangle((left, top, left + step * 0.7, floor), fill=colour)
        pen.text((left + step * 0.35, top - 4), str(figure), fill=_INK, font=font, anchor="mb")
    pen.line((_MARGIN, floor, WIDTH - _MARGIN, floor), fill=_LINE, width=2)
    picture.save(into, "PNG")
