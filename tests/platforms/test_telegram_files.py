"""Files, replies, removals and "typing" on Telegram, against a server that checks each request."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.platforms.platform import (
    CannotEdit,
    File,
    NotCarried,
    OutcomeUnknown,
    Post,
    SendError,
    Shown,
    TryLater,
    Unreachable,
)
from bot.platforms.telegram import Telegram
from bot.talk import Attachment, Heard
from bot.text import Span
from tests.pictures import photo
from tests.platforms.telegram_parts import Inbox, heard, platform, post, running
from tests.servers.botapi import BotApi, User


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi.start() as server:
        yield server
    assert server.violations == []


@pytest.fixture
async def telegram(api: BotApi) -> AsyncIterator[Telegram]:
    bot = platform(api, Inbox())
    yield bot
    await bot.close()


@pytest.fixture
def amina(api: BotApi) -> User:
    return api.user("Amina", started=True)


@pytest.fixture
def olga(api: BotApi) -> User:
    return api.user("Olga", started=True)


async def read(api: BotApi, deed: Callable[[], Any]) -> Heard:
    """What the platform understands of one deed of a person."""
    inbox = Inbox()
    async with running(api, inbox) as bot:
        await deed()
        (found,) = await heard(bot, inbox, 1)
    assert found is not None
    return found


def sending(kind: Any, data: bytes, name: str, mime: str | None = None, **more: Any) -> File:
    return File(Attachment(kind, "elsewhere", name, mime, len(data), **more), lambda: io.BytesIO(data))


def with_file(chat: object, text: str, file: File, *spans: Span, **more: Any) -> Post:
    return Post(str(chat), "key", Shown(text, spans, file=file), **more)


# Hearing.


@pytest.mark.parametrize(
    ("sent", "kind", "unread", "name", "mime"),
    [
        ("photo", "picture", "picture", "picture.jpg", "image/jpeg"),
        ("document", "file", "file", "a_b.pdf", "application/pdf"),
        ("voice", "voice", "voice", "voice.ogg", "audio/ogg"),
        ("video", "video", "file", "video.mp4", "video/mp4"),
        ("audio", "audio", "file", "audio.mp3", "audio/mpeg"),
        ("animation", "video", "picture", "animation.mp4", "video/mp4"),
        ("sticker", "picture", "sticker", "sticker.webp", "image/webp"),
    ],
)
async def test_files_are_heard_with_their_words_and_fetched(
    api: BotApi, telegram: Telegram, amina: User, sent: str, kind: str, unread: str, name: str, mime: str
) -> None:
    claims = {"mime": "application/pdf"} if sent == "document" else {}
    found = await read(api, lambda: amina.sends_file(sent, b"bytes", "../a:b\u202e.pdf", caption="look", **claims))
    (file,) = found.files
    assert (found.text, found.unread, found.edits) == ("look", unread, None)
    assert (file.kind, file.name, file.mime, file.size) == (kind, name, mime, 5)
    assert Attachment.from_json(file.to_json()) == file
    into = io.BytesIO()
    await telegram.fetch(file, into, 100)
    assert into.getvalue() == b"bytes"


async def test_an_edit_is_heard_as_one(api: BotApi, amina: User) -> None:
    inbox = Inbox()
    async with running(api, inbox) as bot:
        written = await amina.says("frist")
        await amina.edits(written, "first")
        drawn = await amina.sends_file("photo", photo(), "a.jpg", caption="us")
        await amina.edits(drawn, "us two")
        found, edited, _drawn, second = await heard(bot, inbox, 4)
    assert found is not None
    assert edited is not None
    assert (found.text, found.id, found.edits) == ("frist", str(written.id), None)
    assert (edited.text, edited.id, edited.edits) == ("first", str(written.id), str(written.id))
    assert second is not None
    assert (second.text, second.edits, second.id) == ("us two", str(drawn.id), str(drawn.id))
    assert [file.kind for file in second.files] == ["picture"]


async def test_what_cannot_be_fetched_says_why(api: BotApi, telegram: Telegram, amina: User) -> None:
    claimed = await read(api, lambda: amina.sends_file("document", b"tiny", "a.zip", size=100_000_000))
    (file,) = claimed.files

    async def failure(what: Attachment, most: int = 10**9) -> SendError:
        with pytest.raises(SendError) as raised:
            await telegram.fetch(what, io.BytesIO(), most)
        return raised.value

    asked = api.count("getFile")
    too_big = await failure(file)
    assert isinstance(too_big, NotCarried)
    assert (too_big.why, too_big.most, api.count("getFile")) == ("big", 20_000_000, asked)
    lied = await failure(replace(file, size=5))
    assert isinstance(lied, NotCarried)
    assert lied.why == "big"
    api.claimed[file.ref.partition(":")[2]] = 4
    small = await failure(replace(file, size=1), most=3)
    assert isinstance(small, NotCarried)
    assert (small.why, small.most) == ("big", 3)
    gone = await failure(replace(file, ref="document:nowhere", size=1))
    assert isinstance(gone, NotCarried)
    assert gone.why == "gone"
    api.fault("getFile", kind="flood", retry_after=7)
    later = await failure(replace(file, size=1))
    assert isinstance(later, TryLater)
    assert later.seconds == 7
    vanished = api.files.pop(file.ref.partition(":")[2])
    api.files["prepared"] = vanished
    assert isinstance(await failure(replace(file, size=1)), NotCarried)


# Sending.


@pytest.mark.parametrize(
    ("kind", "name", "mime", "data", "more", "sent"),
    [
        ("picture", "a.jpg", "image/jpeg", photo(), {"width": 30, "height": 20}, "photo"),
        ("picture", "a.gif", "image/gif", photo(format_="GIF"), {"width": 30, "height": 20}, "document"),
        ("picture", "long.jpg", "image/jpeg", photo(900, 20), {"width": 900, "height": 20}, "document"),
        ("picture", "odd.jpg", "image/jpeg", photo(), {}, "document"),
        ("file", "plan é.pdf", "application/pdf", b"%PDF", {}, "document"),
        ("voice", "v.ogg", "audio/ogg", b"OggS", {"duration": 2.5}, "voice"),
        ("voice", "v.webm", "audio/webm", b"webm", {}, "document"),
        ("video", "v.mp4", "video/mp4", b"ftyp", {"width": 4, "height": 3, "duration": 9.0}, "video"),
        ("video", "v.webm", "video/webm", b"webm", {}, "document"),
        ("audio", "a.mp3", "audio/mpeg", b"ID3", {"duration": 60.0}, "audio"),
        ("audio", "a.flac", None, b"fLaC", {}, "document"),
    ],
)
async def test_a_file_is_sent_as_telegram_can_show_it(
    api: BotApi, telegram: Telegram, amina: User, kind: str, name: str, mime: str, data: bytes, more: Any, sent: str
) -> None:
    file = sending(kind, data, name, mime, **more)
    message = await telegram.send(with_file(amina.id, "Olga: look", file, Span(0, 4)))
    shown = api.chat(amina).kept[int(message)]
    assert shown.text == "Olga: look"
    assert shown.entities == [{"type": "bold", "offset": 0, "length": 4}]
    media = shown.data[sent]
    file_id = (media[-1] if sent == "photo" else media)["file_id"]
    assert api.files[file_id] == (name, data)


async def test_a_picture_too_big_for_a_photo_goes_as_a_document(api: BotApi, telegram: Telegram, amina: User) -> None:
    data = photo() + bytes(11_000_000)
    file = sending("picture", data, "a.jpg", "image/jpeg", width=30, height=20)
    message = await telegram.send(with_file(amina.id, "Olga:", file))
    assert "document" in api.chat(amina).kept[int(message)].data


@pytest.mark.parametrize("sent", ["photo", "animation", "document", "voice", "video", "audio"])
async def test_what_lies_on_telegram_is_sent_again_by_its_id(
    api: BotApi, telegram: Telegram, amina: User, olga: User, sent: str
) -> None:
    found = await read(api, lambda: amina.sends_file(sent, b"x", "a.bin", size=100_000_000))
    (what,) = found.files
    assert telegram.resends(what)
    message = await telegram.send(with_file(olga.id, "Amina:", File(what)))
    shown = api.chat(olga).kept[int(message)]
    assert (sent in shown.data, shown.text) == (True, "Amina:")
    assert api.count("getFile") == 0


async def test_a_sticker_can_have_no_words_so_it_is_sent_as_a_picture(
    api: BotApi, telegram: Telegram, amina: User
) -> None:
    found = await read(api, amina.sends_sticker)
    assert not telegram.resends(found.files[0])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "refused", "code": 413, "description": "Request Entity Too Large"}, NotCarried("big", 50_000_000)),
        ({"kind": "refused", "description": "Bad Request: IMAGE_PROCESS_FAILED"}, NotCarried("refused")),
        ({"kind": "refused", "description": "Bad Request: wrong file identifier/HTTP URL"}, NotCarried("refused")),
        ({"kind": "flood", "retry_after": 3}, TryLater(3)),
        ({"kind": "blocked"}, Unreachable("")),
        ({"kind": "drop_after"}, OutcomeUnknown("")),
    ],
)
async def test_refusals_of_files_say_what_to_do(
    api: BotApi, telegram: Telegram, amina: User, fault: Any, error: SendError
) -> None:
    api.fault("sendDocument", **fault)
    with pytest.raises(type(error)) as raised:
        await telegram.send(with_file(amina.id, "x", sending("file", b"x", "a.txt")))
    if isinstance(error, NotCarried):
        assert isinstance(raised.value, NotCarried)
        assert (raised.value.why, raised.value.most) == (error.why, error.most)
    await telegram.send(with_file(amina.id, "x", sending("file", b"x", "a.txt")))


async def test_a_photo_that_is_none_is_refused_and_not_tried_for_ever(
    api: BotApi, telegram: Telegram, amina: User
) -> None:
    broken = sending("picture", b"\xff\xd8\xff", "a.jpg", "image/jpeg", width=3, height=3)
    with pytest.raises(NotCarried):
        await telegram.send(with_file(amina.id, "x", broken))
    with pytest.raises(NotCarried):
        await telegram.send(with_file(amina.id, "x", sending("file", b"", "a.txt")))


async def test_the_words_under_a_file_are_edited_where_they_stand(api: BotApi, telegram: Telegram, amina: User) -> None:
    file = sending("file", b"x", "a.txt")
    under = await telegram.send(with_file(amina.id, "before", file))
    alone = await telegram.send(post(amina.id, "before"))
    known = File(Attachment("file", "elsewhere", "a.txt"))
    for message in (under, alone):
        # Whether the message has a file may not be known, or known wrongly.
        assert await telegram.send(post(amina.id, "between", edits=message)) == message
        assert await telegram.send(with_file(amina.id, "after", known, edits=message)) == message
        assert api.chat(amina).kept[int(message)].text == "after"
    assert "document" in api.chat(amina).kept[int(under)].data


# Replies and removals.


async def test_a_reply_is_one_as_long_as_the_other_message_is_there(
    api: BotApi, telegram: Telegram, amina: User
) -> None:
    said = await amina.says("what about May?")
    answer = replace(post(amina.id, "May is fine"), replies_to=str(said.id))
    first = api.chat(amina).kept[int(await telegram.send(answer))]
    assert first.data["reply_to_message"]["message_id"] == said.id
    drawn = with_file(amina.id, "x", sending("file", b"x", "a.txt"), replies_to=str(said.id))
    assert api.chat(amina).kept[int(await telegram.send(drawn))].data["reply_to_message"]["message_id"] == said.id
    await amina.deletes(said)
    for gone in (str(said.id), "99999", "$of-matrix"):
        again = api.chat(amina).kept[int(await telegram.send(replace(answer, replies_to=gone)))]
        assert "reply_to_message" not in again.data


async def test_a_message_is_taken_away_for_two_days(api: BotApi, telegram: Telegram, amina: User) -> None:
    young, old = [await telegram.send(post(amina.id, text)) for text in ("young", "old")]
    remove = replace(post(amina.id, ""), removes=young)
    assert await telegram.send(remove) == young
    assert api.chat(amina).texts == ["old"]
    assert await telegram.send(remove) == young  # It is gone, and that was wanted.
    api.advance(48 * 3600 + 1)
    for message in (old, "$of-matrix"):
        with pytest.raises(CannotEdit):
            await telegram.send(replace(remove, removes=message))


# Typing.


async def test_typing_is_shown_once_in_its_own_time(
    api: BotApi, telegram: Telegram, amina: User, olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 100.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: moment)
    for _ in range(5):
        await telegram.typing(str(amina.id), True)
    await telegram.typing(str(olga.id), True)
    await telegram.typing(str(amina.id), False)
    monkeypatch.undo()
    assert (api.chat(amina).actions, api.chat(olga).actions) == (["typing"], ["typing"])


async def test_typing_never_raises(api: BotApi, telegram: Telegram, amina: User) -> None:
    await amina.blocks_bot()
    for chat in (str(amina.id), "4711", "!room:elsewhere"):
        await telegram.typing(chat, True)
