"""The page of a one-time link in a real Chromium: on a phone, in two directions, by keyboard, with a bad link."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy.orm import Session

from handlers.signing_in import sign_in_token
from tests.platforms.test_web_browser import narrow_enough, shoot
from tests.servers.browser import available, chromium, complaints
from tests.stories.telling import register
from tests.stories.test_signing_in import talking
from tests.world import World

pytestmark = [
    pytest.mark.skipif(available() is not None and not os.environ.get("CI"), reason=str(available())),
    pytest.mark.asyncio(loop_scope="module"),
]
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as it:
        yield it


@pytest_asyncio.fixture(loop_scope="module")
async def world(worlds: Callable[..., World]) -> AsyncIterator[World]:
    async with worlds("telegram", "web") as made:
        yield made


async def link_of_a_teacher(world: World) -> str:
    await register(await world.actor("Amina", "telegram"))

    def unit(session: Session) -> str:
        return sign_in_token(session, talking(session)[0], world.now())

    return f"{world.address}/in/{await world.database.write(unit)}"


async def phone(browser: Browser, **options: object) -> Page:
    context = await browser.new_context(**{"locale": "en-GB", **PHONE, **options})  # type: ignore[arg-type]
    return await context.new_page()


async def test_a_teacher_signs_in_on_a_phone(browser: Browser, world: World) -> None:
    link = await link_of_a_teacher(world)
    page = await phone(browser)
    await page.goto(link)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to twinbot")
    await expect(page.get_by_text("Amina Diallo")).to_be_visible()
    assert await narrow_enough(page)
    assert await complaints(page) == []
    await shoot(page, "ticket-en")
    await page.get_by_role("link", name="العربية").click()
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert await narrow_enough(page)
    assert await complaints(page) == []
    await shoot(page, "ticket-ar")
    await page.get_by_role("button", name="تسجيل الدخول").tap()
    await page.get_by_role("textbox").fill("/profile")
    await page.get_by_role("button", name="Send").tap()
    await expect(page.get_by_role("log")).to_contain_text("Amina Diallo")
    again = await page.context.new_page()
    await again.goto(link)
    await expect(again.get_by_role("heading", level=1)).to_have_text("This link has been used")
    assert await complaints(again) == []
    await shoot(again, "ticket-used")
    await page.context.close()


async def test_the_keyboard_is_enough_without_scripts_and_in_the_dark(browser: Browser, world: World) -> None:
    link = await link_of_a_teacher(world)
    page = await phone(browser, java_script_enabled=False, color_scheme="dark")
    await page.goto(link)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    await shoot(page, "ticket-dark")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Conversation")).to_be_attached()
    await page.context.close()


async def test_a_link_that_never_was(browser: Browser, world: World) -> None:
    page = await phone(browser)
    await page.goto(f"{world.address}/in/{'x' * 43}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work")
    assert await complaints(page) == []
    await page.context.close()
