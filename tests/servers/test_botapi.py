"""The Bot API server of the tests, driven by two independent clients: python-telegram-bot and aiogram."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import telegram
from aiogram import Bot as AioBot
from aiogram import exceptions as aio
from aiogram import types as at
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web
from PIL import Image
from telegram import error as ptb
from telegram.request import HTTPXRequest

from tests.servers.botapi import BotApi, Rates
from tests.servers.botapi.entities import cut, found, from_html, units
from tests.servers.botapi.wire import METHOD_MODELS, Refusal, check_answer

ROOT = Path(__file__).resolve().parents[2]
BUTTONS = telegram.InlineKeyboardMarkup.from_row(
    [telegram.InlineKeyboardButton("Yes", callback_data="y"), telegram.InlineKeyboardButton("No", callback_data="n")]
)


@asynccontextmanager
async def ptb_bot(api: BotApi) -> AsyncIterator[telegram.Bot]:
    quick = {"read_timeout": 10.0}
    bot = telegram.Bot(
        api.token, base_url=api.base_url, base_file_url=api.base_file_url,
        request=HTTPXRequest(**quick), get_updates_request=HTTPXRequest(**quick),
    )  # fmt: skip
    async with bot:
        yield bot


@asynccontextmanager
async def aio_bot(api: BotApi) -> AsyncIterator[AioBot]:
    bot = AioBot(api.token, session=AiohttpSession(api=TelegramAPIServer.from_base(api.url)))
    try:
        yield bot
    finally:
        await bot.session.close()


@pytest.fixture(autouse=True)
def durations_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot warns about seconds as numbers in RetryAfter; this is its switch to the new form."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi.start() as running:
        yield running


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[telegram.Bot]:
    async with ptb_bot(api) as client:
        yield client


@pytest.fixture
async def other(api: BotApi) -> AsyncIterator[AioBot]:
    async with aio_bot(api) as client:
        yield client


async def plain(api: BotApi, method: str, **params: Any) -> tuple[int, Any]:
    """A request as no library would make it: status and JSON."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{api.base_url}{api.token}/{method}", json=params) as answer,
    ):
        return answer.status, await answer.json()


async def test_both_clients_hear_and_answer(api: BotApi, bot: telegram.Bot, other: AioBot) -> None:
    amina = api.user("Amina", language_code="fr", username="amina_t")
    await amina.says("/start abc")
    (update,) = await bot.get_updates()
    assert update.message.from_user.language_code == "fr"
    assert update.message.parse_entities() == {update.message.entities[0]: "/start"}
    (same,) = await other.get_updates()
    assert same.message.text == "/start abc"
    assert same.update_id == update.update_id
    assert await bot.get_updates(offset=update.update_id + 1) == ()
    sent = await bot.send_message(amina.id, "Bonjour <b>Amina 👩‍🏫!</b> https://example.org", parse_mode="HTML")
    assert sent.parse_entity(sent.entities[0]) == "Amina 👩‍🏫!"
    assert [entity.type for entity in sent.entities] == ["bold", "url"]
    quoting = at.ReplyParameters(message_id=sent.message_id)
    reply = await other.send_message(amina.id, "Encore", reply_parameters=quoting)
    assert reply.reply_to_message.text == sent.text
    assert api.chat(amina).texts == ["Bonjour Amina 👩‍🏫! https://example.org", "Encore"]
    assert api.violations == []


