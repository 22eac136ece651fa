"""Partners write to each other through the bot, whatever platforms they are on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import Actor, OnMatrix, OnTelegram, OnWeb
from tests.pictures import MARK, opened, photo
from tests.stories.partners import pair, teacher
from tests.world import World

Worlds = Callable[..., World]
#: Each platform writes to another one, and each is written to by another one.
PAIRS = [("telegram", "matrix"), ("matrix", "web"), ("web", "telegram")]
PATIENT = pytest.mark.parametrize("platforms", PAIRS, ids=["-".join(each) for each in PAIRS])


async def partners(world: World, here: str, there: str) -> tuple[Actor, Actor]:
    """Amina on one platform and João on another, who talk on their line."""
    amina, joao = await teacher(world, "Amina", here), await teacher(world, "João", there, country="PL")
    await pair(world, amina, joao)
    await amina.says("/line João", hears="goes to João now")
    await joao.says("/line Amina", hears="goes to Amina now")
    return amina, joao


async def test_two_partners_find_each_other(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        amina, joao = await teacher(world, "Amina", "telegram"), await teacher(world, "João", "web", country="PL")
        await pair(world, amina, joao)
        await amina.says("/line", hears=["Your partners", "João"])
        await amina.chooses("João", hears="What you write in this chat goes to João now")
        await joao.does(amina.says("Olá! Shall we sing?", hears="→ João"), hears=["Amina · ", "Olá! Shall we sing?"])
        await amina.does(joao.chooses("Reply", hears="goes to Amina now"))
        await amina.does(joao.says("Gladly.", hears="→ Amina"), hears=["João · ", "Gladly."])
        await joao.does(amina.says("Wonderful"), hears="Wonderful")
        await amina.sees("🕊", on="Wonderful")
        await amina.says("/leave", hears="You no longer write to João.")
        await amina.says("and now?", hears="To whom shall this go?")
        await joao.does(amina.chooses("João", hears="goes to João now"), hears="and now?")


@PATIENT
async def test_words_edits_replies_and_removals_follow(worlds: Worlds, platforms: tuple[str, str]) -> None:
    async with worlds(*platforms) as world:
        amina, joao = await partners(world, *platforms)
        await joao.does(amina.says("Shall we meet at nine?", hears="→ João"), hears=["Amina · ", "at nine?"])
        await amina.does(joao.replies("at nine?", "Better at ten"), hears=["João · ", "Better at ten"])
        assert answered(amina, "Better at ten") == "Shall we meet at nine?"
        await joao.does(amina.replies("Better at ten", "Ten it is"), hears="Ten it is")
        assert answered(joao, "Ten it is") == "Better at ten"
        await joao.does(amina.edits("Shall we meet", "Shall we meet at ten?"), hears="Shall we meet at ten?")
        assert "at nine?" not in joao.heard
        if amina.platform == "telegram":
            await amina.replies_to_own("Shall we meet", "/unsend", hears="Take this message back?")
            await amina.chooses("Take back", hears="Taken back.")
        else:
            await amina.deletes("Shall we meet")
        await joao.no_longer_hears("Shall we meet")


@PATIENT
async def test_pictures_arrive_without_what_is_hidden_in_them(worlds: Worlds, platforms: tuple[str, str]) -> None:
    async with worlds(*platforms) as world:
        amina, joao = await partners(world, *platforms)
        await joao.does(amina.sends_picture(photo(), "Our river"), hears=["[picture", "Amina · ", "Our river"])
        data = await joao.opens("Our river")
        assert opened(data).size == (30, 20)
        assert amina.platform == joao.platform or MARK not in data
        await joao.does(amina.edits("Our river", "Our river in spring"), hears="Our river in spring")


@PATIENT
async def test_signs_say_that_it_went_out_and_what_the_other_thinks(worlds: Worlds, platforms: tuple[str, str]) -> None:
    async with worlds(*platforms) as world:
        amina, joao = await partners(world, *platforms)
        await joao.does(amina.says("Shall we?", hears="→ João"), hears="Shall we?")
        await joao.does(amina.says("In May?"), hears="In May?")
        await amina.sees("🕊" if amina.platform == "telegram" else "→ João", on="In May?")
        if joao.platform != "web":
            await joao.reacts("In May?", "🎉")
            await amina.sees("🎉", on="In May?")


async def test_a_reaction_that_telegram_does_not_have_is_said(worlds: Worlds) -> None:
    async with worlds("telegram", "matrix") as world:
        amina, joao = await partners(world, "telegram", "matrix")
        await joao.does(amina.says("Shall we?", hears="→ João"), hears="Shall we?")
        await amina.does(joao.reacts("Shall we?", "🏫"), hears="João: 🏫")
        assert answered(amina, "João: 🏫") == "Shall we?"


async def test_typing_is_passed_on(worlds: Worlds) -> None:
    async with worlds("web", "matrix") as world:
        amina, joao = await partners(world, "web", "matrix")
        assert isinstance(amina.ways, OnWeb)
        web = amina.ways
        await joao.ways.types()
        await web.until(lambda: web.writing)
        await amina.does(joao.says("Here I am"), hears="Here I am")
        await web.until(lambda: not web.writing)


async def test_several_lines_never_mix(worlds: Worlds) -> None:
    async with worlds("web", "telegram", "matrix") as world:
        amina = await teacher(world, "Amina", "telegram")
        joao, ines = await teacher(world, "João", "web"), await teacher(world, "Ines", "matrix", country="GR")
        await pair(world, amina, joao)
        await pair(world, amina, ines)
        await amina.says("for one of you", hears="To whom shall this go?")
        await amina.sends_picture(photo(), "and this too", hears="To whom shall these 2 messages go?")
        await ines.does(amina.chooses("Ines", hears="→ Ines"), hears=["for one of you", "[picture", "and this too"])
        await amina.says("/line joao", hears="goes to João now")
        await joao.does(amina.says("only for João", hears="→ João"), hears="only for João")
        await amina.does(ines.replies("and this too", "How lovely"), hears="How lovely")
        await ines.does(amina.replies("How lovely", "Glad you like it", hears="→ Ines"), hears="Glad you like it")
        await joao.does(amina.says("and João again", hears="→ João"), hears="and João again")
        await world.app.idle()
        assert "one of you" not in joao.heard
        assert "Glad" not in joao.heard
        assert "João" not in ines.heard


@PATIENT
async def test_a_restart_between_every_two_lines(worlds: Worlds, platforms: tuple[str, str]) -> None:
    async with worlds(*platforms) as world:
        amina, joao = await partners(world, *platforms)
        await world.restart()
        await joao.does(amina.says("one", hears="→ João"), hears="one")
        await world.restart()
        await amina.does(joao.replies("one", "two"), hears="two")
        await world.restart()
        await joao.does(amina.edits("one", "one, changed"), hears="one, changed")
        await world.restart()
        await amina.says("/leave", hears="You no longer write to João.")
        await amina.says("three", hears="To whom")
        await world.restart()
        await joao.does(amina.chooses("João", hears="goes to João now"), hears="three")


async def test_no_account_of_one_is_in_anything_that_the_other_gets(worlds: Worlds) -> None:
    async with worlds("web", "telegram", "matrix") as world:
        on_telegram, on_matrix = await partners(world, "telegram", "matrix")
        await on_matrix.does(on_telegram.says("Hello", hears="→ João"), hears="Hello")
        await on_telegram.does(on_matrix.replies("Hello", "Hello too"), hears="Hello too")
        await on_matrix.does(on_telegram.sends_picture(photo(), "Me"), hears="Me")
        await on_telegram.does(on_matrix.sends_picture(photo(), "And me"), hears="And me")
        await on_telegram.says("/line", hears="Your partners")
        await on_matrix.says("/line", hears="Your partners")
        assert isinstance(on_telegram.ways, OnTelegram)
        assert isinstance(on_matrix.ways, OnMatrix)
        assert world.api is not None
        here, there = on_telegram.ways, on_matrix.ways
        got = json.dumps([message.data for message in world.api.chat(here.user).messages])
        for planted in (there.user.user_id, there.user.user_id[1:].partition(":")[0], there.room):
            assert planted not in got
        got = json.dumps([event.source for event in there.user.ear.events])
        for planted in (str(here.user.id), str(here.user.json.get("username", "@nobody"))):
            assert planted not in got


def answered(actor: Actor, words: str) -> str:
    """What the message with these words replies to, in that person's own chat."""
    found = next(seen for seen in reversed(actor.ways.seen().values()) if words in seen.text)
    assert found.answers is not None, f"{words!r} replies to nothing"
    everything: dict[str, Any] = {**actor.ways.mine(), **{i: seen.text for i, seen in actor.ways.seen().items()}}
    return str(everything[found.answers]).split("\n")[-1]
