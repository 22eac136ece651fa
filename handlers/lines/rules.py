"""What may go out on a line: how long, how fast, and to whom. Pure rules, without I/O."""

from __future__ import annotations

from datetime import timedelta

from bot.talk.messages import Attachment
from bot.text import Count, Node, _, n_

MOST_CHARACTERS = 4000
MOST_IN_PERIOD = 20
PERIOD = timedelta(minutes=1)


def refusal(words: str, files: tuple[Attachment, ...], lately: int) -> Node | None:
    """Why this cannot go out; None if it can. ``lately`` is how much this person said to others within `PERIOD`."""
    if not words.strip() and not files:
        return _("I cannot pass that on. Words, pictures, voice messages and files I can.")
    if len(words) > MOST_CHARACTERS:
        # Translators: {n} is how long the message is, {most} how long it may be.
        return n_(
            "Not sent: it has {n} character, and {most} are the most. Please send it in parts.",
            "Not sent: it has {n} characters, and {most} are the most. Please send it in parts.",
            len(words),
            most=Count(MOST_CHARACTERS),
        )
    if lately >= MOST_IN_PERIOD:
        return n_(
            "Not sent: {n} message a minute is the most. Please send it again in a minute.",
            "Not sent: {n} messages a minute are the most. Please send it again in a minute.",
            MOST_IN_PERIOD,
        )
    return None
