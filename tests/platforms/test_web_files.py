"""The web chat: files kept and handed out safely, replies, one's own lines changed and taken back, "typing"."""

from __future__ import annotations

import io
import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.platform import CannotEdit, File, NotCarried, Post, Shown, Unreadable
from bot.platforms.web import Web
from bot.platforms.web.shelf import Shelf
from bot.talk import Attachment
from storage import web as lines
from storage.models.post import WebMessage
from tests.pictures import HTML, MARK, SVG, photo
from tests.platforms.test_web import Person, bubbles, person
from tests.platforms.webhouse import House, serving

MOST = 300_000


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with serving(tmp_path, files=tmp_path / "files", most=MOST, patience=0.5) as it:
        yield it


@pytest.fixture
async def ines(house: House) -> AsyncIterator[Person]:
    async with person(house) as it:
        await it.start()
        yield it


async def uploads(
    who: Person,
    data: bytes,
    name: str = "a.jpg",
    mime: str = "image/jpeg",
    *,
    text: str = "",
    accept: str = "text/html",
    **more: Any,
) -> tuple[int, str]:
    """Send the form as a browser without scripts does."""
    form = aiohttp.FormData(quote_fields=False)
    for field, value in {"event": str(uuid4()), "text": text, "about": "", "edits": "", **more}.items():
        form.add_field(field, value)
    form.add_field("file", data, filename=name, content_type=mime)
    headers = {"Origin": who.house.address, "Accept": accept}
    async with who.http.post(f"{who.house.address}/say", data=form, headers=headers) as answer:
        return answer.status, await answer.text()


async def got(who: Person, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    async with who.http.get(who.house.address + path, headers=headers) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:href|src)="(/file/\d+)"', page)


def on_disk(house: House) -> list[Path]:
    folder = house.options["files"]
    return sorted(folder.iterdir()) if folder.exists() else []


async def fetched(house: House, what: Attachment, most: int = 10**8) -> bytes:
    into = io.BytesIO()
    await house.web.fetch(what, into, most)
    return into.getvalue()


async def test_a_picture_is_sent_shown_and_heard(house: House, ines: Person) -> None:
    data = photo()
    status, page = await uploads(ines, data, "../../a\u202eb.jpg", "text/html", text="our class")
    assert status == 200
    heard = house.heard[-1]
    (file,) = heard.files
    assert (heard.text, heard.unread, heard.id is not None) == ("our class", "picture", True)
    assert (file.kind, file.name, file.mime, file.size) == ("picture", "ab.jpg", "image/jpeg", len(data))
    assert await fetched(house, file) == data
    with pytest.raises(NotCarried):
        await fetched(house, file, most=10)
    address, again = addresses(page)
    assert address == again
    status, content, headers = await got(ines, address)
    assert (status, content, headers["Content-Type"]) == (200, data, "image/jpeg")
    assert "our class" in bubbles(page)


async def test_nobody_else_sees_it_and_the_disk_says_nothing(house: House, ines: Person) -> None:
    _status, page = await uploads(ines, photo())
    address = addresses(page)[0]
    async with person(house) as stranger, person(house) as other:
        assert (await got(stranger, address))[0] == 404
        await other.start()
        assert (await got(other, address))[0] == 404
    assert (await got(ines, "/file/99999"))[0] == 404
    assert (await got(ines, "/file/../secret.key"))[0] == 404
    (kept,) = on_disk(house)
    assert MARK not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0 or kept.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("data", "name", "mime", "kind"),
    [
        (HTML, "page.html", "text/html", "file"),
        (HTML, "photo.jpg", "image/jpeg", "file"),
        (SVG, "drawing.svg", "image/svg+xml", "file"),
        (b"GIF89a" + HTML, "both.html", "text/html", "picture"),
        (b"%PDF-1.7 " + HTML, "a.pdf", "application/pdf", "file"),
    ],
)
async def test_nothing_that_is_sent_can_run(
    house: House, ines: Person, data: bytes, name: str, mime: str, kind: str
) -> None:
    _status, page = await uploads(ines, data, name, mime)
    assert house.heard[-1].files[0].kind == kind
    status, content, headers = await got(ines, addresses(page)[0])
    assert (status, content) == (200, data)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    shown = headers["Content-Disposition"].startswith("inline")
    assert shown == (kind == "picture")
    assert headers["Content-Type"] == ("image/gif" if shown else "application/octet-stream")
    assert unquote(headers["Content-Disposition"].partition("''")[2]) == name


