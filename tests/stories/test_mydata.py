"""A teacher takes her data: one file with everything that is stored about her, and nothing of others."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from zipfile import ZipFile

from bot.archives import Archives
from bot.talk import Attachment
from tests.stories.telling import register
from tests.stories.test_erasing import person_of
from tests.world import World

Worlds = Callable[..., World]


async def archive_of(world: World, person: int, language: str = "en") -> ZipFile:
    into = io.BytesIO()
    ref = json.dumps([person, language, "Europe/Lisbon"])
    await Archives(world.database, world.now).fetch(Attachment("file", ref, "data.zip"), into, 10_000_000)
    return ZipFile(into)


async def test_everything_she_said_is_in_it(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        amina = await world.actor("Amina", "telegram")
        await register(amina)
        await amina.says("/mydata", hears=["entries are being put together", "Here it is"])
        assert world.api is not None
        (name, content) = list(world.api.files.values())[-1]
        assert name == "twinbot-data.zip"
        data = json.loads(ZipFile(io.BytesIO(content)).read("data.json"))
        assert data["teachers"][0]["name"] == "Amina Diallo"
        assert {row["code"] for row in data["teacher_languages"]} >= {"en"}
        assert data["accounts"][0]["external_id"] == str(amina.ways.user.id)
        assert len(data["teachers"]) == len(data["people"]) == 1


async def test_the_page_is_in_her_language_and_nobodys_words_are_markup(worlds: Worlds) -> None:
    async with worlds("web") as world:
        eve = await world.actor("Eve", "web", language="ar")
        await eve.says("<b>bold</b>")
        page = (await archive_of(world, await person_of(world, "web"), "ar")).read("index.html").decode()
        assert 'lang="ar" dir="rtl"' in page
        assert "<b>bold" not in page


async def test_nothing_of_others_is_in_it(worlds: Worlds) -> None:
    async with worlds("web", "telegram") as world:
        amina, joao = await world.actor("Amina", "telegram"), await world.actor("João", "web")
        await register(amina)
        await joao.says("/start", hears="Welcome to twinbot")
        archive = await archive_of(world, await person_of(world, "web"))
        assert b"Amina" not in archive.read("data.json") + archive.read("index.html")
