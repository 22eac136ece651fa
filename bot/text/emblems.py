"""Twelve small pictures that children tell apart and name: by three of them a card is known to be theirs.

Drawn as SVG on a field of 24 by 24, so that a page and a printer show the same. They differ by their outlines, not by
colours alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.text.nodes import Node, p_


@dataclass(frozen=True)
class Emblem:
    """A picture: what it is called, and its drawing without the frame."""

    name: Node
    drawing: str

    @property
    def svg(self) -> str:
        """The picture as a document of its own."""
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{self.drawing}</svg>'


_LINE = 'fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
# Translators: names of twelve small pictures, as a child would call what they show.
EMBLEMS: tuple[Emblem, ...] = (
    Emblem(
        p_("picture", "Sun"),
        '<circle cx="12" cy="12" r="5" fill="#c77700"/>'
        f'<path {_LINE} stroke="#c77700" d="M12 2L12 4M12 20L12 22M2 12L4 12M20 12L22 12M5 5L6.4 6.4M17.6 17.6L19 19'
        'M5 19L6.4 17.6M17.6 6.4L19 5"/>',
    ),
    Emblem(
        p_("picture", "Moon"),
        '<path fill="#4a5a8c" d="M15 2C9 2 5 6.5 5 12C5 17.5 9 22 15 22C11.5 19.5 10 16 10 12C10 8 11.5 4.5 15 2Z"/>',
    ),
    Emblem(
        p_("picture", "Star"),
        '<path fill="#a67c00" d="M12 2L15 9L22 9.5L16.6 14.2L18.3 21.5L12 17.5L5.7 21.5L7.4 14.2L2 9.5L9 9Z"/>',
    ),
    Emblem(
        p_("picture", "Heart"),
        '<path fill="#c2274b" d="M12 21C5 15.5 2 12 2 8C2 5 4.2 3 7 3C9 3 11 4 12 6'
        'C13 4 15 3 17 3C19.8 3 22 5 22 8C22 12 19 15.5 12 21Z"/>',
    ),
    Emblem(
        p_("picture", "House"),
        '<path fill="#a33c1f" d="M12 2L23 12L1 12Z"/><path fill="#c98a5e" d="M4 12L20 12L20 22L4 22Z"/>'
        '<path fill="#5b3216" d="M10 15L14 15L14 22L10 22Z"/>',
    ),
    Emblem(
        p_("picture", "Tree"),
        '<path fill="#6b4423" d="M10.5 15L13.5 15L13.5 23L10.5 23Z"/><circle cx="12" cy="9" r="8" fill="#2d7a3a"/>',
    ),
    Emblem(
        p_("picture", "Fish"),
        '<path fill="#1f7a8c" d="M2 12C5 6 12 5 17 11L22 7L22 17L17 13C12 19 5 18 2 12Z"/>'
        '<circle cx="7" cy="11" r="1.2" fill="#ffffff"/>',
    ),
    Emblem(
        p_("picture", "Boat"),
        '<path fill="#3465a4" d="M2 16L22 16L18 22L6 22Z"/><path fill="#c2274b" d="M13 2L13 14L4 14Z"/>'
        '<path fill="#888888" d="M14.5 5L20 14L14.5 14Z"/>',
    ),
    Emblem(
        p_("picture", "Key"),
        '<path fill="none" stroke="#7a5c00" stroke-width="3" d="M11.5 12L22 12M17 12L17 16M21 12L21 16"/>'
        '<circle cx="7" cy="12" r="4.5" fill="none" stroke="#7a5c00" stroke-width="3"/>',
    ),
    Emblem(
        p_("picture", "Umbrella"),
        '<path fill="#7b2d8b" d="M12 3C6 3 2 7 1.5 13L22.5 13C22 7 18 3 12 3Z"/>'
        f'<path {_LINE} stroke="#333333" d="M12 13L12 19C12 21.5 16 21.5 16 19"/>',
    ),
    Emblem(
        p_("picture", "Cup"),
        '<path fill="#2a6f6f" d="M3 6L17 6L16 19C16 20 15 21 14 21L6 21C5 21 4 20 4 19Z"/>'
        '<path fill="none" stroke="#2a6f6f" stroke-width="2" d="M17 9C23 8 23 16 16.5 16"/>',
    ),
    Emblem(
        p_("picture", "Bell"),
        '<path fill="#b8600b" d="M12 3C8 3 6.5 7 6.5 10C6.5 14 5 16 3 18'
        'L21 18C19 16 17.5 14 17.5 10C17.5 7 16 3 12 3Z"/>'
        '<circle cx="12" cy="20.5" r="2.2" fill="#b8600b"/><circle cx="12" cy="2.5" r="1.5" fill="#b8600b"/>',
    ),
)
