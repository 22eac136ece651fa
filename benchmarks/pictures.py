"""The pictures of the README, made anew: what a teacher and two pupils see on a telephone, and the cards on paper.

A bot with a web chat and 2,000 fictional teachers, and a real Chromium. In the class room a message of a pupil waits
until their teacher lets it out. Nothing is measured here.

    .venv/bin/python -m benchmarks.pictures [--into docs]
"""

from __future__ import annotations

import argparse
import asyncio
import io
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, expect
from sqlalchemy.orm import Session

from bot.text import Reader
from handlers.pupils.printing import Card, Cards, write
from storage import cards, pupils
from storage.populate import populate
from tests.platforms.test_web_pupils import choose
from tests.platforms.test_web_rooms import begin, entered, message, say
from tests.servers.browser import chromium, settled
from tests.servers.synapse import Synapse
from tests.stories.teachers import verified
from tests.world import World

_GROUND, _GAP, _COLOURS = "#dfe3e2", 24, 256
_NAMES = [("Blue Heron 4", "heron"), ("Red Fox 1", "fox")]
_ANSWERS = ("Amina Haddad", "Portugal", "Lisbon")


async def shot(page: Page) -> Image.Image:
    await settled(page)
    return Image.open(io.BytesIO(await page.screenshot())).convert("RGB")


def beside(shots: Sequence[Image.Image], path: Path) -> None:
    """One picture of several, beside each other; few colours keep it small."""
    high, wide = max(one.height for one in shots), sum(one.width + _GAP for one in shots)
    whole = Image.new("RGB", (wide + _GAP, high + 2 * _GAP), _GROUND)
    left = _GAP
    for one in shots:
        whole.paste(one, (left, _GAP))
        left += one.width + _GAP
    whole.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


async def told(page: Page, words: str, hears: str) -> None:
    await page.locator("#text").fill(words)
    await page.locator("#write .send").click()
    await expect(page.locator("#log > *").last).to_contain_text(hears)


async def pressed(page: Page, name: str, hears: str) -> None:
    await page.get_by_role("button", name=name, exact=True).last.click()
    await expect(page.locator("#log")).to_contain_text(hears)


async def phone_of(world: World, browser: Browser) -> Page:
    """The telephone of somebody new."""
    size = ViewportSize(width=390, height=740)
    context = await browser.new_context(base_url=world.address, viewport=size, locale="en-GB")
    return await context.new_page()


async def newcomer(world: World, browser: Browser) -> list[Image.Image]:
    """The first page, a question of the registration, and suggestions."""
    page = await phone_of(world, browser)
    await page.goto("/")
    shots = [await shot(page)]
    await pressed(page, "Start", "Welcome to twinbot")
    await pressed(page, "Register", "1/7")
    for words, hears in zip(_ANSWERS, ("2/7", "3/7", "Which of these"), strict=True):
        await told(page, words, hears)
    await page.locator("#log > *").last.get_by_role("button").first.click()
    await expect(page.locator("#log")).to_contain_text("4/7")
    shots.append(await shot(page))
    for words, hears in (("Biology", "5/7"), ("English, French", "6/7"), ("12-14", "7/7")):
        await told(page, words, hears)
    await told(page, "Songs of our rivers", "Is everything right?")
    await pressed(page, "Save", "Saved.")
    await pressed(page, "Find partners", "Partners for you")
    return [*shots, await shot(page)]


def class_of(session: Session, project: int, owner: int, now: datetime) -> list[pupils.Place]:
    """Two places, of pupils so young that what they say waits."""
    made = pupils.make(session, project, owner, _NAMES, "en", now)
    return pupils.numbered(session, owner, made, now)


async def class_room(world: World, browser: Browser) -> list[Image.Image]:
    """Two pupils come in; what one of them says waits, and is let out."""
    amina, joao = await verified(world, "Amina", "web"), await verified(world, "João", "web")
    room = await world.database.write(partial(begin, amina=amina.person, joao=joao.person, world=world))
    made = partial(class_of, project=room.project, owner=amina.person, now=world.now())
    places = await world.database.write(made)
    desk, shots, phones = await entered(world, browser, amina, room, 390), list[Image.Image](), list[Page]()
    await say(desk, "Good morning, everybody! What does your river sound like?")
    for place in places:
        phone = await phone_of(world, browser)
        await phone.goto(f"/join#{place.code}")
        for number in place.pictures:
            await phone.locator(f"input[name=p{number}]").check()
        joining = await shot(phone)
        await choose(phone, place.pictures)
        await phone.wait_for_url("**/join/name")
        shots += [] if phones else [joining, await shot(phone)]
        await phone.locator(".player").first.click()
        await expect(message(phone, "Good morning")).to_be_visible()
        phones.append(phone)
    await say(phones[0], "Like a small drum 🥁")
    await expect(message(desk, "Like a small drum")).to_be_visible()
    shots += [await shot(phones[0]), await shot(desk)]
    await message(desk, "Like a small drum").get_by_role("button", name="Let it out").click()
    await expect(message(phones[1], "Like a small drum")).to_be_visible()
    return [*shots, await shot(phones[1])]


def on_paper() -> Image.Image:
    """The upper two cards of a page."""
    made = [Card(name, cards.new_code(), cards.new_pictures()) for name in ("Koala 9", "Dragon 8")]
    paper = io.BytesIO()
    write(Cards("Songs of our rivers", "https://bot.example.org/join", date(2027, 7, 31), made), Reader("en"), paper)
    page = pypdfium2.PdfDocument(paper.getvalue())[0].render(scale=1.35).to_pil().convert("RGB")
    return page.crop((0, 0, page.width, page.height * 83 // 297))


async def run(into: Path, folder: Path) -> None:
    bot = World(folder, f"sqlite:///{folder / 'pictures.db'}", ("web",), synapse=lambda: Synapse(folder / "synapse"))
    async with bot as world, chromium() as browser:
        populate(world.database, 2000, 900, 7, now=datetime.now(UTC))
        beside(await newcomer(world, browser), into / "webchat.png")
        beside(await class_room(world, browser), into / "classroom.png")
    on_paper().quantize(_COLOURS).save(into / "cards.png", optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--into", type=Path, default=Path("docs"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(asked.into, Path(folder)))


if __name__ == "__main__":
    main()
