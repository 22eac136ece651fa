"""The web chat over real HTTP: sessions, forms, live updates, refusals, headers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.platforms.platform import Button, CannotEdit, Post, Setback, Shown, Unreadable
from bot.platforms.web import Web
from bot.platforms.web.pages import languages
from bot.text import Span
from storage.database import Database
from storage.models.base import Base
from storage.models.people import WebSession
from storage.models.post import WebMessage
from storage.web import WebBook
from tests.platforms.webhouse import Clock, House, arabic, forget, serving
from tests.vault import VAULT


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with serving(tmp_path) as it:
        yield it


@pytest.fixture
def with_arabic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    arabic(monkeypatch, tmp_path)
    yield
    monkeypatch.undo()
    forget()


class Person:
    """Somebody at a browser without scripts."""

    def __init__(self, house: House, http: aiohttp.ClientSession) -> None:
        self.house, self.http = house, http

    async def page(self, path: str = "/", **headers: str) -> str:
        async with self.http.get(self.house.address + path, headers=headers) as answer:
            return await answer.text()

    async def post(self, path: str, *, headers: dict[str, str] | None = None, **fields: str) -> tuple[int, str]:
        status, text, _headers = await self.answer(path, headers=headers, **fields)
        return status, text

    async def answer(
        self, path: str, *, headers: dict[str, str] | None = None, **fields: str
    ) -> tuple[int, str, dict[str, str]]:
        fields = {"event": str(uuid4()), **fields}
        sent = {"Origin": self.house.address, **(headers or {})}
        async with self.http.post(self.house.address + path, data=fields, headers=sent) as answer:
            return answer.status, await answer.text(), dict(answer.headers)

    async def start(self) -> str:
        """Open the page and press Start; gives the account."""
        await self.page()
        await self.post("/go", command="start")
        return self.house.heard[-1].chat

    @asynccontextmanager
    async def events(self, after: int = 0, **headers: str) -> AsyncIterator[Events]:
        timeout = aiohttp.ClientTimeout(total=20)
        address = f"{self.house.address}/events?after={after}"
        async with self.http.get(address, headers=headers, timeout=timeout) as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            yield Events(answer)


class Events:
    """A live stream, read block by block."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def block(self) -> str:
        """The next block; empty at the end of the stream."""
        lines = []
        async for raw in self._answer.content:
            line = raw.decode().rstrip("\n")
            if not line:
                break
            lines.append(line)
        return "\n".join(lines)

    async def line(self) -> tuple[int, dict[str, Any]]:
        """The next line of the chat, with its number."""
        while True:
            block = await self.block()
            assert block, "the stream has ended"
            if "event: line" in block:
                number = int(re.search(r"^id: (\d+)$", block, re.M).group(1))  # type: ignore[union-attr]
                return number, json.loads(block.split("data: ", 1)[1])


@pytest.fixture
async def ines(house: House) -> AsyncIterator[Person]:
    async with person(house) as it:
        yield it


@asynccontextmanager
async def person(house: House) -> AsyncIterator[Person]:
    # The jar must take cookies of an address that is a number; a real browser does.
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Person(house, http)


async def rows(house: House, model: type) -> int:
    return await house.db.read(lambda session: session.scalar(select(func.count()).select_from(model)) or 0)


def bubbles(page: str) -> list[str]:
    return re.findall(r'<div class="bubble"[^>]*>(.*?)</div>', page, re.S)


async def test_a_visit_leaves_nothing_behind_until_something_is_said(house: House, ines: Person) -> None:
    page = await ines.page()
    assert "Find a partner school" in page
    assert "Nothing is kept until" in page
    assert await rows(house, WebSession) == 0
    status, _text = await ines.post("/say", text="   ")
    assert status == 200
    assert await rows(house, WebSession) == 0
    await ines.post("/say", text="hello")
    assert await rows(house, WebSession) == 1
    assert house.heard[0].text == "hello"


async def test_without_scripts_the_answer_is_on_the_page_after_sending(ines: Person) -> None:
    await ines.page()
    _status, page = await ines.post("/say", text="hello")
    assert bubbles(page) == ["hello", "You said: hello"]
    assert bubbles(await ines.page()) == ["hello", "You said: hello"]
    assert 'http-equiv="refresh"' not in page


async def test_a_late_answer_is_looked_for_again_but_not_for_ever(tmp_path: Path) -> None:
    async with serving(tmp_path, patience=0.05) as house, person(house) as ines:
        await _late_answer(house, ines)


