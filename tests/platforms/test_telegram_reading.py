"""Telegram's updates as the desk understands them, and updates that nobody understands."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.platforms.platform import Unreadable
from bot.platforms.telegram import Telegram
from bot.platforms.telegram.raw import press_id, raw, update_id
from bot.talk.messages import Event, Heard
from bot.text import Span
from tests.platforms.telegram_parts import Inbox, heard, post, running
from tests.servers.botapi import BotApi

BOT = {"id": 4242, "is_bot": True, "first_name": "Twin", "username": "twin_test_bot"}
AMINA = {"id": 500, "is_bot": False, "first_name": "Amina", "last_name": "H", "language_code": "ar"}
TEAM = {"id": -700, "type": "supergroup", "title": "Team"}


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi.start(reads_all=True) as server:
        yield server
    assert server.violations == []


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(scope="module")
def telegram() -> Telegram:
    return knowing()


def knowing() -> Telegram:
    """A platform that knows its name without having asked a server."""
    from bot.platforms.telegram.reading import Me

    telegram = Telegram(token="4242:never-used", marks=Inbox())
    telegram._me = Me(4242, "twin_test_bot")
    return telegram


def message(text: str | None = "Hello", **more: Any) -> dict[str, Any]:
    content = {} if text is None else {"text": text}
    chat = {"id": 500, "type": "private", "first_name": "Amina"}
    return {"update_id": 1, "message": {"message_id": 9, "date": 1, "chat": chat, "from": AMINA, **content, **more}}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("/start", "/start"),
        ("/start a1-B_2", "/start a1-B_2"),
        ("/start@twin_test_bot a1", "/start a1"),
        ("/HELP@Twin_Test_Bot", "/HELP"),
        ("/help@other_bot", None),
        ("/help@twin_test_bot2", None),
        ("write to me@twin_test_bot", "write to me@twin_test_bot"),
        ("مرحبا 👩‍🏫", "مرحبا 👩‍🏫"),
        ("a\x00b \ud83d", "ab ?"),
    ],
)
@pytest.mark.parametrize("chat", [{}, {"chat": TEAM}])
def test_texts_and_commands(telegram: Telegram, written: str, read: str | None, chat: dict[str, Any]) -> None:
    body = json.loads(raw(message(written, **chat)).body)
    found = telegram.read(body)
    assert (found and found.text) == read


@pytest.mark.parametrize(
    ("text", "more", "addressed", "read"),
    [
        ("good morning all", {}, False, "good morning all"),
        ("/help", {}, True, "/help"),
        ("@twin_test_bot help", {}, True, "help"),
        ("help, @Twin_Test_Bot", {}, True, "help,"),
        ("ask @twin_test_bot about it", {}, True, "ask @twin_test_bot about it"),
        ("@twin_test_bot", {}, True, "@twin_test_bot"),
        ("@twin_test_bot_2 help", {}, False, "@twin_test_bot_2 help"),
        ("amina@twin_test_bot", {}, False, "amina@twin_test_bot"),
        ("you", {"entities": [{"type": "text_mention", "offset": 0, "length": 3, "user": BOT}]}, True, "you"),
        ("2", {"reply_to_message": {"message_id": 4, "date": 1, "chat": TEAM, "from": BOT}}, True, "2"),
        ("2", {"reply_to_message": {"message_id": 4, "date": 1, "chat": TEAM, "from": AMINA}}, False, "2"),
    ],
)
def test_who_is_addressed_in_a_group(
    telegram: Telegram, text: str, more: dict[str, Any], addressed: bool, read: str
) -> None:
    found = telegram.read(message(text, chat=TEAM, **more))
    assert found is not None
    assert (found.kind, found.chat, found.sender) == ("group", "-700", "500")
    assert (found.addressed, found.text) == (addressed, read)
    assert found.about == ("4" if "reply_to_message" in more else None)


def test_what_stands_out_is_found_behind_letters_of_two_units(telegram: Telegram) -> None:
    bold = {"type": "bold", "offset": 3, "length": 2}
    found = telegram.read(message("👋 ab", entities=[bold, {"type": "spoiler", "offset": 3, "length": 1}]))
    assert found is not None and found.marks == (Span(2, 4),)
    found = telegram.read(
        message("@twin_test_bot ab", chat=TEAM, entities=[{"type": "bold", "offset": 15, "length": 2}])
    )
    assert found is not None and (found.text, found.marks) == ("ab", ())


def test_the_beginning_of_a_topic_is_no_message_replied_to(telegram: Telegram) -> None:
    topic = {"name": "Ideas", "icon_color": 7322096}
    begun = {"message_id": 4, "date": 1, "chat": TEAM, "from": BOT, "forum_topic_created": topic}
    found = telegram.read(message(chat=TEAM, reply_to_message=begun, message_thread_id=4, is_topic_message=True))
    assert found is not None
    assert (found.about, found.addressed) == (None, False)


def test_who_writes(telegram: Telegram) -> None:
    found = telegram.read(message())
    assert found == Heard("500", "500", text="Hello", language="ar", name="Amina H", id="9")
    nameless = telegram.read(message(**{"from": AMINA | {"last_name": "", "language_code": ""}}))
    assert nameless == Heard("500", "500", text="Hello", name="Amina", id="9")


@pytest.mark.parametrize(
    "update",
    [
        message(**{"from": BOT | {"id": 99}}),
        message(**{"from": None}),
        message(None, new_chat_members=[AMINA]),
        message(None, pinned_message={"message_id": 4, "date": 1, "chat": TEAM}),
        message(None, migrate_from_chat_id=-7),
        {"update_id": 1, "edited_message": message(None, location={"latitude": 1.5, "longitude": 2})["message"]},
        {"update_id": 1, "edited_message": message(**{"from": BOT | {"id": 99}})["message"]},
        {"update_id": 1, "channel_post": message()["message"]},
        {"update_id": 1, "something_of_next_year": {"id": 1}},
        {"update_id": 1},
    ],
)
def test_what_asks_for_nothing(telegram: Telegram, update: dict[str, Any]) -> None:
    assert telegram.read(update) is None


@pytest.mark.parametrize(
    "update",
    [
        None, [], "text", 5, {}, {"update_id": True}, {"update_id": "1"}, message(5), message([]),
        message(chat={"id": "500", "type": "private"}), message(chat={"id": 5, "type": "salon"}),
        message(chat={"id": 5}), message(message_id=5, reply_to_message=7), message(date="now"),
        message(**{"from": AMINA | {"id": 5.5}}), message(**{"from": AMINA | {"first_name": 5}}),
        message(**{"from": AMINA | {"language_code": ["ar"]}}),
        {"update_id": 1, "callback_query": {"id": "1", "from": AMINA, "data": 5, "chat_instance": "1"}},
        {"update_id": 1, "callback_query": []} | {"message": {"x": 1}},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_set_aside(telegram: Telegram, update: Any) -> None:
    with pytest.raises(Unreadable) as raised:
        telegram.read(update)
    assert "Amina" not in str(raised.value)


async def test_what_cannot_be_read_says_what_it_is(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina")
    async with running(api, inbox) as telegram:
        await amina.sends_photo(caption="/start")
        await amina.sends_document()
        await amina.sends_sticker()
        await amina.sends_voice()
        await amina.sends_location()
        await amina.sends_contact()
        found = await heard(telegram, inbox, 6)
    assert [one.unread for one in found] == ["picture", "file", "sticker", "voice", "location", "contact"]
    assert [one.text for one in found] == ["/start", None, None, None, None, None]
    assert [[file.kind for file in one.files] for one in found] == [
        ["picture"],
        ["file"],
        ["picture"],
        ["voice"],
        [],
        [],
    ]


async def test_blocking_and_leaving_are_heard(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina", started=True)
    group = api.group("Team", creator=amina)
    async with running(api, inbox) as telegram:
        await amina.blocks_bot()
        await amina.unblocks_bot()
        await amina.removes_bot(group)
        blocked, unblocked, removed = await heard(telegram, inbox, 3)
    assert (blocked.chat, blocked.kind, blocked.gone) == (str(amina.id), "private", True)
    assert unblocked is None
    assert (removed.chat, removed.kind, removed.gone) == (str(group.id), "group", True)


async def test_a_group_that_moves_is_followed(api: BotApi, inbox: Inbox) -> None:
    amina = api.user("Amina")
    group = api.group("Team", creator=amina, kind="group")
    async with running(api, inbox) as telegram:
        new = await api.migrate(group)
        old_says, new_says = await heard(telegram, inbox, 2)
    assert (old_says.chat, old_says.moved_to, old_says.text) == (str(group.id), str(new.id), None)
    assert new_says is None


async def test_a_conversation_in_a_group(api: BotApi, inbox: Inbox) -> None:
    amina, olga = api.user("Amina"), api.user("Olga")
    group = api.group("Team", creator=amina)
    async with running(api, inbox) as telegram:
        await olga.joins(group)
        question = await amina.says("/partners@twin_test_bot", group)
        await inbox.holds(2)
        await telegram.send(post(group.id, "Which country?"))
        asked = await api.wait_for(group, "Which country")
        await olga.says("Portugal", group, reply_to=asked)
        await olga.edits(question, "/partners changed")
        await amina.says("what do you think, Olga?", group)
        joined, command, answer, edited, chat = await heard(telegram, inbox, 5)
    assert joined is None
    assert (edited.edits, edited.text, edited.chat) == (str(question.id), "/partners changed", str(group.id))
    assert command.id == str(question.id)
    assert (command.text, command.addressed, command.kind) == ("/partners", True, "group")
    assert (answer.text, answer.about, answer.addressed) == ("Portugal", str(asked.id), True)
    assert (chat.addressed, chat.chat, chat.sender) == (False, str(group.id), str(amina.id))
    assert {update.lane for update in inbox.kept.values()} == {str(group.id)}


def test_a_name_that_is_not_known_yet_turns_no_command_away() -> None:
    telegram = Telegram(token="4242:never-used", marks=Inbox())
    found = telegram.read(message("/help@whoever"))
    assert found is not None
    assert found.text == "/help"


# What happens in a group while nobody says anything.

RIGHTS = ("can_delete_messages", "can_restrict_members", "can_invite_users", "can_manage_topics", "can_manage_chat")


def standing(user: dict[str, Any], status: str, *missing: str) -> dict[str, Any]:
    """A ChatMember; an administrator has all rights but those that are missing."""
    if status == "administrator":
        return {"user": user, "status": status} | {right: right not in missing for right in RIGHTS}
    if status == "restricted":
        return {"user": user, "status": status, "is_member": not missing, "until_date": 0}
    return {"user": user, "status": status} | ({"until_date": 0} if status == "kicked" else {})


def changed(kind: str, old: dict[str, Any], new: dict[str, Any], **chat: Any) -> dict[str, Any]:
    change = {"chat": TEAM | chat, "from": AMINA, "date": 1, "old_chat_member": old, "new_chat_member": new}
    return {"update_id": 5, kind: change}


@pytest.mark.parametrize(
    ("now", "chat", "inside", "lacks"),
    [
        (standing(BOT, "left"), {}, False, []),
        (standing(BOT, "kicked"), {}, False, []),
        (standing(BOT, "member"), {}, True, ["admin"]),
        (standing(BOT, "restricted"), {}, True, ["admin"]),
        (standing(BOT, "restricted", "all"), {}, False, []),
        (standing(BOT, "administrator"), {"is_forum": True}, True, []),
        (standing(BOT, "administrator"), {"username": "rivers"}, True, ["private"]),
        (standing(BOT, "administrator", "can_manage_topics"), {}, True, []),
        (standing(BOT, "administrator", "can_manage_topics"), {"is_forum": True}, True, ["topics"]),
        (standing(BOT, "administrator", "can_invite_users", "can_delete_messages"), {}, True, ["delete", "invite"]),
    ],
)
def test_how_the_bot_stands_in_a_group(
    telegram: Telegram, now: dict[str, Any], chat: dict[str, Any], inside: bool, lacks: list[str]
) -> None:
    found = telegram.read(changed("my_chat_member", standing(BOT, "member"), now, **chat))
    assert found is not None and found.event is not None
    assert (found.event.what, found.event.data) == ("me", {"inside": inside, "lacks": lacks})
    assert (found.chat, found.sender, found.kind, found.gone) == ("-700", "500", "group", not inside)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("left", "member", "in"),
        ("kicked", "administrator", "in"),
        ("left", "restricted", "in"),
        ("member", "left", "out"),
        ("administrator", "kicked", "out"),
        ("member", "administrator", None),
        ("left", "kicked", None),
    ],
)
def test_who_comes_and_goes(telegram: Telegram, old: str, new: str, what: str | None) -> None:
    eve = {"id": 501, "is_bot": False, "first_name": "Eve"}
    found = telegram.read(changed("chat_member", standing(eve, old), standing(eve, new)))
    assert (found and found.event) == (None if what is None else Event(what, "501", "Eve"))  # type: ignore[arg-type]
    helper = {"id": 502, "is_bot": True, "first_name": "Helper"}
    found = telegram.read(changed("chat_member", standing(helper, "left"), standing(helper, "member")))
    assert found is not None and found.event == Event("in", "502", "Helper", {"bot": True})


def test_what_happens_in_channels_concerns_nobody(telegram: Telegram) -> None:
    for kind in ("my_chat_member", "chat_member"):
        assert telegram.read(changed(kind, standing(BOT, "left"), standing(BOT, "member"), type="channel")) is None


def test_somebody_asks_to_be_let_in(telegram: Telegram) -> None:
    asks = {"chat": TEAM, "from": AMINA, "user_chat_id": 500, "date": 1}
    found = telegram.read({"update_id": 6, "chat_join_request": asks})
    event = Event("asks", "500", "Amina H", {"reach": "500"})
    assert found == Heard("-700", "500", "group", language="ar", name="Amina H", event=event)


def test_a_group_is_chosen_with_a_button(telegram: Telegram) -> None:
    found = telegram.read(message(None, chat_shared={"request_id": 77, "chat_id": -700}))
    event = Event("chosen", "-700", data={"request": 77})
    assert found == Heard("500", "500", language="ar", name="Amina H", event=event)


def test_a_topic_of_a_group(telegram: Telegram) -> None:
    said = telegram.read(message(chat=TEAM, message_thread_id=4, is_topic_message=True))
    assert said is not None and said.thread == "4"
    # Replies that hang together have a number too.
    for more in ({"chat": TEAM}, {"is_topic_message": True}):
        said = telegram.read(message(message_thread_id=4, **more))
        assert said is not None and said.thread is None


def test_all_signs_of_somebody_in_a_group(telegram: Telegram) -> None:
    def reacted(old: str, new: str, **chat: Any) -> Heard | None:
        old_, new_ = ([{"type": "emoji", "emoji": each} for each in signs] for signs in (old, new))
        change = {"chat": TEAM | chat, "message_id": 3, "user": AMINA, "date": 1}
        return telegram.read(
            {"update_id": 7, "message_reaction": change | {"old_reaction": old_, "new_reaction": new_}}
        )

    put = reacted("👍", "👍🎉")
    assert put is not None and (put.reaction, put.signs, put.about) == ("🎉", ("👍", "🎉"), "3")
    gone = reacted("👍", "")
    assert gone is not None and (gone.reaction, gone.signs) == (None, ())
    assert reacted("👍", "", type="private") is None


# Anything at all.

PRESS = {
    "update_id": 2,
    "callback_query": {
        "id": "77", "from": AMINA, "data": "payload", "chat_instance": "1",
        "message": {"message_id": 3, "date": 1, "chat": TEAM, "from": BOT, "text": "Sure?"},
    },
}  # fmt: skip
MEMBER = {
    "update_id": 3,
    "my_chat_member": {
        "chat": TEAM, "from": AMINA, "date": 1, "old_chat_member": {"user": BOT, "status": "member"},
        "new_chat_member": {"user": BOT, "status": "kicked", "until_date": 0},
    },
}  # fmt: skip
SAMPLES = [
    message("/start@twin_test_bot x", entities=[{"type": "bot_command", "offset": 0, "length": 20}]),
    message("@twin_test_bot hi", chat=TEAM, reply_to_message={"message_id": 4, "date": 1, "chat": TEAM, "from": BOT}),
    message(None, photo=[{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}], caption="c"),
    {"update_id": 4, "edited_message": message("/help")["message"]},
    message(
        None, document={"file_id": "f", "file_unique_id": "u", "file_name": "a/b.pdf", "file_size": 4}, caption="c"
    ),
    message(None, voice={"file_id": "f", "file_unique_id": "u", "duration": 3, "mime_type": "audio/ogg"}),
    message(None, contact={"phone_number": "+1", "first_name": "A"}),
    message(None, location={"latitude": 1.5, "longitude": 2}),
    message(None, migrate_to_chat_id=-100),
    PRESS,
    MEMBER,
    changed("chat_member", standing(AMINA, "left"), standing(AMINA, "administrator")),
    {"update_id": 6, "chat_join_request": {"chat": TEAM, "from": AMINA, "user_chat_id": 500, "date": 1}},
    message(None, chat_shared={"request_id": 77, "chat_id": -700}),
]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "\x00", 10**400, -1]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container and key at which a JSON value can be changed."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(value, key), *places(value[key])]]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A good update with up to three changes: a value replaced, taken away, or put where another one belongs."""
    update = copy.deepcopy(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 3))):
        found = places(update)
        if not found:
            break
        container, key = draw(st.sampled_from(found))
        change = draw(st.sampled_from(["replace", "remove", "move"]))
        if change == "remove":
            del container[key]
        elif change == "replace":
            container[key] = draw(ANYTHING)
        else:
            other, there = draw(st.sampled_from(found))
            container[key] = copy.deepcopy(other[there]) if there in other or isinstance(there, int) else None
    return update


