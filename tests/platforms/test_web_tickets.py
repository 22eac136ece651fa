"""The pages of one-time links and of the demo in a real Chromium: on a phone, in two directions, by keyboard."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute

from bot.demo import Stage
from bot.platforms.web.playing import playing_routes
from handlers.signing_in import sign_in_token
from storage.populate import populate
from tests.platforms.test_web_browser import narrow_enough, shoot
from tests.platforms.webhouse import serving
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


@pytest.mark.parametrize("language", ["en-GB", "ar"])
async def test_the_page_of_the_demo(browser: Browser, tmp_path: Path, language: str) -> None:
    pages: list[BaseRoute] = []
    async with serving(tmp_path, extra_routes=pages) as house:
        await asyncio.to_thread(populate, house.db, 120, 60, 1, now=house.clock())
        stage = Stage(house.db, house.clock)
        await asyncio.to_thread(stage.set, "PT")
        pages += playing_routes(stage, None)
        await house.restart()
        page = await phone(browser, locale=language)
        await page.goto(f"{house.address}/demo")
        assert await complaints(page) == []
        await page.get_by_role("textbox").fill("Mar")
        await page.keyboard.press("Enter")
        await expect(page.locator(".player").first).to_be_visible()
        assert await narrow_enough(page)
        assert await complaints(page) == []
        await shoot(page, f"demo-{language}")
        await page.context.close()