async def test_long_poll_wakes_at_an_update(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina")
    poll = asyncio.create_task(bot.get_updates(timeout=8))
    await api.until(lambda: api.count("getUpdates"))
    await amina.says("hello")
    assert (await poll)[0].message.text == "hello"


async def test_offsets_and_limits(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina")
    for number in range(5):
        await amina.says(str(number))
    assert [u.message.text for u in await bot.get_updates(limit=2)] == ["0", "1"]
    last = await bot.get_updates(offset=-2)
    assert [u.message.text for u in last] == ["3", "4"]
    assert [u.message.text for u in await bot.get_updates()] == ["3", "4"]
    assert await bot.get_updates(offset=last[-1].update_id + 1) == ()
    api.redeliver(last[0].update_id)
    assert [u.message.text for u in await bot.get_updates(offset=last[-1].update_id + 1)] == ["3"]
    assert await bot.get_updates(offset=last[-1].update_id + 1) == ()


async def test_second_poll_ends_the_first(api: BotApi, bot: telegram.Bot, other: AioBot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=8))
    await api.until(lambda: api.count("getUpdates"))
    assert await other.get_updates() == []
    with pytest.raises(ptb.Conflict, match="terminated by other getUpdates"):
        await first
    await bot.set_webhook("http://127.0.0.1:9/")
    with pytest.raises(aio.TelegramConflictError, match="webhook is active"):
        await other.get_updates()


async def test_allowed_updates(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina", started=True)
    message = await bot.send_message(amina.id, "hi")
    await amina.reacts(api.chat(amina).kept[message.message_id], "👍")
    assert await bot.get_updates() == ()
    await bot.get_updates(allowed_updates=["message_reaction"])
    await amina.says("not heard")
    await amina.reacts(api.chat(amina).kept[message.message_id], "🔥")
    (update,) = await bot.get_updates()
    assert update.message_reaction.old_reaction[0].emoji == "👍"
    assert update.message_reaction.new_reaction[0].emoji == "🔥"


async def test_poison_goes_out_verbatim(api: BotApi, bot: telegram.Bot) -> None:
    update_id = api.raw_update({"message": {"message_id": "x"}})
    with pytest.raises(Exception):  # noqa: B017 - which one is the business of the library.
        await bot.get_updates()
    status, answer = await plain(api, "getUpdates")
    assert (status, answer["result"]) == (200, [{"message": {"message_id": "x"}, "update_id": update_id}])


async def test_buttons_edits_and_stale_presses(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina", started=True)
    sent = await bot.send_message(amina.id, "Sure?", reply_markup=BUTTONS)
    query = await amina.presses("Yes")
    (update,) = await bot.get_updates()
    assert update.callback_query.data == "y"
    await update.callback_query.answer("Good")
    assert query.answer["text"] == "Good"
    await update.callback_query.edit_message_text("Saved")
    kept = await amina.hears("Saved")
    assert (kept.id, kept.labels, kept.edits[0]["text"]) == (sent.message_id, [], "Sure?")
    with pytest.raises(LookupError):
        await amina.presses("No")
    assert (await amina.presses("No", kept)).data == "n"
    with pytest.raises(ptb.BadRequest, match="not modified"):
        await sent.edit_text("Saved")
    await sent.delete()
    assert kept.deleted
    await amina.presses("Yes", kept)
    gone = (await bot.get_updates(offset=-1))[0].callback_query.message
    assert not gone.is_accessible
    with pytest.raises(ptb.BadRequest, match=r"(?i)message to edit not found"):
        await sent.edit_text("again")
    assert api.violations == []


async def test_an_old_query_cannot_be_answered(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina", started=True)
    await bot.send_message(amina.id, "Sure?", reply_markup=BUTTONS)
    await amina.presses("Yes")
    (update,) = await bot.get_updates()
    api.advance(151)
    with pytest.raises(ptb.BadRequest, match=r"(?i)query is too old"):
        await update.callback_query.answer()


async def test_reply_keyboard_and_shared_chat(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina", started=True)
    rights = telegram.ChatAdministratorRights(*[False] * 11)
    ask = telegram.KeyboardButtonRequestChat(
        7, chat_is_channel=False, chat_is_forum=True, user_administrator_rights=rights, bot_administrator_rights=rights
    )
    keyboard = [["Plain", telegram.KeyboardButton("Pick", request_chat=ask)]]
    await bot.send_message(amina.id, "Choose", reply_markup=telegram.ReplyKeyboardMarkup(keyboard))
    assert (await amina.presses("Plain")).text == "Plain"
    with pytest.raises(LookupError, match="sends the bot nothing"):
        await amina.presses("Pick")
    await amina.shares_chat(7, api.group("Class", creator=amina))
    assert (await bot.get_updates())[-1].message.chat_shared.request_id == 7
    assert api.violations == []


async def test_flood_block_and_silence(api: BotApi, bot: telegram.Bot, other: AioBot) -> None:
    amina, joao = api.user("Amina", started=True), api.user("João")
    api.fault("sendMessage", kind="flood", chat_id=amina.id, retry_after=3)
    with pytest.raises(ptb.RetryAfter) as caught:
        await bot.send_message(amina.id, "one")
    assert caught.value.retry_after == timedelta(seconds=3)
    assert (await bot.send_message(amina.id, "two")).text == "two"
    with pytest.raises(ptb.Forbidden, match="can't initiate"):
        await bot.send_message(joao.id, "hi")
    await api.block(amina)
    with pytest.raises(aio.TelegramForbiddenError, match="blocked by the user"):
        await other.send_message(amina.id, "three")
    (update,) = await bot.get_updates()
    assert update.my_chat_member.new_chat_member.status == "kicked"
    await amina.says("back")
    assert (await bot.send_message(amina.id, "welcome")).text == "welcome"
    with pytest.raises(ptb.BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(1, "hi")


@pytest.mark.parametrize(("kind", "error"), [("error", aio.TelegramServerError), ("gateway", aio.TelegramServerError)])
async def test_server_errors(api: BotApi, other: AioBot, kind: Any, error: type[Exception]) -> None:
    api.fault("*", kind=kind)
    with pytest.raises(error):
        await other.get_me()
    assert (await other.get_me()).username == "twin_test_bot"


@pytest.mark.parametrize(("kind", "arrived"), [("drop_before", []), ("drop_after", ["hello"])])
async def test_dropped_connections(api: BotApi, bot: telegram.Bot, kind: Any, arrived: list[str]) -> None:
    amina = api.user("Amina", started=True)
    api.fault("sendMessage", kind=kind)
    with pytest.raises(ptb.NetworkError):
        await bot.send_message(amina.id, "hello")
    assert api.chat(amina).texts == arrived
    assert api.calls[-1].status == 0


async def test_slow_answer_is_done_before_it_is_answered(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina", started=True)
    fault = api.fault("sendMessage", kind="slow")
    sending = asyncio.create_task(bot.send_message(amina.id, "hello"))
    await api.wait_for(amina, "hello")
    assert not sending.done()
    fault.release()
    assert (await sending).text == "hello"


async def test_slow_answer_and_an_impatient_client(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina", started=True)
    api.fault("sendMessage", kind="slow")
    with pytest.raises(ptb.TimedOut):
        await bot.send_message(amina.id, "hello", read_timeout=0.1)
    assert api.chat(amina).texts == ["hello"]


async def test_migration(api: BotApi, bot: telegram.Bot, other: AioBot) -> None:
    amina = api.user("Amina")
    old = api.group("Class 5b", creator=amina, kind="group")
    new = await api.migrate(old)
    with pytest.raises(ptb.ChatMigrated) as caught:
        await bot.send_message(old.id, "hi")
    assert caught.value.new_chat_id == new.id
    with pytest.raises(aio.TelegramMigrateToChat):
        await other.send_message(old.id, "hi")
    first, second = await bot.get_updates()
    assert first.message.migrate_to_chat_id == new.id
    assert second.message.migrate_from_chat_id == old.id
    assert (await bot.send_message(new.id, "hi")).chat.type == "supergroup"


async def test_real_rates(api: BotApi) -> None:
    async with BotApi.start(rates=Rates(), clock=lambda: 1_800_000_000.0) as strict, ptb_bot(strict) as bot:
        amina = strict.user("Amina", started=True)
        group = strict.group("Class", creator=amina)
        for _ in range(3):
            await bot.send_message(amina.id, "x")
        with pytest.raises(ptb.RetryAfter):
            await bot.send_message(amina.id, "x")
        strict.advance(3)
        await bot.send_message(amina.id, "x")
        for _ in range(20):
            await bot.send_message(group.id, "x")
        with pytest.raises(ptb.RetryAfter) as caught:
            await bot.send_message(group.id, "x")
        assert caught.value.retry_after == timedelta(minutes=1)
        assert strict.rates.refused == 2


Hook = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def webhook(handler: Hook) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/hook", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def test_webhook_in_order_with_secret_and_retry(api: BotApi, bot: telegram.Bot) -> None:
    heard: list[tuple[str | None, int]] = []
    answers = iter([500, 200, 200, 200])

    async def hook(request: web.Request) -> web.Response:
        heard.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), (await request.json())["update_id"]))
        return web.Response(status=next(answers))

    amina = api.user("Amina")
    await amina.says("one")
    await amina.says("two")
    api.updates.retry_delay = 0.001
    async with webhook(hook) as url:
        await bot.set_webhook(url, secret_token="s-3")
        await api.until(lambda: len(heard) == 3 and not api.updates.pending)
        api.redeliver(heard[0][1])
        await api.until(lambda: len(heard) == 4 and not api.updates.again)
        first = heard[0][1]
        assert heard == [("s-3", first), ("s-3", first), ("s-3", first + 1), ("s-3", first)]
        assert [status for _, status in api.updates.deliveries] == [500, 200, 200, 200]
        info = await bot.get_webhook_info()
        assert (info.pending_update_count, info.last_error_message) == (0, "Wrong response from the webhook: 500")
        await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_method_in_the_answer_of_a_webhook(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina")

    async def hook(request: web.Request) -> web.Response:
        text = (await request.json())["message"]["text"]
        return web.json_response({"method": "sendMessage", "chat_id": amina.id, "text": text})

    async with webhook(hook) as url:
        await bot.set_webhook(url)
        await amina.says("echo")
        await amina.hears("echo")
        await amina.says("x" * 4097)
        await api.until(lambda: api.violations)
        await bot.delete_webhook()
    assert "too long" in api.violations[0].reason
    assert api.chat(amina).texts == ["echo"]


async def test_waiting_poll_ends_when_a_webhook_is_set(api: BotApi, bot: telegram.Bot, other: AioBot) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=8))
    await api.until(lambda: api.count("getUpdates"))
    await other.set_webhook("http://127.0.0.1:9/")
    with pytest.raises(ptb.Conflict, match=r"terminated by (?i:setWebhook)"):
        await waiting


async def test_many_waiting_updates_are_drained_in_order(api: BotApi) -> None:
    api.validate = False
    amina = api.user("Amina")
    for number in range(5000):
        await amina.says(str(number))
    got: list[str] = []
    offset = 0
    while updates := (await plain(api, "getUpdates", offset=offset))[1]["result"]:
        got += [update["message"]["text"] for update in updates]
        offset = updates[-1]["update_id"] + 1
    assert got == [str(number) for number in range(5000)]


async def test_an_administrator_hears_who_comes_and_goes(api: BotApi, bot: telegram.Bot) -> None:
    amina, joao = api.user("Amina"), api.user("João")
    group = api.group("Staff", creator=amina, bot="administrator")
    await bot.get_updates(allowed_updates=["chat_member", "message"])
    await joao.joins(group)
    await amina.promotes(joao, group, ["can_pin_messages"])
    await joao.leaves(group)
    changes = [update.chat_member for update in await bot.get_updates() if update.chat_member]
    assert [change.new_chat_member.status for change in changes] == ["member", "administrator", "left"]
    assert changes[1].new_chat_member.can_pin_messages
    await amina.removes_bot(group)
    with pytest.raises(ptb.Forbidden, match="kicked"):
        await bot.send_message(group.id, "hi")


async def test_bodies_that_are_no_parameters(api: BotApi) -> None:
    async with aiohttp.ClientSession() as session:
        for body in (b"[1]", b"{", b"\xff"):
            headers = {"Content-Type": "application/json"}
            async with session.post(f"{api.base_url}{api.token}/getMe", data=body, headers=headers) as answer:
                assert answer.status == 400


async def test_commands_and_profile_by_language(api: BotApi, bot: telegram.Bot, other: AioBot) -> None:
    await bot.set_my_commands([("start", "Begin")])
    await bot.set_my_commands(
        [("start", "Commencer")], language_code="fr", scope=telegram.BotCommandScopeAllPrivateChats()
    )
    assert (await other.get_my_commands())[0].description == "Begin"
    scope = at.BotCommandScopeAllPrivateChats()
    assert (await other.get_my_commands(scope=scope, language_code="fr"))[0].description == "Commencer"
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    await bot.set_my_description("Trouver une école", language_code="fr")
    await bot.set_my_short_description("Partners")
    await bot.set_my_name("Twin")
    assert (await other.get_my_description(language_code="fr")).description == "Trouver une école"
    assert (await bot.get_my_short_description("pl")).short_description == "Partners"
    assert (await bot.get_my_name()).name == "Twin"
    await bot.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())
    assert (await bot.get_chat_menu_button()).type == "commands"
    assert api.violations == []


async def test_groups_rights_topics_and_join_requests(api: BotApi, bot: telegram.Bot) -> None:
    amina, pupil = api.user("Amina"), api.user("Pupil")
    group = api.group("Class", creator=amina, forum=True, bot=None)
    with pytest.raises(ptb.Forbidden, match="not a member"):
        await bot.send_message(group.id, "hi")
    await amina.adds_bot(group)
    with pytest.raises(ptb.BadRequest, match=r"(?i)not enough rights"):
        await bot.create_chat_invite_link(group.id)
    await amina.promotes_bot(group, ["can_invite_users", "can_manage_topics", "can_restrict_members"])
    link = await bot.create_chat_invite_link(group.id, creates_join_request=True)
    await pupil.asks_to_join(group, link.invite_link)
    assert (await bot.get_updates())[-1].chat_join_request.user_chat_id == pupil.id
    assert (await bot.send_message(pupil.id, "Please wait")).text == "Please wait"
    await bot.approve_chat_join_request(group.id, pupil.id)
    assert (await bot.get_chat_member(group.id, pupil.id)).status == "member"
    assert await bot.get_chat_member_count(group.id) == 3
    topic = await bot.create_forum_topic(group.id, "Week 1")
    sent = await bot.send_message(group.id, "in it", message_thread_id=topic.message_thread_id)
    assert sent.is_topic_message
    await bot.close_forum_topic(group.id, topic.message_thread_id)
    with pytest.raises(ptb.BadRequest, match=r"(?i)topic_closed"):
        await bot.send_message(group.id, "late", message_thread_id=topic.message_thread_id)
    await bot.reopen_forum_topic(group.id, topic.message_thread_id)
    await bot.edit_forum_topic(group.id, topic.message_thread_id, name="Week 2")
    await bot.ban_chat_member(group.id, pupil.id)
    await bot.unban_chat_member(group.id, pupil.id, only_if_banned=True)
    assert (await bot.get_chat_member(group.id, api.me["id"])).can_invite_users
    assert {member.status for member in await bot.get_chat_administrators(group.id)} == {"creator", "administrator"}
    assert (await bot.get_chat(group.id)).is_forum
    await bot.leave_chat(group.id)
    assert not group.inside(api.me["id"])
    assert api.violations == []


async def test_a_group_is_chosen_with_a_button_or_a_link(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina", started=True)
    theirs = telegram.ChatAdministratorRights(*[True] * 11)
    ours = telegram.ChatAdministratorRights(*[name == "can_invite_users" for name in RIGHTS])
    ask = telegram.KeyboardButtonRequestChat(
        7, chat_is_channel=False, user_administrator_rights=theirs, bot_administrator_rights=ours, request_title=True
    )
    keyboard = telegram.ReplyKeyboardMarkup([[telegram.KeyboardButton("Pick", request_chat=ask)]])
    await bot.send_message(amina.id, "Choose", reply_markup=keyboard)
    group, other = api.group("Class", creator=amina, bot=None), api.group("Other", creator=api.user("Eve"))
    with pytest.raises(LookupError, match="not offered"):
        await amina.chooses_group("Pick", other)
    await amina.chooses_group("Pick", group)
    updates = await bot.get_updates()
    shared = updates[-1].message.chat_shared
    assert (shared.request_id, shared.chat_id, shared.title) == (7, group.id, "Class")
    assert group.may(api.me["id"], "can_invite_users") and not group.may(api.me["id"], "can_delete_messages")
    with pytest.raises(ptb.BadRequest, match="private chats only"):
        await bot.send_message(group.id, "Choose", reply_markup=keyboard)
    second = api.group("Second", creator=amina, bot=None)
    link = f"https://t.me/{api.me['username']}?startgroup=a1-B&admin=invite_users+delete_messages"
    said = await amina.follows_link(link, second)
    assert said.text == f"/start@{api.me['username']} a1-B"
    assert second.may(api.me["id"], "can_delete_messages") and not second.may(api.me["id"], "can_manage_topics")
    with pytest.raises(LookupError, match="brings the bot nowhere"):
        await amina.follows_link("https://t.me/another_bot?startgroup=x", second)
    api.violations.clear()


RIGHTS = [
    "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
    "can_delete_stories",
]  # fmt: skip


async def test_a_group_in_which_only_administrators_write(api: BotApi, bot: telegram.Bot) -> None:
    amina, eve = api.user("Amina"), api.user("Eve")
    group = api.group("Class", creator=amina, forum=True, bot="administrator")
    await amina.adds(eve, group)
    await bot.set_chat_permissions(group.id, telegram.ChatPermissions(can_send_messages=False))
    with pytest.raises(ptb.BadRequest, match=r"(?i)not_modified"):
        await bot.set_chat_permissions(group.id, telegram.ChatPermissions(can_send_messages=False))
    with pytest.raises(LookupError):
        await eve.says("Hello?", group)
    await amina.says("I can", group)
    await bot.set_chat_permissions(group.id, telegram.ChatPermissions(can_send_messages=True))
    topic = await amina.makes_topic(group, "Week 1")
    said = await eve.says("Hello", group, thread=topic)
    assert said.data["reply_to_message"]["message_id"] == topic
    await bot.close_forum_topic(group.id, topic)
    with pytest.raises(LookupError):
        await eve.says("Hello?", group, thread=topic)
    assert api.violations == []


async def test_privacy_mode_in_groups(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina")
    group = api.group("Class", creator=amina)
    await amina.says("only for us", group)
    await amina.says("/help@another_bot", group)
    await amina.says("/help", group)
    await amina.says("ask @twin_test_bot", group)
    asked = await bot.send_message(group.id, "which?")
    await amina.says("this", group, reply_to=group.kept[asked.message_id])
    assert [u.message.text for u in await bot.get_updates()] == ["/help", "ask @twin_test_bot", "this"]


def picture(width: int = 3, height: int = 2) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(data, "PNG")
    return data.getvalue()


async def test_media_copies_reactions(api: BotApi, bot: telegram.Bot, other: AioBot) -> None:
    amina = api.user("Amina")
    await amina.sends_photo(b"pixels", caption="us")
    for kind in ("sticker", "voice", "location", "document", "contact"):
        await getattr(amina, f"sends_{kind}")()
    updates = await bot.get_updates()
    photo = updates[0].message
    assert bytes(await (await photo.photo[0].get_file()).download_as_bytearray()) == b"pixels"
    assert [telegram.helpers.effective_message_type(u) for u in updates[1:]] == [
        "sticker", "voice", "location", "document", "contact",
    ]  # fmt: skip
    await bot.send_document(amina.id, b"paper", filename="a.txt", caption="<i>for you</i>", parse_mode="HTML")
    assert (await amina.hears()).data["document"]["file_name"] == "a.txt"
    await other.send_photo(amina.id, at.BufferedInputFile(picture(), "a.png"))
    await bot.send_photo(amina.id, photo.photo[0].file_id)
    copied = await bot.copy_message(amina.id, amina.id, photo.message_id)
    assert api.chat(amina).kept[copied.message_id].text == "us"
    forwarded = await bot.forward_message(amina.id, amina.id, photo.message_id)
    assert forwarded.forward_origin.sender_user.id == amina.id
    await bot.set_message_reaction(amina.id, photo.message_id, "👍")
    assert api.chat(amina).kept[photo.message_id].bot_reaction[0]["emoji"] == "👍"
    await bot.send_chat_action(amina.id, "typing")
    await amina.edits(await amina.says("frist"), "first")
    assert (await bot.get_updates())[-1].edited_message.text == "first"
    assert api.violations == []


def one(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[button]]}


TOO_MUCH: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {"text": ""}, "empty"),
    ("sendMessage", {"text": " \n "}, "empty"),
    ("sendMessage", {"text": "<b></b>", "parse_mode": "HTML"}, "empty"),
    ("sendMessage", {"text": "x" * 4097}, "too long"),
    ("sendMessage", {"text": "😀" * 2049}, "too long"),
    ("sendMessage", {"text": 5}, "text"),
    ("sendMessage", {}, "text"),
    ("sendMessage", {"text": "a <b>b", "parse_mode": "HTML"}, "end tag"),
    ("sendMessage", {"text": "a </i>", "parse_mode": "HTML"}, "Unexpected end tag"),
    ("sendMessage", {"text": "1 < 2", "parse_mode": "HTML"}, "&lt;"),
    ("sendMessage", {"text": "<h1>x</h1>", "parse_mode": "HTML"}, "Unsupported"),
    ("sendMessage", {"text": "😀a", "entities": [{"type": "bold", "offset": 1, "length": 1}]}, "surrogate"),
    ("sendMessage", {"text": "abc", "entities": [{"type": "bold", "offset": 1, "length": 3}]}, "outside"),
    ("sendMessage", {"text": "x", "reply_markup": one(text="", callback_data="y")}, "non-empty"),
    ("sendMessage", {"text": "x", "reply_markup": one(text="a", callback_data="é" * 33)}, "1-64 bytes"),
    ("sendMessage", {"text": "x", "reply_markup": one(text="a", callback_data="")}, "1-64 bytes"),
    ("sendMessage", {"text": "x", "reply_markup": one(text="a")}, "exactly one action"),
    ("sendMessage", {"text": "x", "reply_markup": one(text="a", url="nowhere")}, "URL"),
    ("sendMessage", {"text": "x", "reply_markup": one(text="a", url="https://t.me/b?start=a%20b")}, "START_PARAM"),
    ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": "y"}}, "inline_keyboard"),
    ("sendMessage", {"text": "x", "reply_markup": {"buttons": []}}, "neither a keyboard"),
    ("sendMessage", {"text": "x", "reply_markup": {"keyboard": [["a"] * 9]}}, "in a row"),
    ("sendMessage", {"text": "x", "reply_markup": {"keyboard": [["a"]] * 101}}, "100 buttons"),
    ("sendPhoto", {"photo": "https://example.org/a.png", "caption": "x" * 1025}, "caption is too long"),
    ("sendPhoto", {"photo": "attach://nothing"}, "attached"),
    ("answerCallbackQuery", {"callback_query_id": "q", "text": "x" * 201}, "0-200"),
    ("setMyCommands", {"commands": [{"command": "Start", "description": "x"}]}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [{"command": "a" * 33, "description": "x"}]}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [{"command": "a", "description": "x" * 257}]}, "DESCRIPTION_INVALID"),
    ("setMyCommands", {"commands": [], "language_code": "fra"}, "language"),
    ("setMyDescription", {"description": "x" * 513}, "0-512"),
    ("setMyShortDescription", {"short_description": "x" * 121}, "0-120"),
    ("getUpdates", {"limit": 101}, "limit"),
    ("setMessageReaction", {"message_id": 1, "reaction": [{"type": "emoji", "emoji": "🏫"}]}, "REACTION_INVALID"),
    ("setWebhook", {"url": "http://127.0.0.1/", "secret_token": "ö"}, "secret"),
]


