"""The pages of announcements: the same drafts as in the chat, under the same rules, and nobody else gets in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from uuid import uuid4

import aiohttp
import pytest
from sqlalchemy.orm import Session

from handlers.announcing import launching
from handlers.signing_in import sign_in_token
from storage import staff
from storage.announcing import drafts
from storage.models import Announcement
from tests.announcing.rounds import awake, drafted, round_
from tests.staff.parts import Worlds, newest_person, officer, teacher
from tests.world import World

#: Every route, and what a form of it says.
ROUTES = [
    ("GET", "", {}),
    ("POST", "", {"text": "Hello", "event": "12345678"}),
    ("GET", "/1", {}),
    ("POST", "/1/words", {"of": "fr", "text": "Bonjour", "seen": "1"}),
    ("POST", "/1/look", {"of": "fr", "text": "Bonjour"}),
    ("POST", "/1/do", {"deed": "send", "sure": "1", "seen": "1"}),
    ("POST", "/1/chat", {"event": "12345678"}),
    ("GET", "/1/events", {}),
    ("GET", "/1/report.csv", {}),
    ("GET", "/1/report.png", {}),
]


@pytest.fixture
async def world(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds("telegram", "web") as made:
        yield made


class Browser:
    """A browser that is signed in as somebody, without scripts."""

    def __init__(self, world: World, http: aiohttp.ClientSession) -> None:
        self._world, self.http = world, http
        self.status, self.page = 0, ""

    async def sign_in(self, person: int) -> None:
        link = await self._world.database.write(lambda session: sign_in_token(session, person, self._world.now()))
        await self.asks("POST", f"{self._world.address}/in/{link}", {"choice": "enter"})
        assert self.status in {200, 303}, self.page

    async def asks(self, method: str, url: str, form: dict[str, str], origin: str | None = None) -> None:
        headers = {"Origin": origin or self._world.address}
        async with self.http.request(method, url, data=form or None, headers=headers, allow_redirects=False) as answer:
            self.status, self.where = answer.status, answer.headers.get("Location", "")
            self.page = unescape(await answer.text()) if "events" not in url else ""

    async def at(self, path: str = "", **form: str) -> str:
        """Look at a page of announcements, or send a form and follow to where it leads."""
        url = f"{self._world.address}/announcements{path}"
        await self.asks("POST" if form else "GET", url, form)
        while self.status == 303:
            await self.asks("GET", self._world.address + self.where, {})
        return self.page

    @property
    def version(self) -> str:
        found = re.search(r'name="seen" value="(\d+)"', self.page)
        assert found is not None, self.page
        return found[1]


@pytest.fixture
async def browsers(world: World) -> AsyncIterator[list[Browser]]:
    jars = [aiohttp.CookieJar(unsafe=True) for _browser in range(2)]
    async with aiohttp.ClientSession(cookie_jar=jars[0]) as one, aiohttp.ClientSession(cookie_jar=jars[1]) as other:
        yield [Browser(world, one), Browser(world, other)]


async def signed_in(world: World, browser: Browser) -> None:
    """Sign in as whoever came last."""
    person = await world.database.read(newest_person)
    await browser.sign_in(person)


async def state(world: World) -> str:
    return await world.database.read(lambda session: session.get_one(Announcement, 1).state)


async def test_written_in_two_languages_and_sent_to_the_end(world: World, browsers: list[Browser]) -> None:
    page = browsers[0]
    ana = await officer(world, "Ana", "telegram")
    await signed_in(world, page)
    amina = await teacher(world, "Amina Diallo", "web")
    await awake(world)
    assert "Nothing is under way." in await page.at()
    assert "In line 1 a star has no partner" in await page.at("", text="A *webinar", event=str(uuid4()))
    event = str(uuid4())
    shown = await page.at("", text="A *webinar* on Monday", event=event)
    assert "A <strong>webinar</strong> on Monday" in shown and "1 reader" in shown and "21 / 3000" in shown
    # The same form once more makes no second draft.
    await page.at("", text="A *webinar* on Monday", event=event)
    assert (await page.at()).count('class="player"') == 1
    # Another language: looked at, wrong, then kept; the chat has the same draft.
    assert 'id="text-fr"' in await page.at("/1?add=fr")
    assert "Un <strong>webinaire</strong>" in await page.at("/1/words", of="fr", text="Un *webinaire*", look="1")
    assert "3001 / 3000" in await page.at("/1/words", of="fr", text="é" * 3001, seen=page.version)
    assert "Please keep it to 3,000 characters." in page.page and page.status == 409
    await page.at("/1")
    await page.at("/1/words", of="fr", text="Un *webinaire*", seen=page.version)
    await ana.says("/announce 1 edit", hears="Draft")
    assert await world.database.read(lambda s: sorted(drafts.texts(s, 1))) == ["en", "fr"]
    # It is asked first, and sent; then held, let go on, and reported.
    assert "Send this announcement?" in await page.at("/1/do", deed="send", seen=page.version)
    assert await state(world) == "draft"
    assert "Will be sent" in await page.at("/1/do", deed="send", sure="1", seen=page.version)
    await amina.does(round_(world, 2), hears="A webinar on Monday")
    await ana.ways.until(lambda: "has arrived at 1 reader" in ana.heard)
    report = await page.at("/1")
    assert "Delivered: 1" in report and "Together: 1" in report and "/announcements/1/report.csv" in report
    assert "web,en,PT,delivered,1" in await page.at("/1/report.csv")
    await page.asks("POST", f"{world.address}/announcements/1/do", {"deed": "pause", "seen": "1"})
    assert page.status == 409 and "That cannot be done now." in page.page
    async with page.http.get(f"{world.address}/announcements/1/report.png") as picture:
        assert (await picture.read()).startswith(b"\x89PNG")


async def test_held_let_go_on_and_cancelled_as_it_is_shown(world: World, browsers: list[Browser]) -> None:
    page = browsers[0]
    ana = await officer(world, "Ana", "telegram")
    await signed_in(world, page)
    await teacher(world, "Amina Diallo", "web")
    await awake(world)
    await page.at("", text="A webinar", event=str(uuid4()))
    await world.database.write(_later)
    await page.at("/1/do", deed="send", sure="1", seen=page.version)
    await round_(world)
    shown = await page.at("/1")
    assert "<progress" in shown and "0 of 1" in shown and 'http-equiv="refresh"' in shown
    url = f"{world.address}/announcements/1/events"
    async with page.http.get(url) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        first = (await stream.content.readuntil(b"\n\n")) + await stream.content.readuntil(b"\n\n")
        assert b"event: now" in first and b"0 of 1" in first
        assert "Paused" in await page.at("/1/do", deed="pause", seen="1")
        # The open page is told to come anew.
        while b"otherwise" not in (event := await stream.content.readuntil(b"\n\n")):
            assert b"gone" not in event
    await ana.ways.until(lambda: "Resume" in ana.last.labels)
    assert "Being sent" in await page.at("/1/do", deed="resume", seen="1")
    assert "nobody else gets it" in await page.at("/1/do", deed="cancel", seen="1")
    assert "Cancelled" in await page.at("/1/do", deed="cancel", sure="1", seen="1")
    assert await state(world) == "cancelled"


def _later(session: Session) -> None:
    """It is for a morning that does not come in this story."""
    row = session.get_one(Announcement, 1)
    row.at, row.morning = row.created_at + timedelta(hours=25), True


async def test_many_need_a_second_officer_on_the_page_too(
    world: World, browsers: list[Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "ALONE", 0)
    one, other = browsers
    await officer(world, "Ana", "telegram")
    await signed_in(world, one)
    cleo = await officer(world, "Cleo", "telegram", None)
    await signed_in(world, other)
    await teacher(world, "Amina Diallo", "web")
    assert "a second officer has to agree" in await one.at("", text="A webinar", event=str(uuid4()))
    assert "Waits for a second officer" in await one.at("/1/do", deed="send", sure="1", seen=one.version)
    assert "It waits for a second officer." in one.page and "Agree and send" not in one.page
    await cleo.ways.until(lambda: "An announcement waits for a second officer" in cleo.heard)
    # Who wrote it cannot agree by a form of their own either; what was not looked at is not agreed to.
    await one.at("/1/do", deed="approve", seen=one.version)
    assert one.status == 409 and await state(world) == "waiting"
    assert "Agree and send" in await other.at("/1")
    await other.at("/1/do", deed="approve", seen="77")
    assert other.status == 409 and await state(world) == "waiting"
    await other.at("/1/do", deed="approve", seen=other.version)
    assert await state(world) == "scheduled"


async def test_two_who_write_one_draft_notice_each_other(world: World, browsers: list[Browser]) -> None:
    one, other = browsers
    await officer(world, "Ana", "telegram")
    await signed_in(world, one)
    await officer(world, "Cleo", "telegram", None)
    await signed_in(world, other)
    await one.at("", text="A webinar", event=str(uuid4()))
    await other.at("/1")
    assert "Somebody else is at this draft too" in other.page
    seen = other.version
    await one.at("/1/words", of="en", text="A better webinar", seen=one.version)
    await other.at("/1/words", of="en", text="My webinar", seen=seen)
    assert other.status == 409 and "so yours was not saved" in other.page and "My webinar" in other.page
    assert await world.database.read(lambda s: drafts.texts(s, 1)) == {"en": "A better webinar"}


async def test_nobody_else_gets_in(world: World, browsers: list[Browser], caplog: pytest.LogCaptureFixture) -> None:
    """Every route, for a stranger, a teacher, an ambassador, support of another country, and who lost the role."""
    theirs = browsers[0]
    ana = await officer(world, "Ana", "telegram")
    await drafted(ana, "A secret webinar")
    assert {(method, path) for method, path, _form in ROUTES} == _routes(world)

    async def shut(browser: Browser) -> None:
        for method, path, form in ROUTES:
            await browser.asks(method, f"{world.address}/announcements{path}", form)
            assert (browser.status, "secret" in browser.page) == (404, False), (method, path)

    await shut(theirs)
    await teacher(world, "Amina Diallo", "telegram")
    person = await world.database.read(newest_person)
    await signed_in(world, theirs)
    await shut(theirs)
    for role, country in (("ambassador", "PT"), ("national", "FR")):
        await world.database.write(
            lambda s, r=role, c=country: staff.name_officer(s, person, r, c, named_by=None, now=world.now()) and None  # type: ignore[misc]
        )
        if role == "ambassador":
            await shut(theirs)
            continue
        # Support of another country has a list of its own, and nothing of this one.
        assert "secret" not in await theirs.at()
        for method, path, form in ROUTES[2:]:
            await theirs.asks(method, f"{world.address}/announcements{path}", form)
            assert (theirs.status, "secret" in theirs.page) == (404, False), (method, path)
    # A form of a foreign page does nothing, even for an officer.
    await world.database.write(
        lambda s: staff.name_officer(s, person, "national", "PT", named_by=None, now=world.now()) and None
    )
    for method, path, form in ROUTES:
        if method == "POST":
            url = f"{world.address}/announcements{path}"
            await theirs.asks(method, url, form, origin="https://elsewhere.example")
            assert theirs.status == 403, path
    assert "A secret webinar" in await theirs.at("/1")
    await world.database.write(lambda s: staff.remove_officer(s, person) and None)
    await shut(theirs)
    assert await state(world) == "draft" and "secret" not in caplog.text
    await theirs.at(f"/{10**30}")
    assert theirs.status == 404


def _routes(world: World) -> set[tuple[str, str]]:
    found = world.app.platforms["web"]._announcing.routes()  # type: ignore[attr-defined]
    paths = [route.path.removeprefix("/announcements").replace("{number:int}", "1") for route in found]
    return {("GET" if "GET" in route.methods else "POST", path) for route, path in zip(found, paths, strict=True)}


async def test_the_chat_leads_there_and_back(world: World, browsers: list[Browser]) -> None:
    page = browsers[0]
    ana = await officer(world, "Ana", "telegram")
    await ana.says("/announce", hears="Announcements")
    heard = await ana.chooses("On a web page", hears=["It works once", "/in/"])
    found = re.search(r"(\S+/in/\S+)", heard)
    assert found is not None
    await page.asks("POST", found[1], {"choice": "enter"})
    assert page.where == "/announcements"
    await page.at("", text="A webinar", event=str(uuid4()))
    assert (await page.at("/1/chat", event=str(uuid4()))) and page.status == 200
    await world.app.idle()
    page.page = await _chat(world, page)
    assert "Who gets it" in page.page and "Count me in" in page.page


async def _chat(world: World, page: Browser) -> str:
    async with page.http.get(world.address) as answer:
        return unescape(await answer.text())
