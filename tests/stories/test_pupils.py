"""A class comes in: cards made on Telegram, printed and read as a telephone reads them; what a pupil says at the web is
heard in a Telegram group, and nothing of who they are goes with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from functools import partial

import aiohttp
import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from storage import pupils, rooms
from storage.models import Chat, Update
from tests.cast import OnTelegram
from tests.pictures import MARK, photo
from tests.projects.page import RoomPage
from tests.stories.teachers import Colleague, verified
from tests.stories.test_nothing_stays import opened
from tests.stories.test_rooms import begin, plain
from tests.world import World

Worlds = Callable[..., World]
PLANTED = {
    "name": "Maria-Zqsilva",
    "phone": "+351912340077",
    "username": "@zqmaria",
    "matrix": "@zqmaria:example.org",
    "place": MARK.decode(),
    "browser": "Zqbrowser",
    "address": "203.0.113.77",
}


def qr_codes(paper: bytes) -> list[str]:
    """What a telephone reads from the first page."""
    with closing(pypdfium2.PdfDocument(paper)) as document:
        return [code.text for code in zxingcpp.read_barcodes(document[0].render(scale=2).to_pil().convert("RGB"))]


async def cards_on_telegram(world: World, joao: Colleague) -> bytes:
    await joao.actor.says("/pupils 2", hears="How old are the youngest of them?")
    await joao.actor.says("15", hears="In which language")
    await joao.actor.chooses("English", hears=["2 places are made.", "The first message of each of them waits"])
    assert world.api is not None
    name, paper = list(world.api.files.values())[-1]
    assert name == "cards.pdf"
    return paper


async def test_a_class_comes_in_and_nobody_knows_who_they_are(worlds: Worlds, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with worlds("web", "telegram") as world:
        amina, joao = await verified(world, "Amina", "web"), await verified(world, "João", "telegram")
        assert world.api is not None and isinstance(joao.actor.ways, OnTelegram)
        group = world.api.group("Rivers", creator=joao.actor.ways.user, bot="administrator")
        made = partial(begin, amina=amina.person, joao=joao.person, group=f"{group.id}", world=world, place=1)
        room = await world.database.write(made)
        paper = await cards_on_telegram(world, joao)
        first, second = await world.database.read(lambda s: pupils.of_owner(s, joao.person))
        read = [address.partition("/join#")[2] for address in qr_codes(paper)]
        assert sorted(read) == sorted([first.code, second.code])
        headers = {"User-Agent": PLANTED["browser"], "X-Forwarded-For": PLANTED["address"], "Origin": world.address}
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers=headers) as browser:
            card = {"code": first.code, **{f"p{number}": "1" for number in first.pictures}, "name": PLANTED["name"]}
            async with browser.post(f"{world.address}/join", data=card) as answer:
                assert answer.url.path == "/join/name"
            async with browser.post(f"{world.address}/join/name", data={"name": ""}) as answer:
                assert answer.url.path == f"/class/{room.address}"
            page = RoomPage(browser, world.address, room.address)
            page.base = f"{world.address}/class/{room.address}"
            page.listen()
            await page.says("Good morning", **PLANTED)
            await joao.actor.hears("1 message waits for you")
            await joao.actor.chooses("Let out all: 1")
            await world.api.wait_for(group, "Good morning")
            form = aiohttp.FormData({"event": "a" * 20, "text": "Our river", **PLANTED}, quote_fields=False)
            form.add_field("file", photo(), filename=f"{PLANTED['name']}.jpg", content_type="image/jpeg")
            assert await page.sends("say", form) == 204
            copy = await world.api.wait_for(group, lambda m: "Our river" in m.data.get("caption", ""))
            assert plain(copy.data["caption"]).startswith(f"{first.nickname} · Szkoła Podstawowa nr 77 · 🇵🇱\n")
            shown = await page.hears("Our river")
            await page.until(lambda: bool(page.seen[shown].addresses))
            await joao.actor.ways.user.says("Dzień dobry!", group, reply_to=copy)
            await page.hears("Dzień dobry!")
            # A card that was lost is replaced: a page that is open with the old one is out by itself.
            await joao.actor.says(f"/pupils card {first.id}", hears="This is the new card.")
            await page.until(lambda: page.gone)
            assert await page.posts("say", text="Still here?") == 404
            await page.close()
        await world.app.idle()
        # Nothing of it is in any message, file, table or log; the desk never heard of a pupil.
        out = "\n".join(repr(call) for call in world.api.calls) + repr(world.api.files.values())
        kept = await world.database.read(opened)
        logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("twinbot"))
        for text in (out, kept, logged):
            assert [word for word in PLANTED.values() if word.casefold() in text.casefold()] == []
        assert first.code.casefold() not in logged.casefold()
        people = await world.database.read(lambda s: s.scalars(select(Chat.external_id)).all())
        assert not [chat for chat in people if chat.startswith("pupil")]
        heard = await world.database.read(lambda s: s.scalars(select(Update.event_id)).all())
        assert heard and await world.database.read(lambda s: [*rooms.of_pupil(s, first.id, world.now())])
