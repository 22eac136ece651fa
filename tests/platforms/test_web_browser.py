"""The web chat in a real Chromium: with and without scripts, by keyboard, narrow, dark, right to left."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.platforms.platform import Button, Post, Shown
from bot.talk.messages import Heard
from bot.text import Span
from storage import web as lines
from tests.patience import PATIENCE
from tests.pictures import HTML, SVG, photo
from tests.platforms.webhouse import House, arabic, forget, serving
from tests.servers.browser import available, chromium, complaints, settled

pytestmark = [
    pytest.mark.skipif(available() is not None and not os.environ.get("CI"), reason=str(available())),
    pytest.mark.asyncio(loop_scope="module"),
]
_COUNTRIES = {"fr": "France", "mt": "Malta", "pl": "Polska", "tr": "Türkiye", "ua": "Україна"}
_SHOTS = os.environ.get("TWINBOT_TEST_SHOTS")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as it:
        yield it


async def registration(house: House, heard: Heard) -> None:
    """A desk that asks two questions, as the real one would show them."""
    said = heard.text or heard.press or ""
    if said == "/start":
        await house.tell(heard.chat, "Welcome! Two short questions.", spans=(Span(0, 8),))
        buttons = [Button(name, f"country:{code}") for code, name in _COUNTRIES.items()]
        house.asked = await house.tell(heard.chat, "Which country do you teach in?", *buttons)
    elif said.startswith("country:"):
        await house.tell(heard.chat, f"Which country do you teach in?\n✓ {_COUNTRIES[said[8:]]}", edits=house.asked)
        house.asked = await house.tell(heard.chat, "Which subjects do you teach?", *_subjects())
    elif said.startswith("subject:"):
        await house.tell(heard.chat, "Which subjects do you teach?", *_subjects(said[8:]), edits=house.asked)
    elif said == "!done":
        await house.tell(heard.chat, "Which subjects do you teach?\n✓ History", edits=house.asked)
        await house.tell(heard.chat, "Thank you! Here are schools that fit yours.")
    elif said == "/language ar":
        await house.tell(heard.chat, "أهلاً! في أي بلد تدرّس؟", Button("مالطا", "p:1"), language="ar", direction="rtl")
    else:
        await house.tell(heard.chat, f"You said: {said}")


def _subjects(ticked: str = "") -> list[Button]:
    names = ("History", "Music", "Physics")
    boxes = [Button(name, f"subject:{name}", name == ticked) for name in names]
    return [*boxes, Button("✓ Done", "!done")] if ticked else boxes


@pytest_asyncio.fixture(loop_scope="module")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with serving(tmp_path, registration, patience=0.3, files=tmp_path / "files", most=300_000) as it:
        yield it


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def _alone(browser: Browser) -> AsyncIterator[None]:
    """Only one window has the focus, so those of a test go with it."""
    yield
    for context in browser.contexts:
        await context.close()


@pytest.fixture
def with_arabic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    arabic(monkeypatch, tmp_path)
    yield
    monkeypatch.undo()
    forget()


async def visitor(browser: Browser, house: House, **options: Any) -> Page:
    """A new person's page."""
    options = {"locale": "en-GB", "viewport": {"width": 1100, "height": 760}, **options}
    context = await browser.new_context(base_url=house.address, **options)
    page = await context.new_page()
    await page.goto("/")
    return page


