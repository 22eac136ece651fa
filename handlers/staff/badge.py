"""How support is marked in what it says: with a sign that no name and no words of anybody else can have."""

from __future__ import annotations

from bot.text import Country, Joined, Node, Strong, lines, p_


def badge(country: str | None = None) -> Node:
    """The mark of support of a country, or of central support."""
    # Translators: marks what support says. Keep the shield: it is taken out of everybody else's words.
    mark = p_("badge", "🛡 Support")
    return Strong(mark if country is None else Joined((mark, Country(country)), " · "))


def from_support(country: str | None, *what: Node | None) -> Node:
    """Something that support says, under its mark."""
    return lines(badge(country), *what)
