"""Files, replies, edits, removals and "typing" on Matrix, in clear and encrypted, against a real Synapse."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.platforms.matrix.media import Media
from bot.platforms.matrix.wire import Wire
from bot.platforms.platform import CannotEdit, File, NotCarried, Post, SendError, Shown, TryLater
from bot.talk import Attachment
from bot.text import Span
from tests.patience import PATIENCE
from tests.pictures import photo
from tests.platforms.matrix_parts import Bot, chat, name, new_bot, post
from tests.servers.child import free_port
from tests.servers.matrix_crypto_user import CryptoUser, crypto_user
from tests.servers.matrix_user import MatrixUser, matrix_user
from tests.servers.synapse import Synapse


@pytest.fixture
def bot(homeserver: Synapse, tmp_path: Path) -> Bot:
    return new_bot(homeserver, tmp_path / "matrix")


@pytest.fixture
def crypto_bot(homeserver: Synapse, tmp_path: Path) -> Bot:
    return new_bot(homeserver, tmp_path / "matrix", encryption=True)


def file(kind: Any, data: bytes, name: str, mime: str | None = None, **more: Any) -> File:
    return File(Attachment(kind, "elsewhere", name, mime, len(data), **more), lambda: io.BytesIO(data))


def with_file(room: str, text: str, what: File, *spans: Span, key: str = "k", **more: Any) -> Post:
    return Post(room, key, Shown(text, spans, file=what), **more)


async def fetched(matrix: Any, what: Attachment, most: int = 10**8) -> bytes:
    into = io.BytesIO()
    await matrix.fetch(what, into, most)
    return into.getvalue()


async def trouble(matrix: Any, what: Attachment, most: int = 10**8) -> SendError:
    with pytest.raises(SendError) as raised:
        await matrix.fetch(what, io.BytesIO(), most)
    return raised.value


async def test_files_are_heard_with_their_words_and_fetched(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        data = photo()
        picture = await amina.sends_file(
            room, "m.image", "../a\u202eb.jpg", data, "image/jpeg", "us", w=30, h=20, size=7
        )
        await amina.sends_file(room, "m.file", "plan.pdf", b"%PDF", "application/pdf")
        voice = {"msgtype": "m.audio", "body": "Voice", "url": await amina.uploads(b"OggS", "audio/ogg")}
        await amina.send(room, {**voice, "org.matrix.msc3245.voice": {}, "info": {"duration": 2500}})
        await amina.sends_file(room, "m.audio", "song.mp3", b"ID3", "audio/mpeg")
        await amina.sends_file(room, "m.video", "film.mp4", b"....ftyp", "video/mp4")
        await amina.send(room, {"body": "cat", "url": voice["url"], "info": {"w": 8}}, "m.sticker")
        await amina.says(room, "last")
        await bot.hears("last")
        heard = bot.all()[:-1]
        assert [h.unread for h in heard] == ["picture", "file", "voice", "voice", "file", "sticker"]
        assert [h.files[0].kind for h in heard] == ["picture", "file", "voice", "audio", "video", "picture"]
        assert [h.text for h in heard] == ["us", None, None, None, None, None]
        (what,) = heard[0].files
        assert (what.name, what.mime, what.size, what.width, what.height) == ("ab.jpg", "image/jpeg", 7, 30, 20)
        assert (heard[0].id, heard[2].files[0].duration) == (picture, 2.5)
        assert await fetched(matrix, Attachment.from_json(what.to_json())) == data
        assert await fetched(matrix, heard[1].files[0]) == b"%PDF"
        # The client claimed seven bytes.
        big = await trouble(matrix, what, most=100)
        assert isinstance(big, NotCarried)
        assert (big.why, big.most) == ("big", 100)
        claimed = await trouble(matrix, replace(what, size=100_000_000), most=50)
        assert isinstance(claimed, NotCarried)
        gone = replace(what, ref=json.dumps({"url": "mxc://twinbot.test/nowhere"}))
        nowhere = await trouble(matrix, gone)
        assert isinstance(nowhere, NotCarried)
        assert nowhere.why == "gone"


@pytest.mark.parametrize(
    "content",
    [
        {"url": 5},
        {"url": "https://example.org/a.png"},
        {"url": "mxc://a/../../b"},
        {"file": {"url": "mxc://a/b"}},
        {"file": {"url": "mxc://a/b", "key": {"k": "x"}, "iv": "y", "hashes": {}}},
        {"file": "mxc://a/b"},
    ],
)
async def test_a_file_that_nobody_could_fetch_is_none(bot: Bot, content: dict[str, Any]) -> None:
    reader = bot.platform()
    event = {"event_id": "$e", "type": "m.room.message", "sender": "@a:b"}
    event["content"] = {"msgtype": "m.image", "body": "words", "filename": "a.png", **content}  # type: ignore[assignment]
    heard = reader.read({"what": "message", "room": "!r:b", "kind": "private", "event": event})
    assert heard is not None
    assert (heard.files, heard.unread, heard.text) == ((), "picture", None)
    await reader.close()


async def test_edits_removals_and_replies_are_heard(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        asked = await matrix.send(post(room, "May?"))
        said = await amina.replies(room, asked, "Yes")
        drawn = await amina.sends_file(room, "m.image", "a.jpg", photo(), "image/jpeg", "us")
        await bot.hears("us")
        picture = (await amina.history(room))[-1].content
        new = {**picture, "body": "us two"}
        relation = {"rel_type": "m.replace", "event_id": drawn}
        await amina.send(room, {**new, "body": "* us two", "m.new_content": new, "m.relates_to": relation})
        await amina.edits(room, said, "No")
        await amina.redacts(room, drawn, "by mistake")
        await amina.send(room, {"msgtype": "m.text", "body": "* x", "m.relates_to": relation})  # Without new content.
        await amina.says(room, "last")
        await bot.hears("last")
    answer, first, second, changed, removed, last = bot.all()
    assert (answer.text, answer.about, answer.id) == ("Yes", asked, said)
    assert (first.id, first.edits) == (drawn, None)
    assert (second.text, second.edits, second.files) == ("us two", drawn, first.files)
    assert (changed.text, changed.edits) == ("No", said)
    assert (removed.removes, removed.sender, removed.text) == (drawn, amina.user_id, None)
    assert last.text == "last"


@pytest.mark.parametrize(
    ("what", "kind", "info"),
    [
        (file("picture", photo(), "a.jpg", "image/jpeg", width=30, height=20), "m.image", {"w": 30, "h": 20}),
        (file("file", b"%PDF", "plan é.pdf", "application/pdf"), "m.file", {}),
        (file("voice", b"OggS", "v.ogg", "audio/ogg", duration=2.5), "m.audio", {"duration": 2500}),
        (file("audio", b"ID3", "a.mp3"), "m.audio", {}),
        (file("video", b"ftyp", "v.mp4", "video/mp4"), "m.video", {}),
    ],
)
async def test_a_file_is_sent_with_the_words_that_say_whose_it_is(
    bot: Bot, what: File, kind: str, info: dict[str, Any]
) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        said = await amina.says(room, "send it")
        event = await matrix.send(with_file(room, "Olga: <here>", what, Span(0, 4), replies_to=said))
        heard = await amina.hears("Olga")
        content = heard.content
        assert (heard.event_id, content["msgtype"], content["filename"]) == (event, kind, what.what.name)
        assert content["formatted_body"] == "<strong>Olga</strong>: &lt;here&gt;"
        assert heard.relation == {"m.in_reply_to": {"event_id": said}}
        assert what.open is not None
        assert await amina.downloads(content["url"]) == what.open().read()
        expected = {"mimetype": what.what.mime, "size": what.what.size, **info}
        assert content["info"] == {name: value for name, value in expected.items() if value is not None}
        # The same post once more is the same message, and nothing is uploaded for it.
        assert await matrix.send(with_file(room, "Olga: <here>", what, Span(0, 4), replies_to=said)) == event


async def test_the_words_under_a_file_are_edited_and_the_file_stays(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        what = file("file", b"x", "a.txt", "text/plain")
        sent = await matrix.send(with_file(room, "before", what))
        first = await amina.hears("before")
        known = File(what.what)
        assert await matrix.send(with_file(room, "after", known, key="e", edits=sent)) == sent
        edit = await amina.hears("after")
        assert (edit.replaces, edit.content["m.new_content"]["url"]) == (sent, first.content["url"])
        assert edit.content["m.new_content"]["msgtype"] == "m.file"
        alone = await matrix.send(post(room, "only words", key="w"))
        await matrix.send(with_file(room, "other words", known, key="we", edits=alone))
        assert (await amina.hears("other words")).content["m.new_content"]["msgtype"] == "m.notice"
        with pytest.raises(CannotEdit):
            await matrix.send(with_file(room, "nothing", known, key="n", edits="$nowhere"))


async def test_a_message_is_taken_away(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        sent = await matrix.send(post(room, "secret"))
        remove = replace(post(room, "", key="r"), removes=sent)
        assert await matrix.send(remove) == sent
        assert await matrix.send(remove) == sent
        await amina.hears(lambda h: h.type == "m.room.redaction")
        assert "secret" not in json.dumps([h.source for h in await amina.history(room)])
        with pytest.raises(CannotEdit):
            await matrix.send(replace(post(room, "", key="m"), removes="4711"))


async def test_in_a_group_the_bot_takes_away_its_own_words_alone(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await amina.create_room(preset="public_chat")
        await MatrixUser(bot.server.url, bot.login, amina._http).join(room)
        await bot.inbox.until(lambda: room in matrix._rooms)
        theirs = await amina.says(room, "mine")
        with pytest.raises(CannotEdit):
            await matrix.send(replace(post(room, "", key="t"), removes=theirs))
        sent = await matrix.send(post(room, "own"))
        assert await matrix.send(replace(post(room, "", key="o"), removes=sent)) == sent


# Encrypted.


async def private(basia: CryptoUser, bot: Bot) -> str:
    room = await basia.direct_chat(bot.user_id)
    await basia.sees_joined(room, bot.user_id)
    await bot.inbox.until(lambda: any(update.lane == room for update in bot.inbox.kept.values()))
    return room


async def test_encrypted_files_go_both_ways_and_outlive_a_restart(crypto_bot: Bot, tmp_path: Path) -> None:
    bot, data = crypto_bot, photo()
    async with crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia:
        async with bot.running():
            room = await private(basia, bot)
            drawn = await basia.sends_file(room, "m.image", "a.jpg", data, "image/jpeg", "us")
            (what,) = (await bot.hears("us")).files
            assert (what.kind, what.size) == ("picture", len(data))
        async with bot.running() as matrix:
            # Another process, with nothing but what the first one stored.
            stored = Attachment.from_json(json.loads(json.dumps(what.to_json())))
            assert await fetched(matrix, stored) == data
            source = json.loads(stored.ref)
            tampered = replace(stored, ref=json.dumps({**source, "sha256": source["key"]}))
            assert isinstance(await trouble(matrix, tampered), NotCarried)
            no_key = replace(stored, ref=json.dumps({**source, "key": "AAAAAAAA"}))
            assert isinstance(await trouble(matrix, no_key), NotCarried)
            sent = await matrix.send(
                with_file(room, "Olga: look", file("picture", data, "b.jpg", "image/jpeg"), key="f", replies_to=drawn)
            )
            heard = await basia.hears("Olga: look")
            assert (heard.event_id, heard.was_encrypted, heard.content.get("url")) == (sent, True, None)
            assert heard.relation == {"m.in_reply_to": {"event_id": drawn}}
            assert await basia.opens(heard.content["file"]) == data
            assert await basia.plain.downloads(heard.content["file"]["url"]) != data
            known = File(Attachment("picture", "elsewhere", "b.jpg"))
            await matrix.send(with_file(room, "Olga: see", known, key="e", edits=sent))
            edit = await basia.hears("Olga: see")
            assert (edit.replaces, edit.content["m.new_content"]["file"]) == (sent, heard.content["file"])
            await basia.send(room, edited(edit.content, drawn))
            changed = await bot.hears("Olga: see")
            assert (changed.edits, changed.files[0].kind) == (drawn, "picture")
            await basia.plain.redacts(room, drawn)
            assert (await bot.hears(lambda h: h.removes is not None)).removes == drawn
            raw = {h.event_id: h.type for h in await basia.plain.history(room)}
    assert raw[sent] == "m.room.encrypted"


def edited(content: dict[str, Any], event: str) -> dict[str, Any]:
    """The same edit of another event, by somebody else."""
    return {**content, "m.relates_to": {"rel_type": "m.replace", "event_id": event}}


# Limits and trouble.


async def test_the_homeserver_says_how_much_it_takes(bot: Bot) -> None:
    nowhere = Wire(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(TryLater):
        await Media(nowhere, bot.platform()._now).largest()
    await nowhere.close()
    async with bot.running() as running:
        assert await running.largest("picture") == 50 * 1024 * 1024


@pytest.fixture
async def odd_server() -> AsyncIterator[tuple[Wire, dict[str, Any]]]:
    """A homeserver, or what stands before one, that answers as it is told; by the path's last word."""
    told: dict[str, Any] = {}

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        for word, (status, body) in told.items():
            if word in request.path:
                if isinstance(body, str):
                    return web.Response(status=status, text=body)
                return web.json_response(body, status=status)
        return web.json_response({"errcode": "M_UNRECOGNIZED"}, status=404)

    app = web.Application(client_max_size=10**8)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    wire = Wire("http://{}:{}".format(*runner.addresses[0][:2]))
    yield wire, told
    await wire.close()
    await runner.cleanup()


