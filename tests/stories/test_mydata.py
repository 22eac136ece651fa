"""A teacher takes her data: one file with everything that is stored about her, and nothing of others."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from zipfile import ZipFile

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.archives import Archives
from bot.platforms.platform import Post
from bot.talk import Attachment
from storage.models import Account
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
        await amina.says("/mydata", hears=["entries were put together", "Here it is"])
        assert world.api is not None
        (name, content) = list(world.api.files.values())[-1]
        assert name == "twinbot-data.zip"
        data = json.loads(ZipFile(io.BytesIO(content)).read("data.json"))
        assert data["teachers"][0]["name"] == "Amina Diallo"
        assert {row["code"] for row in data["teacher_languages"]} >= {"en"}
        assert data["accounts"][0]["external_id"] == str(amina.ways.user.id)
        assert len(data["teachers"]) == len(data["people"]) == 1


async def test_one_message_shows_how_far_it_is(world: World) -> None:
    """From the beginning to the end it is the same message, changed in place; a terminal's lines stay as they are."""
    world.app.delivery.every = 0.0
    sent = watched(world)
    amina = await world.actor("Amina")
    await amina.says("/start", hears="Welcome to twinbot")
    # On Matrix the bot has also greeted by itself, and what answers /start may come after that is heard.
    await world.app.idle()
    greeted = {post.key for post in sent}
    lasts = "are being put together" if amina.platform == "terminal" else "were put together"
    heard = await amina.says("/mydata", hears=[lasts, "Here it is"])
    assert heard.count("Everything stored about you") == 1
    # A homeserver that is slow to answer may be sent the greeting once more, under the same transaction.
    (begun, *shares, file, done) = [post for post in sent if post.key not in greeted]
    assert "are being put together" in begun.shown.text and file.shown.file is not None
    assert shares and all("So far: " in share.shown.text for share in shares)
    assert {share.edits for share in shares} == {done.edits} and done.edits is not None


def watched(world: World) -> list[Post]:
    """What is sent from now on."""
    sent: list[Post] = []
    (platform,) = world.app.platforms.values()
    send = platform.send

    async def seen(post: Post) -> str:
        sent.append(post)
        return await send(post)

    vars(platform)["send"] = seen
    return sent


async def test_however_much_there_is_the_archive_is_whole(worlds: Worlds) -> None:
    """More rows of a table than are read at once, and tables of which a person has nothing."""
    async with worlds("web") as world:
        eve = await world.actor("Eve", "web")
        await eve.says("/start", hears="Welcome to twinbot")
        person = await person_of(world, "web")

        def many(session: Session) -> None:
            rows = [{"person_id": person, "platform": "fiction", "external_id": f"7/{n}"} for n in range(2300)]
            session.execute(insert(Account), rows)

        await world.database.write(many)
        archive = await archive_of(world, person)
        data = json.loads(archive.read("data.json"))
        assert len({row["external_id"] for row in data["accounts"]}) == len(data["accounts"]) == 2301
        page = archive.read("index.html").decode()
        assert "Accounts (2301)" in page and page.count("7/") == 2300 and page.rstrip().endswith("</html>")
        nobody = await archive_of(world, 999_999)
        assert json.loads(nobody.read("data.json")) == {}


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