def listen(page: Page) -> list[str]:
    """What the page complains of from now on: script errors, broken policy, requests to others."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda m: heard.append(m.text) if m.type == "error" else None)
    host = re.match(r"https?://[^/]+", page.url).group(0)  # type: ignore[union-attr]
    page.on("request", lambda r: None if r.url.startswith(host) else heard.append(r.url))
    return heard


async def shoot(page: Page, name: str) -> None:
    """Keep a picture where TWINBOT_TEST_SHOTS says, for people to look at."""
    if _SHOTS:
        await settled(page)
        await page.screenshot(path=Path(_SHOTS) / f"{name}.png")


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.get_by_role("button", name="Send").click()


async def narrow_enough(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_a_teacher_talks_with_the_bot(browser: Browser, house: House) -> None:
    page = await visitor(browser, house)
    troubles = listen(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Find a partner school for your class")
    assert await complaints(page) == []
    await shoot(page, "landing")
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("log")).to_contain_text("Which country do you teach in?")
    assert await complaints(page) == []
    await shoot(page, "question")
    await page.get_by_role("button", name="France").click()
    await expect(page.get_by_role("log")).to_contain_text("✓ France")
    await expect(page.get_by_role("button", name="Malta")).to_have_count(0)
    await page.get_by_role("button", name="History").click()
    await expect(page.get_by_role("button", name="History", pressed=True)).to_be_visible()
    assert await complaints(page) == []
    await page.get_by_role("button", name="Done").click()
    await say(page, "Thank you, that was quick!")
    await expect(page.get_by_role("log")).to_contain_text("You said: Thank you, that was quick!")
    await expect(page.get_by_label("Your message")).to_have_value("")
    await expect(page.get_by_label("Your message")).to_be_focused()
    await shoot(page, "conversation")
    assert troubles == []


async def test_the_keyboard_is_enough(browser: Browser, house: House) -> None:
    page = await visitor(browser, house)
    await expect(page.get_by_label("Your message")).to_be_focused()
    await page.keyboard.type("/start")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Україна")).to_be_visible()
    await expect(page.get_by_label("Your message")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name="Україна")).to_be_focused()
    await shoot(page, "keyboard")
    await page.keyboard.press("Space")
    await expect(page.get_by_label("Your message")).to_be_focused()
    await expect(page.get_by_role("button", name="Physics")).to_be_visible()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name="Physics")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Physics", pressed=True)).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("Thank you!")
    await page.keyboard.type("two")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("lines")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("You said: two\nlines")


async def test_files_are_chosen_seen_and_never_run(browser: Browser, house: House) -> None:
    page = await visitor(browser, house, locale="en-GB", viewport={"width": 360, "height": 640})
    troubles = listen(page)
    await page.get_by_role("button", name="Start").click()
    picker, log = page.get_by_label("Add a file"), page.get_by_role("log")
    await picker.set_input_files({"name": "big.jpg", "mimeType": "image/jpeg", "buffer": bytes(300_001)})
    await expect(page.get_by_role("alert")).to_have_text("That file is too big: 1 MB is the most.")
    await picker.set_input_files({"name": "class.jpg", "mimeType": "image/jpeg", "buffer": photo(300, 200)})
    await expect(page.locator("#chosen-name")).to_have_text("class.jpg")
    assert await complaints(page) == []
    await shoot(page, "file-chosen")
    await say(page, "our class")
    picture = log.get_by_role("img", name="class.jpg")
    await expect(picture).to_be_visible()
    await picture.evaluate("(it) => it.decode()")
    assert await picture.evaluate("(it) => it.naturalWidth") == 300
    await expect(page.locator("#chosen")).to_be_hidden()
    await picker.set_input_files({"name": "a.svg", "mimeType": "image/svg+xml", "buffer": SVG})
    await page.get_by_role("button", name="Send").click()
    await expect(log.get_by_role("link", name="a.svg")).to_be_visible()
    assert await narrow_enough(page)
    assert await complaints(page) == []
    await shoot(page, "files")
    async with page.expect_download() as saved:
        await log.get_by_role("link", name="a.svg").click()
    assert (await saved.value).suggested_filename == "a.svg"
    assert troubles == []
    # What is called a picture and is a page, opened by itself: nothing of it runs.
    await picker.set_input_files({"name": "b.gif", "mimeType": "text/html", "buffer": b"GIF89a" + HTML})
    await page.get_by_role("button", name="Send").click()
    await expect(log.get_by_role("link", name="b.gif")).to_be_visible()
    await page.goto(await log.get_by_role("link", name="b.gif").get_attribute("href") or "")
    assert await page.title() != "taken over"


async def test_a_file_can_be_left_out_or_come_from_the_clipboard(browser: Browser, house: House) -> None:
    page = await visitor(browser, house)
    await page.get_by_role("button", name="Start").click()
    await page.get_by_label("Add a file").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"words"}
    )
    await page.get_by_role("button", name="Leave out the file").click()
    await expect(page.locator("#chosen")).to_be_hidden()
    await expect(page.get_by_label("Your message")).to_be_focused()
    await page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["x"], "shot.txt", { type: "text/plain" }));
          const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.getElementById("text").dispatchEvent(paste);
        }"""
    )
    await expect(page.locator("#chosen-name")).to_have_text("shot.txt")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log").get_by_role("link", name="shot.txt")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