async def _late_answer(house: House, ines: Person) -> None:
    await ines.start()
    house.open.clear()
    _status, page = await ines.post("/say", text="hello")
    assert bubbles(page)[-1] == "hello"
    assert re.search(r'<noscript><meta http-equiv="refresh" content="2;url=/\?wait=\d+&amp;tries=1#end">', page)
    assert 'id="writing" hidden' not in page
    assert 'http-equiv="refresh"' not in await ines.page("/?wait=99&tries=20")
    house.clock.move(61)
    assert 'id="writing" hidden' in await ines.page()


async def test_one_form_sent_twice_counts_once_but_new_words_count(house: House, ines: Person) -> None:
    await ines.page()
    event = str(uuid4())
    await asyncio.gather(*(ines.post("/say", text="hello", event=event) for _ in range(5)))
    assert [heard.text for heard in house.heard] == ["hello"]
    assert await rows(house, WebSession) == 1
    await ines.post("/say", text="other words", event=event)
    assert [heard.text for heard in house.heard] == ["hello", "other words"]


async def test_what_could_not_be_stored_is_refused_and_taken_once_when_sent_again(house: House, ines: Person) -> None:
    await ines.start()
    house.failing = True
    event = str(uuid4())
    status, page = await ines.post("/say", text="hello", event=event)
    assert status == 503
    assert ">\nhello</textarea>" in page
    assert "could not be kept" in page
    house.failing = False
    _status, page = await ines.post("/say", text="hello", event=event)
    assert bubbles(page).count("hello") == 1
    assert [heard.text for heard in house.heard] == ["/start", "hello"]


async def test_a_press_brings_its_payload_and_the_question_changes_in_place(house: House, ines: Person) -> None:
    chat = await ines.start()
    ref = await house.tell(chat, "Which country?", Button("France", "p:1"), Button("Malta", "p:2", chosen=True))
    page = await ines.page()
    assert '<button class="choice" name="press" value="p:1">France</button>' in page
    assert 'value="p:2" aria-pressed="true">Malta' in page
    await ines.post("/press", press="p:1")
    assert house.heard[-1].press == "p:1"
    assert house.heard[-1].text is None
    await house.tell(chat, "Which country?\n✓ France", edits=ref)
    page = await ines.page()
    assert "Which country?\n✓ France" in bubbles(page)
    assert 'value="p:1"' not in page


async def test_words_of_others_never_become_markup(house: House, ines: Person) -> None:
    chat = await ines.start()
    hostile = "<script>alert(1)</script>&\"'"
    shown = Shown(f"Wish: {hostile}", (Span(0, 5),), (Button(f'"><b>{hostile}', "p:1"),))
    await house.web.send(Post(chat, "k", shown))
    _status, page = await ines.post("/say", text=hostile)
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "<strong>Wish:</strong> &lt;script&gt;" in page


async def test_a_key_sent_twice_shows_once_and_an_edit_needs_its_line(house: House, ines: Person) -> None:
    chat = await ines.start()
    post = Post(chat, "same", Shown("Once"))
    assert await house.web.send(post) == await house.web.send(post) == "same"
    assert bubbles(await ines.page()).count("Once") == 1
    with pytest.raises(CannotEdit):
        await house.web.send(Post(chat, "k", Shown("x"), edits="missing"))


async def test_long_conversations_turn_back_page_by_page(house: House, ines: Person) -> None:
    chat = await ines.start()
    for number in range(250):
        await house.tell(chat, f"line {number}")
    seen: list[str] = []
    page = await ines.page()
    pages = 1
    while True:
        seen = bubbles(page) + seen
        earlier = re.search(r'href="(/\?before=\d+)"', page)
        if not earlier:
            break
        page = await ines.page(earlier.group(1))
        pages += 1
    assert seen == ["You said: /start", *(f"line {number}" for number in range(250))]
    assert pages == 3


async def test_only_forms_of_our_own_pages_are_taken(house: House, ines: Person) -> None:
    await ines.start()
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": ""},
    ):
        assert (await ines.post("/say", text="forged", headers=headers))[0] == 403
    async with ines.http.post(house.address + "/say", data={"text": "forged", "event": str(uuid4())}) as answer:
        assert answer.status == 403
    assert (await ines.post("/leave", headers={"Origin": "https://evil.example"}))[0] == 403
    assert all(heard.text != "forged" for heard in house.heard)
    headers = {"Sec-Fetch-Site": "same-origin"}
    fields = {"text": "own", "event": str(uuid4())}
    async with ines.http.post(house.address + "/say", data=fields, headers=headers) as answer:
        assert answer.status == 200
    assert house.heard[-1].text == "own"


