"""The page of an announcement in a real Chromium: written on a telephone, looked at, sent, followed to its report."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from handlers.signing_in import sign_in_token
from storage import people
from tests.announcing.rounds import awake
from tests.servers.browser import available, chromium, complaints, settled
from tests.staff.parts import Worlds, newest_person, officer, teacher

pytestmark = pytest.mark.skipif(available() is not None and not os.environ.get("CI"), reason=str(available()))
_SHOTS = os.environ.get("TWINBOT_TEST_SHOTS")


async def fine(page: Page, name: str) -> None:
    """Nothing to complain of for axe, and nothing wider than the screen."""
    if _SHOTS:
        await settled(page)
        await page.screenshot(path=Path(_SHOTS) / f"{name}.png", full_page=True)
    assert await complaints(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_written_sent_and_followed_to_its_report(worlds: Worlds) -> None:
    async with worlds("telegram", "web") as world, chromium() as browser:
        ana = await officer(world, "Ana", "telegram")
        person = await world.database.read(newest_person)
        amina = await teacher(world, "Amina Diallo", "web")
        await awake(world)
        leads = "announcements"
        token = await world.database.write(lambda s: sign_in_token(s, person, world.now(), leads=leads))
        context = await browser.new_context(base_url=world.address, viewport={"width": 360, "height": 740})
        page = await context.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
        await page.goto(f"/in/{token}")
        await page.locator("form.deeds button").first.click()
        await page.wait_for_url(f"**/{leads}")
        await fine(page, "announcements")
        await page.locator("textarea").fill("A *webinar* on Monday\nEverybody is welcome.")
        await page.get_by_role("button", name="Write one").click()
        await expect(page.locator("#now")).to_contain_text("1 reader")
        # Words are shown as readers will see them while they are written, and stay in the window until they are kept.
        await page.locator("#add").select_option("ar")
        await page.get_by_role("button", name="Go on").click()
        box = page.locator("#text-ar")
        await expect(box).to_have_attribute("dir", "rtl")
        await box.fill("ندوة *يوم الاثنين")
        await expect(page.locator("#in-ar .notice")).to_contain_text("In line 1 a star has no partner")
        await page.reload()
        await expect(box).to_have_value("ندوة *يوم الاثنين")
        await box.fill("ندوة *يوم الاثنين*")
        await expect(page.locator("#in-ar .bubble strong").last).to_contain_text("يوم الاثنين")
        await page.locator("#in-ar").get_by_role("button", name="Save").click()
        await expect(page.locator("#text-ar")).to_have_value("ندوة *يوم الاثنين*")
        await fine(page, "announcement-draft")
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.locator("#sure")).to_contain_text("It goes to 1 reader.")
        await fine(page, "announcement-sure")
        await page.get_by_role("button", name="Yes").click()
        # The page follows it by itself until it has ended.
        await expect(page.locator(".report")).to_contain_text("Delivered: 1", timeout=20_000)
        await fine(page, "announcement-report")
        await expect(page.locator(".picture img")).to_have_js_property("complete", True)
        async with page.expect_download() as table:
            await page.get_by_role("link", name="As a table").click()
        kept = await (await table.value).path()
        assert b"web,en,PT,delivered,1" in await asyncio.to_thread(kept.read_bytes)
        assert "A webinar on Monday" in amina.heard and ana.offers("Figures")
        # The same from right to left.
        await world.database.write(lambda s: people.set_language(s, person, "ar"))
        await page.reload()
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        await fine(page, "announcement-rtl")
        assert troubles == []
