"""Who may use which command, typed or by button, exactly as the table says; tried with every command there is.

All roles are tried in `tests/properties/test_gate.py`, without a platform.
"""

from __future__ import annotations

import pytest

from bot.talk.commands import Command
from handlers import commands
from tests.cast import Actor
from tests.stories.telling import SORRY, register
from tests.world import World

TURNED_AWAY = (
    "This is for registered teachers.",
    "This is for verified teachers.",
    "This is for those who help teachers",
    "You are not suspended.",
)

pytestmark = pytest.mark.parametrize("platform", ["terminal", "telegram"], indirect=True)


async def answer(world: World, actor: Actor) -> str:
    """All that is said to what somebody just did."""
    await actor.ways.until(lambda: actor.news() != "")
    await world.app.idle()
    return actor.news()


async def stop(world: World, actor: Actor) -> None:
    """Leave whatever is open."""
    heard = ""
    while "There is nothing to cancel." not in heard:
        await actor.says("/cancel")
        heard = await answer(world, actor)


def agrees(command: Command, teacher: bool, heard: str) -> bool:
    """Whether somebody who is not verified was turned away if the table says so, and only then."""
    assert SORRY not in heard
    turned_away = any(words in heard for words in TURNED_AWAY)
    return turned_away != (command.who == "anyone" or (command.who == "teacher" and teacher))


@pytest.mark.parametrize("teacher", [False, True], ids=["visitor", "teacher"])
async def test_typed_commands(world: World, teacher: bool) -> None:
    amina = await world.actor("Amina")
    if teacher:
        await register(amina)
    for command in commands():
        await amina.says(f"/{command.word}")
        heard = await answer(world, amina)
        assert agrees(command, teacher, heard), (command.word, heard)
        await stop(world, amina)


@pytest.mark.parametrize("teacher", [False, True], ids=["visitor", "teacher"])
async def test_buttons(world: World, teacher: bool) -> None:
    amina = await world.actor("Amina")
    if teacher:
        await register(amina)
    for command in commands():
        # A misspelt command brings a button, also to those who may not use it.
        await amina.says(f"/{command.word[0]}{command.word[2:]}", hears="Did you mean this?")
        await amina.chooses(amina.last.labels[0])
        heard = await answer(world, amina)
        assert agrees(command, teacher, heard), (command.word, heard)
        await stop(world, amina)


async def test_help_lists_what_one_may_use(world: World) -> None:
    amina = await world.actor("Amina")
    for teacher in (False, True):
        if teacher:
            await register(amina)
        heard = await amina.says("/help", hears="/register")
        listed = {command.word for command in commands() if f"/{command.word} –" in heard}
        open_now = {"anyone", "teacher"} if teacher else {"anyone"}
        assert listed == {command.word for command in commands() if command.listed and command.who in open_now}
