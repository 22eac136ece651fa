"""What a teacher hears when somebody guesses at a card."""

from __future__ import annotations

from bot.talk import News, go
from bot.text import Name, Strong, _, lines, p_
from storage.pupils import Place


def alarm(place: Place) -> News:
    """Somebody knows the code of a card and chooses wrong pictures again and again."""
    words = lines(
        Strong(Name(place.nickname)),
        _(
            "Somebody typed the code of this card and chose wrong pictures several times. Perhaps the pupil has "
            "mixed them up; if the card is lost, make a new one."
        ),
    )
    return News(place.owner, words, (go(f"pupils one {place.id}", p_("button", "Look at the place")),))
