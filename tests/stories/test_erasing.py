"""A teacher leaves: a day to change her mind, then nothing of her is left, and others see a former member."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.talk import Chore, News, Tell
from bot.text import Name, Verbatim, _, lines
from handlers.rights import erasing_chore, idle_chore
from storage.models import Account, Erasure, Person, Teacher
from tests.cast import Actor, OnMatrix
from tests.stories.telling import register
from tests.world import World

Worlds = Callable[..., World]
DAY = timedelta(days=1)


async def person_of(world: World, platform: str) -> int:
    def look(session: Session) -> int:
        newest = select(Account.person_id).where(Account.platform == platform).order_by(Account.id.desc())
        return session.scalars(newest).first() or 0

    return await world.database.read(look)


async def finish(world: World) -> None:
    """Let the erasing chore go on until nothing is due; on Matrix the bot has left the chat before."""
    await world.app.delivery.due()
    await world.app.idle()
    await world.app.do(erasing_chore)


async def asks_to_go(amina: Actor) -> None:
    await amina.says("/deleteme", hears=["Erase everything about you?", "24 hours"])
    await amina.chooses("Erase everything", hears=["Everything about you will be erased.", "When:"])


async def test_she_changes_her_mind(world: World) -> None:
    amina = await world.actor("Amina")
    await register(amina)
    await asks_to_go(amina)
    await amina.says("/profile", hears="You are not looking now")
    await amina.says("/deleteme", hears=["Everything about you will be erased.", "Go on erasing"])
    await amina.chooses("Keep my account", hears="Everything stays.")
    await amina.says("/profile", hears="Others can find you once you are verified.")
    world.offset += 2 * DAY
    await finish(world)
    await amina.says("/profile", hears="Amina Diallo")


async def test_after_a_day_everything_is_gone_and_she_starts_anew(world: World) -> None:
    amina = await world.actor("Amina")
    await register(amina)
    await asks_to_go(amina)
    world.offset += DAY - timedelta(minutes=5)
    await finish(world)
    await amina.says("/profile", hears="Amina Diallo")
    world.offset += timedelta(minutes=10)
    await amina.does(finish(world), hears="this is my last word to you")
    await amina.says("/deleteme", hears="This cannot be stopped any more.")
    world.offset += timedelta(minutes=15)
    await finish(world)
    # The browser was signed out with everything else, and the bot has left the room; another one is a new beginning.
    anew = await world.actor("Amina") if amina.platform == "web" else amina
    if isinstance(anew.ways, OnMatrix):
        anew.ways = OnMatrix(anew.ways.user, await anew.ways.user.direct_chat(world.bot))
    await anew.says("/start", hears="Welcome to twinbot")
    await anew.says("/profile", hears="This is for registered teachers.")


async def test_others_see_a_former_member(worlds: Worlds) -> None:
    """What was told in her name, on the web and in the outbox, loses her name and her words and nothing else."""

    async with worlds("web", "telegram") as world:
        amina, joao = await world.actor("Amina", "telegram"), await world.actor("João", "web")
        await register(amina)
        gone = await person_of(world, "telegram")
        await joao.says("/start", hears="Welcome to twinbot")
        reader = await person_of(world, "web")

        def spread(session: Session, now: datetime, tell: Tell) -> bool:
            body = lines(_("Welcome back, {name}! What would you like to do?", name=Name("Zoraida", gone)))
            tell(News(reader, lines(body, Verbatim("planted words", gone), Verbatim("and others"))))
            return False

        await joao.does(world.app.do(Chore("spread", 60, spread)), hears=["Zoraida", "planted words"])
        await asks_to_go(amina)
        for step in (DAY, timedelta(minutes=11)):
            world.offset += step + timedelta(seconds=1)
            await finish(world)
        await joao.says("/help", hears="What I can do")
        await world.restart()
        there = await world.actor("João", "web")
        there.ways = joao.ways
        stored = await world.database.read(everything)
        assert "Zoraida" not in stored and "planted words" not in stored
        assert "a former member" in stored and "and others" in stored
        assert await world.database.read(partial(bare, person=gone))


def everything(session: Session) -> str:
    """Every value of every table, opened."""
    from storage.models import Base

    return "\n".join(
        str(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table)).all()
    )


def bare(session: Session, person: int) -> bool:
    """A person of whom only the number is left."""
    row = session.get(Person, person)
    left = session.scalar(select(Teacher.person_id).where(Teacher.person_id == person))
    return row is not None and row.erased_at is not None and left is None


async def test_after_two_years_of_silence_people_are_asked_and_then_erased(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        amina, joao = await world.actor("Amina", "telegram"), await world.actor("João", "web")
        await register(amina)
        await joao.says("/start", hears="Welcome to twinbot")
        world.offset += timedelta(days=735)
        await joao.does(amina.does(world.app.do(idle_chore), hears="It has been two years"), hears="Shall I keep")
        await joao.chooses("Keep my account", hears="Everything stays.")
        world.offset += timedelta(days=31)
        await finish(world)
        world.offset += timedelta(minutes=11)
        await finish(world)
        await amina.says("/profile", hears="This is for registered teachers.")

        def under_way(session: Session) -> list[int]:
            return list(session.scalars(select(Erasure.person_id).where(Erasure.person_id > 300)))

        assert await world.database.read(under_way) == []
