"""Matrix with encryption, against a real Synapse and a client that encrypts."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nio import Api
from signedjson.key import decode_verify_key_bytes
from signedjson.sign import verify_signed_json
from unpaddedbase64 import decode_base64

from bot.platforms.platform import TryLater
from tests.platforms.matrix_parts import Bot, joined, name, new_bot, post
from tests.servers.matrix_crypto_user import CryptoUser, crypto_user
from tests.servers.matrix_user import MatrixError, matrix_user
from tests.servers.synapse import Synapse

KEYS = "/_matrix/client/v3/keys"


@pytest.fixture
def bot(homeserver: Synapse, tmp_path: Path) -> Bot:
    return new_bot(homeserver, tmp_path / "matrix", encryption=True)


async def chat(basia: CryptoUser, bot: Bot) -> str:
    """An encrypted chat that the bot has come into, and both know it."""
    room = await basia.direct_chat(bot.user_id)
    await basia.sees_joined(room, bot.user_id)
    await bot.inbox.until(lambda: any(update.lane == room for update in bot.inbox.kept.values()))
    return room


async def test_both_ways_with_edits_and_reactions(bot: Bot, tmp_path: Path) -> None:
    async with crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia, bot.running() as matrix:
        room = await chat(basia, bot)
        await basia.says(room, "!start")
        assert (await bot.hears("/start")).sender == basia.user_id
        asked = await matrix.send(post(room, "Which?", "one", "two"))
        heard = await basia.hears("Which?")
        assert (heard.event_id, heard.was_encrypted, heard.body) == (asked, True, "Which?\n\n1. one\n2. two")
        await matrix.send(post(room, "one it is", key="e", edits=asked))
        edited = await basia.hears("one it is")
        assert (edited.replaces, edited.was_encrypted) == (asked, True)
        await basia.send(
            room, {"m.relates_to": {"rel_type": "m.annotation", "event_id": asked, "key": "2"}}, "m.reaction"
        )
        assert (await bot.hears(lambda h: h.reaction == "2")).about == asked
        reply = {"msgtype": "m.text", "body": "2", "m.relates_to": {"m.in_reply_to": {"event_id": asked}}}
        await basia.send(room, reply)
        assert (await bot.hears("2")).about == asked
        await basia.send(room, {"msgtype": "m.notice", "body": "a notice"})
        await basia.says(room, "last")
        await bot.hears("last")
        raw = {h.event_id: h.type for h in await basia.plain.history(room)}
    assert raw[asked] == "m.room.encrypted"
    assert [text for text in bot.texts() if text] == ["/start", "2", "last"]


async def test_a_restart_keeps_device_and_keys(bot: Bot, tmp_path: Path) -> None:
    async with crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia:
        async with bot.running() as matrix:
            room = await chat(basia, bot)
            device = bot.inbox.marks["device"]
            first = await matrix.send(post(room, "once"))
            await basia.hears("once")
        for number in range(60):
            await basia.says(room, f"while away {number}")
        async with bot.running() as matrix:
            await bot.hears("while away 59")
            assert await matrix.send(post(room, "once")) == first
            await matrix.send(post(room, "twice", key="k2"))
            assert (await basia.hears(lambda h: h.was_encrypted)).body == "twice"
    assert bot.inbox.marks["device"] == device
    assert bot.texts() == [f"while away {number}" for number in range(60)]


async def test_lost_keys_mean_a_new_device(bot: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia:
        async with bot.running() as matrix:
            room = await chat(basia, bot)
            device = bot.inbox.marks["device"]
        await asyncio.to_thread(shutil.rmtree, bot.folder / device)
        async with bot.running() as matrix:
            assert bot.inbox.marks["device"] != device
            assert "logging in as a new device" in caplog.text
            await matrix.send(post(room, "here again"))
            assert (await basia.hears("here again")).was_encrypted
            await basia.ear.until(lambda: len(list(basia.client.device_store.active_user_devices(bot.user_id))) == 2)
            await basia.says(room, "welcome back")
            await bot.hears("welcome back")


async def test_a_message_without_its_key_is_not_met_with_silence(
    bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.matrix.hearing.KEY_MAY_TAKE", timedelta(seconds=1))
    async with crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia, bot.running():
        room = await chat(basia, bot)
        await basia.says(room, "readable")
        await bot.hears("readable")
        sealed = next(h for h in await basia.plain.history(room) if h.type == "m.room.encrypted").content
        await basia.plain.send(room, {**sealed, "session_id": "unknown"}, "m.room.encrypted")
        await basia.says(room, "next")
        await bot.hears("next")
        await bot.inbox.until(lambda: bot.inbox.marks["pending"])
        assert all(heard.unread is None for heard in bot.all())
        assert (await bot.hears(lambda h: h.unread == "encrypted")).chat == room
        assert not bot.inbox.marks["pending"]


async def test_a_message_that_waits_for_its_key_outlives_a_restart(bot: Bot, tmp_path: Path) -> None:
    async with crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia:
        async with bot.running():
            room = await chat(basia, bot)
            await basia.says(room, "readable")
            await bot.hears("readable")
            sealed = next(h for h in await basia.plain.history(room) if h.type == "m.room.encrypted").content
            await basia.plain.send(room, {**sealed, "session_id": "unknown"}, "m.room.encrypted")
            await bot.inbox.until(lambda: bot.inbox.marks["pending"])
        assert all(heard.unread is None for heard in bot.all())
        later = datetime.now(UTC) + timedelta(minutes=1)
        async with bot.running(now=lambda: later):
            await bot.hears(lambda h: h.unread == "encrypted")


async def test_one_time_keys_are_filled_up(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        device = bot.inbox.marks["device"]
        wanted = {"one_time_keys": {bot.user_id: {device: "signed_curve25519"}}}

        async def claim() -> Any:
            return (await amina.call("POST", f"{KEYS}/claim", wanted))["one_time_keys"]

        for _ in range(50):
            assert (await claim())[bot.user_id]
        room = await amina.direct_chat(bot.user_id)
        await joined(amina, bot, room)
        await amina.says(room, "tick")
        await bot.hears("tick")
        left = (await matrix._wire.call("POST", f"{KEYS}/upload", {}))["one_time_key_counts"]
        assert left["signed_curve25519"] >= 25


def _key(known: Any, usage: str, user: str) -> str:
    return str(next(iter(known[f"{usage}_keys"][user]["keys"].values())))


async def test_the_account_vouches_for_its_device_once(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            device = bot.inbox.marks["device"]
        known = await amina.call("POST", f"{KEYS}/query", {"device_keys": {bot.user_id: []}})
        for thing, usage in (
            (known["self_signing_keys"][bot.user_id], "master"),
            (known["device_keys"][bot.user_id][device], "self_signing"),
        ):
            public = _key(known, usage, bot.user_id)
            verify_signed_json(thing, bot.user_id, decode_verify_key_bytes(f"ed25519:{public}", decode_base64(public)))
        identity = next(bot.folder.glob("identity-*.json"))
        assert identity.stat().st_mode & 0o777 == 0o600
        async with bot.running():
            pass
        assert await amina.call("POST", f"{KEYS}/query", {"device_keys": {bot.user_id: []}}) == known


async def test_an_identity_made_elsewhere_is_left_alone(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            pass
        before = await amina.call("POST", f"{KEYS}/query", {"device_keys": {bot.user_id: []}})
        next(bot.folder.glob("identity-*.json")).unlink()
        async with bot.running():
            pass
        after = await amina.call("POST", f"{KEYS}/query", {"device_keys": {bot.user_id: []}})
    assert after["master_keys"] == before["master_keys"]
    assert "cross-signing identity that was made elsewhere" in caplog.text


def _to_device(own: str) -> list[tuple[str, Any]]:
    """Malformed messages from device to device; ``own`` is the receiver's key."""

    def olm(message: Any) -> Any:
        return {"algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": "x", "ciphertext": {own: message}}

    return [
        ("m.room.encrypted", {}),
        ("m.room.encrypted", olm({"type": 0, "body": "AAAA"})),
        ("m.room.encrypted", olm({"type": 1, "body": "AwAAAA"})),
        ("m.room.encrypted", olm({"type": 9, "body": "!!"})),
        ("m.room.encrypted", olm(7)),
        ("m.key.verification.start", {}),
        ("m.key.verification.mac", {"transaction_id": "zz", "mac": {}, "keys": "x"}),
        ("m.room_key_request", {}),
        ("m.room_key", {"x": 1}),
        ("m.forwarded_room_key", {"x": 1}),
    ]