async def test_replies_changes_and_taking_back(browser: Browser, house: House, scripts: bool) -> None:
    page = await visitor(browser, house, java_script_enabled=scripts)
    await page.get_by_role("button", name="Start").click()
    log, box = page.get_by_role("log"), page.get_by_label("Your message")
    await expect(log).to_contain_text("Which country")
    chat = house.heard[-1].chat
    await house.tell(chat, "Olga: how about May?", answerable=True)
    if not scripts:
        await page.goto("/")
        await page.get_by_label("Add a file").set_input_files(
            {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"words"}
        )
        await page.get_by_role("button", name="Send").click()
        await expect(log.get_by_role("link", name="plan.txt")).to_be_visible()
    await log.locator(".deeds summary").click()
    assert not scripts or await complaints(page) == []
    await page.get_by_role("link", name="Reply").click()
    await expect(page.locator("#aside-says")).to_have_text("Your reply to: Olga: how about May?")
    await say(page, "May is find")
    await expect(log.get_by_role("link", name="Your reply to: Olga: how about May?")).to_be_visible()
    heard = house.heard[-1]
    assert (heard.text, heard.about is not None) == ("May is find", True)
    await house.db.write(partial(lines.make_changeable, chat=chat, ref=heard.id or ""))
    await house.web.send(Post(chat, "mark", Shown("→ Olga"), marks=heard.id))
    if not scripts:
        await page.goto("/")
    mine = page.locator(".mine").filter(has_text="May is find")
    await expect(mine.get_by_text("→ Olga")).to_be_visible()
    await mine.locator(".deeds summary").click()
    await shoot(page, f"deeds-{scripts}")
    await mine.get_by_role("link", name="Change").click()
    await expect(box).to_have_value("May is find")
    await expect(page.locator("#aside-says")).to_have_text("Change your message:")
    assert not scripts or await complaints(page) == []
    await say(page, "May is fine")
    await expect(log).to_contain_text("May is fine")
    await expect(log.get_by_text("changed", exact=True)).to_be_visible()
    assert (house.heard[-1].text, house.heard[-1].edits) == ("May is fine", heard.id)
    await expect(page.locator("#aside")).to_be_hidden()
    mine = page.locator(".mine").filter(has_text="May is fine")
    await mine.locator(".deeds summary").click()
    await mine.get_by_role("button", name="Take back").click()
    await expect(log).to_contain_text("This message was taken back.")
    assert house.heard[-1].removes == heard.id
    assert not scripts or await complaints(page) == []


async def test_somebody_else_is_seen_writing(browser: Browser, house: House) -> None:
    told = asyncio.Event()
    house.web._taking.on_typing = lambda *_what: told.set()
    page = await visitor(browser, house)
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("log")).to_contain_text("Which country")
    chat = house.heard[-1].chat
    await page.keyboard.type("nobody hears this")
    await house.tell(chat, "Olga: how about May?", answerable=True)
    await expect(page.get_by_role("log")).to_contain_text("how about May")
    assert not told.is_set()
    await expect(page.locator("#writing")).to_be_hidden()
    await house.web.typing(chat, True)
    await expect(page.locator("#writing")).to_be_visible()
    await house.web.typing(chat, False)
    await expect(page.locator("#writing")).to_be_hidden()
    await page.get_by_label("Your message").press_sequentially("May")
    async with asyncio.timeout(PATIENCE):
        await told.wait()


