"""Every page in German, whose words are long, and in Arabic, from right to left, on the narrowest phone: nothing is
wider than the screen. TWINBOT_TEST_SHOTS names a folder for pictures to look at."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

import pytest
from playwright.async_api import Browser, Page, expect

from handlers.signing_in import sign_in_token
from storage import staff
from tests.platforms.test_web_pupils import class_of
from tests.platforms.test_web_rooms import begin, fine, say
from tests.servers.browser import available, chromium
from tests.stories.teachers import Colleague, verified
from tests.world import World

pytestmark = pytest.mark.skipif(available() is not None and not os.environ.get("CI"), reason=str(available()))
Worlds = Callable[..., World]
#: Commands whose answers have many or long lines and buttons.
SAID = (
    *("/help", "/register", "/profile", "/partners", "/requests", "/projects", "/project", "/room", "/pupils"),
    *("/reminders", "/remind 3.12.2027 10:00 Museum", "/appointment", "/when", "/settings", "/calendar", "/privacy"),
    *("/verification", "/link", "/mydata", "/staff", "/announce", "/matching", "/language"),
)


async def came_in(world: World, browser: Browser, one: Colleague, leads: str | None) -> Page:
    """A phone of 320 pixels that somebody has signed in with; its page says so in their language."""
    token = await world.database.write(lambda session: sign_in_token(session, one.person, world.now(), leads=leads))
    context = await browser.new_context(base_url=world.address, viewport={"width": 320, "height": 640})
    page = await context.new_page()
    await page.goto(f"/in/{token}")
    return page


@pytest.mark.parametrize(("language", "direction"), [("de", "ltr"), ("ar", "rtl")])
async def test_no_page_is_wider_than_the_phone(worlds: Worlds, language: str, direction: str) -> None:
    async with worlds("web") as world, chromium() as browser:
        amina = await verified(world, "Amina", "web", language=language)
        joao = await verified(world, "João", "web", language=language)
        named = partial(staff.name_officer, role="national", country="PT", named_by=None, now=world.now())
        await world.database.write(lambda session: named(session, amina.person))
        room = await world.database.write(partial(begin, amina=amina.person, joao=joao.person, world=world))
        made = partial(class_of, project=room.project, owner=amina.person, world=world, language=language)
        first, _second = await world.database.write(made)
        page = await came_in(world, browser, amina, f"room/{room.address}")
        await expect(page.locator("html")).to_have_attribute("dir", direction)
        await fine(page, f"{language}-sign-in")
        await page.locator("form.deeds button").first.click()
        await page.wait_for_url("**/room/**")
        await say(page, "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 3)
        await expect(page.locator(".said").last).to_contain_text("Rindfleisch")
        await fine(page, f"{language}-room")
        await page.goto("/rooms")
        await fine(page, f"{language}-rooms")
        await page.goto("/")
        for number, words in enumerate(SAID):
            heard = await page.locator(".bot .bubble").count()
            await say(page, words)
            await expect(page.locator(".bot .bubble").nth(heard)).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), words
            if number % 6 == 5:
                await fine(page, f"{language}-chat-{number}")
        await page.goto("/announcements")
        await fine(page, f"{language}-announcements")
        await page.locator("textarea").fill("Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz " * 3)
        await page.locator("form.wording button").click()
        await expect(page.locator("#now")).to_contain_text("1")
        await fine(page, f"{language}-announcement")
        await page.goto(f"/join?language={language}")
        await fine(page, f"{language}-join")
        await page.locator("#code").fill(first.code)
        for picture in first.pictures:
            await page.locator(f"input[name=p{picture}]").check()
        await page.locator("form.join button").click()
        await page.wait_for_url("**/join/name")
        await fine(page, f"{language}-nickname")
        await page.goto("/nothing-here")
        await expect(page.locator("html")).to_have_attribute("lang", language)
        await fine(page, f"{language}-nothing")