async def test_malformed_events_and_device_messages_stop_nothing(bot: Bot, tmp_path: Path) -> None:
    async with crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia, bot.running() as matrix:
        room = await chat(basia, bot)
        await basia.says(room, "readable")
        await bot.hears("readable")
        sealed = next(h for h in await basia.plain.history(room) if h.type == "m.room.encrypted").content
        broken: list[dict[str, Any]] = [
            {"ciphertext": "!!!"},
            {"ciphertext": ""},
            {"ciphertext": 5},
            {"sender_key": None},
        ]
        for change in [*broken, {"session_id": []}, {"device_id": 7}, {"m.relates_to": 5}, {"algorithm": ["x"]}]:
            await basia.plain.send(room, {**sealed, **change}, "m.room.encrypted")
        for kind, content in _to_device(matrix._keys.olm.account.identity_keys["curve25519"]):  # type: ignore[union-attr]
            body = {"messages": {bot.user_id: {bot.inbox.marks["device"]: content}}}
            await basia.plain.call("PUT", f"/sendToDevice/{kind}/{name('txn')}", body)
        await basia.says(room, "still readable")
        await bot.hears("still readable")
        await matrix.send(post(room, "still here"))
        assert (await basia.hears("still here")).was_encrypted


async def test_malformed_keys_of_one_guest_do_not_silence_the_room(bot: Bot, tmp_path: Path) -> None:
    async with (
        crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia,
        matrix_user(bot.server, name("evil")) as evil,
        bot.running() as matrix,
    ):
        room = await chat(basia, bot)
        device = evil.login.device_id
        names = (f"ed25519:{device}", f"curve25519:{device}")
        whole = {"user_id": evil.user_id, "device_id": device, "algorithms": ["m.megolm.v1.aes-sha2"]}
        taken = 0
        sets: list[Any] = [dict.fromkeys(names, "!!"), dict.fromkeys(names, "A" * 43), []]
        for keys in sets:
            for signature in ("!!", "B" * 86, 5):
                signatures = {evil.user_id: {names[0]: signature}}
                try:
                    await evil.call(
                        "POST", f"{KEYS}/upload", {"device_keys": {**whole, "keys": keys, "signatures": signatures}}
                    )
                except MatrixError:
                    continue
                taken += 1
                if taken == 1:
                    await basia.plain.invite(room, evil.user_id)
                    await evil.join(room)
                await matrix.send(post(room, f"message {taken}", key=f"m{taken}"))
                await evil.hears(lambda h: h.type == "m.room.encrypted")  # Basia's client fails over these keys.
        assert taken > 1