WHAT = Attachment("file", json.dumps({"url": "mxc://a/b"}), "a.txt")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (413, "<html>413 Request Entity Too Large</html>", NotCarried("big", 50_000_000)),
        (413, {"errcode": "M_TOO_LARGE"}, NotCarried("big", 50_000_000)),
        (403, {"errcode": "M_FORBIDDEN"}, NotCarried("refused")),
        (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 9000}, TryLater(9.0)),
        (502, "<html>Bad Gateway</html>", TryLater(2.0)),
        (200, {"nothing": 1}, NotCarried("refused")),
    ],
)
async def test_uploads_that_are_not_taken(odd_server: Any, bot: Bot, status: int, body: Any, error: Any) -> None:
    wire, told = odd_server
    told["upload"] = (status, body)
    with pytest.raises(type(error)) as raised:
        await Media(wire, bot.platform()._now).put(file("file", b"x" * 100_000, "a.txt"), encrypted=False)
    assert vars(raised.value).items() >= {k: v for k, v in vars(error).items() if k != "reason"}.items()


async def test_an_older_homeserver_gives_files_where_they_were_before(odd_server: Any, bot: Bot) -> None:
    wire, told = odd_server
    media = Media(wire, bot.platform()._now)
    told["media/v3/download"] = (200, "bytes")
    told["media/v3/config"] = (200, {"m.upload.size": 1234})
    into = io.BytesIO()
    await media.fetch(WHAT, into, 100)
    assert into.getvalue() == b"bytes"
    assert await media.largest() == 1234
    told.clear()
    assert isinstance(await trouble(media, WHAT), NotCarried)
    told["download"] = (504, {"errcode": "M_NOT_YET_UPLOADED"})
    assert isinstance(await trouble(media, WHAT), TryLater)
    told["download"] = (429, {"errcode": "M_LIMIT_EXCEEDED"})
    assert isinstance(await trouble(media, WHAT), TryLater)