async def test_parts_of_a_file_can_be_asked_for(ines: Person) -> None:
    data = b"\0\0\0\x18ftypisom" + bytes(range(256)) * 700
    _status, page = await uploads(ines, data, "film.mp4", "video/mp4")
    address = addresses(page)[0]
    for asked, start, end in [
        ("bytes=0-1", 0, 2),
        ("bytes=5-", 5, len(data)),
        ("bytes=65535-65600", 65535, 65601),
        ("bytes=-17", len(data) - 17, len(data)),
        ("bytes=10-999999999", 10, len(data)),
    ]:
        status, content, headers = await got(ines, address, Range=asked)
        assert (status, content) == (206, data[start:end])
        assert headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(data)}"
    for odd in ("bytes=0-1,5-6", "bytes=-", "pages=1-2", "bytes=5-2x"):
        assert (await got(ines, address, Range=odd))[:2] == (200, data)
    assert (await got(ines, address, Range=f"bytes={len(data)}-"))[0] == 416


async def test_what_is_not_taken_is_explained(house: House, ines: Person) -> None:
    heard = len(house.heard)
    for data, status, says in [
        (bytes(MOST + 1), 413, "too big: 1 MB is the most"),
        (bytes(MOST * 3), 413, "too big"),
        (b"", 422, "That file is empty"),
    ]:
        found, page = await uploads(ines, data, "a.bin", "application/zip", text="my words")
        assert (found, says in page, "my words" in page) == (status, True, data != bytes(MOST * 3))
    assert (len(house.heard), on_disk(house)) == (heard, [])
    async with person(house) as newcomer:
        await newcomer.page()
        assert (await uploads(newcomer, photo()))[0] == 403
    headers = {"Origin": house.address, "Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x\r\nnonsense", b"--x--", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--"):
        async with ines.http.post(f"{house.address}/say", data=body, headers=headers) as answer:
            assert answer.status in (200, 400)
    assert len(house.heard) == heard


async def test_no_file_chosen_is_no_file(house: House, ines: Person) -> None:
    await uploads(ines, b"", "", "application/octet-stream", text="just words")
    assert (house.heard[-1].text, house.heard[-1].files) == ("just words", ())
    status, _page = await uploads(ines, b"", "", "application/octet-stream")
    assert status == 200
    assert house.heard[-1].text == "just words"


async def test_sent_twice_it_is_there_once(house: House, ines: Person) -> None:
    event = str(uuid4())
    house.failing = True
    assert (await uploads(ines, photo(), event=event))[0] == 503
    house.failing = False
    for _ in range(2):
        await uploads(ines, photo(), event=event)
    assert [len(heard.files) for heard in house.heard] == [0, 1]
    assert len(on_disk(house)) == 1
    await uploads(ines, photo(40, 40), event=event)
    assert len(on_disk(house)) == 2


async def test_too_many_files_at_once_are_refused(house: House, ines: Person) -> None:
    found = []
    for _ in range(22):
        house.clock.move(1)
        found.append((await uploads(ines, b"x", "a.txt", "text/plain", accept="application/json"))[0])
    assert found == [204] * 20 + [429] * 2


async def test_without_a_folder_no_file_is_taken(tmp_path: Path) -> None:
    async with serving(tmp_path) as house, person(house) as ines:
        await ines.start()
        assert 'type="file"' not in await ines.page()
        assert (await uploads(ines, photo()))[0] == 413
        assert await house.web.largest("picture") == 0
        with pytest.raises(NotCarried):
            await house.web.send(Post(house.heard[-1].chat, "k", Shown("x", file=paper(b"x", "a.txt"))))


# What the bot sends.


def paper(data: bytes, name: str, kind: Any = "file", mime: str | None = None, **more: Any) -> File:
    return File(Attachment(kind, "elsewhere", name, mime, len(data), **more), lambda: io.BytesIO(data))


async def test_the_bot_sends_files_edits_their_words_and_takes_them_away(house: House, ines: Person) -> None:
    chat = house.heard[-1].chat
    picture = paper(photo(), "a.jpg", "picture", "image/jpeg", width=30, height=20)
    sent = Post(chat, "k", Shown("Olga: <look>", language="en", file=picture))
    for _ in range(2):
        assert await house.web.send(sent) == "k"
    assert len(on_disk(house)) == 1
    page = await ines.page()
    assert 'width="30" height="20"' in page
    assert "Olga: &lt;look&gt;" in bubbles(page)
    assert (await got(ines, addresses(page)[0]))[1] == photo()
    await house.web.send(Post(chat, "e", Shown("Olga: see"), edits="k"))
    page = await ines.page()
    assert "Olga: see" in bubbles(page)
    assert len(addresses(page)) == 2
    remove = Post(chat, "r", Shown(""), removes="k")
    for _ in range(2):
        assert await house.web.send(remove) == "k"
    page = await ines.page()
    assert ("Olga" in page, addresses(page), on_disk(house)) == (False, [], [])
    assert "This message was taken back." in page
    with pytest.raises(CannotEdit):
        await house.web.send(Post(chat, "x", Shown("again"), edits="k"))
    assert await house.web.send(replace(remove, removes="nothing")) == "nothing"


@pytest.mark.parametrize(
    ("kind", "name", "mime", "element"),
    [
        ("voice", "v.ogg", "audio/ogg", "<audio"),
        ("audio", "a.mp3", "audio/mpeg", "<audio"),
        ("video", "v.mp4", "video/mp4", "<video"),
        ("file", "Plän <1>.pdf", "application/pdf", "download"),
        ("picture", "a.svg", "image/svg+xml", "download"),
        ("audio", "a.mid", "audio/midi", "download"),
    ],
)
async def test_a_file_is_shown_as_what_it_is(
    house: House, ines: Person, kind: str, name: str, mime: str, element: str
) -> None:
    await house.web.send(Post(house.heard[-1].chat, "k", Shown("", file=paper(b"x" * 2_500_000, name, kind, mime))))
    page = await ines.page()
    assert element in page
    assert "<1>" not in page
    assert ("2.5 MB" in page) == (element == "download")


async def test_a_reply_shows_what_it_answers_as_long_as_that_is_there(house: House, ines: Person) -> None:
    chat = house.heard[-1].chat
    await house.web.send(Post(chat, "asked", Shown("How about <May>?", answerable=True)))
    page = await ines.page()
    number = re.search(r'href="/\?answers=(\d+)#text"', page)
    assert number is not None
    form = await ines.page(f"/?answers={number[1]}")
    assert 'name="about" value="asked"' in form
    assert "Your reply to: How about &lt;May&gt;?" in form
    await ines.post("/say", text="Yes", about="asked")
    assert (house.heard[-1].text, house.heard[-1].about) == ("Yes", "asked")
    await house.web.send(Post(chat, "back", Shown("Fine"), replies_to=house.heard[-1].id))
    page = await ines.page()
    assert re.findall(r'<a class="quote"[^>]*>.*?</span> (.*?)</a>', page) == ["How about &lt;May&gt;?", "Yes"]
    await house.web.send(Post(chat, "gone", Shown(""), removes="asked"))
    assert "&lt;May&gt;" not in await ines.page()
    await ines.post("/say", text="And this?", about="of nobody")
    assert house.heard[-1].about is None
    await house.web.send(Post(chat, "free", Shown("Free"), replies_to="nothing"))
    assert "Free" in bubbles(await ines.page())


async def test_signs_stand_under_a_line_once_each(house: House, ines: Person) -> None:
    chat = house.heard[-1].chat
    await house.web.send(Post(chat, "k", Shown("Olga: May?", answerable=True)))
    for number, sign in enumerate(("👍", "<b>", "👍")):
        await house.web.send(Post(chat, f"m{number}", Shown(sign), marks="k"))
    page = await ines.page()
    assert re.findall(r'class="sign"[^>]*>(.*?)</span>', page) == ["&lt;b&gt;", "👍"]
    assert "/?changes=" not in page
    await house.web.send(Post(chat, "e", Shown("Olga: June?"), edits="k"))
    assert 'class="sign"' in await ines.page()
    await house.web.send(Post(chat, "r", Shown(""), removes="k"))
    assert 'class="sign"' not in await ines.page()
    for gone in ("k", "nothing"):
        with pytest.raises(CannotEdit):
            await house.web.send(Post(chat, "n", Shown("👍"), marks=gone))


# One's own lines.


async def passed_on(house: House) -> str:
    """What was said last is passed on by a relay; gives its id."""
    heard = house.heard[-1]
    assert heard.id is not None
    await house.db.write(partial(lines.make_changeable, chat=heard.chat, ref=heard.id))
    return heard.id


async def test_what_was_passed_on_can_be_changed_and_taken_back(house: House, ines: Person) -> None:
    await ines.post("/say", text="frist")
    assert "/?changes=" not in await ines.page()
    ref = await passed_on(house)
    page = await ines.page()
    number = re.search(r'href="/\?changes=(\d+)#text"', page)
    assert number is not None
    form = await ines.page(f"/?changes={number[1]}")
    assert f'name="edits" value="{ref}"' in form
    assert ">\nfrist</textarea>" in form
    await ines.post("/say", text="first", edits=ref)
    changed = house.heard[-1]
    assert (changed.text, changed.edits, changed.id) == ("first", ref, ref)
    page = await ines.page()
    assert "first" in bubbles(page)
    assert "frist" not in bubbles(page)
    assert ">changed<" in page
    await ines.post("/remove", ref=ref)
    assert (house.heard[-1].removes, house.heard[-1].text) == (ref, None)
    page = await ines.page()
    assert "taken back" in page
    assert "first" not in bubbles(page)
    for path, fields in (("/remove", {"ref": ref}), ("/say", {"edits": ref, "text": "x"})):
        status, page = await ines.post(path, **fields)
        assert (status, "cannot be changed any more" in page) == (409, True)


async def test_a_file_goes_with_its_line(house: House, ines: Person) -> None:
    await uploads(ines, photo(), text="us")
    ref = await passed_on(house)
    await ines.post("/say", text="", edits=ref)
    assert (house.heard[-1].text, house.heard[-1].files[0].kind) == ("", "picture")
    (file,) = house.heard[-1].files
    assert await fetched(house, file) == photo()
    await ines.post("/remove", ref=ref)
    assert on_disk(house) == []
    with pytest.raises(NotCarried):
        await fetched(house, file)


async def test_only_ones_own_lines_that_were_passed_on_can_be_changed(house: House, ines: Person) -> None:
    await ines.post("/say", text="an answer")
    answer = house.heard[-1].id or ""
    theirs = await house.tell(house.heard[-1].chat, "the bot's")
    async with person(house) as other:
        await other.start()
        await other.post("/say", text="other")
        foreign = await passed_on(house)
        for ref in (answer, theirs, foreign, "", "nothing"):
            assert (await ines.post("/remove", ref=ref))[0] == 409
        for ref in (answer, theirs, foreign, "nothing"):
            assert (await ines.post("/say", edits=ref, text="changed"))[0] == 409
    assert not any(heard.edits or heard.removes for heard in house.heard)


async def test_forms_of_other_pages_change_nothing(house: House, ines: Person) -> None:
    await ines.post("/say", text="mine")
    ref = await passed_on(house)
    for path in ("/remove", "/typing"):
        status, _text = await ines.post(path, headers={"Origin": "https://evil.example"}, ref=ref)
        assert status == 403
    assert "mine" in bubbles(await ines.page())


# Typing.


async def test_typing_is_told_and_shown(house: House, ines: Person) -> None:
    told: list[tuple[str, ...]] = []
    await house.stop()
    web = Web(house.book, now=house.clock, **{**house.options, "port": 0})
    web.on_typing = lambda *what: told.append(what)
    house.web = web
    await house.start()
    chat = house.heard[-1].chat
    await ines.page()
    for _ in range(25):
        assert (await ines.post("/typing", on="1"))[0] == 204
    assert told == [("web", chat, chat)] * 20
    async with person(house) as stranger:
        assert (await stranger.post("/typing", on="1"))[0] == 204
    assert len(told) == 20
    async with ines.events() as events:
        while "event: line" not in await events.block():
            pass
        await web.typing(chat, True)
        assert await _typing(events) == "true"
        await web.typing(chat, False)
        assert await _typing(events) == "false"
    await web.typing("nobody", True)


async def _typing(events: Any) -> str:
    while "event: typing" not in (block := await events.block()):
        assert block
    return str(block.split("data: ")[1])


# The shelf and what is stored.


async def test_old_files_are_forgotten(house: House, ines: Person) -> None:
    await uploads(ines, photo())
    await uploads(ines, b"new", "a.txt", "text/plain")
    old, new = sorted(on_disk(house), key=lambda path: path.stat().st_size, reverse=True)
    moment = house.clock() - timedelta(days=91)
    os.utime(old, (moment.timestamp(), moment.timestamp()))
    os.utime(new, (house.clock().timestamp(),) * 2)
    await house.restart()
    for _ in range(200):
        if not old.exists():
            break
        await ines.page()
    assert (old.exists(), new.exists()) == (False, True)
    assert 'class="file' in await ines.page()


@given(st.binary(max_size=200_000).filter(bool), st.data())
def test_any_part_of_any_file(tmp_path_factory: pytest.TempPathFactory, data: bytes, drawn: st.DataObject) -> None:
    shelf = Shelf(tmp_path_factory.getbasetemp() / "shelf", 10**6)
    ref = shelf._put(shelf._folder, io.BytesIO(data))  # type: ignore[arg-type]
    start = drawn.draw(st.integers(0, len(data) - 1))
    end = drawn.draw(st.integers(start + 1, len(data)))
    assert b"".join(shelf.pieces(ref, start, end)) == data[start:end]
    shelf.remove(ref)
    assert shelf.size(ref) is None


@pytest.mark.parametrize(
    "ref", ["", "..", "../../secret.key", "a" * 32, f"{'a' * 32}.{'b' * 43}", f"/{'a' * 31}.{'b' * 43}"]
)
async def test_references_of_other_shapes_lead_nowhere(tmp_path: Path, ref: str) -> None:
    shelf = Shelf(tmp_path, 100)
    shelf.remove(ref)
    assert shelf.size(ref) is None
    with pytest.raises(NotCarried):
        await shelf.fetch(ref, io.BytesIO(), 100)
    with pytest.raises(NotCarried):
        b"".join(shelf.pieces(ref, 0, 1))


@pytest.mark.parametrize(
    "body",
    [
        {"account": "a", "files": "x"},
        {"account": "a", "files": [{"kind": "file"}]},
        {"account": "a", "files": [5]},
        {"account": "a", "text": "x", "removes": "y"},
        {"account": "a", "removes": 5},
        {"account": "a", "text": "x", "about": ["y"]},
        {"account": "a", "edits": "x"},
    ],
)
def test_what_no_form_says_is_set_aside(body: Any) -> None:
    from bot.platforms.web.reading import read

    with pytest.raises(Unreadable):
        read(body)


async def test_the_line_is_sealed_and_so_is_the_key_to_its_file(house: House, ines: Person) -> None:
    await uploads(ines, photo(), "secret-name.jpg", text="secret words")
    (file,) = house.heard[-1].files
    await house.db.read(lambda s: s.query(WebMessage).count())
    stored = b"".join(path.read_bytes() for path in house.options["files"].parent.glob("web.db*"))
    assert b"secret-name" not in stored
    assert file.ref.partition(".")[2].encode() not in stored
