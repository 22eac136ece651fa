"""Partners write to each other through the bot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stories.partners import pair, teacher
from tests.world import World

Worlds = Callable[..., World]


async def test_two_partners_talk_and_never_see_an_account(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        amina, joao = await teacher(world, "Amina", "telegram"), await teacher(world, "João", "web", country="PL")
        await pair(world, amina, joao)
        await amina.says("/line", hears=["Your partners", "João"])
        await amina.chooses("João", hears="What you write in this chat goes to João now")
        await joao.does(amina.says("Olá! Shall we sing?", hears="→ João"), hears=["Amina · ", "Olá! Shall we sing?"])
        await amina.does(joao.chooses("Reply", hears="goes to Amina now"))
        await amina.does(joao.says("Gladly.", hears="→ Amina"), hears=["João · ", "Gladly."])
        await joao.does(amina.says("Wonderful"), hears="Wonderful")
        await amina.says("/leave", hears="You no longer write to João.")
        await amina.says("and now?", hears="To whom shall this go?")
        await joao.does(amina.chooses("João", hears="goes to João now"), hears="and now?")


@pytest.mark.parametrize("platforms", [("web", "telegram")])
async def test_several_lines_never_mix(worlds: Worlds, platforms: tuple[str, ...]) -> None:
    async with worlds(*platforms) as world:
        amina = await teacher(world, "Amina", "telegram")
        joao, ines = await teacher(world, "João", "web"), await teacher(world, "Ines", "web", country="GR")
        await pair(world, amina, joao)
        await pair(world, amina, ines)
        await amina.says("for one of you", hears="To whom shall this go?")
        await amina.says("and this too", hears="To whom shall these 2 messages go?")
        await ines.does(amina.chooses("Ines", hears="→ Ines"), hears=["for one of you", "and this too"])
        await amina.says("/line joao", hears="goes to João now")
        await joao.does(amina.says("only for João", hears="→ João"), hears="only for João")
        await world.app.idle()
        assert "one of you" not in joao.heard
        assert "only for João" not in ines.heard