async def test_the_skip_link_leads_to_the_text_box(browser: Browser, house: House) -> None:
    page = await visitor(browser, house)
    await page.get_by_role("link", name="twinbot").focus()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("link", name="Skip to the text box")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Your message")).to_be_focused()


async def test_it_works_without_scripts(browser: Browser, house: House) -> None:
    page = await visitor(browser, house, java_script_enabled=False)
    await page.get_by_role("button", name="Start").click()
    await page.get_by_role("button", name="Malta").click()
    await expect(page.get_by_role("log")).to_contain_text("✓ Malta")
    house.open.clear()
    await say(page, "hello there")
    await expect(page.get_by_role("log")).to_contain_text("hello there")
    await expect(page.locator("#writing")).to_be_visible()
    house.open.set()
    await expect(page.get_by_role("log")).to_contain_text("You said: hello there")
    await shoot(page, "without-scripts")


async def test_the_bot_is_seen_writing_until_it_answers(browser: Browser, house: House) -> None:
    page = await visitor(browser, house)
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("log")).to_contain_text("Which country")
    house.open.clear()
    await say(page, "hello")
    await expect(page.get_by_role("log")).to_contain_text("hello")
    await expect(page.locator("#writing")).to_be_visible()
    await shoot(page, "writing")
    house.open.set()
    await expect(page.get_by_role("log")).to_contain_text("You said: hello")
    await expect(page.locator("#writing")).to_be_hidden()


@pytest.mark.usefixtures("with_arabic")
async def test_arabic_runs_from_right_to_left(browser: Browser, house: House) -> None:
    page = await visitor(browser, house, locale="ar", viewport={"width": 390, "height": 780})
    await shoot(page, "arabic-landing")
    assert await complaints(page) == []
    await page.get_by_label("رسالتك").fill("hello")
    await page.get_by_role("button", name="إرسال").click()
    await expect(page.get_by_role("log")).to_contain_text("You said: hello")
    await page.get_by_text("Language", exact=True).locator("..").click()
    await page.get_by_role("button", name="العربية").click()
    await expect(page.get_by_role("log")).to_contain_text("في أي بلد")
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    mine = await page.locator(".mine .bubble").last.bounding_box()
    theirs = await page.locator(".bot .bubble").last.bounding_box()
    assert mine is not None
    assert theirs is not None
    assert mine["x"] < 20
    assert theirs["x"] + theirs["width"] > 370
    assert await complaints(page) == []
    assert await narrow_enough(page)
    await shoot(page, "arabic")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_small_phone_shows_everything(browser: Browser, house: House, scheme: Any) -> None:
    phone = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
    page = await visitor(browser, house, color_scheme=scheme, **phone)
    assert await narrow_enough(page)
    assert await complaints(page) == []
    await shoot(page, f"phone-landing-{scheme}")
    await page.get_by_role("button", name="Start").tap()
    await page.get_by_role("button", name="Polska").tap()
    await expect(page.get_by_role("log")).to_contain_text("Which subjects")
    await page.get_by_role("button", name="Music").tap()
    await house.tell(house.heard[-1].chat, "Averylongwordthatneverends" * 12, Button("Another" * 20, "p:9"))
    await say(page, "A rather long answer that needs more than one line on a phone as narrow as this one.")
    await expect(page.get_by_role("log")).to_contain_text("You said: A rather")
    assert await narrow_enough(page)
    assert await complaints(page) == []
    await shoot(page, f"phone-{scheme}")
    small = await page.evaluate(
        """[...document.querySelectorAll('button, summary, textarea, a.brand')].filter(e => e.checkVisibility())
        .map(e => e.getBoundingClientRect()).filter(r => r.height < 44 || r.width < 44).length"""
    )
    assert small == 0
    await page.locator("#more summary").tap()
    await expect(page.get_by_role("button", name="Leave this browser")).to_be_visible()
    assert await narrow_enough(page)
    assert await complaints(page) == []
    await shoot(page, f"phone-menu-{scheme}")


