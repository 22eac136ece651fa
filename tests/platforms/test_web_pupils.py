"""A pupil's whole way in a real Chromium: a card is scanned, pictures are chosen, a nickname, and the class room."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from storage import pupils
from storage.cards import PICTURES, grouped
from storage.models import ProjectMember
from tests.platforms.test_web_rooms import begin, entered, fine, message, say
from tests.servers.browser import available, chromium
from tests.stories.teachers import verified
from tests.world import World

pytestmark = pytest.mark.skipif(available() is not None and not os.environ.get("CI"), reason=str(available()))
Worlds = Callable[..., World]
_NAMES = [("Blue Heron 4", "heron"), ("Red Fox 1", "fox")]


def class_of(session: Session, project: int, owner: int, world: World, language: str = "ar") -> list[pupils.Place]:
    made = pupils.make(session, project, owner, _NAMES, language, world.now())
    session.execute(update(ProjectMember).where(ProjectMember.person_id == owner).values(pupils_age=14))
    return pupils.numbered(session, owner, made, world.now())


async def choose(page: Page, pictures: Sequence[int]) -> None:
    for number in pictures:
        await page.locator(f"input[name=p{number}]").check()
    await page.locator("form.join button").click()


async def test_from_the_card_to_the_class_room_and_out_again(worlds: Worlds) -> None:
    async with worlds("web") as world, chromium() as browser:
        amina, joao = await verified(world, "Amina", "web"), await verified(world, "João", "web")
        room = await world.database.write(partial(begin, amina=amina.person, joao=joao.person, world=world))
        made = partial(class_of, project=room.project, owner=amina.person, world=world)
        first, second = await world.database.write(made)
        desk = await entered(world, browser, joao, room, 1100)
        context = await browser.new_context(base_url=world.address, viewport={"width": 360, "height": 740})
        phone, asked = await context.new_page(), []
        phone.on("request", lambda request: asked.append(request.url))
        troubles: list[str] = []
        phone.on("pageerror", lambda error: troubles.append(str(error)))
        phone.on("console", lambda m: troubles.append(m.text) if "Content Security" in m.text else None)
        # Scanned: the code is in its box, and neither in the address nor in any request.
        await phone.goto(f"/join#{first.code}")
        await expect(phone.locator("#code")).to_have_value(grouped(first.code))
        assert phone.url == f"{world.address}/join"
        await fine(phone, "join")
        await phone.goto("/join?language=ar")
        await expect(phone.locator("html")).to_have_attribute("dir", "rtl")
        await fine(phone, "join-rtl")
        await phone.goto("/join")
        await phone.locator("#code").fill(grouped(first.code).lower().replace("-", " ").replace("0", "o"))
        wrong = [number for number in range(PICTURES) if number not in first.pictures][:3]
        await choose(phone, wrong)
        await expect(phone.get_by_role("alert")).to_contain_text("do not fit together")
        # No fourth picture can be ticked.
        for number in first.pictures:
            await phone.locator(f"input[name=p{number}]").check()
        assert await phone.locator(".emblem input:disabled").count() == PICTURES - 3
        await fine(phone, "join-wrong")
        await phone.locator("form.join button").click()
        await phone.wait_for_url("**/join/name")
        await expect(phone.locator("html")).to_have_attribute("dir", "rtl")
        await expect(phone.locator(".player").first).to_contain_text("Blue Heron 4")
        await fine(phone, "nickname")
        await phone.locator(".player").first.click()
        await phone.wait_for_url(f"**/class/{room.address}")
        await say(phone, "Hello from the class!")
        await expect(message(phone, "Hello from the class!")).to_be_visible()
        await expect(message(desk, "Blue Heron 4 · Escola Básica do Viriato · 🇵🇹")).to_contain_text("Hello from the")
        await say(desk, "Welcome, heron!")
        await expect(message(phone, "Welcome, heron!")).to_be_visible()
        await phone.locator("#more summary").click()
        await fine(phone, "class-room")
        # Teachers' pages know nothing of a pupil.
        assert (await phone.request.get(f"/room/{room.address}")).status == 404
        assert not [url for url in asked if first.code in url]
        await phone.locator("form[action='/class/leave'] button").click()
        await phone.wait_for_url("**/join")
        await phone.goto(f"/class/{room.address}")
        await phone.wait_for_url("**/join")
        assert troubles == []
        # All of it without scripts, too; and out as soon as the card ends.
        bare = await browser.new_context(base_url=world.address, java_script_enabled=False)
        page = await bare.new_page()
        await page.goto("/join")
        await page.locator("#code").fill(second.code)
        await choose(page, second.pictures)
        await page.locator(".player").nth(1).click()
        await say(page, "No scripts here")
        await expect(message(page, "No scripts here")).to_be_visible()
        await world.database.write(lambda s: pupils.revoke(s, amina.person, [second.id], world.now()))
        await page.reload()
        await expect(page.locator("#code")).to_be_visible()