async def test_malformed_one_time_keys_do_not_silence_the_room(bot: Bot, tmp_path: Path) -> None:
    from vodozemac import Account

    async with (
        crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia,
        matrix_user(bot.server, name("evil")) as evil,
        bot.running() as matrix,
    ):
        room = await chat(basia, bot)
        device, account = evil.login.device_id, Account()
        keys: dict[str, Any] = {
            "user_id": evil.user_id,
            "device_id": device,
            "algorithms": ["m.megolm.v1.aes-sha2"],
            "keys": {
                f"ed25519:{device}": account.ed25519_key.to_base64(),
                f"curve25519:{device}": account.curve25519_key.to_base64(),
            },
        }
        signature = account.sign(Api.to_canonical_json(keys).encode()).to_base64()
        keys["signatures"] = {evil.user_id: {f"ed25519:{device}": signature}}
        await evil.call("POST", f"{KEYS}/upload", {"device_keys": keys})
        await evil.call("POST", f"{KEYS}/upload", {"one_time_keys": {"signed_curve25519:A1": "plain"}})
        await basia.plain.invite(room, evil.user_id)
        await evil.join(room)
        await basia.plain.send(room, {"msgtype": "m.text", "body": "is he here?"})  # Basia's client fails over it.
        await bot.hears("is he here?")
        await matrix.send(post(room, "all the same"))
        assert (await basia.hears("all the same")).was_encrypted


