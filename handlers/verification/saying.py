"""What is said above the state when a teacher has just done something about their case."""

from __future__ import annotations

from bot.talk import Talk
from bot.text import Node, _

_SECONDS = 60
"""So long it is said; whoever comes back later sees the state alone."""
SAID: dict[str, Node] = {
    "note": _("Thank you. Support reads it as soon as possible, and you hear the outcome at once."),
    "answer": _("Thank you. Your answer is with support."),
    "ambassador": _("I have asked. You hear at once when somebody answers."),
    "head": _("I have written to your school. One press there is enough, and you hear at once."),
    "withdrawn": _("Support no longer has your case."),
    "changed": _("This has changed meanwhile. Here is where we are:"),
    "gone": _("That code is not right, and it was the last guess. Ask for a new one."),
    "often": _("There were too many mails within an hour. Please wait, or choose another way."),
    "taken": _("With this address another profile was verified. Is it yours? Then /link joins your accounts."),
}


def on(talk: Talk, what: str) -> None:
    """Go on to the state, with something said above it."""
    talk.then("verification", said=what, at=talk.now.timestamp())


def said(talk: Talk) -> Node | None:
    """What is to be said above the state, if that was just now."""
    fresh = talk.now.timestamp() - float(talk.start("at", 0)) < _SECONDS
    return SAID.get(str(talk.start("said"))) if fresh else None
