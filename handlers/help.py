"""/help: what can be done here, for this person, with an example for each."""

from __future__ import annotations

from bot.talk import Talk
from bot.talk.commands import Commands
from bot.text import Joined, Node, Strong, Verbatim, _, lines

# Translators: what a pupil can do in a private chat with the bot that is their class room.
IN_CLASS = lines(
    _("You are in your class room. What you write here is said there, and what is said there comes to you."),
    _("/report tells the teachers that something is wrong; /leave takes you out, and I forget you."),
)


def help_(talk: Talk) -> None:
    """Lists the commands this person may use."""
    table: Commands = talk.turn.extra["commands"]
    shown = [command for command in table if command.listed and command.open_to(talk.turn.roles)]
    if "pupil" in talk.turn.roles:
        # What the same words do for teachers is none of theirs.
        talk.say(IN_CLASS)
        return
    rows: list[Node] = [
        lines(Joined((Strong(Verbatim(f"/{command.word}")), command.line), " – "), command.help) for command in shown
    ]
    talk.say(
        Joined(
            (
                Strong(_("What I can do for you")),
                *rows,
                _(
                    "At every question: choose a button or its number, or write in your own words. "
                    "“back” undoes the last answer, “cancel” stops, “help” brings this page."
                ),
                *([] if talk.turn.platform != "matrix" else [_matrix()]),
            ),
            "\n\n",
        )
    )


def _matrix() -> Node:
    return _("Some Matrix apps keep commands with / for themselves. Write ! instead: !register")