@pytest.mark.parametrize(("method", "params", "reason"), TOO_MUCH)
async def test_violations_are_refused_and_kept(api: BotApi, method: str, params: dict[str, Any], reason: str) -> None:
    amina = api.user("Amina", started=True)
    if method.startswith("send") or method == "setMessageReaction":
        params = {"chat_id": amina.id, **params}
    status, answer = await plain(api, method, **params)
    assert status == 400
    assert reason in answer["description"]
    assert [(kept.method, reason in kept.reason) for kept in api.violations] == [(method, True)]
    assert api.chat(amina).messages == []


async def test_what_just_fits_is_accepted(api: BotApi) -> None:
    amina = api.user("Amina", started=True)
    rows = [[{"text": "a", "callback_data": "é" * 32}] * 8] * 12 + [[{"text": "b", "callback_data": "y"}] * 4]
    text = "<b>" + "😀" * 2048 + "</b>"
    markup = {"inline_keyboard": rows}
    status, answer = await plain(
        api, "sendMessage", chat_id=amina.id, text=text, parse_mode="HTML", reply_markup=markup
    )
    assert (status, answer["result"]["entities"]) == (200, [{"type": "bold", "offset": 0, "length": 4096}])
    assert api.violations == []


async def test_undocumented_fields_are_noted(api: BotApi) -> None:
    amina = api.user("Amina", started=True)
    keyboard = one(text="a", callback_data="b", colour="red")
    status, _ = await plain(api, "sendMessage", chat_id=amina.id, text="x", bold=True, reply_markup=keyboard)
    assert status == 200
    assert set(api.violations[0].reason.split(": ")[1].split(", ")) == {
        "bold", "reply_markup.inline_keyboard.colour",
    }  # fmt: skip


