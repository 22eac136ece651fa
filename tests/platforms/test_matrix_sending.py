"""Matrix in clear, against a real Synapse: what is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.platforms.matrix.wire import Refused, Wire
from bot.platforms.platform import CannotEdit, Rejected, TryLater
from bot.text import Span
from tests.platforms.matrix_parts import Bot, chat, name, new_bot, post
from tests.servers.matrix_user import matrix_user
from tests.servers.synapse import Synapse, synapse

KEYCAP = "\ufe0f\u20e3"


@pytest.fixture
def bot(homeserver: Synapse, tmp_path: Path) -> Bot:
    return new_bot(homeserver, tmp_path / "matrix")


async def test_a_list_of_choices_with_numbers_to_tap_on(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        event = await matrix.send(post(room, "Which?", "French", "+Polish & <b>"))
        heard = await amina.hears("Which?")
        assert heard.event_id == event
        assert heard.content == {"msgtype": "m.notice", "body": "Which?\n\n1. French\n2. ☑ Polish & <b>"}
        keys = [(await amina.hears(lambda h: h.type == "m.reaction")).body for _ in range(2)]
        assert keys == [f"1{KEYCAP}", f"2{KEYCAP}"]


async def test_a_key_shows_once(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running() as matrix:
            room = await chat(amina, bot)
            first = await matrix.send(post(room, "once", key="u7.0"))
        async with bot.running() as matrix:
            assert await matrix.send(post(room, "once", key="u7.0")) == first
            assert await matrix.send(post(room, "twice", key="u7.1")) != first
            await amina.hears("twice")
        shown = [h.body for h in await amina.history(room) if h.type == "m.room.message"]
    assert shown == ["once", "twice"]


async def test_messages_of_a_room_keep_their_order(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(matrix.send(post(room, f"number {number}", key=f"k{number}")))
        await amina.hears("number 19")
        shown = [h.body for h in await amina.history(room) if h.type == "m.room.message"]
    assert shown == [f"number {number}" for number in range(20)]


async def test_an_edit_and_words_from_right_to_left(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        event = await matrix.send(post(room, "Which?", "one", "two"))
        edited = post(room, "أهلا\n<b> & co", "نعم", key="e", edits=event, spans=(Span(0, 4),), direction="rtl")
        assert await matrix.send(edited) == event
        heard = await amina.hears("أهلا")
        html = '<div dir="rtl"><strong>أهلا</strong><br>&lt;b&gt; &amp; co<br><br>1. نعم</div>'
        assert heard.replaces == event
        assert heard.content["m.new_content"]["formatted_body"] == html
        assert heard.content["body"] == "* أهلا\n<b> & co\n\n1. نعم"
        with pytest.raises(CannotEdit):
            await matrix.send(post(room, edits="17"))


async def test_the_longest_text_arrives(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        long = "ა" * matrix.limit
        event = await matrix.send(post(room, long, spans=(Span(0, 5),)))
        assert (await amina.hears("ა")).body == long
        await matrix.send(post(room, long, key="e", edits=event, spans=(Span(0, 5),)))
        assert (await amina.hears("ა")).body == long


async def test_nothing_is_sent_in_clear_into_an_encrypted_room(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        await amina.set_state(room, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
        await amina.send(room, {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"}, "m.room.encrypted")
        await bot.hears(lambda h: h.unread == "encrypted")
        with pytest.raises(Rejected, match="TWINBOT_MATRIX_ENCRYPTION"):
            await matrix.send(post(room))
        assert "TWINBOT_MATRIX_ENCRYPTION" in caplog.text
        await amina.direct_chat(bot.user_id, encrypted=True)
        declined = await amina.hears(lambda h: h.sender == bot.user_id and h.content.get("membership") == "leave")
        assert "encrypted" in declined.content["reason"]


async def test_a_limit_is_told_with_its_time(tmp_path: Path) -> None:
    with synapse(tmp_path / "limited", limited=True) as server:
        bot = new_bot(server, tmp_path / "matrix")
        async with matrix_user(server, "amina") as amina, bot.running() as matrix:
            room = await chat(amina, bot)
            with pytest.raises(TryLater) as caught:
                for number in range(30):
                    await matrix.send(post(room, str(number), key=str(number)))
            assert caught.value.everyone
            assert 0 < caught.value.seconds < 60


async def test_the_account_gets_a_name_only_if_it_has_none(bot: Bot) -> None:
    async with bot.running() as matrix:
        path = f"/_matrix/client/v3/profile/{bot.user_id}/displayname"
        before = await matrix._wire.call("GET", path)
        await matrix.introduce([])
        assert await matrix._wire.call("GET", path) == before
        await matrix._wire.call("PUT", path, {"displayname": ""})
        await matrix.introduce([])
        assert await matrix._wire.call("GET", path) == {"displayname": "twinbot"}


async def test_sending_without_a_connection_waits_its_turn(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.matrix.matrix.START_SECONDS", 0.01)
    matrix = bot.platform()
    with pytest.raises(TryLater):
        await matrix.send(post("!room"))
    await matrix.close()


async def test_refusals_have_a_type(homeserver: Synapse) -> None:
    wire = Wire(homeserver.url)
    with pytest.raises(Refused) as caught:
        await wire.call("GET", "/_matrix/client/v3/account/whoami")
    assert (caught.value.status, caught.value.errcode, caught.value.signed_out) == (401, "M_MISSING_TOKEN", True)
    await wire.close()
