"""From a first word to a conversation: two teachers on two platforms, and support on a third."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.stories.support import comes_round, helper, status, writes_to_support
from tests.stories.teachers import PLACES, verified
from tests.stories.telling import register
from tests.world import World


async def test_two_teachers_meet_across_platforms(worlds: Callable[..., World]) -> None:
    async with worlds("telegram", "matrix", "web") as world:
        ana = await helper(world, "Ana", "web")
        joao = await verified(world, "João", "matrix")
        amina = await world.actor("Amina", "telegram")
        await register(amina)
        await ana.does(writes_to_support(amina), hears="A teacher waits")
        await ana.chooses("Look at it", hears="Amina Diallo")
        await ana.chooses("Approve", hears="Approved")
        world.offset += timedelta(seconds=11)
        await amina.does(comes_round(world, "decisions"), hears="You are verified.")
        assert await status(world) == "verified"
        _country, school, town = PLACES["João"]
        await amina.says("/partners Poland, 8-10", hears=[school, "Partners for you"])
        await amina.chooses(town, hears="Ask this school")
        await amina.chooses("Ask this school", hears="A request to:")
        await amina.says("Shall our classes sing?", hears="This is what they will see:")
        await joao.actor.does(amina.chooses("Send", hears="Sent."), hears=["Amina Diallo", "Shall our classes sing?"])
        accepts = joao.actor.chooses("Accept", hears="You are partners now.")
        await amina.does(accepts, hears="Your request is accepted")
        await amina.chooses("Write to each other", hears="What you write in this chat goes to")
        await joao.actor.does(amina.says("Which song first?"), hears="Which song first?")
        await joao.actor.chooses("Reply", hears="goes to Amina Diallo now")
        await amina.does(joao.actor.says("One about rivers."), hears="One about rivers.")