def check(telegram: Telegram, update: Any) -> None:
    """An update of any shape is stored and read without any failure but `Unreadable`."""
    stored = raw(update)
    assert stored.event_id.isascii()
    assert stored.lane.isascii()
    assert len(stored.event_id + stored.lane) < 100
    assert stored.body.isascii()
    update_id(update)
    press_id(update)
    try:
        found = telegram.read(json.loads(stored.body))
    except Unreadable:
        return
    if found is None:
        return
    words = (found.chat, found.sender, found.text, found.press, found.about, found.language, found.name, found.moved_to)
    of_files = [word for file in found.files for word in (file.ref, file.name, file.mime)]
    event = () if found.event is None else (found.event.name, found.event.data.get("reach"))
    for word in (*words, found.id, found.edits, found.thread, *event, *of_files):
        assert word is None or (isinstance(word, str) and "\0" not in word)
        assert word is None or word.encode("utf-8", "strict")
        assert word is None or word != ""


@given(mutated())
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_updates_are_heard_passed_over_or_set_aside(update: Any) -> None:
    check(TELEGRAM, update)


@given(ANYTHING)
@settings(max_examples=300, deadline=None)
def test_any_json_is_stored_and_never_fails(update: Any) -> None:
    check(TELEGRAM, update)


TELEGRAM = knowing()
