"""Four to six schools around one idea: all are asked at once, and the group opens when enough are in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle

from handlers.groups import group_chore
from storage import partnerships
from tests.stories.teachers import PLACES, Colleague, verified
from tests.world import World

Worlds = Callable[..., World]
IDEA = "We collect old songs of our rivers and make one album."


async def at(world: World, days: int) -> None:
    world.offset += timedelta(days=days)
    world.offset = world.now().replace(hour=12, minute=0) - datetime.now(UTC)
    await world.app.do(group_chore)


async def colleagues(world: World, platforms: Sequence[str] = ("web",)) -> list[Colleague]:
    """Four verified teachers who share a language with nobody else, on these platforms in turn."""
    where = cycle(platforms)
    made = [await verified(world, name, next(where)) for name in PLACES]
    world.offset = world.now().replace(hour=12, minute=0) - datetime.now(UTC)
    return made


async def propose(one: Colleague, *, size: str = "4") -> str:
    """Plan a group, up to the proposal."""
    await one.actor.says("/group", hears="What is the idea about?")
    await one.actor.chooses("Art and music", hears="In which language do you work?")
    await one.actor.chooses("Irish", hears="What do you want to do together?")
    await one.actor.says("Write me at amina@example.org", hears="Please leave out addresses and numbers")
    await one.actor.says(IDEA, hears="How many schools")
    return await one.actor.chooses(size, hears="These schools would suit you, and each other:")


async def partners(world: World, one: Colleague) -> set[int]:
    found = await world.database.read(partial(partnerships.partners_of, person=one.person))
    return {partner.person for partner in found}


async def test_all_are_asked_at_once_and_it_opens_when_enough_are_in(worlds: Worlds) -> None:
    everywhere = ("telegram", "matrix", "web")
    async with worlds(*everywhere) as world:
        amina, joao, ines, eve = people = await colleagues(world, everywhere)
        proposal = await propose(amina)
        for name in ("João", "Ines", "Eve"):
            assert PLACES[name][1] in proposal
        asks = amina.actor.chooses("Ask all of them", hears=["All are asked.", "old songs"])
        await joao.actor.does(asks, hears=["Schools gather around an idea", IDEA, "Amina Diallo", "Join"])
        await ines.actor.hears("Schools gather around an idea")
        await eve.actor.hears("Schools gather around an idea")
        joins = joao.actor.chooses("Join", hears="You are in. I tell you when the group opens:")
        await amina.actor.does(joins, hears=["A school joins your group:", "João Diallo"])
        await amina.actor.says("/group", hears=["Your group gathers", "1 school is in beside yours.", "2 schools have"])
        await amina.actor.chooses("Go on waiting")
        await ines.actor.chooses("Join", hears="You are in.")
        joins = eve.actor.chooses("Join", hears=["The group is open.", "Amina Diallo", "João Diallo", "Ines Diallo"])
        await joao.actor.does(joins, hears=["The group is open.", "Eve Diallo"])
        everyone = {one.person for one in people}
        for one in people:
            assert await partners(world, one) == everyone - {one.person}


async def test_a_no_and_silence_and_the_end(worlds: Worlds) -> None:
    async with worlds("web") as world:
        amina, joao, ines, eve = await colleagues(world)
        await propose(amina)
        await joao.actor.does(amina.actor.chooses("Ask all of them"), hears="Schools gather")
        await joao.actor.chooses("Not this time", hears="Thank you for the answer.")
        await ines.actor.chooses("Join", hears="You are in.")
        await amina.actor.says("/group", hears="1 school has not answered yet.")
        await amina.actor.chooses("Go on waiting")
        await at(world, 4)
        await at(world, 11)
        await amina.actor.hears(["Too few schools could join", "old songs"])
        await ines.actor.hears("Too few schools could join")
        await eve.actor.chooses("Join", hears="There is no such group any more.")
        assert await partners(world, amina) == set()


async def test_only_those_who_were_asked_have_a_say(worlds: Worlds) -> None:
    async with worlds("web") as world:
        amina, joao, _ines, _eve = await colleagues(world)
        await propose(amina)
        await joao.actor.does(amina.actor.chooses("Ask all of them"), hears="Schools gather")
        for words in ("/group yes 1", "/group no 1", "/group show 1", "/group yes 77"):
            await amina.actor.says(words, hears="There is no such group any more.")
        stops = amina.actor.says("/group", hears="Give it up")
        await stops
        await amina.actor.chooses("Give it up", hears="The group is given up")
        await joao.actor.chooses("Join", hears="There is no such group any more.")


async def test_too_few_suit(worlds: Worlds) -> None:
    async with worlds("web") as world:
        amina, *_rest = [await verified(world, name, "web") for name in ("Amina", "João")]
        await amina.actor.says("/group", hears="What is the idea about?")
        await amina.actor.chooses("Letters", hears="In which language do you work?")
        await amina.actor.chooses("Irish", hears="What do you want to do together?")
        await amina.actor.says(IDEA, hears="How many schools")
        await amina.actor.chooses("6", hears=["I find only 1 school that suits.", "Another language"])