async def test_dark_pages_have_contrast(browser: Browser, house: House) -> None:
    page = await visitor(browser, house, color_scheme="dark")
    await shoot(page, "dark-landing")
    assert await complaints(page) == []
    await page.get_by_role("button", name="Start").click()
    await page.get_by_role("button", name="France").click()
    await page.get_by_role("button", name="History").click()
    await expect(page.get_by_role("button", name="History", pressed=True)).to_be_visible()
    await say(page, "hello")
    await expect(page.get_by_role("log")).to_contain_text("You said: hello")
    assert await complaints(page) == []
    await shoot(page, "dark")
    await page.goto("/nowhere")
    assert await complaints(page) == []
    await shoot(page, "dark-missing")


async def test_two_tabs_show_the_same_and_only_one_answer(browser: Browser, house: House) -> None:
    one = await visitor(browser, house)
    await one.get_by_role("button", name="Start").click()
    await expect(one.get_by_role("button", name="France")).to_be_visible()
    two = await one.context.new_page()
    await two.goto(house.address)
    await one.get_by_role("button", name="France").dblclick()
    for tab in (one, two):
        await expect(tab.get_by_role("log")).to_contain_text("✓ France")
        await expect(tab.get_by_text("Which subjects do you teach?")).to_have_count(1)
    await say(two, "from the second tab")
    for tab in (one, two):
        await expect(tab.get_by_text("from the second tab", exact=True)).to_have_count(1)
        await expect(tab.get_by_text("You said: from the second tab")).to_have_count(1)
    await two.locator("#more summary").click()
    await two.get_by_role("button", name="Leave this browser").click()
    for tab in (one, two):
        await expect(tab.get_by_role("button", name="Start")).to_be_visible()


async def test_a_restart_is_bridged_and_nothing_is_lost(browser: Browser, house: House) -> None:
    page = await visitor(browser, house)
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("button", name="France")).to_be_visible()
    await house.stop()
    await say(page, "said while it was away")
    await expect(page.get_by_role("status")).to_contain_text("The connection is lost")
    await expect(page.get_by_label("Your message")).to_have_value("said while it was away")
    assert await complaints(page) == []
    await shoot(page, "lost")
    await house.begin_again()
    await expect(page.get_by_role("log")).to_contain_text("You said: said while it was away")
    await expect(page.get_by_role("status")).to_be_empty()
    await expect(page.get_by_text("said while it was away", exact=True)).to_have_count(1)


async def test_a_refusal_keeps_the_words_in_the_box(browser: Browser, house: House) -> None:
    page = await visitor(browser, house)
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("button", name="France")).to_be_visible()
    await say(page, "long " * 1000)
    await expect(page.get_by_role("alert")).to_contain_text("4,000 characters")
    assert len(await page.get_by_label("Your message").input_value()) == 5000
    assert await complaints(page) == []
    await shoot(page, "refused")


async def test_long_conversations_begin_at_the_end(browser: Browser, house: House) -> None:
    page = await visitor(browser, house)
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("button", name="France")).to_be_visible()
    for number in range(120):
        await house.tell(house.heard[0].chat, f"reminder {number}")
    await expect(page.get_by_text("reminder 119", exact=True)).to_be_in_viewport()
    await page.reload()
    await expect(page.get_by_text("reminder 119", exact=True)).to_be_in_viewport()
    await page.get_by_role("link", name="Earlier messages").click()
    await expect(page.get_by_text("reminder 19", exact=True)).to_be_in_viewport()
    await expect(page.get_by_role("log")).to_contain_text("Welcome!")
    await page.get_by_role("link", name="Back to the newest messages").click()
    await expect(page.get_by_text("reminder 119", exact=True)).to_be_in_viewport()
