"""What stories about announcements share: a draft, its way out, and time that passes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from handlers.announcing import announcement_chore
from storage.models import Person
from tests.cast import Actor
from tests.world import World

WORDS = "A *webinar* on Monday\nEverybody is welcome."


async def awake(world: World) -> None:
    """Nobody's quiet hours hold anything."""
    await world.database.write(
        lambda session: session.execute(update(Person).values(timezone="UTC", language="en")) and None
    )
    now = world.now()
    world.offset += timedelta(hours=(34 - now.hour) % 24)


async def round_(world: World, times: int = 1) -> None:
    """The chore comes round, and everything that is due leaves."""
    for _time in range(times):
        world.offset += timedelta(seconds=4)
        await world.app.do(announcement_chore)
        world.app.delivery.wake_bulks()
        await world.app.idle()


async def comes(world: World, actor: Actor, words: str) -> None:
    """Something comes by itself, at the next round or by now: the bot's own clock goes round too."""
    await round_(world, 2)
    await actor.ways.until(lambda: words in actor.heard)


async def drafted(ana: Actor, words: str = WORDS) -> None:
    await ana.says("/announce", hears="Announcements")
    await ana.chooses("Write one", hears="What do you want to announce?")
    await ana.says(words, hears=["Draft", "Who gets it"])


async def sent(ana: Actor) -> None:
    await ana.chooses("Send", hears="Send this announcement?")
    await ana.chooses("Yes", hears="It is on its way")
