"""Partners on two platforms hear each other: words, pictures, replies, changes, removals, that somebody writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cast import Actor, OnMatrix, OnTelegram, OnWeb
from tests.pictures import MARK, opened, photo
from tests.stories.partners import pair, teacher
from tests.world import World

Worlds = Callable[..., World]


async def together(world: World, here: str, there: str) -> tuple[Actor, Actor]:
    """Two partners, each of whom has chosen to write to the other."""
    amina, joao = await teacher(world, "Amina", here), await teacher(world, "João", there, country="PL")
    await pair(world, amina, joao)
    await amina.says("/line", hears="Your partners")
    await amina.chooses("João", hears="goes to João now")
    await joao.says("/line", hears="Your partners")
    await joao.chooses("Amina", hears="goes to Amina now")
    return amina, joao


@pytest.mark.parametrize(("here", "there"), [("telegram", "matrix"), ("matrix", "web"), ("web", "telegram")])
async def test_what_partners_say_follows_them(worlds: Worlds, here: str, there: str) -> None:
    async with worlds(here, there) as world:
        amina, joao = await together(world, here, there)
        await joao.does(amina.says("hello, shall we?"), hears=["Amina", "hello, shall we?"])
        await amina.does(joao.replies("shall we?", "gladly"), hears=["João", "gladly"])
        said = next(i for i, text in amina.ways.mine().items() if "shall we?" in text)
        assert next(s for s in reversed(amina.ways.seen().values()) if "gladly" in s.text).answers == said

        await joao.does(amina.sends_picture(photo(60, 40, turned=True), "our class"), hears=["[picture", "our class"])
        copy = await joao.opens("our class")
        assert MARK not in copy
        assert opened(copy).size == (60, 40)

        await world.restart()
        await joao.does(amina.edits("shall we?", "hello, shall we begin?"), hears="shall we begin?")
        assert joao.heard.count("hello, shall") == 1
        await joao.does(amina.edits("our class", "our whole class"), hears=["[picture", "our whole class"])
        if here != "telegram":  # Bots there are told of no removal.
            await amina.deletes("our whole class")
            await joao.no_longer_hears("our whole class")
        await amina.does(joao.edits("gladly", "very gladly"), hears="very gladly")
        if there != "telegram":
            await joao.deletes("very gladly")
            await amina.no_longer_hears("very gladly")


@pytest.mark.parametrize(("here", "there"), [("matrix", "web"), ("web", "matrix"), ("web", "telegram")])
async def test_who_writes_is_seen_writing(worlds: Worlds, here: str, there: str) -> None:
    async with worlds(here, there) as world:
        amina, joao = await together(world, here, there)
        await amina.ways.types()
        await joao.ways.until(lambda: shown_writing(joao))


def shown_writing(actor: Actor) -> bool:
    match actor.ways:
        case OnTelegram() as ways:
            return "typing" in ways.api.chat(ways.user).actions
        case OnMatrix() as ways:
            return any(user != ways.user.user_id for _room, users in ways.user.ear.typing for user in users)
        case OnWeb() as ways:
            return ways.writing
    raise AssertionError("nothing is shown there")


async def test_a_file_that_cannot_be_brought_is_explained_on_both_sides(worlds: Worlds) -> None:
    async with worlds("telegram", "web") as world:
        amina, joao = await together(world, "telegram", "web")
        ways = amina.ways
        assert isinstance(ways, OnTelegram)
        huge = ways.user.sends_file("document", b"tiny", "huge.zip", caption="all of it", size=100_000_000)
        await joao.does(amina.does(huge), hears=["Amina", "all of it", "huge.zip could not be brought here: 20 MB"])
        broken = ways.user.sends_file("photo", b"no picture at all", "x.jpg", caption="look")
        await joao.does(amina.does(broken), hears=["look", "cannot be opened"])
        await amina.hears("The file did not arrive")