async def test_too_much_too_long_and_nonsense_are_refused_kindly(house: House, ines: Person) -> None:
    await ines.start()
    status, page = await ines.post("/say", text="é" * 4001)
    assert status == 422
    assert "4,000" in page
    assert "é" * 4001 in page
    assert (await ines.post("/say", text="é" * 4000))[0] == 200
    assert (await ines.post("/say", text="x" * 70_000))[0] == 413
    assert (await ines.post("/say", text="hi", event="../../x"))[0] == 400
    assert (await ines.post("/press", press="ü"))[0] == 400
    assert (await ines.post("/go", command="erase everything"))[0] == 400
    headers = {"Origin": house.address, "Accept": "application/json"}
    async with ines.http.post(house.address + "/say", json={"text": "hi"}, headers=headers) as answer:
        assert answer.status == 415
        assert (await answer.json())["error"].startswith("That could not be understood")


async def test_a_flood_of_one_browser_is_slowed_and_nobody_else(house: House, ines: Person) -> None:
    await ines.page()
    script = {"Accept": "application/json"}
    answers = [await ines.answer("/say", text=f"{n}", headers=script) for n in range(31)]
    assert [status for status, _text, _headers in answers] == [204] * 30 + [429]
    assert int(answers[-1][2]["Retry-After"]) == 11
    assert "very quick" in json.loads(answers[-1][1])["error"]
    async with person(house) as other:
        await other.page()
        assert (await other.post("/say", text="hello", headers=script))[0] == 204
    house.clock.move(10)
    assert (await ines.post("/say", text="again", headers=script))[0] == 204


async def test_the_cookie_is_strict_and_only_its_hash_is_kept(house: House, tmp_path: Path) -> None:
    async with person(house) as joao:
        async with joao.http.get(house.address) as answer:
            first = answer.headers["Set-Cookie"]
        assert "HttpOnly" in first
        assert "SameSite=lax" in first
        assert "Max-Age" not in first
        status, _text, _headers = await joao.answer("/go", command="start")
        assert status == 200
        token = next(iter(joao.http.cookie_jar)).value
        assert len(token) == 43
    kept = await house.db.read(lambda session: session.scalars(select(WebSession)).one())
    assert token not in (kept.token_hash, kept.account)
    assert kept.account == house.heard[0].sender
    assert token.encode() not in (tmp_path / "web.db").read_bytes()


async def test_over_https_the_cookie_and_the_browser_stay_there(tmp_path: Path) -> None:
    async with serving(tmp_path, public_url="https://twinbot.example") as house, aiohttp.ClientSession() as http:
        async with http.get(house.address) as answer:
            cookie, headers = answer.headers["Set-Cookie"], answer.headers
        assert cookie.startswith("__Host-twinbot=")
        assert "Secure" in cookie
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        sent = {"Origin": "https://twinbot.example", "Cookie": cookie.split(";")[0]}
        fields = {"event": str(uuid4()), "text": "hi"}
        async with http.post(house.address + "/say", data=fields, headers=sent, allow_redirects=False) as answer:
            assert answer.status == 303
            assert "Max-Age=31536000" in answer.headers["Set-Cookie"]


async def test_a_browser_without_cookies_is_told_so(house: House) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        status, page = await Person(house, http).post("/say", text="hello")
    assert status == 400
    assert "one cookie" in page
    assert await rows(house, WebSession) == 0


async def test_leaving_forgets_the_browser_and_ends_its_streams(house: House, ines: Person) -> None:
    await ines.start()
    async with ines.events() as events:
        assert (await events.line())[1]["html"]
        await ines.post("/leave")
        assert await events.block() == "event: gone\ndata: {}"
        assert await events.block() == ""
    assert await rows(house, WebSession) == 0
    assert "Find a partner school" in await ines.page()
    async with ines.events() as events:
        assert await events.block() == "event: gone\ndata: {}"


