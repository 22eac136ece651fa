"""Matrix in clear, against a real Synapse: what is heard, and what is not."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.matrix.wire import Wire
from bot.platforms.platform import Unreachable
from bot.talk.messages import Heard
from tests.platforms.matrix_parts import Bot, chat, joined, name, new_bot, post
from tests.servers.matrix_user import MatrixError, matrix_user
from tests.servers.synapse import Synapse

KEYCAP = "\ufe0f\u20e3"


@pytest.fixture
def bot(homeserver: Synapse, tmp_path: Path) -> Bot:
    return new_bot(homeserver, tmp_path / "matrix")


def first_words(bot: Bot) -> list[Heard | None]:
    """What coming into chats counts as."""
    bodies = [json.loads(update.body) for update in bot.inbox.kept.values()]
    return [bot.platform().read(body) for body in bodies if body["what"] == "joined"]


async def test_an_invitation_is_a_first_word(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running():
        room = await chat(amina, bot)
        assert first_words(bot) == [Heard(room, amina.user_id, text="/start", name=amina.user_id[1:].split(":")[0])]
        await amina.says(room, "hello")
        heard = await bot.hears("hello")
        assert (heard.chat, heard.kind, heard.sender, heard.addressed) == (room, "private", amina.user_id, True)


async def test_words_before_the_bot_comes_are_answered_instead(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            pass
        room = await amina.create_room(is_direct=True, preset="trusted_private_chat")
        await amina.says(room, "not for the bot")
        content = {"membership": "invite", "is_direct": True}
        await amina.set_state(room, "m.room.member", content, bot.user_id)
        await amina.says(room, "!register")
        async with bot.running():
            await bot.hears("/register")
    assert bot.texts() == ["/register"]
    assert first_words(bot) == []


async def test_groups_are_declined_with_a_reason(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running():
        room = await amina.create_room(bot.user_id)
        left = await amina.hears(lambda h: h.source.get("state_key") == bot.user_id and h.sender == bot.user_id)
        assert left.content == {
            "membership": "leave",
            "reason": "I am here for direct chats only. Please start one with me.",
        }
        assert room not in {update.lane for update in bot.inbox.kept.values()}


async def test_replies_reactions_and_files(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        asked = await matrix.send(post(room, "Which?", "one", "two"))
        await amina.replies(room, asked, f"> <{bot.user_id}> Which?\n> 1. one\n\n2")
        assert (await bot.hears("2")).about == asked
        await amina.reacts(room, asked, f"1{KEYCAP}")
        assert (await bot.hears(lambda h: h.reaction == f"1{KEYCAP}")).about == asked
        await amina.shows_picture(room)
        await bot.hears(lambda h: h.unread == "picture")
        await amina.send(room, {"msgtype": "m.location", "body": "here", "geo_uri": "geo:1,2"})
        await bot.hears(lambda h: h.unread == "location")
        await amina.send(room, {"body": "cat", "url": "mxc://a/b", "info": {}}, "m.sticker")
        await bot.hears(lambda h: h.unread == "sticker")
        await amina.says(room, "//help me")
        await bot.hears("/help me")
    assert len(bot.all()) == 6


async def test_own_words_and_notices_are_not_heard_and_changes_only_as_such(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        room = await chat(amina, bot)
        await matrix.send(post(room, "own words", "one", "two"))
        await amina.hears(lambda h: h.type == "m.reaction" and h.body.startswith("2"))
        said = await amina.says(room, "a word")
        await bot.hears("a word")
        await amina.notices(room, "a notice")
        await amina.edits(room, said, "another word")
        await amina.redacts(room, said)
        await amina.says(room, "the last word")
        await bot.hears("the last word")
    assert [(h.text, h.edits, h.removes) for h in bot.all()] == [
        ("a word", None, None),
        ("another word", said, None),
        (None, None, said),
        ("the last word", None, None),
    ]
    assert bot.all()[0].id == said


async def test_in_a_group_only_commands_and_mentions_are_for_the_bot(bot: Bot) -> None:
    async with (
        matrix_user(bot.server, name("amina")) as amina,
        matrix_user(bot.server, name("joao")) as joao,
        bot.running(),
    ):
        room = await chat(amina, bot)
        await amina.invite(room, joao.user_id)
        await joao.join(room)
        await joao.says(room, "good morning")
        await joao.says(room, "!help")
        await joao.says(room, f"{bot.user_id}: who are you")
        mention = {"m.mentions": {"user_ids": [bot.user_id]}}
        await joao.send(room, {"msgtype": "m.text", "body": "and you?", **mention})
        await bot.hears("and you?")
    assert [(h.kind, h.text, h.addressed) for h in bot.all()] == [
        ("group", "good morning", False),
        ("group", "/help", True),
        ("group", "who are you", True),
        ("group", "and you?", True),
    ]


async def test_a_restart_loses_nothing_and_repeats_nothing(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            room = await chat(amina, bot)
            await amina.says(room, "before")
            await bot.hears("before")
        texts = [f"while away {n}" for n in range(120)]
        for text in texts:
            await amina.says(room, text)
        async with bot.running() as matrix:
            await bot.hears(texts[-1])
            await matrix.send(post(room, "back again"))
            await amina.hears("back again")
        async with bot.running():
            await amina.says(room, "after")
            await bot.hears("after")
    assert bot.texts() == ["before", *texts, "after"]


async def test_rooms_of_earlier_days_are_not_answered_at_the_first_start(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            room = await chat(amina, bot)
        await amina.says(room, "!old")
        bot.inbox.kept.clear()
        bot.inbox.marks.clear()
        async with bot.running():
            await amina.says(room, "!new")
            await bot.hears("/new")
    assert bot.texts() == ["/new"]


async def test_an_invitation_that_an_earlier_process_saw_is_answered(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            pass
        room = await amina.direct_chat(bot.user_id)
        wire = Wire(bot.server.url)
        wire.token = bot.inbox.marks["token"]
        seen = await wire.call("GET", "/_matrix/client/v3/sync", query={"since": bot.inbox.marks["since"]})
        await wire.close()
        assert room in seen["rooms"]["invite"]
        bot.inbox.marks["since"] = seen["next_batch"]
        async with bot.running():
            await joined(amina, bot, room)


async def test_what_cannot_be_stored_is_not_passed_over(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running():
        room = await chat(amina, bot)
        since = bot.inbox.marks["since"]
        bot.inbox.broken = True
        await amina.says(room, "hard to keep")
        await bot.inbox.until(lambda: bot.inbox.failures >= 2)
        assert bot.inbox.marks["since"] == since
        bot.inbox.broken = False
        await amina.says(room, "next")
        await bot.hears("next")
    assert bot.texts() == ["hard to keep", "next"]


POISON: list[tuple[str, dict[str, Any]]] = [
    ("m.room.message", {}),
    ("m.room.message", {"msgtype": "m.text", "body": "b", "m.relates_to": [1]}),
    ("m.room.message", {"msgtype": "m.text", "body": "b", "format": 7, "formatted_body": {}}),
    ("m.room.message", {"msgtype": "m.image", "body": "b", "url": 3}),
    ("m.room.message", {"msgtype": "x.unknown", "body": "x"}),
    ("m.room.message", {"msgtype": "m.text", "body": "\u0000 \ud83d"}),
    ("m.room.message", {"msgtype": "m.text", "body": "b", "m.new_content": 5, "m.relates_to": {"rel_type": []}}),
    ("m.room.message", {"msgtype": "m.text", "body": "b", "m.mentions": 3}),
    ("m.reaction", {}),
    ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": 3, "key": []}}),
    ("m.sticker", {}),
    ("m.room.encrypted", {}),
    ("m.room.encrypted", {"algorithm": ["x"]}),
    ("org.matrix.msc3381.poll.start", {"a": {"b": [None, 1]}}),
    ("m.poll.response", {"m.relates_to": 5, "m.selections": {"a": 1}}),
    *(("org.nested", {"x": json.loads("[" * depth + "]" * depth)}) for depth in (50, 100)),
    *(
        ("m.room.message", {"msgtype": "m.text", "body": "deep", "x": json.loads("[" * depth + "]" * depth)})
        for depth in (50, 100, 120, 500)  # Synapse itself refuses more than about 120.
    ),
]


async def test_poison_among_good_messages(bot: Bot) -> None:
    taken = 0
    async with matrix_user(bot.server, name("amina")) as amina, bot.running():
        room = await chat(amina, bot)
        for number, (kind, content) in enumerate(POISON):
            with contextlib.suppress(MatrixError):  # Some of it the homeserver refuses itself.
                await amina.send(room, content, kind)
                taken += 1
            await amina.says(room, f"good {number}")
        await bot.hears(f"good {len(POISON) - 1}")
    assert taken > 10
    assert [text for text in bot.texts() if text and "good" in text] == [f"good {n}" for n in range(len(POISON))]


async def test_who_is_removed_or_alone_knows_that_the_chat_is_gone(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running() as matrix:
        kicked, left = (
            await amina.create_room(bot.user_id, is_direct=True, preset="private_chat"),
            await chat(amina, bot),
        )
        await joined(amina, bot, kicked)
        await amina.call("POST", f"/rooms/{kicked}/kick", {"user_id": bot.user_id})
        assert (await bot.hears(lambda h: h.gone)).chat == kicked
        with pytest.raises(Unreachable):
            await matrix.send(post(kicked))
        await amina.leave(left)
        await bot.hears(lambda h: h.gone and h.chat == left)
    assert len(bot.all()) == 2
    async with bot.running():
        pass
    assert len(bot.all()) == 2


async def test_who_is_removed_while_away_knows_it_once(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            room = await amina.create_room(bot.user_id, is_direct=True, preset="private_chat")
            await joined(amina, bot, room)
        await amina.call("POST", f"/rooms/{room}/kick", {"user_id": bot.user_id})
        for _start in range(2):
            async with bot.running():
                pass
    assert [(h.chat, h.gone) for h in bot.all()] == [(room, True)]


async def test_who_comes_back_starts_anew(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina, bot.running():
        room = await amina.create_room(bot.user_id, is_direct=True, preset="private_chat")
        await joined(amina, bot, room)
        await amina.says(room, "the first time")
        await bot.hears("the first time")
        await amina.call("POST", f"/rooms/{room}/kick", {"user_id": bot.user_id})
        await bot.hears(lambda h: h.gone)
        await amina.says(room, "!in-between")
        content = {"membership": "invite", "is_direct": True}
        await amina.set_state(room, "m.room.member", content, bot.user_id)
        await bot.inbox.until(lambda: len(first_words(bot)) == 2)
        await amina.says(room, "the second time")
        await bot.hears("the second time")
    assert bot.texts() == ["the first time", None, "the second time"]


async def test_coming_in_is_not_forgotten_by_a_crash(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            await bot.inbox.until(lambda: "since" in bot.inbox.marks)
            bot.inbox.broken = True
            room = await amina.direct_chat(bot.user_id)
            await bot.inbox.until(lambda: bot.inbox.failures)
        bot.inbox.broken = False
        async with bot.running():
            await joined(amina, bot, room)
            assert len(first_words(bot)) == 1
            await amina.says(room, "hello")
            await bot.hears("hello")


async def test_a_gap_that_is_far_too_long_keeps_its_newest_part(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.platforms.matrix.history.MOST_EVENTS", 20)
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            room = await chat(amina, bot)
        for number in range(100):
            await amina.says(room, f"{number}")
        async with bot.running():
            await bot.hears("99")
    assert bot.texts() == [f"{number}" for number in range(30, 100)]
    assert "too long" in caplog.text


async def test_a_token_that_the_homeserver_does_not_know_is_given_up(bot: Bot) -> None:
    async with matrix_user(bot.server, name("amina")) as amina:
        async with bot.running():
            room = await chat(amina, bot)
        await amina.says(room, "lost")
        bot.inbox.marks["since"] = "nonsense"
        async with bot.running():
            await amina.says(room, "found")
            await bot.hears("found")
    assert bot.texts() == ["found"]
