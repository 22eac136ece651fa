"""Hearing on Telegram: nothing is confirmed before it is stored, and nothing that goes wrong stops the rest."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.platforms.platform import Button, Setback, Unreadable
from bot.platforms.telegram import Telegram, polling
from bot.platforms.telegram.raw import raw
from tests.platforms.telegram_parts import Inbox, Pauses, heard, platform, post, running
from tests.servers.botapi import BotApi
from tests.servers.child import free_port

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
POISON: list[Any] = [
    {"message": {"message_id": "one", "chat": [], "date": "yesterday"}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "from": {"id": 5}, "text": "x"}},
    {"callback_query": {"id": 7, "from": None}},
    {"message": "just a text"},
    {"my_chat_member": {"chat": {"id": {}}}},
]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi.start() as server:
        yield server
    assert server.violations == []


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def polls(api: BotApi) -> list[Any]:
    """The offset of each request for updates."""
    return [call.params.get("offset") for call in api.calls if call.method == "getUpdates"]


async def confirmed(api: BotApi) -> None:
    await api.until(lambda: not api.updates.pending)


async def test_a_message_is_heard_and_confirmed(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina", last_name="Haddad", language_code="fr")
    async with running(api, inbox) as telegram:
        await amina.says("Bonjour")
        (message,) = await heard(telegram, inbox, 1)
        assert message is not None
        assert (message.chat, message.sender, message.kind) == (str(amina.id), str(amina.id), "private")
        assert (message.text, message.name, message.language) == ("Bonjour", "Amina Haddad", "fr")
        await confirmed(api)
        assert telegram.username == "twin_test_bot"
        await telegram.send(post(message.chat, "Bonjour Amina"))
        assert (await amina.hears("Bonjour")).text == "Bonjour Amina"
    assert [update.lane for update in inbox.kept.values()] == [str(amina.id)]


async def test_poison_among_good_updates_stops_nothing(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina")
    async with running(api, inbox) as telegram:
        for update in POISON:
            api.raw_update(dict(update))
            await amina.says("still here")
        bodies = await inbox.holds(2 * len(POISON))
        await confirmed(api)
        for poison, good in zip(bodies[::2], bodies[1::2], strict=True):
            with pytest.raises(Unreadable):
                telegram.read(poison)
            assert telegram.read(good).text == "still here"


async def test_nothing_is_confirmed_while_nothing_can_be_stored(api: BotApi, inbox: Inbox) -> None:
    amina, pauses = api.user("Amina"), Pauses()
    inbox.broken = True
    async with running(api, inbox, pause=pauses):
        await amina.says("keep me")
        await inbox.until(lambda: inbox.failures >= 4)
        assert len(api.updates.pending) == 1
        assert set(polls(api)) == {None}
        assert inbox.marks.keys() == {"username"}
        inbox.broken = False
        assert (await inbox.holds(1))[0]["message"]["text"] == "keep me"
        await confirmed(api)
    assert pauses.seconds == sorted(pauses.seconds)


async def test_a_restart_goes_on_where_it_stopped(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina")
    async with running(api, inbox):
        await amina.says("one")
        await inbox.holds(1)
        await confirmed(api)
    before = len(polls(api))
    await amina.says("two")
    async with running(api, inbox):
        assert [body["message"]["text"] for body in await inbox.holds(2)] == ["one", "two"]
    assert polls(api)[before] == api.updates.next_id - 1


async def test_an_update_that_comes_twice_is_kept_once(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina")
    async with running(api, inbox):
        await amina.says("one")
        (first,) = await inbox.holds(1)
        await confirmed(api)
        api.redeliver(first["update_id"])
        await amina.says("two")
        assert [body["message"]["text"] for body in await inbox.holds(2)] == ["one", "two"]
        await confirmed(api)


async def test_numbers_that_start_anew_lose_nothing(api: BotApi, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLL_SECONDS", 1)
    amina = api.user("Amina")
    async with running(api, inbox):
        await amina.says("before the quiet week")
        (first,) = await inbox.holds(1)
        await api.until(lambda: polls(api)[-1] is None and len(polls(api)) > 2)
        api.raw_update(first | {"update_id": 17})
        await inbox.holds(2)
        await confirmed(api)
        api.raw_update(first | {"update_id": 18})
        await inbox.holds(3)
        await confirmed(api)
    assert polls(api)[-2:] == [18, 19]


async def test_an_offset_ahead_of_the_server_comes_down(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina")
    async with running(api, inbox):
        await amina.says("one")
        await inbox.holds(1)
        await confirmed(api)
        api.updates.next_id = 17
        await amina.says("two")
        await inbox.holds(2)
        await confirmed(api)
        await amina.says("three")
        await inbox.holds(3)
        await confirmed(api)
    assert polls(api)[-2:] == [18, 19]


def test_a_number_used_again_is_another_update() -> None:
    one, other = {"update_id": 5, "message": {"text": "a"}}, {"update_id": 5, "message": {"text": "b"}}
    assert raw(one).event_id == raw(dict(one)).event_id
    assert raw(one).event_id != raw(other).event_id


@pytest.mark.parametrize(
    ("later", "other_server", "kept"),
    [(timedelta(hours=23), False, True), (timedelta(hours=25), False, False), (timedelta(0), True, False)],
)
async def test_an_old_or_foreign_offset_is_not_used(
    api: BotApi, inbox: Inbox, later: timedelta, other_server: bool, kept: bool
) -> None:
    amina = api.user("Amina")
    async with running(api, inbox, now=lambda: NOON):
        await amina.says("one")
        await confirmed_and_marked(api, inbox)
    if other_server:
        inbox.marks["offset"] = inbox.marks["offset"].replace(api.url, "https://elsewhere.example")
    before = len(polls(api))
    async with running(api, inbox, now=lambda: NOON + later):
        await api.until(lambda: len(polls(api)) > before)
    assert (polls(api)[before] is not None) == kept


async def confirmed_and_marked(api: BotApi, inbox: Inbox) -> None:
    await inbox.holds(1)
    await confirmed(api)
    assert inbox.marks["offset"].startswith(f"{api.updates.next_id} ")


async def test_a_conflict_is_explained_once_and_outlasted(
    api: BotApi, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    amina, pauses = api.user("Amina"), Pauses()
    pauses.held = True
    async with running(api, inbox, pause=pauses):
        await api.until(lambda: api.count("getUpdates"))
        for count in (1, 2, 3):
            async with aiohttp.ClientSession() as other:
                await (await other.post(f"{api.base_url}{api.token}/getUpdates")).read()
            await pauses.reached(count)
            pauses.go()
            await api.until(lambda so_far=2 * count: api.count("getUpdates") > so_far)
        await amina.says("mine again")
        await inbox.holds(1)
    explained = [record for record in caplog.records if "stop the other program" in record.getMessage()]
    assert len(explained) == 1
    assert 0.5 <= pauses.seconds[0] <= 1 <= pauses.seconds[1] <= 2 <= pauses.seconds[2] <= 4


async def test_broken_connections_are_outlasted_with_growing_pauses(api: BotApi, inbox: Inbox) -> None:
    amina, pauses = api.user("Amina"), Pauses()
    for kind, times in (("drop_before", 4), ("error", 2), ("gateway", 2)):
        api.fault("getUpdates", kind=kind, times=times)
    async with running(api, inbox, pause=pauses):
        await amina.says("one")
        await inbox.holds(1)
        api.fault("getUpdates", kind="flood", retry_after=41)
        await amina.says("two")
        await inbox.holds(2)
    assert len(pauses.seconds) == 9
    for number, seconds in enumerate(pauses.seconds[:8]):
        assert min(30, 2**number) / 2 <= seconds <= min(30, 2**number)
    assert pauses.seconds[8] == 41


async def test_a_lost_answer_brings_the_updates_again(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina")
    await amina.says("one")
    api.fault("getUpdates", kind="drop_after")
    async with running(api, inbox):
        await inbox.holds(1)
        await confirmed(api)


async def test_a_server_that_comes_late_is_waited_for(inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    port, pauses = free_port(), Pauses()
    pauses.held = True
    telegram = Telegram(token="4242:late", marks=inbox, api_url=f"http://127.0.0.1:{port}", pause=pauses)
    task = asyncio.create_task(telegram.run(inbox))
    await pauses.reached(1)
    assert telegram.username is None
    pauses.go()
    await pauses.reached(2)
    async with BotApi.start(port=port, token="4242:late") as api:
        pauses.go()
        await api.user("Amina").says("at last")
        await inbox.holds(1)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await telegram.close()
    assert caplog.text.count("getMe failed, trying again: no connection") == 2


@pytest.mark.parametrize("token", ["4242:wrong-token-of-the-bot", "99"])
async def test_a_refused_token_is_the_operators_matter(api: BotApi, inbox: Inbox, token: str) -> None:
    telegram = platform(api, inbox, token=token)
    with pytest.raises(Setback, match="TWINBOT_TELEGRAM_TOKEN"):
        await telegram.run(inbox)
    await telegram.close()


async def test_a_token_revoked_later_ends_the_polling(api: BotApi, inbox: Inbox) -> None:
    telegram = platform(api, inbox)
    api.fault("getUpdates", kind="refused", code=401, description="Unauthorized")
    with pytest.raises(Setback) as raised:
        await telegram.run(inbox)
    assert api.token not in raised.value.sentence
    await telegram.close()


# Button presses.


async def test_presses_are_answered_at_once_and_delay_nothing(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina", started=True)
    slow = api.fault("answerCallbackQuery", kind="slow")
    async with running(api, inbox) as telegram:
        message = await question(api, telegram, amina.id)
        first = await amina.presses("Yes", message)
        await api.until(lambda: first.answer)
        await amina.says("more")
        press, text = await heard(telegram, inbox, 2)
        assert (press.press, press.about, press.chat, press.text) == ("p-yes", str(message.id), str(amina.id), None)
        assert text.text == "more"
        slow.release()
        api.advance(1)
        second = await amina.presses("Yes", message)
        await api.until(lambda: second.answer)


async def question(api: BotApi, telegram: Telegram, chat: int) -> Any:
    await telegram.send(post(chat, "Sure?", buttons=[Button("Yes", "p-yes"), Button("No", "p-no")]))
    return api.chat(chat).visible[-1]


async def test_a_press_that_is_too_old_to_answer_is_heard(
    api: BotApi, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    amina = api.user("Amina", started=True)
    telegram = platform(api, inbox)
    message = await question(api, telegram, amina.id)
    await amina.deletes(message)
    await amina.presses_data("p-no", message)
    api.advance(151)
    await telegram.close()
    async with running(api, inbox) as listening:
        (press,) = await heard(listening, inbox, 1)
        assert press.press == "p-no"
        await api.until(lambda: [call.status for call in api.calls if call.method == "answerCallbackQuery"] == [400])
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_no_press_is_answered_before_it_is_stored(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina", started=True)
    async with running(api, inbox) as telegram:
        message = await question(api, telegram, amina.id)
        inbox.broken = True
        query = await amina.presses("Yes", message)
        await inbox.until(lambda: inbox.failures)
        assert query.answer is None
        inbox.broken = False
        await api.until(lambda: query.answer)


# The webhook.


@contextlib.asynccontextmanager
async def webhook(api: BotApi, inbox: Inbox, **options: Any) -> AsyncIterator[tuple[Telegram, str]]:
    """A platform behind a web server, as the application mounts it, and its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/telegram/hook"

    async def take(request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        return web.Response(status=await telegram.receive(secret, await request.read()))

    app = web.Application()
    app.router.add_post("/telegram/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        async with running(api, inbox, webhook_url=url, **options) as telegram:
            yield telegram, url
    finally:
        await runner.cleanup()


async def test_a_webhook_stores_before_it_confirms(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina")
    async with webhook(api, inbox) as (telegram, _url):
        await api.until(lambda: api.updates.webhook)
        await amina.says("one")
        await inbox.holds(1)
        await confirmed(api)
        inbox.broken = True
        await amina.says("two")
        await inbox.until(lambda: inbox.failures >= 2)
        assert len(api.updates.pending) == 1
        inbox.broken = False
        assert [one.text for one in await heard(telegram, inbox, 2)] == ["one", "two"]
        await confirmed(api)
        assert {status for _, status in api.updates.deliveries} == {200, 503}
        wanted = {"message", "edited_message", "callback_query", "message_reaction"}
        assert set(api.updates.allowed) == wanted | {"my_chat_member", "chat_member", "chat_join_request"}


async def test_a_webhook_trusts_only_the_secret(api: BotApi, inbox: Inbox) -> None:
    good = b'{"update_id": 1, "message": {}}'
    async with webhook(api, inbox, webhook_secret="the-secret") as (telegram, _url):
        await api.until(lambda: api.updates.webhook)
        for wrong in (None, "", "the-secre", "the-secret ", "sécret", "\udcff"):
            assert await telegram.receive(wrong, good) == 403
        for odd in (b"", b"{", b"[]", b"null", b'{"update_id": "1"}', b"\xff", b"[" * 100_000, b" " * 2_000_000):
            assert await telegram.receive("the-secret", odd) == 400
        assert inbox.kept == {}
        assert await telegram.receive("the-secret", good) == 200
        assert len(inbox.kept) == 1


async def test_the_secret_survives_a_restart(api: BotApi, inbox: Inbox) -> None:
    for _ in range(2):
        async with webhook(api, inbox):
            await api.until(lambda: api.updates.webhook)
            secret = api.updates.webhook["secret_token"]
            api.updates.set_webhook({})
        assert secret == inbox.marks["webhook_secret"]
        assert len(secret) >= 32


async def test_nothing_is_taken_before_it_can_be_stored(api: BotApi, inbox: Inbox) -> None:
    telegram = platform(api, inbox, webhook_url="https://twinbot.example/telegram/hook", webhook_secret="s")
    assert await telegram.receive("s", b'{"update_id": 1}') == 503
    await telegram.close()


async def test_presses_through_a_webhook_are_answered(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina", started=True)
    async with webhook(api, inbox) as (telegram, _url):
        await api.until(lambda: api.updates.webhook)
        query = await amina.presses("Yes", await question(api, telegram, amina.id))
        await api.until(lambda: query.answer)


async def test_a_token_revoked_under_a_webhook_is_noticed_at_the_next_message(api: BotApi, inbox: Inbox) -> None:
    with pytest.raises(Setback, match="TWINBOT_TELEGRAM_TOKEN"):
        async with webhook(api, inbox) as (telegram, _url):
            await api.until(lambda: api.updates.webhook)
            api.fault("sendMessage", kind="refused", code=401, description="Unauthorized")
            with contextlib.suppress(Exception):
                await telegram.send(post(1))
            await asyncio.sleep(0)


async def test_an_address_that_telegram_refuses_is_the_operators_matter(api: BotApi, inbox: Inbox) -> None:
    api.fault("setWebhook", kind="refused", description="Bad Request: bad webhook: IP address is reserved")
    telegram = platform(api, inbox, webhook_url="https://10.0.0.1/telegram/hook")
    with pytest.raises(Setback, match=r"TWINBOT_PUBLIC_URL.*reserved"):
        await telegram.run(inbox)
    await telegram.close()


async def test_from_webhook_to_polling_no_update_is_dropped(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina")
    api.updates.set_webhook({"url": f"http://127.0.0.1:{free_port()}/gone"})
    await amina.says("sent while nobody listened")
    async with running(api, inbox):
        await inbox.holds(1)
    assert api.updates.webhook == {}