async def test_open_pages_get_lines_and_edits_and_go_on_after_a_break(house: House, ines: Person) -> None:
    chat = await ines.start()
    async with ines.events() as one, ines.events() as two:
        for events in (one, two):
            assert "You said: /start" in (await events.line())[1]["html"]
        ref = await house.tell(chat, "Which country?", Button("France", "p:1"))
        for events in (one, two):
            number, line = await events.line()
            assert line["ref"] == ref
            assert "France" in line["html"]
    await house.tell(chat, "Which country?\n✓ France", edits=ref)
    await house.tell(chat, "Which school?")
    async with ines.events(0, **{"Last-Event-ID": str(number)}) as again:
        after_edit, edited = await again.line()
        after_new, new = await again.line()
        assert (edited["ref"], "p:1" in edited["html"]) == (ref, False)
        assert "Which school?" in new["html"]
        assert number < after_edit < after_new


async def test_own_words_reach_the_other_pages_of_the_same_person_only(house: House, ines: Person) -> None:
    await ines.start()
    async with person(house) as joao:
        await joao.start()
        async with ines.events(1) as hers, joao.events(1) as his:
            await ines.post("/say", text="hello from Ines")
            await joao.post("/say", text="hello from João")
            assert "hello from Ines" in (await hers.line())[1]["html"]
            assert "hello from João" in (await his.line())[1]["html"]


async def test_silence_is_broken_by_heartbeats(tmp_path: Path) -> None:
    async with serving(tmp_path, heartbeat=0.05) as house, person(house) as ines:
        await ines.start()
        async with ines.events(1) as events:
            assert await events.block() == "retry: 1000"
            assert await events.block() == ": still here"
            await house.book.sign_out((await house.db.read(lambda s: s.scalars(select(WebSession)).one())).token_hash)
            while (block := await events.block()) == ": still here":
                pass
            assert block == "event: gone\ndata: {}"


async def test_what_another_process_writes_reaches_open_pages(tmp_path: Path) -> None:
    async with serving(tmp_path, poll=0.05) as house, person(house) as ines:
        chat = await ines.start()
        other = Web(WebBook(house.db, house.clock), now=house.clock)
        async with ines.events(1) as events:
            for n in range(3):
                await other.send(Post(chat, f"from elsewhere {n}", Shown(f"Reminder {n}")))
                assert f"Reminder {n}" in (await events.line())[1]["html"]


async def test_stopping_ends_open_pages_at_once_and_a_new_start_goes_on(house: House, ines: Person) -> None:
    chat = await ines.start()
    async with ines.events(1) as events:
        assert await events.block() == "retry: 1000"
        async with asyncio.timeout(2):
            await house.restart()
            assert await events.block() == ""
    await house.tell(chat, "Back again")
    async with ines.events(1) as events:
        assert "Back again" in (await events.line())[1]["html"]


async def test_every_answer_carries_the_security_headers(house: House, ines: Person) -> None:
    style = re.search(r'href="(/static/style\.css\?v=\w+)"', await ines.page())
    assert style
    for path in ("/", "/nowhere", style.group(1), "/static/nothing.css", "/healthz", "/robots.txt", "/say", "/events"):
        async with ines.http.get(house.address + path) as answer:
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert "Strict-Transport-Security" not in answer.headers
            assert "server" not in {name.lower() for name in answer.headers}
            if path != "/events":
                await answer.read()
    page = await ines.page()
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert set(re.findall(r'(?:src|href|action)="(.)', page)) <= {"/", "#"}


async def test_unknown_pages_are_friendly(house: House, ines: Person) -> None:
    async with ines.http.get(house.address + "/nowhere") as answer:
        assert answer.status == 404
        assert "This page does not exist" in await answer.text()


async def test_our_own_failure_is_a_friendly_page_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(request: Request) -> PlainTextResponse:
        raise RuntimeError("planted")

    async with serving(tmp_path, extra_routes=[Route("/fail", fail)]) as house, aiohttp.ClientSession() as http:
        answer = await http.get(house.address + "/fail")
        assert answer.status == 500
        assert "Something went wrong" in await answer.text()
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "planted" in caplog.text


