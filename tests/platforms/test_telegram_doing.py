"""What the bot does in groups of Telegram, and what becomes of it where it may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.platforms.platform import Deed, Moved, OutcomeUnknown, Post, Rejected, SendError, Shown, TryLater, Unreachable
from bot.platforms.telegram import Telegram
from tests.platforms.telegram_parts import Inbox, platform
from tests.servers.botapi import BotApi, Chat, User


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi.start() as server:
        yield server
    assert server.violations == []


@pytest.fixture
async def telegram(api: BotApi) -> AsyncIterator[Telegram]:
    made = platform(api, Inbox())
    yield made
    await made.close()


@pytest.fixture
def amina(api: BotApi) -> User:
    return api.user("Amina", started=True)


def deed(chat: Chat, what: str, said: str | None = None, **args: Any) -> Deed:
    return Deed(str(chat.id), "key", what, args, None if said is None else Shown(said))


async def test_looking_at_a_group(api: BotApi, telegram: Telegram, amina: User) -> None:
    joao, eve = api.user("João"), api.user("Eve")
    group = api.group("Class", creator=amina, forum=True, bot="administrator", rights=["can_invite_users"])
    await amina.adds(joao, group)
    await amina.adds(eve, group)
    await amina.promotes(eve, group)
    found = await telegram.do(deed(group, "look", people=[str(joao.id), "77"]))
    assert found == {
        "forum": True,
        "lacks": ["delete", "restrict", "topics"],
        "inside": [str(joao.id)],
        "others": ["Amina", "Eve"],
        "count": 3,
    }
    group.names["username"] = "rivers"
    assert (await telegram.do(deed(group, "look")))["lacks"] == ["private", "delete", "restrict", "topics"]
    del group.names["username"]
    await amina.promotes_bot(group)
    assert (await telegram.do(deed(group, "look")))["lacks"] == []
    plain = api.group("Plain", creator=amina, kind="group")
    assert (await telegram.do(deed(plain, "look")))["lacks"] == ["admin"]
    await amina.removes_bot(group)
    with pytest.raises(Unreachable):
        await telegram.do(deed(group, "look"))


async def test_topics_and_links(api: BotApi, telegram: Telegram, amina: User) -> None:
    group = api.group("Class", creator=amina, forum=True, bot="administrator")
    thread = (await telegram.do(deed(group, "topic", "Staff room\nSongs of our rivers")))["thread"]
    assert group.topics[int(thread)]["name"] == "Staff room Songs of our rivers"
    sent = await telegram.send(Post(str(group.id), "k", Shown("Hello"), thread=thread))
    assert group.kept[int(sent)].data["message_thread_id"] == int(thread)
    link = (await telegram.do(deed(group, "link", "S" * 40)))["link"]
    assert group.invites[link]["creates_join_request"] and len(group.invites[link]["name"]) == 32
    await telegram.do(deed(group, "hush", thread=thread))
    await telegram.do(deed(group, "hush", thread=thread))
    assert group.topics[int(thread)]["closed"]
    await telegram.do(deed(group, "speak", thread=thread))
    assert not group.topics[int(thread)]["closed"]
    await telegram.do(deed(group, "leave"))
    assert not group.inside(api.me["id"])


async def test_who_asks_is_let_in_or_turned_away_with_a_word(api: BotApi, telegram: Telegram, amina: User) -> None:
    joao, eve = api.user("João"), api.user("Eve")
    group = api.group("Class", creator=amina, bot="administrator")
    await joao.asks_to_join(group)
    await eve.asks_to_join(group)
    for _twice in range(2):
        await telegram.do(deed(group, "let in", who=str(joao.id)))
        await telegram.do(deed(group, "turn away", "Only for members.", who=str(eve.id), reach=str(eve.id)))
    assert group.inside(joao.id) and not group.inside(eve.id) and not group.asking
    # Once it is answered, nothing may be written to somebody who never wrote to the bot.
    assert api.chat(eve).texts == ["Only for members."]


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_sent_away_but_not_for_ever(api: BotApi, telegram: Telegram, amina: User, kind: str) -> None:
    eve = api.user("Eve")
    group = api.group("Class", creator=amina, kind=kind, bot="administrator")
    await amina.adds(eve, group)
    await telegram.do(deed(group, "send away", who=str(eve.id)))
    await telegram.do(deed(group, "send away", who=str(eve.id)))
    assert group.status(eve.id) == ("left" if kind == "supergroup" else "kicked")
    assert await telegram.do(deed(group, "send away", who=str(amina.id))) == {"stays": True}


async def test_nobody_but_administrators_writes(api: BotApi, telegram: Telegram, amina: User) -> None:
    group = api.group("Class", creator=amina, bot="administrator")
    for what, lets in (("hush", False), ("hush", False), ("speak", True)):
        await telegram.do(deed(group, what))
        assert group.lets_write(77) is lets


@pytest.mark.parametrize(
    ("fault", "what", "error"),
    [
        ({"kind": "flood", "retry_after": 3}, "link", TryLater),
        ({"kind": "drop_after"}, "link", TryLater),
        ({"kind": "drop_after"}, "topic", OutcomeUnknown),
        ({"kind": "migrated", "migrate_to": -1009}, "link", Moved),
    ],
)
async def test_what_does_not_get_through(
    api: BotApi, telegram: Telegram, amina: User, fault: Any, what: str, error: type[SendError]
) -> None:
    group = api.group("Class", creator=amina, forum=True, bot="administrator")
    api.fault({"link": "createChatInviteLink", "topic": "createForumTopic"}[what], **fault)
    with pytest.raises(error):
        await telegram.do(deed(group, what, "Name"))


async def test_without_the_right_it_is_refused(api: BotApi, telegram: Telegram, amina: User) -> None:
    group = api.group("Class", creator=amina, bot="administrator", rights=[])
    for what in ("link", "hush"):
        with pytest.raises(Rejected):
            await telegram.do(deed(group, what, "Name"))
    with pytest.raises(Rejected):
        await telegram.do(deed(group, "dance"))


async def test_a_button_lets_a_group_be_chosen(api: BotApi, telegram: Telegram, amina: User) -> None:
    group = api.group("Class", creator=amina, bot=None)
    asked = Shown("Which group?", choosing=(77, "Choose a group"))
    await telegram.send(Post(str(amina.id), "k", asked))
    public = api.group("Public", creator=amina, bot=None)
    public.names["username"] = "rivers"
    with pytest.raises(LookupError, match="public"):
        await amina.chooses_group("Choose a group", public)
    said = await amina.chooses_group("Choose a group", group)
    assert said.data["chat_shared"]["request_id"] == 77
    found = await telegram.do(deed(group, "look"))
    assert (found["lacks"], found["count"]) == ([], 1)