async def test_the_longest_text_arrives_encrypted(bot: Bot, tmp_path: Path) -> None:
    async with crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia, bot.running() as matrix:
        room = await chat(basia, bot)
        long = "ა" * matrix.limit
        event = await matrix.send(post(room, long))
        assert (await basia.hears("ა")).body == long
        await matrix.send(post(room, long, key="e", edits=event))
        assert (await basia.hears("ა")).body == long


async def test_a_failure_while_keys_are_shared_is_tried_again(bot: Bot, tmp_path: Path) -> None:
    async with crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia, bot.running() as matrix:
        room = await chat(basia, bot)
        await asyncio.to_thread(bot.server.stop)
        try:
            with pytest.raises(TryLater):
                await matrix.send(post(room, "in spite of it"))
        finally:
            bot.server.start()
        await matrix.send(post(room, "in spite of it"))
        assert (await basia.hears("in spite of it")).was_encrypted


def holds(folder: Path, *marks: str) -> list[str]:
    """Which of these words stand in any file of a folder."""
    found = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    return [mark for mark in marks if mark.encode() in found]


async def test_nothing_stays_of_somebody_who_has_gone_for_good(bot: Bot, tmp_path: Path) -> None:
    """The chat is left, and files of keys hold neither the person nor the room; those of others stay."""
    async with (
        crypto_user(bot.server, name("basia"), tmp_path / "basia") as basia,
        crypto_user(bot.server, name("ines"), tmp_path / "ines") as ines,
        bot.running() as matrix,
    ):
        rooms = [await chat(user, bot) for user in (basia, ines)]
        for user, room in zip((basia, ines), rooms, strict=True):
            await user.says(room, f"I am {user.user_id}")
            await bot.hears(f"I am {user.user_id}")
            await matrix.send(post(room, "Hello", key=room))
            await user.hears("Hello")
        channel = basia.client.olm.account.identity_keys["curve25519"]
        traces = (basia.user_id, rooms[0], channel, basia.login.device_id)
        assert holds(bot.folder, *traces) == list(traces)
        gone = replace(post(rooms[0], "", key="gone"), forgets=basia.user_id)
        await matrix.send(gone)
        await basia.ear.until(lambda: left(basia, bot, rooms[0]), 15)
        assert holds(bot.folder, *traces) == []
        assert holds(bot.folder, ines.user_id, rooms[1]) == [ines.user_id, rooms[1]]
        # Once more does no harm, and whoever begins anew is heard again.
        await matrix.send(gone)
        first = await chat(basia, bot)
        await basia.says(first, "lost: the key comes by a channel that the bot has forgotten")
        mine = matrix._keys.olm.account.identity_keys["curve25519"]  # type: ignore[union-attr]
        await basia.ear.until(lambda: len(basia.client.olm.session_store[mine]) > 1, 15)
        again = await chat(basia, bot)
        await basia.says(again, "here again")
        assert (await bot.hears("here again")).chat == again
        await ines.says(rooms[1], "and I")
        assert (await bot.hears("and I")).chat == rooms[1]
    assert holds(bot.folder, rooms[0]) == []


def left(user: CryptoUser, bot: Bot, room: str) -> bool:
    """Whether somebody has seen the bot leave."""
    seen = [h for h in user.ear.events if h.room_id == room and h.source.get("state_key") == bot.user_id]
    return bool(seen) and seen[-1].content.get("membership") == "leave"
