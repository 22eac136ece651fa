"""Sending on Telegram: texts, buttons, edits, refusals, broken connections, the profile, and no token in a log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.platforms.platform import (
    Button,
    CannotEdit,
    Moved,
    OutcomeUnknown,
    Profile,
    Rejected,
    SendError,
    TryLater,
    Unreachable,
)
from bot.platforms.telegram import Telegram, transport
from bot.platforms.telegram.introducing import cut
from bot.text import Span
from tests.platforms.telegram_parts import Inbox, Pauses, platform, post, running
from tests.servers.botapi import BotApi, User
from tests.servers.botapi.entities import units
from tests.servers.child import free_port


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


def bold(message_text: str, entity: dict[str, int]) -> str:
    """What a Telegram client shows in bold: offsets count UTF-16 code units."""
    raw = message_text.encode("utf-16-le")
    return raw[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")


@pytest.mark.parametrize(
    ("text", "strong"),
    [
        ("Olá João!", ["João"]),
        ("👩‍🏫🇪🇺 Welcome, dear 👩🏽‍🚀 teacher", ["Welcome", "👩🏽‍🚀"]),
        ("مرحبا \u2068أمينة\u2069 👋 أهلا بك", ["أمينة", "أهلا"]),
        ("𝔘𝔫𝔦 code 𝔱𝔢𝔵𝔱", ["code", "𝔱𝔢𝔵𝔱"]),
    ],
)
async def test_what_stands_out_is_bold_at_the_right_place(
    api: BotApi, telegram: Telegram, amina: User, text: str, strong: list[str]
) -> None:
    spans = [Span(text.index(word), text.index(word) + len(word)) for word in strong]
    message_id = await telegram.send(post(amina.id, text, *spans, Span(3, 3)))
    (message,) = api.chat(amina).visible
    assert (str(message.id), message.text) == (message_id, text)
    assert [bold(text, entity) for entity in message.entities] == strong


async def test_buttons_stand_two_in_a_row_if_they_are_short(api: BotApi, telegram: Telegram, amina: User) -> None:
    labels = ["Yes", "No", "Gesamtschule am Rosensteinpark", "Back", "نعم", "后退后退后退后退后退", "Stop"]
    buttons = [Button(label, f"p{number}", chosen=label == "No") for number, label in enumerate(labels)]
    await telegram.send(post(amina.id, "Which?", buttons=buttons))
    (message,) = api.chat(amina).visible
    assert [[button["text"] for button in row] for row in message.rows] == [
        ["Yes", "✓ No"],
        ["Gesamtschule am Rosensteinpark"],
        ["Back", "نعم"],
        ["后退后退后退后退后退"],
        ["Stop"],
    ]
    assert api.calls[-1].params["link_preview_options"] == {"is_disabled": True}


async def test_more_buttons_than_telegram_takes_are_refused_before_sending(
    api: BotApi, telegram: Telegram, amina: User
) -> None:
    await telegram.send(post(amina.id, buttons=[Button(str(n), f"p{n}") for n in range(100)]))
    with pytest.raises(Rejected, match="101"):
        await telegram.send(post(amina.id, buttons=[Button(str(n), f"p{n}") for n in range(101)]))
    assert api.count("sendMessage") == 1


async def test_a_message_is_edited_in_place(api: BotApi, telegram: Telegram, amina: User) -> None:
    message_id = await telegram.send(post(amina.id, "One", buttons=[Button("A", "a")]))
    edited = post(amina.id, "Two 🎉 three", Span(6, 11), buttons=[Button("B", "b")], edits=message_id)
    for _ in range(2):  # The second one changes nothing, which Telegram refuses and which is fine.
        assert await telegram.send(edited) == message_id
    (message,) = api.chat(amina).visible
    assert (message.text, message.labels, bold(message.text, message.entities[0])) == ("Two 🎉 three", ["B"], "three")
    assert await telegram.send(post(amina.id, "Done", edits=message_id)) == message_id
    assert message.labels == []


async def test_what_cannot_be_edited_is_told(api: BotApi, telegram: Telegram, amina: User) -> None:
    message_id = await telegram.send(post(amina.id))
    await amina.deletes(api.chat(amina).visible[-1])
    theirs = await amina.says("mine")
    for wanted in (message_id, str(theirs.id), "999", "$matrix-event"):
        with pytest.raises(CannotEdit):
            await telegram.send(post(amina.id, "Other", edits=wanted))


async def failure(telegram: Telegram, chat: object, edits: str | None = None) -> SendError:
    with pytest.raises(SendError) as raised:
        await telegram.send(post(chat, edits=edits))
    return raised.value


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "error"}, TryLater),
        ({"kind": "gateway"}, TryLater),
        ({"kind": "refused", "code": 504, "description": "Gateway Timeout"}, OutcomeUnknown),
        ({"kind": "refused", "description": "Bad Request: BUTTON_DATA_INVALID"}, Rejected),
        ({"kind": "refused", "description": "Bad Request: chat not found"}, Unreachable),
        ({"kind": "refused", "code": 403, "description": "Forbidden: user is deactivated"}, Unreachable),
        ({"kind": "blocked"}, Unreachable),
        ({"kind": "drop_before"}, OutcomeUnknown),
    ],
)
async def test_failures_say_what_to_do(
    api: BotApi, telegram: Telegram, amina: User, fault: dict[str, object], error: type[SendError]
) -> None:
    api.fault("sendMessage", **fault)
    assert type(await failure(telegram, amina.id)) is error
    assert api.chat(amina).texts == []
    await telegram.send(post(amina.id))
    assert api.chat(amina).texts == ["Hello"]


async def test_a_flood_concerns_one_chat_for_as_long_as_telegram_says(
    api: BotApi, telegram: Telegram, amina: User
) -> None:
    api.fault("sendMessage", kind="flood", retry_after=17, chat_id=amina.id)
    error = await failure(telegram, amina.id)
    assert isinstance(error, TryLater)
    assert (error.seconds, error.everyone) == (17, False)


async def test_a_group_that_became_a_supergroup_has_moved(api: BotApi, telegram: Telegram, amina: User) -> None:
    group = api.group("Team", creator=amina, kind="group")
    new = await api.migrate(group)
    error = await failure(telegram, group.id)
    assert isinstance(error, Moved)
    assert error.chat == str(new.id)
    await telegram.send(post(error.chat))
    assert new.texts == ["Hello"]


async def test_strangers_and_unknown_chats_cannot_be_reached(api: BotApi, telegram: Telegram) -> None:
    assert isinstance(await failure(telegram, api.user("Olga").id), Unreachable)
    assert isinstance(await failure(telegram, 12345), Unreachable)
    assert isinstance(await failure(telegram, "@somebody"), Rejected)
    assert isinstance(await failure(telegram, ""), Rejected)


async def test_a_connection_that_breaks_after_sending_leaves_the_outcome_unknown(
    api: BotApi, telegram: Telegram, amina: User
) -> None:
    api.fault("sendMessage", kind="drop_after")
    assert isinstance(await failure(telegram, amina.id), OutcomeUnknown)
    assert api.chat(amina).texts == ["Hello"]


async def test_an_edit_of_unknown_outcome_is_just_tried_again(api: BotApi, telegram: Telegram, amina: User) -> None:
    message_id = await telegram.send(post(amina.id, "One"))
    api.fault("editMessageText", kind="drop_after")
    assert isinstance(await failure(telegram, amina.id, edits=message_id), TryLater)
    assert await telegram.send(post(amina.id, edits=message_id)) == message_id
    assert api.chat(amina).texts == ["Hello"]


async def test_no_answer_in_time_leaves_the_outcome_unknown(
    api: BotApi, telegram: Telegram, amina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.05)
    api.fault("sendMessage", kind="slow")
    assert isinstance(await failure(telegram, amina.id), OutcomeUnknown)
    assert api.chat(amina).texts == ["Hello"]


async def test_without_a_connection_nothing_was_sent_and_all_wait() -> None:
    telegram = Telegram(token="1:nobody-listens", marks=Inbox(), api_url=f"http://127.0.0.1:{free_port()}")
    error = await failure(telegram, 5)
    assert isinstance(error, TryLater)
    assert error.everyone
    await telegram.close()
    assert isinstance(await failure(telegram, 5), TryLater)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, "<html>Please sign in to the school's network</html>", OutcomeUnknown),
        (200, '{"ok":true,"result":{"message_id":"what"}}', OutcomeUnknown),
        (200, '{"ok":true}', OutcomeUnknown),
        (403, "<html>Blocked by the filter</html>", TryLater),
        (404, "Not Found", TryLater),
        (302, "", TryLater),
    ],
)
async def test_what_a_proxy_answers_is_not_taken_for_telegrams_word(
    status: int, body: str, error: type[SendError]
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, headers={"Location": "/portal"} if status == 302 else {})

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    telegram = Telegram(token="1:behind-a-portal", marks=Inbox(), api_url=f"http://{host}:{port}")
    assert type(await failure(telegram, 5)) is error
    await telegram.close()
    await runner.cleanup()


async def test_files_go_as_multipart(api: BotApi, telegram: Telegram, amina: User) -> None:
    await telegram._bot.send_document(amina.id, b"%PDF- \xff\x00", filename="certificat é.pdf", caption="Voilà")
    document = api.chat(amina).visible[-1].data["document"]
    assert api.files[document["file_id"]] == ("certificat é.pdf", b"%PDF- \xff\x00")


# The profile.


def profiles(greeting: str = "Find partner schools.") -> list[Profile]:
    return [
        Profile(
            language, (("start", f"Begin {language}"), ("not-shown", "x"), ("help", "?" * 300)), "About " * 40, greeting
        )
        for language in ("en", "ar", "pt_PT", "sr_Latn", "pt")
    ]


async def test_the_profile_is_set_once_in_each_language(api: BotApi) -> None:
    inbox = Inbox()
    telegram = platform(api, inbox)
    await telegram.introduce(profiles())
    scope = '{"type": "default"}'
    assert {language for _scope, language in api.commands} == {"", "en", "ar", "pt", "sr"}
    assert [c["command"] for c in api.commands[(scope, "")]] == ["start", "help"]
    assert api.commands[(scope, "ar")][0]["description"] == "Begin ar"
    assert api.profile[("description", "pt")] == "Find partner schools."
    assert api.profile[("short_description", "")].endswith("About…")
    calls = len(api.calls)
    assert calls == 5 * 3
    await telegram.close()
    again = platform(api, inbox)
    await again.introduce(profiles())
    assert len(api.calls) == calls
    await again.introduce([*profiles()[:1], *profiles("Nova descrição")[1:]])
    assert [call.method for call in api.calls[calls:]] == ["setMyDescription"] * 3
    await again.close()


async def test_setting_the_profile_waits_out_floods_and_goes_on_after_refusals(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    pauses = Pauses()
    telegram = platform(api, Inbox(), pause=pauses)
    api.fault("setMyDescription", kind="flood", retry_after=1200)
    api.fault("setMyShortDescription", kind="refused")
    await telegram.introduce(profiles()[:1])
    assert pauses.seconds == [1200]
    assert set(api.profile) == {("description", "en"), ("description", ""), ("short_description", "")}
    assert "setMyShortDescription en" in caplog.text
    await telegram.introduce(profiles()[:1])
    assert ("short_description", "en") in api.profile
    await telegram.close()


@pytest.mark.parametrize("text", ["word " * 200, "ä" * 700, "👩‍🏫" * 300, "short"])
def test_a_cut_text_fits(text: str) -> None:
    assert units(cut(text, 120)) <= 120
    assert units(cut(text, 120)) > 110 or cut(text, 120) == text
    assert cut("one two three", 10) == "one two…"


# Secrets.


async def test_no_log_line_and_no_error_holds_the_token(
    api: BotApi, amina: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    inbox = Inbox()
    async with running(api, inbox) as telegram:
        await amina.says("a private word")
        await inbox.holds(1)
        errors = []
        for kind in ("error", "drop_after", "blocked", "flood"):
            api.fault("sendMessage", kind=kind)
            errors.append(await failure(telegram, amina.id))
        api.fault("sendMessage", kind="refused", description=f"Bad Request: bot{api.token} is odd")
        errors.append(await failure(telegram, amina.id))
        api.fault("getUpdates", kind="refused", code=500)
        await amina.says("second")
        await inbox.holds(2)
    gone = Telegram(token=api.token, marks=inbox, api_url="http://127.0.0.1:1")
    errors.append(await failure(gone, 1))
    await gone.close()
    secret = api.token.partition(":")[2].lower()  # python-telegram-bot changes the case of descriptions.
    told = caplog.text + "".join(repr(error) for error in errors) + "".join(map(_chain, errors))
    assert "connected to Telegram" in told
    assert secret not in told.lower()
    assert "private word" not in told


def _chain(error: BaseException | None) -> str:
    return "" if error is None else f"{error!r} {error} {_chain(error.__cause__ or error.__context__)}"
