"""Small pictures for the bot's own rooms, drawn here: those of one project have one colour."""

from __future__ import annotations

import colorsys
from io import BytesIO

from PIL import Image, ImageDraw

_SIDE, _SMOOTH = 128, 4
# Neighbouring numbers get colours that lie far apart.
_GOLDEN = 0.618034


def avatar(tint: int, discs: int) -> bytes:
    """A PNG of some discs beside each other on a ground of the same hue: three for a space, one for a room."""
    side = _SIDE * _SMOOTH
    picture = Image.new("RGB", (side, side), _colour(tint, 0.92))
    draw = ImageDraw.Draw(picture)
    radius = side / (2.6 if discs == 1 else 2 * discs)
    for number in range(discs):
        middle = side * (number + 1) / (discs + 1)
        box = middle - radius, side / 2 - radius, middle + radius, side / 2 + radius
        draw.ellipse(box, fill=_colour(tint, 0.45 + 0.15 * number))
    made = BytesIO()
    picture.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS).save(made, "PNG", optimize=True)
    return made.getvalue()


def _colour(tint: int, light: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb(tint * _GOLDEN % 1.0, light, 0.55)
    return round(red * 255), round(green * 255), round(blue * 255)