async def test_no_log_line_names_who_called_or_what_they_said(
    house: House, ines: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        await ines.start()
        await ines.post("/say", text="a secret wish")
        house.failing = True
        await ines.post("/say", text="a secret wish that fails")
    assert "127.0.0.1" not in caplog.text
    assert "secret wish" not in caplog.text


async def test_health_robots_and_routes_of_others(tmp_path: Path) -> None:
    well = [True]

    async def hook(request: Request) -> PlainTextResponse:
        return PlainTextResponse("hooked")

    extra = [Route("/hook", hook, methods=["POST"])]
    async with serving(tmp_path, healthy=lambda: well[0], extra_routes=extra) as house, person(house) as ines:
        async with ines.http.get(house.address + "/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
        well[0] = False
        async with ines.http.get(house.address + "/healthz") as answer:
            assert answer.status == 503
        assert "Disallow: /" in await ines.page("/robots.txt")
        async with ines.http.post(house.address + "/hook") as answer:
            assert await answer.text() == "hooked"


async def test_a_port_in_use_is_said_with_the_setting_to_change(house: House) -> None:
    second = Web(house.book, now=Clock(), port=house.web.port)
    with pytest.raises(Setback, match="TWINBOT_WEB_PORT"):
        await second.run(house.ear)


def test_languages_have_a_capital_where_titles_have_one() -> None:
    names = languages()
    assert (names["fr"], names["el"], names["ka"]) == ("Français", "Ελληνικά", "ქართული")


@pytest.mark.usefixtures("with_arabic")
async def test_the_page_speaks_the_visitors_language_then_the_bots(house: House, ines: Person) -> None:
    arab = {"Accept-Language": "xx, ar-EG;q=0.8, en;q=0.5"}
    page = await ines.page(**arab)
    assert '<html lang="ar" dir="rtl"' in page
    assert "ابحث عن مدرسة" in page
    assert '<html lang="en" dir="ltr"' in await ines.page(**{"Accept-Language": "en-GB, ar;q=0.5"})
    assert '<html lang="ar" dir="rtl"' in await ines.page("/?language=ar")
    await ines.post("/say", text="hello", headers=arab)
    assert house.heard[0].language == "ar"
    await house.tell(house.heard[0].chat, "مرحبا", language="ar", direction="rtl")
    page = await ines.page()
    assert '<html lang="ar" dir="rtl"' in page
    assert '<div class="bubble" lang="ar" dir="rtl">مرحبا</div>' in page
    assert '<div class="bubble" dir="auto">hello</div>' in page
    await ines.post("/go", command="language ar")
    assert house.heard[-1].text == "/language ar"


@pytest.mark.parametrize(
    "body",
    [
        *(None, [], "x", {}, {"account": 7, "text": "x"}, {"account": "a"}, {"account": "", "text": "x"}),
        *({"account": "a", "text": "x", "press": "y"}, {"account": "a", "text": ["x"]}),
        {"account": "a", "text": "x", "language": 1},
    ],
)
def test_a_body_that_no_form_made_is_unreadable(body: Any) -> None:
    web = Web(None, now=Clock())  # type: ignore[arg-type]
    with pytest.raises(Unreadable):
        web.read(body)


async def test_lines_are_kept_with_their_version(house: House, ines: Person) -> None:
    chat = await ines.start()
    ref = await house.tell(chat, "one")
    for text in ("two", "two", "three"):
        await house.tell(chat, text, edits=ref)
    line = await house.db.read(lambda s: s.scalars(select(WebMessage).where(WebMessage.ref == ref)).one())
    assert (line.version, line.content["text"]) == (3, "three")


async def test_changes_of_a_chat_are_seen_in_their_order_by_all_engines(database_url: str) -> None:
    db = Database(database_url, VAULT)
    Base.metadata.create_all(db.engine)
    book = WebBook(db, Clock())
    try:
        await asyncio.gather(*(book.put("a", f"ref {n % 20}", {"text": f"{n}"}, mine=False) for n in range(60)))
        assert await book.changes(["a", "b"]) == {"a": 20}
        assert await book.edit("a", "ref 3", {"text": "edited"})
        assert not await book.edit("a", "ref 99", {"text": "edited"})
        assert [(line.ref, line.change, line.version) for line in await book.since("a", 20, 9)] == [("ref 3", 21, 2)]
        changes = [line.change for line in await book.since("a", 0, 99)]
        assert changes == sorted(changes)
        assert len(set(changes)) == 20
        assert len(await book.latest("a", None, 99)) == 20
        accounts = await asyncio.gather(*(book.sign_in("hash", f"account {n}") for n in range(8)))
        assert len(set(accounts)) == 1
        await book.sign_out("hash")
        assert await book.account("hash") is None
    finally:
        db.close()
