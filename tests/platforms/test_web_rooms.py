"""The page of a room in a real Chromium: two teachers, one on a telephone, one who reads from right to left."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from sqlalchemy.orm import Session

from handlers.signing_in import sign_in_token
from storage import partnerships, projects, pupils, rooms
from storage.models.rooms import HELD
from tests.pictures import photo
from tests.projects.town import RIVERS
from tests.servers.browser import available, chromium, complaints, settled
from tests.stories.teachers import Colleague, verified
from tests.world import World

pytestmark = pytest.mark.skipif(available() is not None and not os.environ.get("CI"), reason=str(available()))
Worlds = Callable[..., World]
_SHOTS = os.environ.get("TWINBOT_TEST_SHOTS")


def begin(session: Session, amina: int, joao: int, world: World) -> rooms.Room:
    now = world.now()
    partnerships.open_(session, amina, joao, now)
    made = projects.propose(session, amina, joao, RIVERS, now).id
    projects.sign(session, made, joao, now)
    return rooms.of_project(session, made)[1]


def waiting(session: Session, room: rooms.Room, owner: int, now: datetime) -> None:
    """A pupil's message that waits; the page is told by what is said next."""
    (pupil,) = pupils.make(session, room.project, owner, [("Blue Heron 4", "heron")], "en", now)
    door, words = rooms.web_chat(session, room.id), "Hello from the class"
    rooms.say(
        session, room.id, author=None, pupil=pupil, chat=None, door=door.id, ref=None, words=words, state=HELD, now=now
    )


async def entered(world: World, browser: Browser, one: Colleague, room: rooms.Room, width: int) -> Page:
    """The room as somebody comes into it, by a link that signs a browser in once."""
    leads = f"room/{room.address}"
    token = await world.database.write(lambda session: sign_in_token(session, one.person, world.now(), leads=leads))
    context = await browser.new_context(base_url=world.address, viewport={"width": width, "height": 740})
    page = await context.new_page()
    await page.goto(f"/in/{token}")
    await page.locator("form.deeds button").first.click()
    await page.wait_for_url(f"**/{leads}")
    return page


async def say(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.locator("#write .send").click()


def message(page: Page, words: str) -> Locator:
    return page.locator(".said", has_text=words)


async def fine(page: Page, name: str) -> None:
    """Nothing to complain of for axe, and nothing wider than the screen."""
    if _SHOTS:
        await settled(page)
        await page.screenshot(path=Path(_SHOTS) / f"{name}.png")
    assert await complaints(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_two_teachers_in_a_room(worlds: Worlds) -> None:
    async with worlds("web") as world, chromium() as browser:
        amina, joao = await verified(world, "Amina", "web"), await verified(world, "João", "web", language="ar")
        room = await world.database.write(partial(begin, amina=amina.person, joao=joao.person, world=world))
        phone, desk = [await entered(world, browser, one, room, width) for one, width in ((amina, 360), (joao, 1100))]
        troubles: list[str] = []
        for page in (phone, desk):
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on("console", lambda m: troubles.append(m.text) if "Content Security" in m.text else None)
        await expect(desk.locator("html")).to_have_attribute("dir", "rtl")
        await expect(phone.get_by_text("Nothing was said here yet.")).to_be_visible()
        await say(phone, "Good morning! <b>Here</b> we are.")
        await expect(message(phone, "<b>Here</b>")).to_be_visible()
        await expect(message(desk, "Amina · Escola Básica do Viriato · 🇵🇹")).to_contain_text("<b>Here</b> we are.")
        # A reply, chosen in the menu of a message.
        await message(desk, "Good morning").locator("summary").click()
        await fine(desk, "room-rtl")
        await message(desk, "Good morning").locator("a.deed").click()
        await say(desk, "Dzień dobry")
        await expect(message(phone, "Dzień dobry").locator(".quote")).to_contain_text("Good morning!")
        # A sign, put on by one and seen by both; pressed again it goes.
        await message(phone, "Dzień dobry").locator("summary").click()
        await message(phone, "Dzień dobry").get_by_role("button", name="🎉").click()
        await expect(message(desk, "Dzień dobry").locator(".sign")).to_have_text("🎉 1")
        await fine(phone, "room-phone")
        await message(phone, "Dzień dobry").locator(".sign").click()
        await expect(message(desk, "Dzień dobry").locator(".sign")).to_have_count(0)
        # Changed, and taken back.
        await message(desk, "Dzień dobry").locator("summary").click()
        await message(desk, "Dzień dobry").locator("a.deed").nth(1).click()
        await expect(desk.locator("#text")).to_have_value("Dzień dobry")
        await say(desk, "Dobry wieczór")
        await expect(message(phone, "Dobry wieczór")).to_contain_text("changed")
        await message(desk, "Dobry wieczór").locator("summary").click()
        await message(desk, "Dobry wieczór").locator("form.command button").click()
        await expect(phone.get_by_text("This message was taken back.")).to_be_visible()
        # A picture.
        await phone.locator("#file").set_input_files({"name": "class.jpg", "mimeType": "image/jpeg", "buffer": photo()})
        await say(phone, "Our class")
        await expect(message(desk, "Our class").locator("img")).to_be_visible()
        # A page that was away goes on from where it was, and shows nothing twice.
        await desk.context.set_offline(True)
        await say(phone, "While you were away")
        await expect(message(phone, "While you were away")).to_be_visible()
        await desk.context.set_offline(False)
        await expect(message(desk, "While you were away")).to_have_count(1)
        await desk.reload()
        await expect(desk.locator(".said")).to_have_count(4)
        # What a pupil wrote waits for its teacher, is let out by one press, and is the newest then.
        await world.database.write(partial(waiting, room=room, owner=joao.person, now=world.now()))
        await say(phone, "Who is there?")
        held = message(desk, "Hello from the class")
        await expect(held.locator(".waits")).to_be_visible()
        await expect(message(phone, "Hello from the class")).to_have_count(1)
        await fine(desk, "room-held")
        await held.locator("form.decide button").first.click()
        await expect(held.locator(".waits")).to_have_count(0)
        await expect(desk.locator(".said").last).to_contain_text("Hello from the class")
        # A founder takes it away for all, by the keyboard alone.
        await message(phone, "Hello from the class").locator("summary").focus()
        await phone.keyboard.press("Enter")
        await fine(phone, "room-order")
        away = message(phone, "Hello from the class").get_by_role("button", name="Take it away for all")
        await away.focus()
        await phone.keyboard.press("Enter")
        await expect(message(desk, "Hello from the class")).to_have_count(0)
        # What the bot is asked for in the room stands there for both, with buttons for each.
        await say(phone, "/appointment tomorrow at 10 video call")
        await (
            message(phone, "Shall I ask all teachers in this room?").get_by_role("button", name="Yes, do that").click()
        )
        await expect(message(desk, "An appointment")).to_contain_text("yes: 1")
        await fine(desk, "room-card-rtl")
        await message(desk, "An appointment").get_by_role("button", name="Maybe").click()
        await expect(message(phone, "An appointment")).to_contain_text("maybe: 1")
        await fine(phone, "room-card")
        await phone.goto("/rooms")
        await fine(phone, "rooms")
        await expect(phone.get_by_role("link", name="Songs of our rivers")).to_have_count(2)
        assert troubles == []
