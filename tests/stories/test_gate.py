"""Who may use which command, typed or by button, exactly as the table says."""

from __future__ import annotations

import pytest

from handlers import commands
from tests.cast import Actor
from tests.stories.telling import register
from tests.world import World

REFUSED = "This is for registered teachers."
HELPERS = "This is for those who help teachers"
FOR_TEACHERS = {"partners", "looking", "profile", "verification"}
#: What a command says to those who may use it: a visitor, a teacher.
SAYS = {
    "start": ("Welcome to twinbot", "Welcome back, Amina Diallo!"),
    "register": ("1/7", "You are registered already."),
    "partners": (REFUSED, "Partners for you"),
    "looking": (REFUSED, "You are looking for partners"),
    "profile": (REFUSED, "Your profile"),
    "language": ("Which language shall we speak?", "Which language shall we speak?"),
    "link": ("Your code", "Your code"),
    "privacy": ("Your data", "Your data"),
    "mydata": ("entries are being put together", "entries are being put together"),
    "deleteme": ("Erase everything about you?", "Erase everything about you?"),
    "verification": (REFUSED, "You are not verified yet."),
    "verify": (HELPERS, HELPERS),
    "vouch": (HELPERS, HELPERS),
    "staff": (HELPERS, HELPERS),
    "ambassadors": (HELPERS, HELPERS),
    "suspend": (HELPERS, HELPERS),
    "suspended": ("You are not suspended.", "You are not suspended."),
    "help": ("What I can do for you", "What I can do for you"),
}

pytestmark = pytest.mark.parametrize("platform", ["terminal", "telegram"], indirect=True)


async def stop(actor: Actor) -> None:
    """Leave whatever is open."""
    await actor.says("/cancel")
    await actor.says("/cancel", hears="There is nothing to cancel.")


def test_the_table_says_so(platform: str) -> None:
    assert {command.word for command in commands()} == SAYS.keys()
    assert {command.word for command in commands() if command.who == "teacher"} == FOR_TEACHERS
    assert platform


@pytest.mark.parametrize("teacher", [False, True], ids=["visitor", "teacher"])
async def test_typed_commands(world: World, teacher: bool) -> None:
    amina = await world.actor("Amina")
    if teacher:
        await register(amina)
    for word, says in SAYS.items():
        heard = await amina.says(f"/{word}", hears=says[teacher])
        assert (REFUSED in heard) == (word in FOR_TEACHERS and not teacher)
        await stop(amina)


@pytest.mark.parametrize("teacher", [False, True], ids=["visitor", "teacher"])
async def test_buttons(world: World, teacher: bool) -> None:
    amina = await world.actor("Amina")
    if teacher:
        await register(amina)
    for command in commands():
        word, says = command.word, SAYS[command.word][teacher]
        # A misspelt command brings a button, also to those who may not use it.
        await amina.says(f"/{word[0]}{word[2:]}", hears="Did you mean this?")
        await amina.chooses(amina.last.labels[0], hears=says)
        await stop(amina)


async def test_help_lists_what_one_may_use(world: World) -> None:
    amina = await world.actor("Amina")
    before = await amina.says("/help", hears="/register")
    assert all(f"/{word} " not in before for word in FOR_TEACHERS)
    await register(amina)
    mine = {word for word, says in SAYS.items() if says[1] not in {HELPERS, "You are not suspended."}}
    after = await amina.says("/help", hears=[f"/{word} " for word in mine])
    assert all(f"/{word} " not in after for word in SAYS.keys() - mine)