async def test_wrong_token_and_methods(api: BotApi) -> None:
    assert (await plain(api, "sendmessages"))[0] == 404
    assert api.violations == []
    status, answer = await plain(api, "sendDice", chat_id=1)
    assert status == 404
    assert "does not model" in answer["description"]
    assert len(api.violations) == 1
    for token, expected in (("4242:wrong", 401), ("nonsense", 404)):
        async with aiohttp.ClientSession() as session, session.get(f"{api.base_url}{token}/getMe") as reply:
            assert reply.status == expected
    with pytest.raises(ptb.InvalidToken):
        async with telegram.Bot("4242:wrong", base_url=api.base_url):
            pass


def test_our_own_mistakes_are_caught() -> None:
    with pytest.raises(AssertionError, match="wrong sendMessage"):
        check_answer(METHOD_MODELS["sendmessage"], {"message_id": 1})
    with pytest.raises(AssertionError, match="undocumented"):
        user = {"id": 1, "is_bot": False, "first_name": "A", "shoe": 42}
        check_answer(METHOD_MODELS["getchatmember"], {"status": "left", "user": user})


async def test_a_wrong_answer_or_update_of_ours_does_not_pass(api: BotApi) -> None:
    amina = api.user("Amina")
    amina.json["shoe"] = 42
    with pytest.raises(AssertionError, match=r"undocumented fields: message\.from_user\.shoe"):
        await amina.says("hello")
    assert not api.updates.pending
    api.me["shoe"] = 42
    status, _ = await plain(api, "getMe")
    assert status == 500
    assert "undocumented fields: shoe" in api.violations[0].reason


