"""The account on a real Synapse: logging in, being signed out, outages."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from bot.platforms.matrix.wire import Wire
from bot.platforms.platform import Setback, TryLater
from tests.patience import PATIENCE
from tests.platforms.matrix_parts import Bot, chat, name, new_bot, post
from tests.servers.matrix_user import matrix_user
from tests.servers.synapse import Synapse


@pytest.fixture
def bot(homeserver: Synapse, tmp_path: Path) -> Bot:
    return new_bot(homeserver, tmp_path / "matrix")


class Tries:
    """Pauses that tell when something was tried in vain; the test need not guess how long that takes."""

    def __init__(self) -> None:
        self.failed = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.failed.set()
        await asyncio.sleep(min(seconds, 0.1))


async def test_an_outage_is_waited_out_and_logged_once(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    tries = Tries()
    async with matrix_user(bot.server, name("amina")) as amina, bot.running(pause=tries) as matrix:
        room = await chat(amina, bot)
        await asyncio.to_thread(bot.server.stop)
        await asyncio.wait_for(tries.failed.wait(), PATIENCE)
        with pytest.raises(TryLater) as caught:
            await matrix.send(post(room, "yes"))
        assert caught.value.everyone
        bot.server.start()  # It dies with the thread that starts it, so that must be this one.
        await amina.says(room, "are you there?")
        await bot.hears("are you there?")
        assert await matrix.send(post(room, "yes"))
    assert len([r for r in caplog.records if "trying again" in r.message]) == 1


async def test_a_homeserver_that_is_away_at_the_start_is_waited_for(homeserver: Synapse, tmp_path: Path) -> None:
    bot, tries = new_bot(homeserver, tmp_path / "matrix"), Tries()
    homeserver.stop()
    matrix = bot.platform(pause=tries)
    running = asyncio.create_task(matrix.run(bot.inbox))
    try:
        await asyncio.wait_for(tries.failed.wait(), PATIENCE)
    finally:
        homeserver.start()
    await bot.inbox.until(lambda: "since" in bot.inbox.marks)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await matrix.close()


async def test_a_wrong_password_names_the_settings(bot: Bot) -> None:
    with pytest.raises(Setback, match="TWINBOT_MATRIX_PASSWORD") as caught:
        async with bot.running(password="wrong"):
            pass
    assert "wrong" not in caught.value.sentence


async def test_a_login_is_used_again_and_its_end_stops_the_bot(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with bot.running():
        device, token = bot.inbox.marks["device"], bot.inbox.marks["token"]
    wire = Wire(bot.server.url)
    with pytest.raises(Setback, match="start twinbot again"):
        async with matrix_user(bot.server, name("amina")) as amina, bot.running():
            assert bot.inbox.marks["device"] == device
            await chat(amina, bot)
            wire.token = token
            await wire.call("POST", "/_matrix/client/v3/logout", {})
            await amina.direct_chat(bot.user_id)
            await ended(bot)
    await wire.close()
    async with bot.running():
        assert bot.inbox.marks["device"] != device
    assert token not in caplog.text


async def ended(bot: Bot) -> None:
    """Wait until the listening task has ended by itself."""
    task = next(task for task in asyncio.all_tasks() if "Matrix.run" in repr(task.get_coro()))
    await asyncio.wait([task], timeout=PATIENCE)
    assert task.done()


async def test_an_address_without_homeserver_names_the_setting(bot: Bot) -> None:
    with pytest.raises(Setback, match="TWINBOT_MATRIX_HOMESERVER"):
        async with bot.running(homeserver=f"{bot.server.url}/_matrix"):
            pass


async def test_another_account_begins_anew(bot: Bot, tmp_path: Path) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            pass
        other = new_bot(bot.server, tmp_path / "matrix")
        other.inbox.marks.update(bot.inbox.marks)
        async with other.running():
            assert other.inbox.marks["device"] != bot.inbox.marks["device"]
            assert other.inbox.marks["user"] == other.user_id
            await chat(amina, other)