# Typing.


async def test_typing_goes_both_ways_and_costs_no_commit(bot: Bot) -> None:
    told, matrix, bell = list[tuple[str, str, str]](), bot.platform(), asyncio.Event()

    def hear(*what: str) -> None:
        told.append(what)  # type: ignore[arg-type]
        bell.set()

    async with matrix_user(bot.server, name("amina")) as amina:
        matrix.on_typing = hear
        vars(bot)["platform"] = lambda **_options: matrix
        async with bot.running():
            room = await chat(amina, bot)
            await amina.says(room, "hello")
            await bot.hears("hello")
            calls, since = bot.inbox.calls, bot.inbox.marks["since"]
            await amina.types(room)
            await amina.types(room, False)
            await amina.types(room)
            async with asyncio.timeout(PATIENCE):
                await bell.wait()
            assert set(told) == {("matrix", room, amina.user_id)}
            assert (bot.inbox.calls, bot.inbox.marks["since"]) == (calls, since)
            for _ in range(4):
                await matrix.typing(room, True)
            await amina.ear.until(lambda: (room, [amina.user_id, bot.user_id]) in shown(amina))
            await matrix.typing(room, False)
            await matrix.typing(room, False)
            await amina.ear.until(lambda: shown(amina)[-1] == (room, [amina.user_id]))
            await matrix.typing("!nowhere:at.all", True)
            del vars(bot)["platform"]
            assert bot.texts() == ["hello"]


def shown(user: MatrixUser) -> list[tuple[str, list[str]]]:
    return [(room, sorted(users)) for room, users in user.ear.typing]