async def test_a_fault_of_one_chat_spares_the_others(api: BotApi, bot: telegram.Bot) -> None:
    amina, joao = api.user("Amina", started=True), api.user("João", started=True)
    api.fault("sendMessage", kind="flood", chat_id=amina.id, times=None)
    assert (await bot.send_message(joao.id, "hi")).text == "hi"
    for _ in range(2):
        with pytest.raises(ptb.RetryAfter):
            await bot.send_message(amina.id, "hi")
    api.clear_faults()
    assert (await bot.send_message(amina.id, "hi")).text == "hi"


def test_text_is_counted_in_utf16() -> None:
    assert units("a😀é") == 4
    link, code = '<a href="https://e.org/?a=1&amp;b">😀</a>', '<pre><code class="language-py">x</code></pre>'
    text, marks = from_html(f"{link}&lt;{code}")
    assert text == "😀<x"
    assert marks == [
        {"type": "text_link", "url": "https://e.org/?a=1&b", "offset": 0, "length": 2},
        {"type": "pre", "language": "py", "offset": 3, "length": 1},
    ]
    (command, mention) = found("😀 /start@twin_bot @someone a/b")
    assert cut("😀 /start@twin_bot @someone a/b", command["offset"], command["length"]) == "/start@twin_bot"
    assert mention["type"] == "mention"
    with pytest.raises(Refusal):
        from_html("<b><i>x</b></i>")


