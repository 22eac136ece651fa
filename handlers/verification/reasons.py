"""Why something is declined: a common reason by button, or words of one's own."""

from __future__ import annotations

from collections.abc import Mapping

from bot.talk import Option, Talk
from bot.talk.kinds import free_text
from bot.text import Node

REASON_LENGTH = 500


def ask_reason(talk: Talk, question: Node, common: Mapping[str, tuple[Node, Node]]) -> tuple[str | None, str | None]:
    """Ask for the reason; gives the code of a common one, or the officer's own words."""
    offers = [Option(code, label) for code, (label, _sentence) in common.items()]
    said = talk.ask("reason", question, free_text(at_most=REASON_LENGTH, at_least=3, offers=offers))
    return (said, None) if said in common else (None, said)
