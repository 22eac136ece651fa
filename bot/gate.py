"""The gate: who is turned away hears whom a command is for, and what leads there."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.talk import Message, Option
from bot.talk.commands import Command, Commands
from bot.text import _


def refusal(commands: Commands, command: Command, roles: Collection[str], ways_on: Sequence[Option]) -> Message:
    """What somebody with these roles hears who may not use a command; ``ways_on`` is what they can do instead."""
    if "suspended" in roles:
        needed = _("Your account is suspended. You can read why, answer, and take your data.")
        return Message(needed, tuple(_way(each) for each in commands if each.suspended))
    if "pupil" in roles:
        needed = _("What you write here goes to your class room. Beside that you have these:")
        return Message(needed, tuple(_way(each) for each in commands if each.pupils))
    if command.who == "suspended":
        return Message(_("You are not suspended."), tuple(ways_on))
    if not command.public:
        return Message(_("This is for those who help teachers: support and ambassadors."), tuple(ways_on))
    if "teacher" not in roles:
        needed = _("This is for registered teachers. Registering takes about two minutes.")
        return Message(needed, tuple(ways_on))
    proving = commands.get("verification")
    needed = _("This is for verified teachers. Showing who you are takes a few minutes.")
    return Message(needed, () if proving is None else (_way(proving),))


def _way(command: Command) -> Option:
    return Option(f"/{command.word}", command.button)