async def test_wait_for_says_what_was_there(api: BotApi, bot: telegram.Bot) -> None:
    amina = api.user("Amina", started=True)
    await bot.send_message(amina.id, "something else")
    with pytest.raises(TimeoutError, match="something else"):
        await api.wait_for(amina, "expected", timeout=0.01)


async def test_without_validation_the_same_conversation_works() -> None:
    async with BotApi.start(validate=False) as api, aio_bot(api) as bot:
        amina = api.user("Amina")
        await amina.says("hello")
        assert (await bot.get_updates())[0].message.text == "hello"
        keyboard = at.InlineKeyboardMarkup(inline_keyboard=[[at.InlineKeyboardButton(text="a", callback_data="b")]])
        await bot.send_message(amina.id, "hi", reply_markup=keyboard)
        assert (await amina.hears("hi")).labels == ["a"]


async def test_as_a_process_with_controls() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.servers.botapi", "--port", "0",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout
        start = json.loads(await process.stdout.readline())

        async with aiohttp.ClientSession() as session:

            async def control(name: str, expected: int = 200, **arguments: Any) -> Any:
                async with session.post(f"{start['url']}/control/{name}", json=arguments) as answer:
                    body = await answer.json()
                    assert answer.status == expected, body
                    return body.get("result")

            amina = (await control("user", first_name="Amina"))["id"]
            await control("act", user=amina, action="says", text="/start")
            async with telegram.Bot(start["token"], base_url=f"{start['url']}/bot") as bot:
                assert (await bot.get_updates())[0].message.text == "/start"
                await bot.send_message(amina, "Sure?", reply_markup=BUTTONS)
                assert (await control("wait_for", chat_id=amina, text="Sure"))["labels"] == ["Yes", "No"]
                pressed = await control("act", user=amina, action="presses", button="Yes")
                await (await bot.get_updates())[-1].callback_query.answer("ok")
                assert (await control("query", query_id=pressed["query_id"]))["text"] == "ok"
                await control("fault", method="sendMessage", kind="flood", retry_after=2)
                with pytest.raises(ptb.RetryAfter):
                    await bot.send_message(amina, "x")
            await control("act", 400, user=amina, action="presses", button="Maybe")
            await control("wait_for", 408, chat_id=amina, text="never", timeout=0.01)
            assert len(await control("messages", chat_id=amina)) == 2
            assert (await control("state"))["violations"] == []
            assert [call["status"] for call in await control("calls", method="sendMessage")] == [200, 429]
    finally:
        process.terminate()
        assert await process.wait() == 0
